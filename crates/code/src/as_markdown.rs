//! Relatives of Markdown, written as Markdown: HTML within it, AsciiDoc and Org.
//!
//! Each line stays where it was, so that places can be told.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Endings of the formats that are read as Markdown, in lower case.
pub const ENDINGS: [&str; 10] = ["md", "markdown", "mdx", "mkd", "mdown", "qmd", "rmd", "adoc", "asciidoc", "org"];

/// The text of a file with this ending as Markdown; what is not known of the ending is taken for Markdown.
pub fn as_markdown<'a>(ending: &str, text: &'a str) -> Cow<'a, str> {
    match ending {
        "adoc" | "asciidoc" => asciidoc(text).into(),
        "org" => org(text).into(),
        "html" | "htm" => html(text, true).into(),
        _ if text.contains("</") => html(text, false).into(),
        _ => text.into(),
    }
}

/// `== Title` → `## Title`; listings between lines of hyphens; `image::a.png[b]` → `![b](a.png)`.
fn asciidoc(text: &str) -> String {
    each_line(text, |line| {
        let bare = line.trim();
        if let Some(heading) = heading_of(bare, '=') {
            return heading;
        }
        if bare.len() >= 4 && bare.chars().all(|c| matches!(c, '-' | '.')) {
            return "```".to_owned();
        }
        if let Some((target, caption)) = bare.strip_prefix("image::").and_then(|image| image.split_once('[')) {
            return format!("![{}]({target})", caption.trim_end_matches(']'));
        }
        let is_attribute = (bare.starts_with('[') && bare.ends_with(']')) || (bare.starts_with(':') && bare.len() > 1);
        if is_attribute { String::new() } else { line.to_owned() }
    })
}

/// `** Title` → `## Title`; blocks of source; `[[target][text]]` → `[text](target)`.
fn org(text: &str) -> String {
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\[\[(?:file:)?([^\[\]]+)\](?:\[([^\[\]]*)\])?\]").ok());
    each_line(text, |line| {
        if let Some(heading) = heading_of(line, '*') {
            return heading;
        }
        let bare = line.trim();
        let lower = bare.to_lowercase();
        if lower.starts_with("#+begin_") || lower.starts_with("#+end_") {
            return "```".to_owned();
        }
        if lower.starts_with("#+title:") {
            return format!("# {}", bare.get("#+title:".len()..).unwrap_or_default().trim());
        }
        if bare.starts_with("#+") || bare.starts_with("# ") {
            return String::new();
        }
        let linked = |found: &Captures<'_>| {
            let text = found.get(2).map_or_else(|| found[1].to_owned(), |text| text.as_str().to_owned());
            format!("[{text}]({})", &found[1])
        };
        match LINK.as_ref() {
            Some(link) => link.replace_all(line, linked).into_owned(),
            None => line.to_owned(),
        }
    })
}

/// A heading that so many signs begin.
fn heading_of(line: &str, sign: char) -> Option<String> {
    let level = line.chars().take_while(|c| *c == sign).count();
    let title = line.get(level..)?.strip_prefix(' ')?.trim();
    let title = title.trim_end_matches(sign).trim_end();
    ((1..=6).contains(&level) && !title.is_empty()).then(|| format!("{} {title}", "#".repeat(level)))
}

fn each_line(text: &str, mut written: impl FnMut(&str) -> String) -> String {
    let mut whole = String::with_capacity(text.len() + 16);
    for line in text.lines() {
        whole.push_str(&written(line));
        whole.push('\n');
    }
    whole
}

struct Tags {
    /// A line that begins a block of HTML.
    begins: Regex,
    tag: Regex,
}

static TAGS: LazyLock<Option<Tags>> = LazyLock::new(|| {
    Some(Tags {
        begins: Regex::new(r"^ {0,3}</?[A-Za-z][A-Za-z0-9]*(?:\s|/?>|$)").ok()?,
        tag: Regex::new(r"(?s)<(/?)([A-Za-z][A-Za-z0-9]*)\b([^<>]*)>").ok()?,
    })
});

/// Blocks of HTML as Markdown, up to the next blank line as Markdown has it; all of the text if it is `whole`.
fn html(text: &str, whole: bool) -> String {
    let Some(tags) = TAGS.as_ref() else { return text.to_owned() };
    let mut state = Html::default();
    let mut in_block = whole;
    let mut fence: Option<&str> = None;
    each_line(text, |line| {
        let bare = line.trim();
        if !in_block {
            let mark = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark));
            match (fence, mark) {
                (None, Some(_)) => fence = mark,
                (Some(open), Some(mark)) if open == mark => fence = None,
                _ => {}
            }
            in_block = fence.is_none() && mark.is_none() && tags.begins.is_match(line);
        }
        if !in_block {
            return line.to_owned();
        }
        if bare.is_empty() {
            in_block = whole || state.is_open();
            return String::new();
        }
        state.line(bare, tags)
    })
}

/// What is open at the end of a line.
#[derive(Default)]
struct Html {
    in_code: bool,
    /// Of a heading whose text has not come.
    level: Option<usize>,
    /// An element whose text nobody reads.
    skipping: Option<String>,
    /// Where links lead whose text has not ended.
    links: Vec<String>,
}

impl Html {
    /// Whether a blank line does not end the block.
    fn is_open(&self) -> bool {
        self.in_code || self.skipping.is_some()
    }

