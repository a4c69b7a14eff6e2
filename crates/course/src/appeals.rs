//! What teams ask to be looked at again: the instructor writes the requests down, a marker answers them.

use std::ops::Range;
use std::sync::Arc;

use super::Rubric;
use super::problem::{Problem, Problems, SourceText, did_you_mean};
use super::reader::{Entry, Reader, Table};

/// A valid `appeals.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appeals {
    /// In the order of the document.
    pub requests: Vec<Appeal>,
}

/// One request about one item of one team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Id of the team.
    pub team: String,
    /// Id of the item.
    pub item: String,
    /// What is asked, in the team's words.
    pub text: String,
    /// Whether it is answered.
    pub state: State,
    /// Who asked.
    pub by: String,
    /// Until when an answer is due, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Place of the team's id.
    team_span: Range<usize>,
    /// Place of the item's id.
    item_span: Range<usize>,
}

/// Whether a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Open,
    /// A decision answers it.
    Answered,
}

impl State {
    /// The word in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
        }
    }
}

impl Appeals {
    /// Reads and validates `appeals.toml`.
    pub fn parse(source: &Arc<SourceText>) -> (Option<Self>, Problems) {
        Reader::new(source).read(|table| {
            let tables = table.tables("appeal");
            let expected = tables.len();
            let mut requests: Vec<Appeal> = Vec::new();
            for table in tables {
                let (span, reader) = (table.span(), table.reader());
                let Some(request) = read_one(table) else { continue };
                let twice = |earlier: &Appeal| {
                    earlier.team == request.team && earlier.item == request.item && earlier.text == request.text
                };
                if requests.iter().any(twice) {
                    let message = format!("team \"{}\" asks the same about \"{}\" twice", request.team, request.item);
                    reader.error(span, message, "keep one of the two");
                }
                requests.push(request);
            }
            table.finish();
            (requests.len() == expected).then_some(Self { requests })
        })
    }

    /// Requests about teams or items that are not there: nobody would ever see them.
    pub fn against(&self, source: &Arc<SourceText>, teams: &[String], rubric: &Rubric) -> Problems {
        let mut problems = Vec::new();
        for request in &self.requests {
            if !teams.contains(&request.team) {
                let message = format!("there is no team \"{}\" in these results", request.team);
                let fix = match did_you_mean(&request.team, teams.iter().map(String::as_str)) {
                    Some(close) => format!("did you mean \"{close}\"?"),
                    None => format!("there are {}", teams.join(", ")),
                };
                problems.push(Problem::error(source, Some(request.team_span.clone()), message).fix(fix));
            }
            if !rubric.items().any(|item| item.id == request.item) {
                let message = format!("rubric \"{}\" has no item \"{}\"", rubric.id, request.item);
                let fix = match did_you_mean(&request.item, rubric.items().map(|item| item.id.as_str())) {
                    Some(close) => format!("did you mean \"{close}\"?"),
                    None => format!("`stackmark rubric show {}` lists its items", rubric.id),
                };
                problems.push(Problem::error(source, Some(request.item_span.clone()), message).fix(fix));
            }
        }
        Problems(problems)
    }
}

fn read_one(table: Table<'_>) -> Option<Appeal> {
    let with_span = |key, example| {
        let entry = table.require(key, example);
        let span = entry.as_ref().map_or_else(|| table.span(), |entry| entry.span.clone());
        (entry.and_then(|entry| entry.text()), span)
    };
    let (team, team_span) = with_span("team", "\"team-04\"");
    let (item, item_span) = with_span("item", "\"concepts/asg-size\"");
    let text = |key, example| table.require(key, example).and_then(|entry: Entry<'_>| entry.text());
    let asked = text("text", "\"the group was resized during the demonstration\"");
    let by = text("by", "\"a member\"");
    let state = match table.get("state") {
        None => Some(State::Open),
        Some(entry) => entry.one_of(&["open", "answered"]).map(|word| match word {
            "answered" => State::Answered,
            _ => State::Open,
        }),
    };
    let until = match table.get("until") {
        None => Some(None),
        Some(entry) => entry.text().and_then(|text| match text.parse::<jiff::civil::Date>() {
            Ok(date) => Some(Some(date.to_string())),
            Err(_) => {
                entry.error(format!("`until` is {text}, which is not a date"), "write it as \"2026-12-01\"");
                None
            }
        }),
    };
    table.finish();
    Some(Appeal { team: team?, item: item?, text: asked?, state: state?, by: by?, until: until?, team_span, item_span })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<Appeals>, Vec<String>) {
        let (appeals, problems) = Appeals::parse(&SourceText::new("appeals.toml", text));
        (appeals, problems.0.iter().map(|problem| problem.message.clone()).collect())
    }

    #[test]
    fn a_request_is_open_until_it_is_answered() {
        let text = "[[appeal]]\nteam = \"a\"\nitem = \"c/i\"\ntext = \"why?\"\nby = \"Zoe\"\nuntil = \"2026-12-01\"\n";
        let (appeals, told) = parsed(text);
        let appeals = appeals.unwrap_or_else(|| panic!("{told:?}"));
        assert_eq!(
            (appeals.requests[0].state, appeals.requests[0].until.as_deref()),
            (State::Open, Some("2026-12-01"))
        );
        let (appeals, _) = parsed(&text.replace("by =", "state = \"answered\"\nby ="));
        assert_eq!(appeals.map(|it| it.requests[0].state), Some(State::Answered));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let (appeals, told) = parsed(
            "[[appeal]]\nteam = \"a\"\ntext = \"\"\nstate = \"done\"\nuntil = \"soon\"\nby = \"Z\"\nmood = \"bad\"\n",
        );
        assert!(appeals.is_none());
        for words in ["`item` is missing", "is empty", "is \"done\"", "not a date", "unknown key `mood`"] {
            assert!(told.iter().any(|message| message.contains(words)), "{words}: {told:?}");
        }
    }
}
