//! Text, figures, tables, listings and links out of Markdown.

use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

use super::unseen::Unseen;
use super::{Content, Figure, Format, Line, Link, Listing, Place, Shape, Table, addresses, keep, numbered};
use stackmark_code::as_markdown::as_markdown;
use stackmark_code::markdown::{count_words, outline, shown};

/// `<img src="…" alt="…">`, which GitHub's own editor writes for pasted images.
static IMAGE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<img\b[^>]*>").ok());
static ATTRIBUTE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?is)\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).ok());

/// A part in white letters: a colour of the letters, and not one of what is behind them.
static WHITE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?is)<(?:font|span|p|div|sub|sup|small|b|i|em|strong|td)\b[^>]*[\s"';]color\s*[=:]\s*["']?\s*(?:white\b|snow\b|#fff(?:fff)?\b|transparent\b|rgba\([^)]*,\s*0\s*\))[^>]*>(.*?)</(?:font|span|p|div|sub|sup|small|b|i|em|strong|td)\s*>"#,
    )
    .ok()
});
/// Words of an image's text or of a link's title that tell what it is, a figure's caption as pandoc writes it among them; what
/// is more speaks to nobody who looks at the page.
const TITLE_WORDS: u64 = 40;
/// Long titles are a question from this part of the document's words on, in percent.
const TITLES_PERCENT: u64 = 15;

/// Reads Markdown as GitHub does.
pub(super) fn markdown(text: &str) -> Content {
    // What no reader sees is no part of the document; the lines keep their numbers.
    let visible = shown(text);
    let mut unseen = Unseen::default();
    for part in WHITE.iter().flat_map(|white| white.captures_iter(&visible)) {
        unseen.add(&part[1]);
    }
    let visible = as_markdown("md", &visible);
    let text: &str = &visible;
    let outline = outline(text);
    let mut content = Content {
        format: Format::Markdown,
        lines: numbered(text),
        headings: outline.headings.into_iter().map(|(line, text)| Line::new(text, Place::Line(line))).collect(),
        words: outline.words,
        figures: Some(outline.images),
        tables: Some(Vec::new()),
        listings: Some(Vec::new()),
        unseen,
        ..Content::default()
    };
    // What the parser takes for a heading is one, whatever else its line has: an anchor, a link, a colour.
    for heading in &content.headings {
        let Place::Line(number) = heading.place else { continue };
        let at = usize::try_from(number).unwrap_or(0).saturating_sub(1);
        let level = level(&content.lines, at);
        if let Some(line) = content.lines.get_mut(at) {
            line.shape = Shape::Heading(level);
        }
    }
    let beyond_titles = items(text, &mut content);
    if beyond_titles * 100 > content.words * TITLES_PERCENT {
        content.unseen.add_words(beyond_titles);
    }
    for link in addresses(&content.lines) {
        let is_marked = |known: &Link| known.place == link.place && known.target.starts_with(&link.target);
        if !content.links.iter().any(is_marked) {
            keep(&mut content.links, link);
        }
    }
    content.links.sort_by_key(|link| if let Place::Line(number) = link.place { number } else { 0 });
    content
}

/// Below all others: a line in bold is a heading only of what comes next.
const BOLD_LEVEL: u8 = 9;

/// Of the heading at a line, by its signs or by what underlines it.
fn level(lines: &[Line], at: usize) -> u8 {
    let text = |at: usize| lines.get(at).map_or("", |line| line.text.trim());
    let signs = text(at).bytes().take_while(|byte| *byte == b'#').count();
    match signs {
        0 if text(at + 1).starts_with('=') => 1,
        0 if text(at + 1).starts_with('-') => 2,
        0 if text(at).starts_with(['*', '_']) => BOLD_LEVEL,
        0 => 2,
        signs => u8::try_from(signs).unwrap_or(BOLD_LEVEL),
    }
}

/// Collects what stands in the text; returns how many words of image texts and link titles are beyond a title.
fn items(text: &str, content: &mut Content) -> u64 {
    let mut beyond_titles = 0;
    let line_starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let place_of =
        |range: &Range<usize>| Place::Line(line_starts.partition_point(|&start| start <= range.start) as u64);
    let mut listing: Option<Listing> = None;
    let mut table: Option<Table> = None;
    let mut figure: Option<Figure> = None;
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(ToOwned::to_owned),
                    CodeBlockKind::Indented => None,
                };
                listing = Some(Listing { language, text: String::new(), place: place_of(&range) });
            }
            Event::End(TagEnd::CodeBlock) => {
                if let (Some(listing), Some(listings)) = (listing.take(), &mut content.listings) {
                    keep(listings, listing);
                }
            }
            Event::Text(piece) => {
                if let Some(listing) = &mut listing {
                    listing.text.push_str(&piece);
                } else if let Some(figure) = &mut figure {
                    figure.caption.get_or_insert_default().push_str(&piece);
                }
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                figure = Some(Figure { caption: None, target: target(&dest_url), place: place_of(&range) });
            }
            Event::End(TagEnd::Image) => {
                if let Some(figure) = figure.take() {
                    beyond_titles += beyond_title(figure.caption.as_deref().unwrap_or_default());
                    keep(&mut content.figure_list, figure);
                }
            }
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                beyond_titles += beyond_title(&title);
                if let Some(target) = target(&dest_url) {
                    keep(&mut content.links, Link { target, place: place_of(&range) });
                }
            }
            Event::Start(Tag::Table(columns)) => {
                table = Some(Table { rows: 0, columns: columns.len() as u64, place: place_of(&range) });
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                if let Some(table) = &mut table {
                    table.rows += 1;
                }
            }
            Event::End(TagEnd::Table) => {
                if let (Some(table), Some(tables)) = (table.take(), &mut content.tables) {
                    keep(tables, table);
                }
            }
            Event::Html(piece) | Event::InlineHtml(piece) => {
                beyond_titles += html_images(&piece, &place_of(&range), content);
            }
            _ => {}
        }
    }
    beyond_titles
}

