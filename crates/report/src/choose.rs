//! Which of the candidates is the report.

use super::candidates::{ByName, Candidate, Tier, assignment_of, by_name, is_report_folder};
use super::document::{Content, Format};
use super::open::{Document, Failed, Tree};
use super::{folder, members, parts};
use stackmark_collect::classify::why_excluded;
use stackmark_collect::tree::{TreeFile, stands_above};
use stackmark_evidence::{Cause, Team, Unreadable};

/// The best by name are opened, no more: a repository may hold thousands of Markdown files.
const MAX_OPENED: usize = 24;
const MAX_OTHERS: usize = 20;
/// A README with fewer words is hardly meant as the report; with fewer than half of them it is none.
const README_WORDS: u64 = 200;
/// A document of another name needs this much to be the report; half of the words and two parts make it a question.
const OTHER_WORDS: u64 = 200;
const OTHER_PARTS: u64 = 3;
const LIKELY_WORDS: u64 = 40;
/// With fewer parts, a name that says report says no more than one that may.
const STRONG_PARTS: u64 = 2;
/// With so many, a README is the report, whatever else there is that does not open.
const WHOLE_PARTS: u64 = 6;
const STATEMENT_PHRASES: usize = 4;
/// Fewer words a page, over so many pages, are slides.
const SLIDE_WORDS: u64 = 60;
const SLIDE_PAGES: u64 = 5;

/// The document taken for the report.
pub(super) struct Chosen {
    pub(super) path: String,
    /// The files that it is made of, where it is not that one alone.
    pub(super) made_of: Vec<String>,
    pub(super) bytes_sha256: String,
    pub(super) content: Content,
    pub(super) found: parts::Found,
    pub(super) because: String,
    pub(super) others: Vec<String>,
    pub(super) tier: Tier,
    /// Why only a person can tell whether it is the report.
    pub(super) doubt: Option<String>,
}

pub(super) enum Choice {
    Found(Box<Chosen>),
    /// What is the report by its name cannot be read.
    Unreadable(Unreadable),
    /// Nothing is; the note says what was looked for.
    None(String),
}

/// A candidate that was opened.
struct Read {
    document: Document,
    tier: Tier,
    found: parts::Found,
    points: i64,
    why: String,
    doubt: Option<String>,
}

/// The document at `path`, which the roster or the student names; nothing else is looked at.
pub(super) fn choose_named(tree: &Tree<'_>, path: &str, team: &Team) -> Choice {
    // A roster's paths begin at the repository's root; a team's folder may be meant all the same.
    let below =
        team.folder.as_ref().map(|folder| format!("{}/{}", folder.trim_matches('/'), path.trim_start_matches("./")));
    let paths = std::iter::once(path.to_owned()).chain(below);
    for path in paths {
        let opened = if let Some(file) = tree.find(&path) {
            let file = if file.link { tree.target(file).unwrap_or(file) } else { file };
            let extension = file.path.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
            tree.open(file, &extension.unwrap_or_default(), true)
        } else if let Some(folder) = folder::named(&path, tree.files).or_else(|| folder::named(&path, tree.beside)) {
            folder.read(tree).map_err(Failed::Unreadable)
        } else {
            continue;
        };
        return match opened {
            Ok(document) => {
                // Whoever named it has told.
                let read = Read { doubt: None, ..measured(document, Tier::Strong, false, team) };
                Choice::Found(Box::new(read.chosen("it is named as the report", Vec::new())))
            }
            Err(Failed::Unreadable(failure)) => Choice::Unreadable(failure),
            Err(Failed::Rejected(why)) => {
                Choice::Unreadable(Unreadable::new(Cause::Malformed, format!("{path}: {why}")))
            }
        };
    }
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let alike: Vec<&str> =
        tree.all().map(|file| file.path.as_str()).filter(|known| name(known) == name(path)).take(3).collect();
    let hint = if alike.is_empty() { String::new() } else { format!(" (there is {})", alike.join(", ")) };
    let detail = format!("{path} is named as the report, and the graded commit has no such file{hint}");
    Choice::Unreadable(Unreadable::new(Cause::Unreachable, detail))
}

