//! Work on many teams at once on all processors, with messages in the order of the teams.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use stackmark_collect::{SharedProgress, Silent};
use stackmark_course::Problems;

use crate::failure::Failure;
use crate::voice::Voice;

/// Teams a processor, of those that are worked on before the first of them is told: what was made of them is in memory.
const AHEAD: usize = 8;
/// Bytes of a thread's stack: templates and evidence nest.
pub(crate) const STACK: usize = 8 << 20;

/// What is said of one team, kept until it is its turn.
#[derive(Debug, Default)]
struct Held(Mutex<Vec<Said>>);

#[derive(Debug)]
enum Said {
    Note(String),
    Error(String),
    Problems(Problems),
}

impl Held {
    fn keep(&self, said: Said) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(said);
    }

    /// Says all of it, in order.
    fn tell(self, voice: &dyn Voice) {
        for said in self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            match said {
                Said::Note(text) => voice.note(&text),
                Said::Error(text) => voice.error(&text),
                Said::Problems(problems) => voice.problems(&problems),
            }
        }
    }
}

impl Voice for Held {
    fn note(&self, text: &str) {
        self.keep(Said::Note(text.to_owned()));
    }

    fn error(&self, text: &str) {
        self.keep(Said::Error(text.to_owned()));
    }

    fn problems(&self, problems: &Problems) {
        self.keep(Said::Problems(problems.clone()));
    }

    fn line(&self, _team: &str) -> (SharedProgress, Box<dyn Any + Send>) {
        (Arc::new(Silent), Box::new(()))
    }
}

/// Does `work` for each team, several at once, and hands what came of it to `then` in the order of `teams`, after what `work`
/// said of that team.
///
/// # Errors
/// What `then` fails with; no team after it is told.
pub(crate) fn each_team<T: Send>(
    teams: &[String],
    voice: &dyn Voice,
    work: impl Fn(&str, &dyn Voice) -> T + Sync,
    mut then: impl FnMut(&str, T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let teams: Vec<&str> = teams.iter().map(String::as_str).collect();
    each(teams, voice, |team, voice| (team, work(team, voice)), |(team, made)| then(team, made))
}

/// The same for `items` of any kind, which `work` takes.
///
/// # Errors
/// As [`each_team`].
pub(crate) fn each<I: Send, T: Send>(
    items: Vec<I>,
    voice: &dyn Voice,
    work: impl Fn(I, &dyn Voice) -> T + Sync,
    mut then: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let one = |item: I| {
        let held = Held::default();
        let made = work(item, &held);
        (made, held)
    };
    let several = items.len() > 1;
    // Where the machine gives no threads, one comes after the other.
    let pool = several.then(|| rayon::ThreadPoolBuilder::new().stack_size(STACK).build().ok()).flatten();
    let at_once = pool.as_ref().map_or(1, |pool| pool.current_num_threads() * AHEAD);
    let mut left = items.into_iter();
    loop {
        let some: Vec<I> = left.by_ref().take(at_once).collect();
        if some.is_empty() {
            return Ok(());
        }
        let made: Vec<(T, Held)> = match &pool {
            Some(pool) => pool.install(|| some.into_par_iter().map(&one).collect()),
            None => some.into_iter().map(&one).collect(),
        };
        for (made, held) in made {
            held.tell(voice);
            then(made)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn teams_are_told_in_their_order_each_with_its_own_words() {
        let teams: Vec<String> = (0..50).map(|number| format!("t{number:02}")).collect();
        let heard = Held::default();
        let work = |team: &str, voice: &dyn Voice| {
            // The first are the slowest: told as they end, they would come last.
            let number: u64 = team[1..].parse().unwrap();
            std::thread::sleep(Duration::from_millis((50 - number) / 10));
            voice.note(&format!("{team} begins"));
            voice.error(&format!("{team} ends"));
            number
        };
        let mut seen = Vec::new();
        each_team(&teams, &heard, work, |team, number| {
            heard.note(&format!("{team} is told"));
            seen.push(number);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, (0..50).collect::<Vec<u64>>());
        let said: Vec<String> = heard
            .0
            .into_inner()
            .unwrap()
            .into_iter()
            .map(|said| match said {
                Said::Note(text) | Said::Error(text) => text,
                Said::Problems(problems) => problems.to_string(),
            })
            .collect();
        let expected: Vec<String> =
            teams.iter().flat_map(|team| ["begins", "ends", "is told"].map(|what| format!("{team} {what}"))).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn nothing_is_told_after_a_failure() {
        let teams: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let mut told = Vec::new();
        let failed = each_team(
            &teams,
            &Held::default(),
            |_, _| (),
            |team, ()| {
                told.push(team.to_owned());
                if team == "b" { Err(Failure::unexpected("no")) } else { Ok(()) }
            },
        );
        assert_eq!(failed.unwrap_err().message, "no");
        assert_eq!(told, ["a", "b"]);
    }
}
