//! Bytes into text, whatever editor wrote them.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use stackmark_collect::redact::redact;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// UTF-8, UTF-16 with a byte order mark or without, the encoding that the first lines declare, or else Western
/// European; every line end becomes `\n`.
pub fn decode(bytes: &[u8]) -> String {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => match (utf16_unmarked(bytes), std::str::from_utf8(bytes)) {
            (Some(encoding), _) => encoding.decode_without_bom_handling(bytes).0,
            (None, Ok(text)) => text.into(),
            (None, Err(_)) => declared(bytes).unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0,
        },
    };
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.into_owned() }
}

/// Whether the bytes are UTF-16, by a byte order mark or by where their NULs stand.
pub fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || utf16_unmarked(bytes).is_some()
}

/// Bytes that are looked at to tell UTF-16 by.
const SAMPLE: usize = 4 << 10;

/// Text in Latin letters has every other byte NUL, and the others not.
fn utf16_unmarked(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if !bytes.len().is_multiple_of(2) || sample.len() < 4 || !sample.contains(&0) {
        return None;
    }
    let nuls = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (nuls(0), nuls(1), sample.len() / 2);
    match (even * 10, odd * 10) {
        (0, odd) if odd >= half * 7 => Some(UTF_16LE),
        (even, 0) if even >= half * 7 => Some(UTF_16BE),
        _ => None,
    }
}

/// `# -*- coding: cp1251 -*-`, `<?xml encoding="…"?>`, `<meta charset=…>` within the first two lines.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: Vec<u8> = bytes.split(|byte| *byte == b'\n').take(2).flatten().copied().take(400).collect();
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let after = ["coding", "charset"].iter().find_map(|word| head.split_once(word).map(|(_, rest)| rest))?;
    let label = after.trim_start_matches([':', '=', ' ', '"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
    Encoding::for_label(label[..end.unwrap_or(label.len())].replace('_', "-").as_bytes())
        .filter(|encoding| !matches!(encoding.name(), "UTF-8" | "replacement"))
}

/// Text without control characters, in one line, its white space collapsed, cut at `longest` characters.
pub fn one_line(text: &str, longest: usize) -> String {
    // Secrets go before the text is cut, for a cut one is not recognised any more; and again once lines that held a part
    // each are one.
    let clean = redact(text).0;
    let printable: String = clean.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = printable.split_whitespace().collect();
    let line = redact(&words.join(" ")).0;
    if line.chars().count() <= longest {
        return line;
    }
    let mut cut: String = line.chars().take(longest.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// The words of `text` in lower case, without accents, ligatures taken apart: `Déploiement` and `deploiement` are one word.
///
/// Text out of a PDF often has its accents as characters of their own (`De´ploiement`), which go as well.
pub fn folded_words(text: &str) -> Vec<String> {
    const LOOSE_ACCENTS: [char; 7] = ['´', '`', '¨', 'ˆ', '˜', '¸', '\u{ad}'];
    let folded: String = text
        .chars()
        .filter(|c| !LOOSE_ACCENTS.contains(c))
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// `auto_scaling_group` as `AutoScalingGroup`.
pub(crate) fn pascal_case(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<Vec<char>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_windows_and_old_editors_are_read() {
        let utf16: Vec<u8> = "\u{feff}é\r\nboto3".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), "é\nboto3");
        assert_eq!(decode(b"caf\xe9\r\n"), "café\n");
        assert_eq!(decode("\u{feff}naïve".as_bytes()), "naïve");
        assert_eq!(decode(b"old\rmac"), "old\nmac");
        let unmarked: Vec<u8> = "import boto3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(is_utf16(&unmarked));
        assert_eq!(decode(&unmarked), "import boto3\n");
        let big: Vec<u8> = "x = 1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&big), "x = 1\n");
        assert_eq!(decode(b"# -*- coding: cp1251 -*-\n# \xef\xf0\n"), "# -*- coding: cp1251 -*-\n# пр\n");
        assert!(!is_utf16(b"\x7fELF\0\0\0\0\x01\x02\0\x03"), "a program is no text");
    }

    #[test]
    fn words_are_compared_without_accents_and_ligatures() {
        assert_eq!(folded_words("L'Éxécution, De´ploiement — ﬁn"), ["l", "execution", "deploiement", "fin"]);
    }

    #[test]
    fn long_text_is_cut_to_the_length_asked_for() {
        assert_eq!(one_line(" a\n\tb\u{1b}[2Jc ", 20), "a b [2Jc");
        assert_eq!(one_line("écoute bien", 7), "écoute…");
        assert_eq!(one_line(&"x".repeat(300), 200).chars().count(), 200);
    }
}