/// The best of all candidates; where the graded folder has none but a README, one that stands beside that folder.
pub(super) fn choose(tree: &Tree<'_>, team: &Team) -> Choice {
    fn is_certain(chosen: &Chosen) -> bool {
        chosen.tier > Tier::Readme && chosen.doubt.is_none()
    }
    let inside = choose_among(tree, team);
    let (Some(folder), false) = (team.folder.as_deref(), tree.beside.is_empty()) else { return inside };
    match &inside {
        Choice::Found(chosen) if is_certain(chosen) => return inside,
        Choice::Unreadable(_) => return inside,
        Choice::Found(_) | Choice::None(_) => {}
    }
    let near: Vec<TreeFile> = tree.beside.iter().filter(|file| is_near(&file.path, folder)).cloned().collect();
    let outside = choose_among(&Tree { files: &near, ..*tree }, team);
    match (inside, outside) {
        (Choice::Found(own), Choice::Found(chosen)) if !is_certain(&chosen) => Choice::Found(own),
        (own, Choice::Found(mut chosen)) => {
            chosen.because = format!("it stands beside the graded folder, and {}", chosen.because);
            if let Choice::Found(own) = own {
                chosen.others.push(format!("{}: {}", own.path, own.because));
            }
            Choice::Found(chosen)
        }
        (_, Choice::Unreadable(failure)) => Choice::Unreadable(failure),
        (Choice::None(note), Choice::None(_)) => {
            Choice::None(format!("{note}; it was looked for in {folder} and in the folders above it"))
        }
        (own, Choice::None(_)) => own,
    }
}

/// Whether a file above the graded folder, or in a report folder there, may be this assignment's and not another's.
fn is_near(path: &str, folder: &str) -> bool {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let last = parent.rsplit('/').next().unwrap_or_default();
    if !(stands_above(path, folder) || is_report_folder(last) && stands_above(parent, folder)) {
        return false;
    }
    let own = folder.trim_matches('/').rsplit('/').find_map(assignment_of);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match (own, assignment_of(stem).or_else(|| assignment_of(last))) {
        (Some(own), Some(other)) => own == other,
        _ => true,
    }
}

/// The best of the candidates among `tree.files`.
fn choose_among(tree: &Tree<'_>, team: &Team) -> Choice {
    let mut others: Vec<String> = Vec::new();
    let mut failed: Vec<(Tier, Unreadable)> = Vec::new();
    let mut candidates = by_names(tree, &mut others, &mut failed);
    // A README further down is about that folder, and often some tool's own.
    let depth = |file: &TreeFile| file.path.matches('/').count();
    let top = candidates.iter().filter(|(_, c)| c.tier == Tier::Readme).map(|(file, _)| depth(file)).min();
    candidates.retain(|(file, candidate)| candidate.tier != Tier::Readme || Some(depth(file)) == top);
    candidates.sort_by_key(|(file, candidate)| {
        (
            std::cmp::Reverse((candidate.tier, candidate.in_report_folder)),
            file.path.matches('/').count(),
            file.path.clone(),
        )
    });
    candidates.dedup_by(|later, first| later.0.path == first.0.path);
    for (file, _) in candidates.drain(candidates.len().min(MAX_OPENED)..) {
        others.push(format!("{}: not opened, as {MAX_OPENED} others come first by name", file.path));
    }

    let mut read: Vec<Read> = Vec::new();
    let mut consider =
        |path: &str, tier: Tier, strict: Tier, in_report_folder: bool, opened: Result<Document, Failed>| match opened
            .map(|document| measured(document, tier, in_report_folder, team))
        {
            Ok(document) => match why_not(strict, &document) {
                Some(why) => others.push(format!("{path}: {why}")),
                None => read.push(document),
            },
            Err(Failed::Rejected(why)) => others.push(format!("{path}: {why}")),
            Err(Failed::Unreadable(failure)) => {
                others.push(failure.detail.clone());
                failed.push((tier, failure));
            }
        };
    for (file, candidate) in candidates {
        let opened = match tree.open(file, &candidate.extension, false) {
            // A plot that does not open as a text is a plot.
            Err(Failed::Unreadable(_)) if candidate.named_otherwise => {
                Err(Failed::Rejected("by its name it is none, and it does not open".to_owned()))
            }
            opened => opened,
        };
        consider(&file.path, candidate.tier, candidate.tier, candidate.in_report_folder, opened);
    }
    for folder in folder::folders(tree.files) {
        // A folder of documentation has to read as a report.
        let strict = if folder.tier == Tier::Strong { Tier::Strong } else { Tier::Other };
        consider(&folder.path, folder.tier, strict, true, folder.read(tree).map_err(Failed::Unreadable));
    }
    read.sort_by(|a, b| {
        let rank = |read: &Read| (read.doubt.is_none(), read.rank(), read.points);
        rank(b).cmp(&rank(a)).then_with(|| a.document.path.cmp(&b.document.path))
    });

    // The report's own name on a file that does not open: another document would be graded in its place.
    let best = read.first().map(|document| if document.doubt.is_some() { Tier::Readme } else { document.tier });
    let failed_first = failed.iter().find(|(tier, _)| *tier >= Tier::Likely && Some(*tier) > best);
    // Where nothing else can be the report, what did not open may be it, whatever its name. A README with many parts is it.
    let only_readme =
        best.is_none_or(|tier| tier == Tier::Readme) && !read.first().is_some_and(Read::is_a_whole_report);
    let failed_at_all = || failed.iter().find(|(tier, _)| only_readme && *tier != Tier::Readme);
    if let Some((_, failure)) = failed_first.or_else(failed_at_all) {
        return Choice::Unreadable(failure.clone());
    }
    let mut read = read.into_iter();
    let Some(chosen) = read.next() else {
        return Choice::None(nothing_found(&others));
    };
    let is_part = |path: &str| chosen.document.made_of.iter().any(|part| part == path);
    others.retain(|other| !other.split_once(": ").is_some_and(|(path, _)| is_part(path)));
    let rest = read.filter(|other| !is_part(&other.document.path));
    others.extend(rest.map(|other| format!("{}: {}", other.document.path, other.why)));
    others.sort();
    others.truncate(MAX_OTHERS);
    let because = chosen.tier.in_words();
    Choice::Found(Box::new(chosen.chosen(because, others)))
}

