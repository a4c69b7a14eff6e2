//! Text laid out in columns of a terminal: widths are columns, not bytes or characters.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Lines of at most `columns`, broken at spaces; a word that is longer than a line is cut. At least one line.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && width(&line) + 1 + width(word) <= columns {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest) > columns {
            let (piece, after) = rest.split_at(cut(rest, columns));
            lines.push(piece.to_owned());
            rest = after;
        }
        line.push_str(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text with spaces after it, or cut with `ellipsis` at its end.
pub(super) fn left(text: &str, columns: usize, ellipsis: &str) -> String {
    let text = fit(text, columns, ellipsis);
    let missing = columns.saturating_sub(width(&text));
    text + &" ".repeat(missing)
}

/// The text with spaces before it.
pub(super) fn right(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text))) + text
}

fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let kept = cut(text, columns.saturating_sub(width(ellipsis)));
    format!("{}{ellipsis}", text.split_at(kept).0.trim_end())
}

/// Bytes of the longest beginning that takes at most `columns`, and never less than one character.
fn cut(text: &str, columns: usize) -> usize {
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken += character.width().unwrap_or(0);
        if taken > columns && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{left, right, width, wrap};

    #[test]
    fn wraps_by_columns_and_cuts_what_has_no_space() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("arn:aws:elb x", 5), ["arn:a", "ws:el", "b x"]);
        assert_eq!(wrap("日本語 テスト", 6), ["日本語", "テスト"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
        assert_eq!(wrap("", 10), [""]);
        assert!(wrap(&"x".repeat(500), 80).iter().all(|line| width(line) <= 80));
    }

    #[test]
    fn columns_align_whatever_the_letters() {
        assert_eq!(left("Zoë", 5, "…"), "Zoë  ");
        assert_eq!(left("Coordination", 6, "…"), "Coord…");
        assert_eq!(width(&left("日本語", 5, "…")), 5);
        assert_eq!(right("5", 3), "  5");
    }
}
