//! The structure of Markdown and of its plainer relatives.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What a document is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Line (one-based) and text of each heading.
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
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
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

fn push(heading: &mut Option<(u64, String)>, piece: &str) {
    if let Some((_, title)) = heading {
        title.push_str(piece);
    }
}

/// Reads plain text and reStructuredText: a heading is a line with a line of punctuation under it.
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
    outline
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
}
