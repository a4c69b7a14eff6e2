//! Words and signs of any language: for those without a grammar, and for long texts within a program (user data, a page).

use crate::token::{NAME, NUMBER, TEXT, Token};

/// Words that mean the same in most languages; every other word is somebody's name.
const KEYWORDS: &[&str] = &[
    "abstract",
    "and",
    "async",
    "await",
    "begin",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "def",
    "default",
    "defer",
    "delete",
    "do",
    "done",
    "elif",
    "else",
    "end",
    "enum",
    "except",
    "export",
    "extends",
    "false",
    "fi",
    "final",
    "finally",
    "fn",
    "for",
    "foreach",
    "from",
    "func",
    "function",
    "goto",
    "if",
    "implements",
    "import",
    "in",
    "interface",
    "let",
    "match",
    "namespace",
    "new",
    "nil",
    "none",
    "not",
    "null",
    "or",
    "package",
    "private",
    "protected",
    "public",
    "raise",
    "return",
    "select",
    "static",
    "struct",
    "super",
    "switch",
    "then",
    "this",
    "throw",
    "throws",
    "true",
    "try",
    "type",
    "unless",
    "until",
    "use",
    "using",
    "var",
    "void",
    "when",
    "where",
    "while",
    "with",
    "yield",
];

/// Appends the tokens of `text`, whose first line is `line`.
pub(crate) fn append(text: &str, mut line: u32, tokens: &mut Vec<Token>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\n' => {
                line += 1;
                1
            }
            c if c.is_whitespace() => c.len_utf8(),
            c if c.is_alphabetic() || c == '_' => {
                let word = leading(rest, |c| c.is_alphanumeric() || c == '_');
                tokens.push(Token::new(if is_keyword(word) { word } else { NAME }, line));
                word.len()
            }
            c if c.is_ascii_digit() => {
                let number = leading(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
                tokens.push(Token::new(NUMBER, line));
                number.len()
            }
            '"' | '\'' | '`' => {
                tokens.push(Token::new(TEXT, line));
                let length = quoted(rest, first);
                line += rest[..length].matches('\n').count() as u32;
                length
            }
            '#' => leading(rest, |c| c != '\n').len(),
            '/' if rest.starts_with("//") => leading(rest, |c| c != '\n').len(),
            '/' if rest.starts_with("/*") => {
                let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
                line += rest[..length].matches('\n').count() as u32;
                length
            }
            // What formatters add and take away.
            ',' | ';' => 1,
            sign => {
                let length = sign.len_utf8();
                tokens.push(Token::new(&rest[..length], line));
                length
            }
        };
        rest = &rest[length..];
    }
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

fn leading(text: &str, mut is_part: impl FnMut(char) -> bool) -> &str {
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}

/// Length of the literal at the beginning; one that is not closed on its line ends there.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return at,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        append(text, 1, &mut tokens);
        tokens
    }

    #[test]
    fn names_literals_comments_and_layout_do_not_matter() {
        let hashes = |text: &str| tokens(text).iter().map(|token| token.hash).collect::<Vec<_>>();
        assert_eq!(hashes("int a = 1; // one"), hashes("int\n  other=22 /* two */"));
        assert_ne!(hashes("if a { b }"), hashes("while a { b }"));
        assert_eq!(hashes("say(\"a \\\" b\")"), hashes("say('x')"));
    }

    #[test]
    fn lines_are_those_of_the_text() {
        let lines: Vec<u32> = tokens("a\n/* b\n*/ c 'open\nd").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 3, 4]);
    }

    #[test]
    fn the_keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