    fn line(&mut self, line: &str, tags: &Tags) -> String {
        let mut written = String::with_capacity(line.len());
        let mut is_code = self.in_code;
        let mut at = 0;
        for found in tags.tag.captures_iter(line) {
            let Some(tag) = found.get(0) else { continue };
            self.text(&line[at..tag.start()], &mut written);
            at = tag.end();
            self.tag(&found[2].to_lowercase(), &found[1] == "/", &found[3], &mut written);
            is_code |= self.in_code;
        }
        self.text(&line[at..], &mut written);
        let written = written.trim();
        // A line of a listing is code of its own.
        if is_code && !written.is_empty() { format!("`{}`", written.replace('`', "")) } else { written.to_owned() }
    }

    fn text(&mut self, text: &str, written: &mut String) {
        if self.skipping.is_some() {
            return;
        }
        if self.level.is_some() && !text.trim().is_empty() {
            self.begin(written);
            written.push_str(text.trim_start());
        } else {
            written.push_str(text);
        }
    }

    /// The signs of the heading that is open.
    fn begin(&mut self, written: &mut String) {
        if let Some(level) = self.level.take() {
            written.push_str(&"#".repeat(level));
            written.push(' ');
        }
    }

    fn tag(&mut self, name: &str, closes: bool, attributes: &str, written: &mut String) {
        if let Some(skipped) = &self.skipping {
            if closes && skipped == name {
                self.skipping = None;
            }
            return;
        }
        match name {
            "script" | "style" | "template" | "head" if !closes => self.skipping = Some(name.to_owned()),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.level = name[1..].parse().ok().filter(|_| !closes);
            }
            // A title of what it folds away, if it reads as one.
            "summary" => written.push('_'),
            "pre" => self.in_code = !closes,
            "code" | "kbd" | "tt" if !self.in_code => written.push('`'),
            "b" | "strong" => {
                self.begin(written);
                written.push_str("**");
            }
            "li" if !closes => written.push_str("- "),
            "tr" if !closes => written.push_str("| "),
            "td" | "th" if closes => written.push_str(" | "),
            "br" => written.push(' '),
            "a" if closes => {
                if let Some(target) = self.links.pop() {
                    written.push_str(&format!("]({target})"));
                }
            }
            "a" => {
                if let Some(target) = attribute(attributes, "href").filter(|target| is_target(target)) {
                    self.links.push(target);
                    self.begin(written);
                    written.push('[');
                }
            }
            "img" => {
                if let Some(target) = attribute(attributes, "src").filter(|target| is_target(target)) {
                    let caption = attribute(attributes, "alt").unwrap_or_default().replace(['[', ']'], "");
                    written.push_str(&format!("![{caption}]({target})"));
                }
            }
            _ => {}
        }
    }
}

/// The value of an attribute in quotes.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let (_, rest) = attributes.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, _) = rest[1..].split_once(quote)?;
    Some(value.to_owned())
}

/// Whether an address can stand in Markdown as it is.
fn is_target(value: &str) -> bool {
    !value.is_empty() && !value.contains([' ', '(', ')', '<', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::outline;

    fn headings(ending: &str, text: &str) -> Vec<String> {
        let written = as_markdown(ending, text);
        assert_eq!(written.lines().count(), text.lines().count(), "{written}");
        outline(&written).headings.into_iter().map(|(line, title)| format!("{line} {title}")).collect()
    }

    #[test]
    fn blocks_of_html_have_headings_words_and_code() {
        let text = "<h1 align=\"center\">Two clusters</h1>\n<p>A <b>Flask</b> server.</p>\n\n<h2>\n  How to run\n</h2>\n<pre><code>python main.py\n</code></pre>\n\nPlain `a<b>` text.\n";
        assert_eq!(headings("md", text), ["1 Two clusters", "5 How to run"]);
        let outline = outline(&as_markdown("md", text));
        assert_eq!(outline.inline_code, ["python main.py", "a<b>"]);
        assert_eq!((outline.words, outline.lead_words), (13, 3));
    }

    #[test]
    fn code_and_lines_outside_of_html_stay_as_they_are() {
        for text in ["```html\n<h1>No</h1>\n```\n", "a <b>bold</b> word\n", "<https://example.org/a> </x\n"] {
            assert_eq!(as_markdown("md", text), text);
        }
        assert_eq!(as_markdown("md", "<style>\np { a: b }\n\n</style>\n").trim(), "");
    }

    #[test]
    fn links_and_pictures_of_html_are_kept() {
        let text = "<div><a href=\"src/main.py\">the code</a> <img src='a.png' alt=\"CPU\"></div>\n";
        assert_eq!(as_markdown("md", text), "[the code](src/main.py) ![CPU](a.png)\n");
        assert_eq!(as_markdown("md", "<pre>make</pre>\n"), "`make`\n");
        let folded = "<details><summary>Results</summary>\n";
        assert_eq!(as_markdown("md", folded), "_Results_\n");
        assert_eq!(as_markdown("md", "<h2><b>Results</b></h2>\n"), "## **Results**\n");
    }

    #[test]
    fn asciidoc_and_org_have_their_headings_and_listings() {
        let text = "= Two clusters\n:toc:\n\nWords.\n\n== How to run\n\n[source,bash]\n----\npython main.py\n----\n";
        assert_eq!(headings("adoc", text), ["1 Two clusters", "6 How to run"]);
        assert_eq!(outline(&as_markdown("adoc", text)).code_blocks, ["python main.py\n"]);
        let text = "#+TITLE: Two clusters\n\nSee [[file:a.py][the code]].\n\n* How to run\n#+begin_src sh\npython main.py\n#+end_src\n";
        assert_eq!(headings("org", text), ["1 Two clusters", "5 How to run"]);
        assert_eq!(outline(&as_markdown("org", text)).code_blocks, ["python main.py\n"]);
    }
}
