//! What the SDK's parser lets through: replies that break off, and errors in an envelope that it does not know.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Why a reply is no complete XML document.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Damaged(String);

/// Whether `body` is a document with one root that is closed.
///
/// The SDK reads a document that breaks off between two elements as if it ended there: a listing would lack rows without
/// a word.
pub(super) fn check(body: &[u8]) -> Result<(), Damaged> {
    let mut reader = Reader::from_reader(body);
    let mut depth = 0_u64;
    let mut roots = 0_u64;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => {
                roots += u64::from(depth == 0);
                depth += 1;
            }
            Ok(Event::Empty(_)) => roots += u64::from(depth == 0),
            // The reader itself refuses an end without its start.
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if depth > 0 => return Err(Damaged("it breaks off".to_owned())),
            Ok(Event::Eof) if roots != 1 => return Err(Damaged("it is no XML document".to_owned())),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(Damaged(error.to_string())),
        }
    }
}

/// Whether there is a body at all.
pub(super) fn check_not_empty(body: &[u8]) -> Result<(), Damaged> {
    match body.iter().all(u8::is_ascii_whitespace) {
        true => Err(Damaged("it is empty".to_owned())),
        false => Ok(()),
    }
}

/// The text of the first element named `name`, wherever it stands.
pub(super) fn first_text(body: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::from_reader(body);
    let mut inside = false;
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.local_name().as_ref() == name => inside = true,
            Event::Text(part) if inside => text.push_str(&part),
            Event::End(_) if inside => return Some(text),
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_break_off_are_damaged() {
        for whole in ["<a/>", "<?xml version=\"1.0\"?>\n<a><b>1</b><c/></a>\n"] {
            assert!(check(whole.as_bytes()).is_ok(), "{whole}");
        }
        for damaged in ["", "hello", "<a>", "<a><b></b>", "<a></b>", "<a><b", "<a/><b/>"] {
            assert!(check(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }

    #[test]
    fn a_reply_without_a_body_is_damaged() {
        assert!(check_not_empty(b"").is_err() && check_not_empty(b" \r\n").is_err());
        assert!(check_not_empty(b"{}").is_ok());
    }

    #[test]
    fn an_error_is_found_in_any_envelope() {
        let body = b"<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>no</Message></Error></Errors></ErrorResponse>";
        assert_eq!(first_text(body, "Code").as_deref(), Some("AccessDenied"));
        assert_eq!(first_text(body, "Message").as_deref(), Some("no"));
        assert_eq!(first_text(b"<html>", "Code"), None);
    }
}
