//! The structure of Markdown and of its plainer relatives.

use std::borrow::Cow;
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

/// What a document is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Line (one-based) and text of each heading; a line of its own all in bold is one.
    pub headings: Vec<(u64, String)>,
    /// Words outside of code blocks.
    pub words: u64,
    /// Words of prose in the first section that has any, before the first code block.
    pub lead_words: u64,
    /// Content of each code block.
    pub code_blocks: Vec<String>,
    /// Code within lines.
    pub inline_code: Vec<String>,
    pub images: u64,
}

/// Reads Markdown, GitHub's tables and HTML images included.
pub fn outline(text: &str) -> Outline {
    let line_starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line_of = |at: usize| line_starts.partition_point(|&start| start <= at) as u64;
    let mut outline = Outline::default();
    let mut heading: Option<(u64, String)> = None;
    let mut in_code = false;
    let mut in_metadata = false;
    // Headings before the first prose.
    let mut lead = None;
    let mut bold = Bold::No;
    // Where a paragraph begins: its lead is given back if its first line turns out to be a heading.
    let mut before = (0, None);
    // Lists, quotations and tables hold no headings of the document.
    let mut depth = 0_u32;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match &event {
            Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::Table(_) | Tag::FootnoteDefinition(_)) => depth += 1,
            Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::Table | TagEnd::FootnoteDefinition) => {
                depth = depth.saturating_sub(1);
            }
            Event::Start(Tag::Paragraph) if depth == 0 => before = (outline.lead_words, lead),
            _ => {}
        }
        bold = bold.next(&event, depth, || line_of(range.start));
        if let Bold::Title(line, title) = &mut bold {
            let (line, title) = (*line, std::mem::take(title));
            bold = Bold::No;
            if is_bold_title(&title) {
                (outline.lead_words, lead) = before;
                outline.headings.push((line, title.trim().to_owned()));
            }
        }
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some((line_of(range.start), String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((line, title)) = heading.take().filter(|(_, title)| !title.trim().is_empty()) {
                    outline.headings.push((line, title.trim().to_owned()));
                }
            }
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                outline.code_blocks.push(String::new());
            }
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Image { .. }) => outline.images += 1,
            Event::Start(Tag::MetadataBlock(_)) => in_metadata = true,
            Event::End(TagEnd::MetadataBlock(_)) => in_metadata = false,
            Event::Text(_) if in_metadata => {}
            Event::Text(piece) if in_code => {
                if let Some(block) = outline.code_blocks.last_mut() {
                    block.push_str(&piece);
                }
            }
            Event::Text(piece) => {
                outline.words += count_words(&piece);
                if heading.is_none() && outline.code_blocks.is_empty() {
                    let section = outline.headings.len();
                    if *lead.get_or_insert(section) == section {
                        outline.lead_words += count_words(&piece);
                    }
                }
                push(&mut heading, &piece);
            }
            Event::Code(piece) => {
                outline.words += count_words(&piece);
                push(&mut heading, &piece);
                outline.inline_code.push(piece.into_string());
            }
            Event::SoftBreak | Event::HardBreak => push(&mut heading, " "),
            Event::Html(piece) | Event::InlineHtml(piece) => {
                let piece = piece.to_ascii_lowercase();
                outline.images += piece.matches("<img").count() as u64;
            }
            _ => {}
        }
    }
    outline
}

/// How far a paragraph has come to begin with a line that is all in bold.
enum Bold {
    No,
    /// The paragraph begins, at this line.
    Begins(u64),
    In(u64, String),
    /// The bold text has ended, and nothing has come after it.
    Over(u64, String),
    /// The line has ended: it was all in bold.
    Title(u64, String),
}

impl Bold {
    fn next(self, event: &Event<'_>, depth: u32, line: impl FnOnce() -> u64) -> Self {
        match (self, event) {
            (_, Event::Start(Tag::Paragraph)) if depth == 0 => Self::Begins(line()),
            (Self::Begins(line), Event::Start(Tag::Strong)) => Self::In(line, String::new()),
            (Self::In(line, title), Event::Text(piece) | Event::Code(piece)) => Self::In(line, title + &**piece),
            (Self::In(line, title), Event::Start(Tag::Emphasis) | Event::End(TagEnd::Emphasis)) => {
                Self::In(line, title)
            }
            (Self::In(line, title), Event::End(TagEnd::Strong)) => Self::Over(line, title),
            (Self::Over(line, title), Event::Text(piece)) if matches!(piece.trim(), "" | ":") => {
                Self::Over(line, title)
            }
            (Self::Over(line, title), Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph)) => {
                Self::Title(line, title)
            }
            _ => Self::No,
        }
    }
}

