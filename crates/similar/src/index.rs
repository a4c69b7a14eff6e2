//! Fingerprints of a class, to compare later classes with: no text, no path, no name but the teams' ids.

use serde::{Deserialize, Serialize};

use crate::prints::{FilePrints, TeamPrints, VERSION};

/// The format; a reader refuses any other.
pub const SCHEMA: &str = "stackmark/similar-index/v1";

/// The fingerprints of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Which format this is, with its version.
    pub schema: String,
    /// [`VERSION`] of the fingerprints.
    pub version: u32,
    /// Which class it was: `2025 autumn`.
    pub label: String,
    /// Sorted by id.
    pub teams: Vec<PastTeam>,
}

/// One team of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastTeam {
    /// The id in its roster, or a number where the index was made without ids.
    pub team: String,
    /// Fingerprints of its own: neither starter code nor what most of that class had.
    pub prints: TeamPrints,
}

/// Why a text is no index that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It is something else.
    Malformed(String),
    /// Of another version of the fingerprints: it has to be made again from the repositories.
    Version(u32),
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "not an index of fingerprints: {why}"),
            Self::Version(other) => write!(
                f,
                "fingerprints of version {other}, this program has version {VERSION}: make the index again with \
                 `stackmark similar index`"
            ),
        }
    }
}

impl Index {
    /// Of a class. `numbered` leaves the ids out, for an index that is handed on.
    pub fn of<'t>(
        label: &str,
        teams: impl IntoIterator<Item = (&'t str, &'t TeamPrints)>,
        is_common: impl Fn(u64) -> bool,
        numbered: bool,
    ) -> Self {
        let mut teams: Vec<(&str, &TeamPrints)> = teams.into_iter().collect();
        teams.sort_by_key(|(id, _)| *id);
        let past = teams.into_iter().enumerate().map(|(at, (id, prints))| {
            let team = if numbered { (at + 1).to_string() } else { id.to_owned() };
            let files = prints.files.iter().enumerate().map(|(number, file)| {
                let own = file.prints.iter().filter(|print| !is_common(print.hash)).copied().collect();
                FilePrints { path: format!("file {}", number + 1), kind: file.kind, tokens: file.tokens, prints: own }
            });
            PastTeam { team, prints: TeamPrints { files: files.collect(), handed_out: 0 } }
        });
        Self { schema: SCHEMA.to_owned(), version: VERSION, label: label.to_owned(), teams: past.collect() }
    }

    /// Reads one.
    ///
    /// # Errors
    /// The text is no index, or one of another version.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        let malformed = Unusable::Malformed;
        let fields: serde_json::Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if fields["schema"] != SCHEMA {
            return Err(malformed(format!("its format is not {SCHEMA}")));
        }
        // The version first: a later one may well have other fields.
        let version = fields["version"].as_u64().and_then(|version| u32::try_from(version).ok()).unwrap_or_default();
        if version != VERSION {
            return Err(Unusable::Version(version));
        }
        serde_json::from_value(fields).map_err(|error| malformed(error.to_string()))
    }

    /// As it is stored.
    ///
    /// # Errors
    /// Never for an index of this program.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self).map(|text| text + "\n")
    }

    /// Takes a team out; whether it was there.
    pub fn forget(&mut self, team: &str) -> bool {
        let before = self.teams.len();
        self.teams.retain(|past| past.team != team);
        before > self.teams.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(numbered: bool) -> Index {
        let text = "def secret_name(very_private):\n    return [very_private + 1 for other in very_private if other]\n"
            .repeat(9);
        let prints = TeamPrints { files: vec![FilePrints::of("ana/garcia.py", &text).unwrap()], handed_out: 3 };
        Index::of("2025", [("team-b", &prints), ("team-a", &prints)], |_| false, numbered)
    }

    #[test]
    fn an_index_holds_no_text_and_no_path() {
        let text = index(true).to_text().unwrap();
        for word in ["secret", "private", "garcia", "team-a"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert_eq!(Index::read(&text).unwrap(), index(true));
        assert!(!index(true).teams[0].prints.files[0].prints.is_empty());
    }

    #[test]
    fn a_team_can_be_forgotten() {
        let mut index = index(false);
        assert!(index.forget("team-a") && !index.forget("team-a"));
        assert_eq!(index.teams.len(), 1);
        assert!(!index.to_text().unwrap().contains("team-a"));
    }

    #[test]
    fn another_version_is_refused_before_its_fields_are_read() {
        let later = format!("{{\"schema\": \"{SCHEMA}\", \"version\": 99, \"new\": 1}}");
        assert_eq!(Index::read(&later), Err(Unusable::Version(99)));
        assert!(matches!(Index::read("{}"), Err(Unusable::Malformed(_))));
    }
}
