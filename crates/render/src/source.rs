//! Lines of a team's file for a page: numbered, with the colours of comments, texts and keywords, and harmless.

use super::escape::deceives;

/// Characters of one line that are shown.
const LONGEST: usize = 400;

/// Words that most languages have.
const KEYWORDS: &[&str] = &[
    "and", "as", "async", "await", "break", "case", "catch", "class", "const", "continue", "data", "def", "do", "done",
    "elif", "else", "except", "export", "false", "fi", "finally", "fn", "for", "from", "function", "if", "import",
    "in", "is", "lambda", "let", "locals", "module", "new", "none", "not", "null", "or", "output", "pass", "provider",
    "raise", "resource", "return", "static", "switch", "then", "throw", "true", "try", "type", "use", "variable",
    "while", "with", "yield",
];

/// The lines of `text` as HTML for a `pre`; the first has the number `first`.
pub(super) fn html(text: &str, first: u64) -> String {
    let last = first + text.lines().count() as u64;
    let width = last.to_string().len();
    let mut html = String::with_capacity(text.len() * 2);
    for (number, line) in (first..).zip(text.lines()) {
        html.push_str(&format!("<span class=\"l\">{number:>width$} </span>"));
        push_line(&mut html, line);
        html.push('\n');
    }
    html
}

fn push_line(html: &mut String, line: &str) {
    let mut rest: &str = match line.char_indices().nth(LONGEST) {
        Some((end, _)) => &line[..end],
        None => line,
    };
    while let Some(first) = rest.chars().next() {
        let (class, length) = match first {
            '#' => (Some("c"), rest.len()),
            '/' if rest.starts_with("//") || rest.starts_with("/*") => (Some("c"), rest.len()),
            '"' | '\'' | '`' => (Some("s"), quoted(rest, first)),
            c if c.is_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (KEYWORDS.contains(&rest[..length].to_ascii_lowercase().as_str()).then_some("k"), length)
            }
            c => (None, c.len_utf8()),
        };
        let (piece, after) = rest.split_at(length);
        if let Some(class) = class {
            html.push_str(&format!("<span class=\"{class}\">"));
            push_escaped(html, piece);
            html.push_str("</span>");
        } else {
            push_escaped(html, piece);
        }
        rest = after;
    }
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// What turns or hides its neighbours is shown as what it is: a sign that is not to be trusted.
fn push_escaped(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\t' => html.push('\t'),
            c if c.is_control() || deceives(c) => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn lines_keep_their_indentation_and_no_markup_comes_to_life() {
        let shown = html("if a < \"<b>\":\n\treturn 'x' # <script>\n", 9);
        assert_eq!(
            shown,
            "<span class=\"l\"> 9 </span><span class=\"k\">if</span> a &lt; <span class=\"s\">&quot;&lt;b&gt;&quot;</span>:\n\
             <span class=\"l\">10 </span>\t<span class=\"k\">return</span> <span class=\"s\">&#39;x&#39;</span> \
             <span class=\"c\"># &lt;script&gt;</span>\n"
        );
    }

    #[test]
    fn what_hides_its_neighbours_is_shown() {
        assert!(html("a\u{202e}b\u{1b}[2J", 1).contains("a\u{fffd}b\u{fffd}[2J"));
        assert!(html(&"é".repeat(5_000), 1).chars().count() < 500);
        assert!(html("", 1).is_empty());
    }
}
