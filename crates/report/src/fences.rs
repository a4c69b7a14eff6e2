//! Blocks of code and comments of Markdown, line by line.

use super::document::Place;

/// Whether two lines next to each other are of different files or cells.
pub(super) fn starts_anew(before: &Place, after: &Place) -> bool {
    match (before, after) {
        (Place::LineOf(_, one), Place::LineOf(_, other)) => one != other,
        (Place::Line(_), Place::LineOf(..)) | (Place::LineOf(..), Place::Line(_)) => true,
        (Place::Cell(one), Place::Cell(other)) => one != other,
        _ => false,
    }
}

/// Whether a line opens or closes a block of code, as CommonMark has it: by the same sign, at least as many of them, and
/// nothing behind; backticks that open one are not followed by others in their line.
pub(super) fn is_fence(text: &str, open: &mut Option<(char, usize)>) -> bool {
    let text = text.trim_start();
    let Some(sign) = text.chars().next().filter(|sign| matches!(sign, '`' | '~')) else { return false };
    let count = text.chars().take_while(|c| *c == sign).count();
    let rest = &text[count..];
    if count < 3 {
        return false;
    }
    match *open {
        None if sign == '`' && rest.contains('`') => false,
        None => {
            *open = Some((sign, count));
            true
        }
        Some((opened, least)) if opened == sign && count >= least && rest.trim().is_empty() => {
            *open = None;
            true
        }
        Some(_) => false,
    }
}

/// A line without what stands in comments, which may go on over lines.
pub(super) fn without_comments(line: &str, inside: &mut bool) -> String {
    let (mut kept, mut rest) = (String::new(), line);
    loop {
        let (before, after) = match (*inside, rest.split_once(if *inside { "-->" } else { "<!--" })) {
            (true, Some((_, after))) => ("", after),
            (true, None) => return kept,
            (false, Some((before, after))) => (before, after),
            (false, None) => {
                kept.push_str(rest);
                return kept;
            }
        };
        kept.push_str(before);
        *inside = !*inside;
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_as_it_began() {
        let mut open = None;
        assert!(!is_fence("```bash run.sh```", &mut open), "code within a line");
        assert!(is_fence("````md", &mut open));
        assert!(!is_fence("```", &mut open) && open.is_some(), "three do not end what four began");
        assert!(!is_fence("~~~~", &mut open));
        assert!(is_fence("`````", &mut open) && open.is_none());
    }
}