/// Longest title, in words, that only its bold letters make a heading.
const TITLE_WORDS: u64 = 8;

/// Whether a line all in bold is the heading of what comes next, and not a sentence that wants to be seen.
pub fn is_bold_title(text: &str) -> bool {
    let text = text.trim().trim_end_matches(':').trim_end();
    let begins = text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    begins && letters >= 3 && count_words(text) <= TITLE_WORDS && !text.ends_with(['.', ',', ';', '!'])
}

struct Hiding {
    opening: Regex,
    definition: Regex,
}

static HIDING: LazyLock<Option<Hiding>> = LazyLock::new(|| {
    Some(Hiding {
        opening: Regex::new(
            r#"(?i)<!--|<(div|span|p|section|details|font|small|sub|sup|table|tr|td|ul|ol|li|pre|code|b|i|em|strong|a|h[1-6])\b(?:[^<>]*?\sstyle\s*=\s*["'][^"'<>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?:px|pt|em|%)?\s*[;"'])[^<>]*|[^<>]*?\shidden(?:=[^<>\s]*)?(?:\s[^<>]*)?)>"#,
        )
        .ok()?,
        // A link to nowhere, with a text: what Markdown's writers use for comments.
        definition: Regex::new(r#"^ {0,3}\[[^\]]*\]:\s*(?:#|<#?>)\s*(?:["'(].*)?$"#).ok()?,
    })
});

/// Markdown without what no reader sees: comments, hidden elements, link definitions that are comments.
///
/// Lines keep their numbers, and blocks of code their text.
pub fn shown(text: &str) -> Cow<'_, str> {
    let Some(hiding) = HIDING.as_ref() else { return text.into() };
    if !text.contains("]:") && !hiding.opening.is_match(text) {
        return text.into();
    }
    let mut kept = String::with_capacity(text.len());
    let mut fence: Option<(char, usize)> = None;
    // What ends the part that is hidden.
    let mut until: Option<String> = None;
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if until.is_none() {
            let was_open = fence.is_some();
            toggle(line, &mut fence);
            if was_open || fence.is_some() {
                kept.push_str(line);
                kept.push_str(end);
                continue;
            }
            if hiding.definition.is_match(line) {
                kept.push_str(end);
                continue;
            }
        }
        keep_shown(line, hiding, &mut until, &mut kept);
        kept.push_str(end);
    }
    kept.into()
}

/// Adds what is seen of a line; `until` is what ends a hidden part, from the line before and for the next one.
fn keep_shown(line: &str, hiding: &Hiding, until: &mut Option<String>, kept: &mut String) {
    let ticks_in = |text: &str| text.matches('`').count();
    let (mut at, mut ticks) = (0, 0);
    loop {
        if let Some(mark) = until.take() {
            match find_in_any_case(&line[at..], &mark) {
                Some(found) => at += found + mark.len(),
                None => {
                    *until = Some(mark);
                    return;
                }
            }
        }
        let mut from = at;
        let opening = loop {
            let Some(found) = hiding.opening.captures_at(line, from) else { break None };
            let Some(whole) = found.get(0) else { break None };
            ticks += ticks_in(&line[from..whole.start()]);
            // Not within code.
            if ticks % 2 == 0 {
                let mark = found.get(1).map_or_else(|| "-->".to_owned(), |tag| format!("</{}>", tag.as_str()));
                break Some((whole.start(), whole.end(), mark));
            }
            ticks += ticks_in(whole.as_str());
            from = whole.end();
        };
        let Some((start, end, mark)) = opening else {
            kept.push_str(&line[at..]);
            return;
        };
        kept.push_str(&line[at..start]);
        at = end;
        *until = Some(mark);
    }
}

/// Where `mark`, which is ASCII, begins in `text`, whatever its case.
fn find_in_any_case(text: &str, mark: &str) -> Option<usize> {
    text.as_bytes().windows(mark.len()).position(|window| window.eq_ignore_ascii_case(mark.as_bytes()))
}

/// Opens or closes a block of code, as CommonMark has it.
fn toggle(line: &str, open: &mut Option<(char, usize)>) {
    let line = line.trim_start();
    let Some(sign) = line.chars().next().filter(|sign| matches!(sign, '`' | '~')) else { return };
    let count = line.chars().take_while(|c| *c == sign).count();
    let rest = &line[count..];
    match *open {
        None if count >= 3 && !(sign == '`' && rest.contains('`')) => *open = Some((sign, count)),
        Some((opened, least)) if opened == sign && count >= least && rest.trim().is_empty() => *open = None,
        _ => {}
    }
}

