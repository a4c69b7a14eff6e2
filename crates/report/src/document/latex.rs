//! Text and sections out of LaTeX sources.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use super::{Content, Figure, Format, Line, Link, Listing, MAX_TEXT_BYTES, Place, Table, keep, too_long, words_in};
use stackmark_evidence::{Cause, Unreadable};

/// Files that include one another in a circle end here.
const MAX_DEPTH: u32 = 5;
/// Each is read anew from the repository.
const MAX_INCLUDED: usize = 200;

struct Patterns {
    section: Regex,
    include: Regex,
    accent: Regex,
    command: Regex,
    image: Regex,
    caption: Regex,
    link: Regex,
    begin: Regex,
    argument: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        section: Regex::new(r"\\(?:title|chapter|(?:sub){0,2}section|paragraph)\*?(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}").ok()?,
        include: Regex::new(r"\\(?:input|include|subfile)\{([^{}]+)\}").ok()?,
        accent: Regex::new(r#"\\(?:(['`^"~=.])|([cuvH])(?:\s|\{))\{?(\\?[A-Za-z])\}?"#).ok()?,
        command: Regex::new(r"\\(?:begin|end|usepackage|documentclass|label|ref|cite|includegraphics)\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})?|\\[A-Za-z]+\*?(?:\[[^\]]*\])?|[{}$~]|\\\\").ok()?,
        image: Regex::new(r"\\includegraphics\*?(?:\[[^\]]*\])?\{([^{}]*)\}").ok()?,
        caption: Regex::new(r"\\caption\*?(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}").ok()?,
        link: Regex::new(r"\\(?:href|url|lstinputlisting|inputminted\{[^{}]*\})(?:\[[^\]]*\])?\{([^{}]*)\}").ok()?,
        begin: Regex::new(r"\\begin\{(lstlisting|verbatim|Verbatim|minted|tabular[x*]?|longtable|figure|table)\*?\}(.*)").ok()?,
        argument: Regex::new(r"\{[^{}]*\}").ok()?,
    })
});

/// A document of its own, not a chapter of another.
pub(in super::super) fn is_main(source: &str) -> bool {
    source.contains("\\documentclass") || source.contains("\\begin{document}")
}

/// Reads `source`; `included` gives the text of another file of the same document by the path that the document writes.
///
/// # Errors
/// `Refused` where there is more text than a report has; `Malformed` where a chapter cannot be read.
pub(in super::super) fn latex(source: &str, included: &dyn Fn(&str) -> Option<String>) -> Result<Content, Unreadable> {
    let content = Content {
        format: Format::Latex,
        figures: Some(0),
        tables: Some(Vec::new()),
        listings: Some(Vec::new()),
        ..Content::default()
    };
    let Some(patterns) = PATTERNS.as_ref() else { return Ok(content) };
    let mut reader = Reader {
        patterns,
        included,
        content,
        inclusions: 0,
        in_comment: false,
        listing: None,
        table: None,
        in_float: None,
    };
    reader.append(source, None, 0)?;
    let mut content = reader.content;
    content.words = words_in(&content.lines);
    Ok(content)
}

/// Up to where a document was read.
struct Reader<'a> {
    patterns: &'static Patterns,
    included: &'a dyn Fn(&str) -> Option<String>,
    content: Content,
    inclusions: usize,
    /// The listing under way and the environment that ends it.
    listing: Option<(Listing, String)>,
    table: Option<Table>,
    /// In a `figure` or a `table`: how many figures there were before it.
    in_float: Option<usize>,
    in_comment: bool,
}

