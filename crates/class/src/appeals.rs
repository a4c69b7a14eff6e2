//! `appeals.toml` in a results folder: the requests that wait for an answer, and what is wrong with the document.

use stackmark_course::appeals::{Appeal, Appeals, State};
use stackmark_course::{Rubric, SourceText};
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::ItemScore;

use crate::exit::Exit;
use crate::store::{self, Results};
use crate::voice::Voice;

/// Every request, and what is wrong with the document, with file, line and fix: it also has to name teams of these, and items
/// of this rubric.
pub fn read(results: &Results, teams: &[String], rubric: Option<&Rubric>) -> (Vec<Appeal>, Option<String>) {
    let path = results.root().join(store::APPEALS);
    let text = match store::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Vec::new(), None),
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let source = SourceText::new(path.display().to_string(), text);
    let (appeals, mut problems) = Appeals::parse(&source);
    let requests = appeals.as_ref().map(|appeals| appeals.requests.clone()).unwrap_or_default();
    if let (Some(appeals), Some(rubric)) = (&appeals, rubric) {
        problems.0.extend(appeals.against(&source, teams, rubric).0);
    }
    let told = (!problems.0.is_empty()).then(|| problems.render(false, true, 100));
    (requests, told)
}

/// Says what is wrong with the document: a request in it waits unseen.
pub(crate) fn tell(results: &Results, teams: &[String], rubric: &Rubric, voice: &dyn Voice) -> Exit {
    match read(results, teams, Some(rubric)).1 {
        Some(wrong) => {
            voice.error(&wrong);
            Exit::BadCourse
        }
        None => Exit::Graded,
    }
}

/// The request about an item that still waits. One whose text a decision names is answered, whatever its state says: the
/// decision is written first.
pub fn waiting<'a>(appeals: &'a [Appeal], team: &str, score: &ItemScore) -> Option<&'a Appeal> {
    let answered = score.settled.as_ref().and_then(|settled| settled.appeal.as_deref());
    let mut about = appeals.iter().filter(|appeal| appeal.team == team && appeal.item == score.id);
    about.find(|appeal| appeal.state == State::Open && answered != Some(appeal.text.as_str()))
}

/// The requests of a team that wait, by their items and the days on which an answer is due; `None` if there are none.
pub fn told(appeals: &[Appeal], card: &Scorecard) -> Option<String> {
    let items = card.criteria.iter().flat_map(|criterion| &criterion.items);
    let waiting: Vec<String> = items
        .filter_map(|score| waiting(appeals, &card.team, score))
        .map(|appeal| match &appeal.until {
            Some(day) => format!("{} ({day})", appeal.item),
            None => appeal.item.clone(),
        })
        .collect();
    match waiting.as_slice() {
        [] => None,
        [one] => Some(format!("1 appeal waits for an answer: {one}")),
        several => Some(format!("{} appeals wait for an answer: {}", several.len(), several.join(", "))),
    }
}
