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

/// Text for people, no line wider than `columns`: a longer one is broken at spaces, and what follows stands below its second
/// column if two spaces or more begin one, else below its beginning and two further in. What is in back quotes is to be
/// copied and stays whole, as does a word that is longer than a line.
pub fn wrapped(text: &str, columns: usize) -> String {
    text.split('\n').map(|line| folded(line, columns)).collect::<Vec<_>>().join("\n")
}

fn folded(line: &str, columns: usize) -> String {
    if width(line) <= columns {
        return line.to_owned();
    }
    let start = line.len() - line.trim_start().len();
    let second = line[start..].find("  ").map(|gap| {
        let rest = line[start + gap..].trim_start();
        width(&line[..line.len() - rest.len()])
    });
    let hang = second.filter(|at| *at <= columns / 2).unwrap_or(start + 2);
    let (mut text, mut current, mut gap, mut quoted) = (String::new(), line[..start].to_owned(), String::new(), false);
    let mut empty = true;
    for (position, word) in line[start..].split(' ').enumerate() {
        if position > 0 {
            gap.push(' ');
        }
        if word.is_empty() {
            continue;
        }
        if !empty && !quoted && width(&current) + gap.len() + width(word) > columns {
            text.push_str(&current);
            text.push('\n');
            current = " ".repeat(hang);
            gap.clear();
        }
        current.push_str(&gap);
        current.push_str(word);
        gap.clear();
        empty = false;
        quoted ^= word.matches('`').count() % 2 == 1;
    }
    text + &current
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
    use super::{left, right, width, wrap, wrapped};

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
    fn long_lines_are_folded_and_commands_stay_whole() {
        assert_eq!(wrapped("short\n  one two three four", 11), "short\n  one two\n    three\n    four");
        assert_eq!(wrapped("id   Title of it (3 points)", 16), "id   Title of it\n     (3 points)");
        assert_eq!(wrapped("run `a b c d e` and see", 12), "run `a b c d e`\n  and see");
        assert_eq!(wrapped("next:\n\n    x = 1\n", 80), "next:\n\n    x = 1\n");
        let list = format!("no name; there are {}", "name, ".repeat(70));
        assert!(wrapped(&list, 80).lines().all(|line| width(line) <= 80));
    }

    #[test]
    fn columns_align_whatever_the_letters() {
        assert_eq!(left("Zoë", 5, "…"), "Zoë  ");
        assert_eq!(left("Coordination", 6, "…"), "Coord…");
        assert_eq!(width(&left("日本語", 5, "…")), 5);
        assert_eq!(right("5", 3), "  5");
    }
}
