//! Changes to documents that people write by hand: comments, order and spacing stay as they are.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use stackmark_course::appeals::State;
use stackmark_evidence::points::Points;

/// Why a document was not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It cannot be read.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// It is written in a way that cannot be added to.
    #[error("`{0}` is not written as [[{0}]]: rewrite it so")]
    Form(&'static str),
}

/// What a marker decides about one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided<'a> {
    /// Id of the item.
    pub item: &'a str,
    /// What it earns.
    pub points: Points,
    /// Why.
    pub reason: &'a str,
    /// By whom.
    pub by: &'a str,
    /// When, RFC 3339.
    pub when: &'a str,
    /// Text of the request that this answers.
    pub appeal: Option<&'a str>,
}

/// `overrides.toml` with this decision in the place of the item's earlier one, or after the last; `text` is `None` where
/// there is no file yet, and the new one then names the `rubric`.
///
/// # Errors
/// The text is not TOML, or `override` is no array of tables.
pub fn decide(text: Option<&str>, rubric: &str, decided: &Decided<'_>) -> Result<String, EditError> {
    let mut document = parse(text.unwrap_or_default())?;
    if text.is_none() {
        document.insert("rubric", value(rubric));
    }
    let tables = tables(&mut document, "override")?;
    let earlier = tables.iter().position(|table| names(table, decided.item));
    if let Some(table) = earlier.and_then(|at| tables.get_mut(at)) {
        fill(table, decided);
    } else {
        let mut table = Table::new();
        set(&mut table, "item", decided.item.into());
        fill(&mut table, decided);
        tables.push(table);
    }
    Ok(document.to_string())
}

/// `overrides.toml` without the decision about `item`.
///
/// # Errors
/// As for [`decide`].
pub fn withdraw(text: &str, item: &str) -> Result<String, EditError> {
    let mut document = parse(text)?;
    tables(&mut document, "override")?.retain(|table| !names(table, item));
    Ok(document.to_string())
}

/// `appeals.toml` with the request in this state.
///
/// # Errors
/// As for [`decide`].
pub fn answer(text: &str, team: &str, item: &str, request: &str, state: State) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let tables = tables(&mut document, "appeal")?;
    let is = |table: &Table, key: &str, wanted: &str| table.get(key).and_then(Item::as_str) == Some(wanted);
    let meant = |table: &Table| is(table, "team", team) && is(table, "item", item) && is(table, "text", request);
    let at = tables.iter().position(meant);
    if let Some(table) = at.and_then(|at| tables.get_mut(at)) {
        set(table, "state", state.as_str().into());
    }
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse::<DocumentMut>().map_err(|error| EditError::Syntax(error.message().to_owned()))
}

fn tables<'d>(document: &'d mut DocumentMut, key: &'static str) -> Result<&'d mut ArrayOfTables, EditError> {
    let item = document.as_table_mut().entry(key).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut().ok_or(EditError::Form(key))
}

fn names(table: &Table, item: &str) -> bool {
    table.get("item").and_then(Item::as_str) == Some(item)
}

fn fill(table: &mut Table, decided: &Decided<'_>) {
    let hundredths = decided.points.hundredths();
    let points = match hundredths % 100 {
        0 => toml_edit::Value::from(hundredths / 100),
        _ => toml_edit::Value::from(decided.points.as_f64()),
    };
    set(table, "points", points);
    set(table, "reason", decided.reason.into());
    set(table, "by", decided.by.into());
    set(table, "when", decided.when.into());
    match decided.appeal {
        Some(request) => set(table, "appeal", request.into()),
        None => drop(table.remove("appeal")),
    }
}

/// Sets a value and keeps what stands around the earlier one: its spacing, and the comment behind it.
fn set(table: &mut Table, key: &str, mut new: toml_edit::Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => drop(table.insert(key, Item::Value(new))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAND: &str = "# Marked on paper first.\nrubric = \"r\"\n\n[[adjustment]] # late\npoints = -5\nreason = \"late\"\n\
                        by = \"TA\"\nwhen = \"2026-11-20\"\n\n# seen at the desk\n[[override]]\nitem   = \"c/one\"\n\
                        points = 2 # of 4\nreason = \"half\"\nby     = \"TA\"\nwhen   = \"2026-11-20\"\n\n# the end\n";

    fn decided(item: &str) -> Decided<'_> {
        let points = Points::from_hundredths(350);
        Decided { item, points, reason: "a \"quote\"\nand more", by: "me", when: "2026-11-21", appeal: None }
    }

    fn read(text: &str) -> stackmark_course::Overrides {
        let source = stackmark_course::SourceText::new("overrides.toml", text);
        match stackmark_course::Overrides::parse(&source).sound() {
            Ok((overrides, _)) => overrides,
            Err(problems) => panic!("{problems:?} in\n{text}"),
        }
    }

    #[test]
    fn comments_order_and_spacing_of_a_hand_written_file_stay() {
        let text = decide(Some(HAND), "r", &decided("c/one")).unwrap();
        for kept in [
            "# Marked on paper first.",
            "[[adjustment]] # late",
            "# seen at the desk",
            "item   = \"c/one\"",
            "# of 4",
            "# the end",
        ] {
            assert!(text.contains(kept), "{kept} is not in\n{text}");
        }
        assert!(text.find("[[adjustment]]") < text.find("[[override]]"), "{text}");
        let read = read(&text);
        assert_eq!(read.items.len(), 1);
        assert_eq!(
            (read.items[0].points, read.items[0].reason.as_str()),
            (Points::from_hundredths(350), "a \"quote\"\nand more")
        );
        assert_eq!(read.adjustments.len(), 1);
    }

    #[test]
    fn a_new_decision_comes_last_and_its_withdrawal_leaves_the_rest() {
        let text = decide(Some(HAND), "r", &decided("c/two")).unwrap();
        assert_eq!(read(&text).items.iter().map(|it| it.item.as_str()).collect::<Vec<_>>(), ["c/one", "c/two"]);
        let text = withdraw(&text, "c/two").unwrap();
        assert_eq!(read(&text), read(HAND));
    }

    #[test]
    fn a_new_file_names_the_rubric() {
        let text = decide(None, "log8415-a1", &decided("c/two")).unwrap();
        assert_eq!(read(&text).rubric.as_deref(), Some("log8415-a1"));
        assert!(text.starts_with("rubric = "), "{text}");
    }

    #[test]
    fn what_cannot_be_added_to_is_left_alone() {
        assert!(matches!(decide(Some("override = ["), "r", &decided("c")), Err(EditError::Syntax(_))));
        assert_eq!(decide(Some("override = []"), "r", &decided("c")), Err(EditError::Form("override")));
    }

    #[test]
    fn only_the_request_that_was_answered_is() {
        let request = |item: &str| format!("[[appeal]]\nteam = \"a\"\nitem = \"{item}\"\ntext = \"why\"\nby = \"Z\"\n");
        let text =
            answer(&format!("{}{}", request("c/one"), request("c/two")), "a", "c/two", "why", State::Answered).unwrap();
        assert_eq!(text.matches("answered").count(), 1);
        assert!(text.find("answered") > text.find("c/two"), "{text}");
    }
}
