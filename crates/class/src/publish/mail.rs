//! `.eml` files, one a member: a mail program opens and sends them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use stackmark_render::escape::clean;

use super::Handout;
use crate::import::teams::team_id;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The file's name.
    pub file: String,
    /// The member's id.
    pub member: String,
    /// The address.
    pub to: String,
    /// The message, lines ended with CR LF.
    pub text: String,
}

/// Whether an address can stand in a header as it is.
pub fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>()[]\\,;:\"".contains(c);
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && text.chars().all(plain)
}

/// The letters of a team, one for each member with an address, and the names of those without.
///
/// `from` is an address; `date` is RFC 2822.
pub fn letters(handout: &Handout<'_>, from: &str, date: &str) -> (Vec<Letter>, Vec<String>) {
    let (mut letters, mut without) = (Vec::new(), Vec::new());
    for member in &handout.team.members {
        // A forge's own address takes no mail.
        let takes_mail = |email: &&String| is_address(email) && !email.to_lowercase().contains("@users.noreply.");
        let Some(to) = member.emails.iter().find(takes_mail) else {
            without.push(member.name.clone());
            continue;
        };
        let file = |number: usize| {
            let start = format!("{}_{}", handout.team.id, team_id(&member.id));
            if number == 1 { format!("{start}.eml") } else { format!("{start}-{number}.eml") }
        };
        // Letters that have no place in a file's name must not make one file of two people's.
        let taken = |file: &String| letters.iter().any(|known: &Letter| known.file == *file);
        let file = (1..).map(file).find(|file| !taken(file)).unwrap_or_default();
        letters.push(Letter {
            file,
            member: member.id.clone(),
            to: to.clone(),
            text: letter(handout, from, &member.name, to, date),
        });
    }
    (letters, without)
}

fn letter(handout: &Handout<'_>, from: &str, name: &str, to: &str, date: &str) -> String {
    let title = clean(&handout.card.rubric.title);
    let team = handout.team.name.as_deref().unwrap_or(&handout.team.id);
    let boundary = format!("stackmark-{}", handout.sha256.get(..32).unwrap_or_default());
    let subject = words(&format!("{} · {}", title.trim(), clean(team).trim()));
    let mut lines = vec![
        format!("From: {from}"),
        format!("To: {} <{to}>", words(clean(name).trim())),
        format!("Subject: {subject}"),
        format!("Date: {date}"),
        format!("X-Stackmark-Scorecard: {}", handout.sha256),
        // Mail programs open it as a draft.
        "X-Unsent: 1".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        format!("Content-Type: multipart/mixed; boundary=\"{boundary}\""),
        String::new(),
    ];
    let mut part = |kind: &str, name: &str, content: &str| {
        lines.push(format!("--{boundary}"));
        lines.push(format!("Content-Type: {kind}; charset=utf-8"));
        if !name.is_empty() {
            lines.push(format!("Content-Disposition: attachment; filename=\"{name}\""));
        }
        lines.push("Content-Transfer-Encoding: base64".to_owned());
        lines.push(String::new());
        lines.extend(base64_lines(content.as_bytes()));
    };
    part("text/plain", "", &handout.report);
    part("text/html", "report.html", &handout.page);
    lines.push(format!("--{boundary}--"));
    lines.push(String::new());
    lines.join("\r\n")
}

/// Lines of 76 characters.
fn base64_lines(bytes: &[u8]) -> Vec<String> {
    // 57 bytes are 76 characters, without padding within.
    bytes.chunks(57).map(|chunk| STANDARD.encode(chunk)).collect()
}

/// Words in a header: encoded (RFC 2047) unless they are letters, digits and blanks of ASCII.
fn words(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-');
    if plain && !text.is_empty() && text.len() < 60 {
        return text.to_owned();
    }
    let (mut encoded, mut chunk) = (Vec::new(), String::new());
    for character in text.chars() {
        if chunk.len() + character.len_utf8() > 42 {
            encoded.push(std::mem::take(&mut chunk));
        }
        chunk.push(character);
    }
    encoded.push(chunk);
    let word = |chunk: &String| format!("=?utf-8?B?{}?=", STANDARD.encode(chunk));
    encoded.iter().map(word).collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_hold_one_line_whatever_a_name_has_in_it() {
        assert_eq!(words("Ada Rivers"), "Ada Rivers");
        assert_eq!(words("Équipe 07"), "=?utf-8?B?w4lxdWlwZSAwNw==?=");
        let long = words(&"é".repeat(60));
        assert!(long.split("\r\n ").all(|word| word.len() <= 75) && long.contains("\r\n "), "{long}");
        for address in ["a@x\r\nBcc: b@y", "a b@x", "a@x,b@y", "@x", "a@", "<a@x>"] {
            assert!(!is_address(address), "{address:?}");
        }
        assert!(is_address("ada.rivers+course@example.org"));
    }

    #[test]
    fn bodies_are_whole_in_lines_that_mail_takes() {
        let text = "é".repeat(200);
        let lines = base64_lines(text.as_bytes());
        assert!(lines.iter().all(|line| line.len() <= 76));
        let bytes: Vec<u8> = lines.iter().flat_map(|line| STANDARD.decode(line).unwrap()).collect();
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
    }
}