impl Reader<'_> {
    fn append(&mut self, source: &str, file: Option<&str>, depth: u32) -> Result<(), Unreadable> {
        if source.len() > MAX_TEXT_BYTES {
            return Err(too_long());
        }
        for (number, line) in (1..).zip(source.lines()) {
            let place = match file {
                None => Place::Line(number),
                Some(file) => Place::LineOf(number, file.to_owned()),
            };
            if self.is_in_listing(line) {
                self.content.push(Line { text: line.trim().to_owned(), place })?;
                continue;
            }
            let line = without_comment(line);
            // A statement that is put aside in a report is no part of it.
            self.in_comment |= line.contains("\\begin{comment}");
            if self.in_comment {
                self.in_comment = !line.contains("\\end{comment}");
                continue;
            }
            self.marks(line, &place);
            let text = plain(self.patterns, line);
            self.content.push(Line { text, place })?;
            for other in self.patterns.include.captures_iter(line).filter(|_| depth < MAX_DEPTH) {
                self.inclusions += 1;
                if self.inclusions > MAX_INCLUDED {
                    break;
                }
                let name = other[1].trim();
                match (self.included)(name) {
                    Some(text) => self.append(&text, Some(&other[1]), depth + 1)?,
                    // A chapter that is not there is not one that was not written.
                    None if !name.contains('.') || name.ends_with(".tex") => {
                        let detail = format!("it includes {name}, which cannot be read in the repository");
                        return Err(Unreadable::new(Cause::Malformed, detail));
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Takes a line of code into the listing under way, or ends it.
    fn is_in_listing(&mut self, line: &str) -> bool {
        let Some((listing, environment)) = &mut self.listing else { return false };
        if !line.contains(&format!("\\end{{{environment}")) {
            listing.text.push_str(line);
            listing.text.push('\n');
            return true;
        }
        if let (Some((listing, _)), Some(listings)) = (self.listing.take(), &mut self.content.listings) {
            keep(listings, listing);
        }
        false
    }

    /// Headings, figures, tables, links and the begin of a listing.
    fn marks(&mut self, line: &str, place: &Place) {
        let patterns = self.patterns;
        for heading in patterns.section.captures_iter(line) {
            let text = plain(patterns, &heading[1]);
            if !text.is_empty() {
                self.content.headings.push(Line { text, place: place.clone() });
            }
        }
        for begin in patterns.begin.captures_iter(line) {
            match &begin[1] {
                "figure" | "table" => self.in_float = Some(self.content.figure_list.len()),
                name if name.starts_with("tab") || name == "longtable" => {
                    let columns = columns_in(&begin[2]);
                    self.table = Some(Table { rows: 0, columns, place: place.clone() });
                }
                name => {
                    let language = patterns.argument.find(&begin[2]).filter(|_| name == "minted");
                    let language = language.map(|found| found.as_str().trim_matches(['{', '}']).to_owned());
                    let listing = Listing { language, text: String::new(), place: place.clone() };
                    self.listing = Some((listing, name.to_owned()));
                }
            }
        }
        self.row(line);
        let images = patterns.image.captures_iter(line).map(|image| Some(image[1].trim().to_owned()));
        let drawings = line.matches("\\begin{tikzpicture}").map(|_| None);
        for target in images.chain(drawings) {
            self.content.figures = self.content.figures.map(|figures| figures + 1);
            keep(&mut self.content.figure_list, Figure { caption: None, target, place: place.clone() });
        }
        // A caption says the same of each image in its float.
        if let (Some(first), Some(caption)) = (self.in_float, patterns.caption.captures(line)) {
            let caption = plain(patterns, &caption[1]);
            for figure in self.content.figure_list.iter_mut().skip(first) {
                figure.caption.get_or_insert_with(|| caption.clone());
            }
        }
        if line.contains("\\end{figure") || line.contains("\\end{table") {
            self.in_float = None;
        }
        for link in patterns.link.captures_iter(line) {
            keep(&mut self.content.links, Link { target: link[1].trim().to_owned(), place: place.clone() });
        }
    }

    fn row(&mut self, line: &str) {
        let Some(table) = &mut self.table else { return };
        table.rows += line.matches("\\\\").count() as u64;
        if ["\\end{tab", "\\end{longtable"].iter().any(|end| line.contains(end))
            && let (Some(table), Some(tables)) = (self.table.take(), &mut self.content.tables)
        {
            keep(tables, table);
        }
    }
}

fn plain(patterns: &Patterns, line: &str) -> String {
    let line = patterns.accent.replace_all(line, accented);
    let line = line.replace("\\&", "&").replace("\\_", "_").replace("\\%", "%").replace("\\#", "#");
    let words = patterns.command.replace_all(&line, " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many columns `{|l|c|p{3cm}|}` says; `{\textwidth}{lX}` has its width first.
fn columns_in(arguments: &str) -> u64 {
    let (mut depth, mut columns) = (0_u32, 0);
    for c in arguments.chars() {
        match c {
            '{' => {
                depth += 1;
                if depth == 1 {
                    columns = 0;
                }
            }
            '}' => depth = depth.saturating_sub(1),
            'l' | 'c' | 'r' | 'p' | 'm' | 'b' | 'X' if depth == 1 => columns += 1,
            _ => {}
        }
    }
    columns.max(1)
}

/// `\'e` is `é`.
fn accented(letter: &Captures<'_>) -> String {
    let mark = match letter.get(1).or_else(|| letter.get(2)).map(|mark| mark.as_str()) {
        Some("'") => "\u{301}",
        Some("`") => "\u{300}",
        Some("^") => "\u{302}",
        Some("\"") => "\u{308}",
        Some("~") => "\u{303}",
        Some("c") => "\u{327}",
        Some("v") => "\u{30c}",
        _ => "",
    };
    format!("{}{mark}", letter[3].trim_start_matches('\\')).nfc().collect()
}

/// Up to a `%` that is not escaped.
fn without_comment(line: &str) -> &str {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c == '%' && !escaped {
            return &line[..at];
        }
        escaped = c == '\\' && !escaped;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_text_and_included_files_are_read() {
        let source = "\\documentclass{article}\n\\begin{document}\n\\section*{D\\'eploiement {\\it du} service}\n\
                      50\\% done % not \\section{this}\n\\input{parts/end}\n\\includegraphics[width=1cm]{a.png}\n\\end{document}\n";
        let included =
            |path: &str| (path == "parts/end").then(|| "\\subsection{Résultats}\n\\input{parts/end}\n".to_owned());
        let content = latex(source, &included).unwrap();
        let headings: Vec<String> = content.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
        assert_eq!(headings[0], "Déploiement du service @ line 3");
        assert_eq!(headings[1], "Résultats @ line 1 of parts/end");
        assert_eq!(headings.len(), 1 + MAX_DEPTH as usize, "a file that includes itself ends");
        assert_eq!(content.figures, Some(1));
        assert!(content.lines.iter().any(|line| line.text == "50% done"));
        assert!(is_main(source) && !is_main("\\section{A}"));
    }

    #[test]
    fn what_the_environments_hold_is_told() {
        let source = "\\begin{figure}[h]\n\\includegraphics[width=1cm]{img/a b.png}\n\\caption{The \\textbf{cluster}}\n\\end{figure}\n\
                      \\begin{tabular}{|l|c|p{3cm}|}\na & b & c \\\\\n1 & 2 & 3 \\\\\n\\end{tabular}\n\
                      \\begin{minted}[frame=single]{bash}\nls -l % all\n\\section{no}\n\\end{minted}\n\
                      \\begin{comment}\n\\section{What you must do}\n\\end{comment}\n\
                      See \\href{https://example.org/a}{there}. Fran\\c{c}ais, na\\\"{\\i}f.\n";
        let content = latex(source, &|_| None).unwrap();
        let figure =
            Figure { caption: Some("The cluster".into()), target: Some("img/a b.png".into()), place: Place::Line(2) };
        assert_eq!(content.figure_list, [figure]);
        assert_eq!(content.tables.unwrap(), [Table { rows: 2, columns: 3, place: Place::Line(5) }]);
        let text = "ls -l % all\n\\section{no}\n".to_owned();
        assert_eq!(content.listings.unwrap(), [Listing { language: Some("bash".into()), text, place: Place::Line(9) }]);
        assert_eq!(content.links, [Link { target: "https://example.org/a".into(), place: Place::Line(16) }]);
        assert!(content.headings.is_empty(), "{:?}", content.headings);
        assert!(content.lines.iter().any(|line| line.text.contains("Français, naïf")), "{:?}", content.lines);
    }

    #[test]
    fn a_chapter_that_is_not_there_is_not_one_that_was_not_written() {
        let nothing = |_: &str| None;
        assert_eq!(latex("\\input{parts/results}\n", &nothing).unwrap_err().cause, Cause::Malformed);
        assert!(latex("\\input{plot.pgf}\nText.\n", &nothing).is_ok(), "a drawing is no chapter");
    }

    #[test]
    fn what_includes_a_file_again_and_again_ends() {
        let source = "\\input{a}\n".repeat(100);
        let reads = std::cell::Cell::new(0);
        let included = |_: &str| {
            reads.set(reads.get() + 1);
            Some(source.clone())
        };
        assert!(latex(&source, &included).is_ok() && reads.get() <= MAX_INCLUDED, "{}", reads.get());
        assert!(latex(&"x".repeat(MAX_TEXT_BYTES + 1), &included).is_err());
    }
}