fn push(heading: &mut Option<(u64, String)>, piece: &str) {
    if let Some((_, title)) = heading {
        title.push_str(piece);
    }
}

/// Reads plain text and reStructuredText: a heading is a line with a line of punctuation under it; where there is none, a
/// short line of its own that looks like one.
pub fn plain_outline(text: &str) -> Outline {
    let lines: Vec<&str> = text.lines().collect();
    let mut outline = Outline { words: count_words(text), ..Outline::default() };
    // The title is the first line or has a line of its own; what comes after it leads, up to the next blank lines.
    let paragraphs = text.split("\n\n").map(count_words);
    outline.lead_words = paragraphs.take(3).max().unwrap_or(0);
    for (i, line) in lines.iter().enumerate() {
        let title = line.trim();
        if title.starts_with(".. code") || (title.ends_with("::") && !title.starts_with("..")) {
            let block =
                lines[i + 1..].iter().take_while(|line| line.trim().is_empty() || line.starts_with([' ', '\t']));
            outline.code_blocks.push(block.map(|line| line.trim()).collect::<Vec<_>>().join("\n"));
        }
        if title.starts_with(".. image::") || title.starts_with(".. figure::") {
            outline.images += 1;
        }
        let underlined = lines.get(i + 1).is_some_and(|under| is_underline(under.trim(), title));
        if title.chars().any(char::is_alphanumeric) && underlined {
            outline.headings.push((i as u64 + 1, title.to_owned()));
        }
    }
    if outline.headings.is_empty() {
        outline.headings = unmarked_headings(&lines);
    }
    outline
}

/// The headings of a text that underlines none, all of one kind: with the signs of Markdown, in capitals, with numbers, or
/// with a colon at the end. A sentence before a listing ends with a colon as well, and steps have numbers: they come last.
fn unmarked_headings(lines: &[&str]) -> Vec<(u64, String)> {
    let is_blank = |line: Option<&&str>| line.is_none_or(|line| line.trim().is_empty());
    let starts_alone = |i: usize| !lines[i].starts_with([' ', '\t']) && (i == 0 || is_blank(lines.get(i - 1)));
    let stands_alone = |i: usize| starts_alone(i) && is_blank(lines.get(i + 1));
    let below = |i: usize| lines[i + 1..].iter().find(|line| !line.trim().is_empty());
    let signs = ['#', '='];
    type IsHeading<'a> = dyn Fn(usize, &str) -> bool + 'a;
    let found = |is_heading: &IsHeading<'_>| -> Vec<(u64, String)> {
        let headings = lines.iter().enumerate().map(|(i, line)| (i, line.trim()));
        let headings = headings.filter(|(i, line)| is_heading(*i, line));
        headings.map(|(i, line)| (i as u64 + 1, line.trim_start_matches(signs).trim().to_owned())).collect()
    };
    let has_signs = |line: &str| {
        line.starts_with(signs) && line.trim_start_matches(signs).strip_prefix(' ').is_some_and(is_bold_title)
    };
    let in_capitals = |line: &str| !line.chars().any(char::is_lowercase) && is_bold_title(line);
    let has_number = |line: &str| {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')'));
        line.starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with(' ') && is_bold_title(line)
    };
    // A step would go on where this line ends.
    let is_above_text = |i: usize| {
        let next = lines.get(i + 1).map(|line| line.trim());
        next.is_some_and(|next| count_words(next) > TITLE_WORDS && !has_number(next))
    };
    let kinds: [&IsHeading<'_>; 5] = [
        &|i, line| has_signs(line) && starts_alone(i),
        &|i, line| in_capitals(line) && starts_alone(i),
        &|i, line| has_number(line) && stands_alone(i) && below(i).is_some_and(|next| !has_number(next.trim())),
        &|i, line| has_number(line) && is_above_text(i),
        &|i, line| line.ends_with(':') && !line.ends_with("::") && is_bold_title(line) && stands_alone(i),
    ];
    kinds.into_iter().map(found).find(|headings| !headings.is_empty()).unwrap_or_default()
}

