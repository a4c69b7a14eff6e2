//! Which part of a class a run grades: `3/8`, or the index that an engine gives to each of its tasks.

use std::fmt;
use std::str::FromStr;

use crate::failure::Failure;

/// More shards than this are a slip: AWS Batch takes 10,000 children of an array job at most.
const MOST: usize = 10_000;
/// Where engines say which task this is, from 0, and where they say of how many; Kubernetes does not say.
const ENGINES: [(&str, Option<&str>); 3] = [
    ("AWS_BATCH_JOB_ARRAY_INDEX", Some("AWS_BATCH_JOB_ARRAY_SIZE")),
    ("JOB_COMPLETION_INDEX", None),
    ("SLURM_ARRAY_TASK_ID", Some("SLURM_ARRAY_TASK_COUNT")),
];

/// One of several parts of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    count: usize,
    /// From 0.
    index: usize,
}

impl Shard {
    /// The whole class.
    pub const WHOLE: Self = Self { count: 1, index: 0 };

    /// The shard at `index`, from 0, of `count`; `None` if there is no such shard.
    pub fn new(index: usize, count: usize) -> Option<Self> {
        (index < count && count <= MOST).then_some(Self { count, index })
    }

    /// From 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// The name of its folder.
    pub fn folder(self) -> String {
        format!("{}-of-{}", self.index + 1, self.count)
    }

    /// The shard whose folder has this name.
    pub fn of_folder(name: &str) -> Option<Self> {
        let (number, count) = name.split_once("-of-")?;
        let shard = Self::new(number.parse::<usize>().ok()?.checked_sub(1)?, count.parse().ok()?)?;
        (shard.folder() == name).then_some(shard)
    }

    /// The shard that the command line names, else the one that an engine gives to this process; `None` if neither does.
    /// `variable` looks up the environment.
    ///
    /// # Errors
    /// An engine's index without a count, or beyond it: such a task would grade the teams of others.
    pub fn given(
        named: Option<Self>,
        count: Option<usize>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Failure> {
        if named.is_some() {
            return Ok(named);
        }
        let found = ENGINES.iter().find_map(|(index, size)| Some((*index, variable(index)?, *size)));
        let Some((name, index, size)) = found else {
            return match count {
                None => Ok(None),
                Some(_) => Err(Failure::usage(
                    "--shards needs an engine that numbers its tasks; name the shard itself: --shard I/N",
                )),
            };
        };
        let number = |name: &str, text: &str| {
            let wrong =
                || Failure::usage(format!("{name} is \"{text}\", expected a number; name the shard: --shard I/N"));
            text.parse::<usize>().map_err(|_| wrong())
        };
        let given = size.and_then(|size| Some((size, variable(size)?)));
        let count = match (count, given) {
            (Some(count), _) => count,
            (None, Some((size, text))) => number(size, &text)?,
            (None, None) => {
                return Err(Failure::usage(format!(
                    "{name} is set without the number of shards: give --shards N (or --shard 1/1 for the whole class)"
                )));
            }
        };
        let index = number(name, &index)?;
        Self::new(index, count).map(Some).ok_or_else(|| {
            Failure::usage(format!(
                "{name} is {index}, and there are {count} shards: number the tasks from 0, and give --shards N, the number \
                 of all of them"
            ))
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(number, count)| {
            Self::new(number.trim().parse::<usize>().ok()?.checked_sub(1)?, count.trim().parse().ok()?)
        });
        parts.ok_or_else(|| format!("expected I/N, as in 3/8: I from 1 to N, N at most {MOST}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(count: Option<usize>, variables: &[(&str, &str)]) -> Result<Option<Shard>, String> {
        let look =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Shard::given(None, count, look).map_err(|failure| failure.message)
    }

    #[test]
    fn shards_are_read_as_they_are_printed() {
        let third: Shard = "3/8".parse().unwrap();
        assert_eq!((third.index(), third.count(), third.to_string()), (2, 8, "3/8".to_owned()));
        assert_eq!(Shard::of_folder(&third.folder()), Some(third));
        for wrong in ["", "3", "0/8", "9/8", "3/0", "a/b", "1/10001", "-1/4"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        for wrong in ["03-of-8", "9-of-8", "3-of-8.tmp", "3-of-"] {
            assert_eq!(Shard::of_folder(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_engines_index_is_taken_only_with_its_count() {
        let third = Shard::new(2, 8);
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "8")];
        assert_eq!(given(None, &batch), Ok(third));
        assert_eq!(given(None, &[("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_COUNT", "8")]), Ok(third));
        assert_eq!(given(Some(8), &[("JOB_COMPLETION_INDEX", "2")]), Ok(third));
        assert_eq!(given(None, &[]), Ok(None));
        assert_eq!(given(None, &[("SLURM_ARRAY_TASK_COUNT", "8")]), Ok(None));
        assert!(given(None, &[("JOB_COMPLETION_INDEX", "2")]).unwrap_err().contains("--shards N"));
        assert!(given(Some(8), &[]).unwrap_err().contains("--shard I/N"));
        assert!(given(None, &[("JOB_COMPLETION_INDEX", "two")]).is_err());
        // One task of an array, run again alone, must not take the whole class.
        let again = [("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_TASK_COUNT", "1")];
        assert!(given(None, &again).unwrap_err().contains("number the tasks from 0"));
        assert_eq!(given(Some(8), &again), Ok(Shard::new(3, 8)));
    }
}
