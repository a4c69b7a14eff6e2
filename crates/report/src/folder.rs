//! A report in several Markdown files: a folder, or a wiki, with an index that says their order.

use std::collections::BTreeMap;

use super::candidates::{ByName, Tier, by_name, is_report_folder, is_strong_folder};
use super::document::{Content, Format, MAX_TEXT_BYTES, Place, markdown, too_long};
use super::open::{Document, Tree};
use super::{reader, sha256};
use stackmark_code::text::decode;
use stackmark_collect::classify::why_excluded;
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::Unreadable;

/// More files are a site on something, not a report.
const MAX_FILES: usize = 60;

/// A folder that may be the report.
pub(super) struct Folder<'a> {
    pub(super) path: String,
    pub(super) tier: Tier,
    files: Vec<&'a TreeFile>,
}

/// The outermost folders for reports that hold several Markdown files.
pub(super) fn folders(files: &[TreeFile]) -> Vec<Folder<'_>> {
    let mut found: BTreeMap<String, Vec<&TreeFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.link && why_excluded(&file.path, None) != Some("vendored")) {
        let ByName::Candidate(candidate) = by_name(&file.path) else { continue };
        if !matches!(candidate.extension.as_str(), "md" | "markdown") {
            continue;
        }
        let mut end = 0;
        for part in file.path.split('/') {
            end += part.len();
            if end < file.path.len() && is_report_folder(part) {
                found.entry(file.path[..end].to_owned()).or_default().push(file);
                break;
            }
            end += 1;
        }
    }
    let several = found.into_iter().filter(|(_, files)| (2..=MAX_FILES).contains(&files.len()));
    several
        .map(|(path, files)| {
            // Beside a file that is the report by its name, the others are its neighbours.
            let by_itself =
                |file: &&TreeFile| matches!(by_name(&file.path), ByName::Candidate(c) if c.tier == Tier::Strong);
            let name = path.rsplit('/').next().unwrap_or_default();
            let strong = is_strong_folder(name) && !files.iter().any(by_itself);
            Folder { tier: if strong { Tier::Strong } else { Tier::Likely }, path, files }
        })
        .collect()
}

/// The Markdown files below a folder that somebody named.
pub(super) fn named<'a>(path: &str, files: &'a [TreeFile]) -> Option<Folder<'a>> {
    let path = path.trim_start_matches("./").trim_matches('/');
    let inside = |file: &&TreeFile| file.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let is_markdown = |file: &&TreeFile| !file.link && (file.path.ends_with(".md") || file.path.ends_with(".markdown"));
    let files: Vec<&TreeFile> = files.iter().filter(inside).filter(is_markdown).take(MAX_FILES).collect();
    (!files.is_empty()).then(|| Folder { path: path.to_owned(), tier: Tier::Strong, files })
}

impl Folder<'_> {
    /// Reads all files as one document: the index, what it links to in that order, and then the rest by name.
    ///
    /// # Errors
    /// Those of its files: without one of them the very part might be missing that it holds.
    pub(super) fn read(&self, tree: &Tree<'_>) -> Result<Document, Unreadable> {
        let mut read: Vec<(String, Vec<u8>, Content)> = Vec::new();
        // Before the first is parsed: what is too long as a whole need not be read in parts.
        if self.files.iter().map(|file| file.size).sum::<u64>() > MAX_TEXT_BYTES as u64 {
            return Err(too_long());
        }
        for file in &self.files {
            let bytes = tree.bytes_of(file)?;
            let content = if bytes.len() <= reader::SHORT {
                markdown(&decode(&bytes))
            } else {
                reader::read("md", bytes.clone(), &tree.limits.documents)?
            };
            read.push((file.path[self.path.len() + 1..].to_owned(), bytes, content));
        }
        read.sort_by_cached_key(|(name, ..)| by_number(name));
        let index = read.iter().position(|(name, ..)| is_index(name));
        let linked: Vec<String> = index.map(|at| targets(&read[at].2)).unwrap_or_default();
        read.sort_by_cached_key(|(name, ..)| {
            let place = linked.iter().position(|target| same_page(target, name));
            (!is_index(name), place.unwrap_or(usize::MAX))
        });
        let mut all = Content::default();
        all.format = Format::Markdown;
        let mut bytes = Vec::new();
        let mut made_of = Vec::new();
        for (name, file, content) in read {
            let path = format!("{}/{name}", self.path);
            bytes.extend(file);
            all.append(content, |place| match place {
                Place::Line(number) => Place::LineOf(number, path.clone()),
                other => other,
            })?;
            made_of.push(path);
        }
        Ok(Document { path: self.path.clone(), made_of, sha256: sha256(&bytes), content: all })
    }
}

/// `2-setup.md` before `10-results.md`.
fn by_number(name: &str) -> String {
    let mut key = String::new();
    let mut digits = String::new();
    for c in name.to_lowercase().chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>12}"));
            digits.clear();
        }
        key.push(c);
    }
    key
}

fn is_index(name: &str) -> bool {
    let name = name.to_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    matches!(stem, "home" | "index" | "readme" | "sommaire" | "indice" | "_sidebar")
}

fn targets(index: &Content) -> Vec<String> {
    index.links.iter().map(|link| link.target.split(['#', '?']).next().unwrap_or_default().to_owned()).collect()
}

/// A wiki links to its pages without their ending, and with hyphens or `%20` for spaces.
fn same_page(target: &str, name: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim_start_matches("./").to_lowercase().replace("%20", "-").replace(' ', "-");
        text.strip_suffix(".md").or_else(|| text.strip_suffix(".markdown")).unwrap_or(&text).to_owned()
    };
    !target.is_empty() && plain(target) == plain(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_in_the_order_of_their_numbers() {
        let mut names = ["10-end.md", "2-setup.md", "1-Intro.md"];
        names.sort_by_cached_key(|name| by_number(name));
        assert_eq!(names, ["1-Intro.md", "2-setup.md", "10-end.md"]);
        assert!(same_page("Deployment-procedure", "Deployment procedure.md") && same_page("./a%20b.md", "a-b.md"));
        assert!(!same_page("", ".md"));
    }

    #[test]
    fn documents_are_joined_with_their_places() {
        let mut all = Content::default();
        for (path, text) in [("a.md", "# One\n\n![x](y.png)\n"), ("b.md", "# Two\n")] {
            all.append(markdown(text), |_| Place::LineOf(1, path.to_owned())).unwrap();
        }
        let headings: Vec<String> = all.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
        assert_eq!(headings, ["One @ line 1 of a.md", "Two @ line 1 of b.md"]);
        assert_eq!((all.words, all.figures, all.figure_list.len()), (3, Some(1), 1));
    }
}
