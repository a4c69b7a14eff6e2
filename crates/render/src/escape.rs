//! What makes a team's text harmless in each format.
//!
//! Names, commit subjects, tags, paths and pages are written by the people who are graded. Whatever they hold, it stays
//! text: on one line, without control characters, and without a character that the format would obey.

/// Characters of one value that are printed; the evidence keeps the rest.
const LONGEST: usize = 1_200;

/// Whether a character is invisible and turns, joins or hides its neighbours: bidirectional marks and overrides,
/// zero-width spaces, fillers, variation selectors, byte-order marks, tag characters. The joiners U+200C and U+200D stay: names and emoji need them.
pub(super) fn deceives(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// One line of visible text: a line end or a run of white space becomes one space, control characters and invisible
/// marks go, and what is longer than 1,200 characters ends in how much is left out.
pub fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(4 * LONGEST));
    let (mut pending_space, mut kept, mut dropped) = (false, 0_usize, 0_usize);
    for character in text.chars() {
        // A no-break space is what French puts before a colon, so it stays as it is.
        if character != '\u{a0}' && character != '\u{202f}' && character.is_whitespace() {
            pending_space = true;
        } else if !character.is_control() && !deceives(character) {
            if kept >= LONGEST {
                dropped += 1;
                continue;
            }
            if std::mem::take(&mut pending_space) {
                line.push(' ');
            }
            line.push(character);
            kept += 1;
        }
    }
    if pending_space && dropped == 0 {
        line.push(' ');
    }
    if dropped > 0 {
        line.push_str(&format!(" … (+{dropped})"));
    }
    line
}

/// JSON on its way to a terminal: what turns or hides its neighbours stands as an escape, which means the same to whatever
/// reads it.
pub fn visible_json(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    for character in json.chars() {
        if deceives(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                visible.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            visible.push(character);
        }
    }
    visible
}

/// Text for Markdown, CommonMark and GitHub's alike, in a table or out of one: no markup, HTML or link comes to life.
///
/// `<`, `>` and `&` become entities, because some readers take a backslash before them for text; underscores within a
/// word stay, because they mark nothing up there.
pub fn markdown(text: &str) -> String {
    let text = clean(text);
    let characters: Vec<char> = text.chars().collect();
    let mut escaped = String::with_capacity(text.len() + 16);
    let start = characters.iter().take_while(|character| **character == ' ').count();
    let ordinal = ordinal_end(&characters, start);
    for (at, &character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let after = characters.get(at + 1).copied();
        let backslash = match character {
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '$' => true,
            '_' => !(before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)),
            // Markup of whole lines: the template may have put this value first on its line.
            '#' | '=' if at == start => true,
            '+' | '-' if at == start => after.is_none_or(|next| next == ' ' || next == character),
            '.' | ')' if Some(at) == ordinal => true,
            // Addresses that a reader would turn into links.
            '/' => before == Some(':'),
            '.' => at >= 3 && characters[at - 3..at].iter().all(|letter| letter.eq_ignore_ascii_case(&'w')),
            _ => false,
        };
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            _ => {
                if backslash {
                    escaped.push('\\');
                }
                escaped.push(character);
            }
        }
    }
    escaped
}

/// Where the sign after a leading number stands that would make the line an item of a list: `1.` or `1)`.
fn ordinal_end(characters: &[char], start: usize) -> Option<usize> {
    let digits = characters.iter().skip(start).take_while(|character| character.is_ascii_digit()).count();
    let sign = start + digits;
    let is_ordinal = digits > 0
        && matches!(characters.get(sign), Some('.' | ')'))
        && characters.get(sign + 1).is_none_or(|next| *next == ' ');
    is_ordinal.then_some(sign)
}

/// Text as a Markdown code span; text that a span cannot hold in a table (`` ` ``, `|`) is escaped instead.
pub fn markdown_code(text: &str) -> String {
    let text = clean(text);
    let text = text.trim();
    if text.is_empty() || text.contains(['`', '|']) { markdown(text) } else { format!("`{text}`") }
}