/// What is longer than a title may be text that only a program reads.
fn beyond_title(title: &str) -> u64 {
    count_words(title).saturating_sub(TITLE_WORDS)
}

fn target(address: &str) -> Option<String> {
    let address = address.trim();
    (!address.is_empty()).then(|| address.to_owned())
}

fn html_images(html: &str, place: &Place, content: &mut Content) -> u64 {
    let mut beyond_titles = 0;
    for image in IMAGE.iter().flat_map(|image| image.find_iter(html)) {
        let mut figure = Figure { caption: None, target: None, place: place.clone() };
        for attribute in ATTRIBUTE.iter().flat_map(|attribute| attribute.captures_iter(image.as_str())) {
            let value = attribute.get(2).or_else(|| attribute.get(3)).and_then(|value| target(value.as_str()));
            if attribute[1].eq_ignore_ascii_case("src") {
                figure.target = value;
            } else {
                figure.caption = value;
            }
        }
        beyond_titles += beyond_title(figure.caption.as_deref().unwrap_or_default());
        keep(&mut content.figure_list, figure);
    }
    beyond_titles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_tables_listings_and_links_are_told_with_their_lines() {
        let text = "# Report\n\n![The cluster](img/a.png) and <img alt='CPU' src=\"cpu.png\">\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n\
                    ```sh title=x\nbash run.sh # https://in.example/code\n```\n\nSee [the code](src/main.py) and https://example.org/a_b.\n";
        let content = markdown(text);
        let figure = |caption: &str, target: Option<&str>| Figure {
            caption: Some(caption.into()),
            target: target.map(Into::into),
            place: Place::Line(3),
        };
        assert_eq!(content.figures, Some(2));
        assert_eq!(content.figure_list, [figure("The cluster", Some("img/a.png")), figure("CPU", Some("cpu.png"))]);
        assert_eq!(content.tables.unwrap(), [Table { rows: 3, columns: 2, place: Place::Line(5) }]);
        let listing = Listing {
            language: Some("sh".into()),
            text: "bash run.sh # https://in.example/code\n".into(),
            place: Place::Line(10),
        };
        assert_eq!(content.listings.unwrap(), [listing]);
        let links: Vec<String> = content.links.iter().map(|link| format!("{} @ {}", link.target, link.place)).collect();
        assert_eq!(
            links,
            ["https://in.example/code @ line 11", "src/main.py @ line 14", "https://example.org/a_b @ line 14"]
        );
    }

    #[test]
    fn what_nobody_sees_is_no_part_and_bold_lines_are_headings() {
        let text = "# Report\n\n<div style=\"display: none\">\n\nWe deploy the stack.\n\n</div>\n\n[//]: # (We ran it.)\n\n**Results:**\n\nSeen.\n";
        let content = markdown(text);
        let headings: Vec<String> = content.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
        assert_eq!(headings, ["Report @ line 1", "Results: @ line 11"]);
        assert_eq!(content.words, 3);
    }

    #[test]
    fn text_that_a_reader_may_not_see_is_counted() {
        let long = "Run the first script to launch all nine instances, and copy the keys of the lab into the profile before that, or it \
                    ends at once with an error that says so in one line.";
        for text in [
            format!("<font color=\"white\">{long}</font>\n"),
            format!("a <span style='color: #fff'>{long}</span>\n"),
            format!("![{long} {long}](a.png)\n"),
            format!("<img src=\"a.png\" alt=\"{long} {long}\">\n"),
            format!("[x](https://example.org \"{long} {long}\")\n"),
        ] {
            assert!(markdown(&text).unseen.words().is_some(), "{text}");
        }
        for text in [
            format!("<font color=\"blue\">{long}</font>\n"),
            format!("<span style=\"background-color: white\">{long}</span>\n"),
            "![The load balancer with its two groups of instances behind it](a.png)\n".repeat(9),
            format!("![{long}](a.png)\n\n").repeat(9),
            format!("![{long} {long}](a.png)\n\n{}", format!("{long}\n\n").repeat(9)),
            format!("{long}\n"),
        ] {
            assert_eq!(markdown(&text).unseen.words(), None, "{text}");
        }
    }

    #[test]
    fn blocks_of_html_are_read_as_what_they_show() {
        let content = markdown(
            "<h2>Results</h2>\n<p>See <a href=\"a.md\">this</a>.</p>\n<img src=\"b.png\" alt=\"CPU\">\n\n</x\n",
        );
        assert_eq!(content.headings, [Line::new("Results", Place::Line(1))]);
        assert_eq!((content.links[0].target.as_str(), content.figures), ("a.md", Some(1)));
        assert_eq!(content.figure_list[0].caption.as_deref(), Some("CPU"));
    }

    #[test]
    fn a_link_is_not_told_twice_and_lists_have_an_end() {
        let content = markdown("<https://example.org/x> [a](https://example.org/y) ![](b.png)\n");
        assert_eq!(content.links.len(), 2, "{:?}", content.links);
        assert_eq!(content.figure_list[0].caption, None);
        assert_eq!(markdown(&"![a](b)\n".repeat(2000)).figure_list.len(), super::super::MAX_ITEMS);
    }
}