/// The files whose names let them be the report; a link stands for the file that it leads to.
fn by_names<'a>(
    tree: &Tree<'a>,
    others: &mut Vec<String>,
    failed: &mut Vec<(Tier, Unreadable)>,
) -> Vec<(&'a TreeFile, Candidate)> {
    let mut candidates = Vec::new();
    for file in tree.files {
        let excluded = why_excluded(&file.path, None);
        // Templates of the forge are nobody's work either.
        if excluded == Some("vendored") || file.path.starts_with(".github/") {
            continue;
        }
        match by_name(&file.path) {
            // LaTeX is often built into a folder for generated files; other documents there are nobody's work.
            ByName::Candidate(candidate) if excluded == Some("generated") && candidate.tier < Tier::Strong => {}
            ByName::Candidate(candidate) if file.link => match tree.target(file) {
                Some(target) => candidates.push((target, candidate)),
                None => {
                    let detail = format!(
                        "{}: a symbolic link out of what is graded, which is not followed; commit the file itself",
                        file.path
                    );
                    others.push(detail.clone());
                    failed.push((candidate.tier, Unreadable::new(Cause::Refused, detail)));
                }
            },
            ByName::Candidate(candidate) => candidates.push((file, candidate)),
            ByName::Something(kind) if !file.link => others.push(format!("{}: {kind}", file.path)),
            ByName::Something(_) | ByName::NoDocument => {}
        }
    }
    candidates
}

impl Read {
    /// What its name promises, if it holds more than a few words: an issue template and a tool's output are named reports.
    fn rank(&self) -> Tier {
        let content = &self.document.content;
        // Notes and outputs are named reports as well; what was set with care is not taken for one of them.
        let is_plain = matches!(content.format, Format::Text | Format::Markdown);
        match self.tier {
            Tier::Strong if content.words < LIKELY_WORDS => Tier::Other,
            Tier::Strong if is_plain && self.parts() < STRONG_PARTS => Tier::Likely,
            tier => tier,
        }
    }

    /// Whether a document that no name speaks for holds so much of a report that no other is looked for.
    fn is_a_whole_report(&self) -> bool {
        self.doubt.is_none() && self.parts() >= WHOLE_PARTS
    }

    /// How many parts were found in it.
    fn parts(&self) -> u64 {
        let (in_headings, in_text) = parts::count(&self.found.parts);
        in_headings + in_text
    }

    fn chosen(mut self, because: &str, others: Vec<String>) -> Chosen {
        if let Some(doubt) = &self.doubt {
            self.found.weaken(doubt);
        }
        let Document { path, made_of, sha256, content } = self.document;
        let files = match made_of.as_slice() {
            [] => String::new(),
            [one] => format!("; it is {one}"),
            several => format!("; it is made of {} files", several.len()),
        };
        let because = format!("{because}: {}{files}", self.why);
        let (found, tier, doubt) = (self.found, self.tier, self.doubt);
        Chosen { path, made_of, bytes_sha256: sha256, because, content, found, others, tier, doubt }
    }
}

fn nothing_found(others: &[String]) -> String {
    let mut note =
        "no .md, .pdf, .docx, .odt, .tex, .ipynb or .txt file looks like a report; put it at report.md or report.pdf"
            .to_owned();
    if !others.is_empty() {
        let mut others = others.to_vec();
        others.sort();
        others.truncate(5);
        note.push_str(&format!(" (looked at {})", others.join("; ")));
    }
    note
}