/// Text for HTML, between tags or in a quoted attribute.
pub fn html(text: &str) -> String {
    let text = clean(text);
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A language file's own words for HTML: what they put between backticks is code.
pub(super) fn html_words(text: &str) -> String {
    if text.matches('`').count() % 2 == 1 {
        return html(text);
    }
    let piece = |(at, piece)| if at % 2 == 1 { format!("<code>{}</code>", html(piece)) } else { html(piece) };
    text.split('`').enumerate().map(piece).collect()
}

/// Text for a quoted Mermaid label, at most 60 characters: letters, digits and a few signs; anything else is `_`.
///
/// Mermaid reads HTML, entities (`#…;`), Markdown and directives (`%%{…}%%`) even between quotes, so that only what is
/// known to be inert passes.
pub fn mermaid(text: &str) -> String {
    const LONGEST_LABEL: usize = 60;
    let text = clean(text);
    let mut label: String = text
        .chars()
        .take(LONGEST_LABEL)
        .map(|character| {
            let inert = character.is_alphanumeric() || " -_.,:/+*=()·–—'’@\u{a0}".contains(character);
            if inert { character } else { '_' }
        })
        .collect();
    if text.chars().count() > LONGEST_LABEL {
        label.push('…');
    }
    label
}

#[cfg(test)]
mod tests {
    use super::{clean, html, html_words, markdown, markdown_code, mermaid, visible_json};

    #[test]
    fn what_turns_or_hides_its_neighbours_is_escaped_in_json_and_means_the_same() {
        let name = "user\u{202e}gpj\u{3164}\u{fe0f}\u{e0041}";
        let json = serde_json::json!({ "author": name }).to_string();
        let visible = visible_json(&json);
        assert_eq!(visible, "{\"author\":\"user\\u202egpj\\u3164\\ufe0f\\udb40\\udc41\"}");
        let read: serde_json::Value = serde_json::from_str(&visible).unwrap();
        assert_eq!(read["author"], name);
        assert_eq!(clean(name), "usergpj");
    }

    #[test]
    fn one_visible_line_is_left_of_any_text() {
        assert_eq!(clean("a\n# heading\r\n\tb"), "a # heading b");
        assert_eq!(clean("\u{1b}[31mred\u{7}\u{9b}0m"), "[31mred0m");
        assert_eq!(clean("user\u{202e}gpj.exe\u{200b}"), "usergpj.exe");
        assert_eq!(clean("  Zoë  👩\u{200d}🔧 \n"), " Zoë 👩\u{200d}🔧 ");
        let long = clean(&"x".repeat(1_500));
        assert!(long.ends_with("x … (+300)"), "{long}");
    }

    #[test]
    fn markdown_keeps_text_text() {
        for (text, escaped) in [
            ("min_size is 1", "min_size is 1"),
            ("_a_ *b* `c`", "\\_a\\_ \\*b\\* \\`c\\`"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("a | b", "a \\| b"),
            ("x\n# heading", "x # heading"),
            ("# heading", "\\# heading"),
            ("- item", "\\- item"),
            ("-5", "-5"),
            ("---", "\\---"),
            ("1. item", "1\\. item"),
            ("\n# heading", " \\# heading"),
            ("172.31.0.0/16", "172.31.0.0/16"),
            ("2026) x", "2026\\) x"),
            ("see https://evil.example or www.evil.example", "see https:\\//evil.example or www\\.evil.example"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("c:\\temp", "c:\\\\temp"),
        ] {
            assert_eq!(markdown(text), escaped);
        }
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(markdown_code(" /aws/rules\n"), "`/aws/rules`");
        assert_eq!(markdown_code("<b>*x*"), "`<b>*x*`");
        assert_eq!(markdown_code("a`b"), "a\\`b");
        assert_eq!(markdown_code("a|b"), "a\\|b");
    }

    #[test]
    fn html_and_mermaid_let_no_markup_through() {
        assert_eq!(html("<a href=\"x\" onclick='y'>&"), "&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;");
        assert_eq!(html_words("see `a<b` & `c`."), "see <code>a&lt;b</code> &amp; <code>c</code>.");
        assert_eq!(html_words("one ` alone"), "one ` alone");
        assert_eq!(mermaid("a\"]; click b \"javascript:x\" %%{init}%% #quot; `*b*`"), {
            "a___ click b _javascript:x_ ___init___ _quot_ _*b*_"
        });
        assert_eq!(mermaid("/cluster1*"), "/cluster1*");
        assert_eq!(mermaid(&"é".repeat(80)).chars().count(), 61);
    }
}