fn is_underline(under: &str, title: &str) -> bool {
    let Some(first) = under.chars().next().filter(|c| "=-~^\"'`#*+".contains(*c)) else { return false };
    let length = under.chars().count();
    length >= 3 && length + 2 >= title.chars().count() && under.chars().all(|c| c == first)
}

/// Words have a letter or a digit.
pub fn count_words(text: &str) -> u64 {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_taken_apart() {
        let text = "# One *two*\n\nThree `four` | five\n\n```sh\nmake run\n# not a heading\n```\n\nSetext\n---\n\n![a](b.png) <img src=x>\n";
        let outline = outline(text);
        assert_eq!(outline.headings, [(1, "One two".to_owned()), (10, "Setext".to_owned())]);
        assert_eq!(outline.code_blocks, ["make run\n# not a heading\n"]);
        assert_eq!(outline.inline_code, ["four"]);
        assert_eq!((outline.words, outline.images), (7, 2));
    }

    #[test]
    fn a_line_in_bold_is_a_heading_and_a_sentence_in_bold_is_none() {
        let titles = |text: &str| {
            outline(text).headings.into_iter().map(|(line, title)| format!("{line} {title}")).collect::<Vec<_>>()
        };
        assert_eq!(
            titles("Words.\n\n**How to run**\nCall it.\n\n__Tear-down:__\n\n**2. Results** :\n"),
            ["3 How to run", "6 Tear-down:", "8 2. Results"]
        );
        for text in [
            "**Do not call this twice.**\n",
            "**Flask** answers.\n",
            "- **Flask**\n",
            "> **Note**\n",
            "**one small thing that is much too long to be a title**\n",
            "*Emphasis*\n",
        ] {
            assert_eq!(titles(text), [""; 0], "{text}");
        }
        let lead = outline("**My lab**\n\nTwo clusters behind one load balancer on AWS.\n");
        assert_eq!((lead.lead_words, lead.words), (8, 10), "a bold title leads no less than any other");
    }

    #[test]
    fn what_no_reader_sees_is_left_out_and_lines_keep_their_numbers() {
        let hidden = [
            "a <!-- deploy\nthe stack --> b",
            "a <span style=\"display:none\">x</span> b",
            "a <DIV hidden>\n\nx\n</div> b",
            "a\n[//]: # (x)\nb",
            "a <p style='color:red; font-size: 0;'>x</p> b",
        ];
        for text in hidden {
            let shown = shown(text);
            assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), ["a", "b"], "{text}");
            assert_eq!(shown.lines().count(), text.lines().count(), "{text}");
        }
        for text in [
            "`<!--` and b",
            "```\n<!-- x -->\n```\n",
            "[a]: https://example.org\n",
            "<p style=\"overflow: hidden;\">x</p>",
            "a < b",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn front_matter_is_no_heading() {
        let outline = outline("---\ntitle: Lab\n---\n\n# One\n");
        assert_eq!((outline.headings.len(), outline.words), (1, 1));
    }

    #[test]
    fn plain_text_has_underlined_headings() {
        let outline = plain_outline("Title\n=====\n\nRun it::\n\n    make\n\nNo\n--\n");
        assert_eq!(outline.headings, [(1, "Title".to_owned())]);
        assert_eq!(outline.code_blocks, ["\nmake\n"]);
    }

    #[test]
    fn plain_text_without_underlines_has_headings_all_the_same() {
        let titles = |text: &str| plain_outline(text).headings.into_iter().map(|(_, title)| title).collect::<Vec<_>>();
        for (text, expected) in [
            ("MY LAB\n\nWords: here.\n\nHOW TO RUN\npython main.py\n\n1. A step\n", ["MY LAB", "HOW TO RUN"]),
            ("1. Purpose\n\nWords here.\n\n2) Results\n\nMore of them.\n", ["1. Purpose", "2) Results"]),
            (
                "1. Purpose\nThis is about two clusters on AWS and their balancer.\n2. Results\nThe first cluster answers in less time than the second.\n",
                ["1. Purpose", "2. Results"],
            ),
            ("# My lab\n\nWords.\n\nNO HEADING\n\n== Results\n", ["My lab", "Results"]),
            ("My lab:\n\nWords.\n\nTear-down:\n\nMore.\n", ["My lab:", "Tear-down:"]),
        ] {
            assert_eq!(titles(text), expected, "{text}");
        }
        for text in ["Words.\nIT IS HERE\n", "1. Install it\n\n2. Run it\n", "Example::\n\n    make\n", "It is here.\n"]
        {
            assert_eq!(titles(text), [""; 0], "{text}");
        }
    }
}