/// Looks for what a report holds, and sums it up in points.
fn measured(document: Document, tier: Tier, in_report_folder: bool, team: &Team) -> Read {
    let content = &document.content;
    let found = parts::find(content, team);
    let (in_headings, in_text) = parts::count(&found.parts);
    let named = members::find(content, team).named.len();
    let depth = document.path.matches('/').count() as i64 + i64::from(content.member.is_some());
    let finished = i64::from(matches!(content.format, Format::Pdf | Format::Docx | Format::Odt));
    let points = 8 * in_headings as i64
        + 4 * in_text as i64
        + 5 * named as i64
        + (content.words / 100).min(20) as i64
        + 10 * i64::from(in_report_folder)
        + 3 * finished
        - 2 * depth;
    let members = if named == 0 { String::new() } else { format!(", {} named", count_of(named as u64, "member")) };
    let why = format!(
        "{points} points ({} of {} parts, {in_headings} of them in headings{members}, {} words)",
        in_headings + in_text,
        found.parts.len(),
        content.words
    );
    let doubt = doubt(tier, content, in_headings + in_text, named);
    Read { document, tier, found, points, why, doubt }
}

/// Why only a person can tell whether a document is the report.
fn doubt(tier: Tier, content: &Content, parts: u64, named: usize) -> Option<String> {
    let words = content.words;
    let is_plain = matches!(content.format, Format::Text | Format::Markdown);
    match tier {
        Tier::Readme if words < README_WORDS => {
            Some(format!("a README of {} may not be meant as the report", count_of(words, "word")))
        }
        Tier::Other if words < OTHER_WORDS || parts < OTHER_PARTS => {
            let parts = count_of(parts, "part");
            Some(format!("its name does not say so, and {} and {parts} are few", count_of(words, "word")))
        }
        _ if is_plain && parts == 0 && named == 0 && looks_printed(content) => {
            Some("it reads as what a program printed".to_owned())
        }
        _ => None,
    }
}

/// Whether hardly a line is a piece of a sentence in words, in whatever language.
fn looks_printed(content: &Content) -> bool {
    let (mut told, mut all) = (0, 0);
    for line in &content.lines {
        let words: Vec<&str> = line.text.split_whitespace().collect();
        let is_word = |word: &&&str| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'))
        };
        let plain = words.iter().filter(is_word).count();
        all += words.len();
        if words.len() >= 4 && plain * 4 >= words.len() * 3 {
            told += words.len();
        }
    }
    all as u64 >= LIKELY_WORDS && told * 10 < all * 3
}

fn count_of(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Why a document is not the report, by what it says.
fn why_not(tier: Tier, read: &Read) -> Option<String> {
    let (content, parts) = (&read.document.content, read.parts());
    let words = content.words;
    match tier {
        Tier::Strong => return None,
        Tier::Readme if words < README_WORDS / 2 => return Some(format!("a README of {}", count_of(words, "word"))),
        Tier::Other if words < OTHER_WORDS / 2 || parts + 1 < OTHER_PARTS => {
            return Some(format!("{}, {} of a report", count_of(words, "word"), count_of(parts, "part")));
        }
        Tier::Likely if words < LIKELY_WORDS => return Some(format!("only {}", count_of(words, "word"))),
        _ => {}
    }
    // A README may well tell its reader what to do.
    let phrases = if tier == Tier::Readme { STATEMENT_PHRASES + 2 } else { STATEMENT_PHRASES };
    if read.found.statement_phrases >= phrases {
        return Some("reads as an assignment statement".to_owned());
    }
    let pages = content.pages.filter(|&pages| pages >= SLIDE_PAGES && words / pages < SLIDE_WORDS)?;
    Some(format!("reads as slides: {words} words on {pages} pages"))
}

#[cfg(test)]
mod tests {
    use super::super::document::markdown;
    use super::*;

    #[test]
    fn what_a_program_printed_is_told_from_prose_in_any_language() {
        let printed = "tests/test_a.py::test_one PASSED [ 10%]\n".repeat(20);
        assert!(looks_printed(&markdown(&printed)));
        let german = "Wir haben zwei Gruppen von Maschinen hinter einem Verteiler verglichen.\n".repeat(10);
        assert!(!looks_printed(&markdown(&german)));
    }

    #[test]
    fn a_file_beside_the_folder_is_near_if_it_may_be_about_it() {
        for near in
            ["Lab 1 Report.md", "report.md", "docs/report.pdf", "course/rapport tp1.pdf", "course/report/main.tex"]
        {
            assert!(is_near(near, "course/TP1"), "{near}");
        }
        for far in ["Lab 2 Report.md", "course/TP2/report.md", "src/report.md", "report-tp2/a.md"] {
            assert!(!is_near(far, "course/TP1"), "{far}");
        }
    }
}
