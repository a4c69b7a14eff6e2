//! Which files may be the report, by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrase::{Index, Phrase};
use stackmark_code::as_markdown::ENDINGS;
use stackmark_code::text::folded_words;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Names {
    strong: Vec<Phrase>,
    likely: Vec<Phrase>,
    folders: Vec<Phrase>,
    unmentioned: Vec<String>,
    not_the_report: BTreeMap<String, Vec<Phrase>>,
    statement: Statement,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Statement {
    address: Vec<Phrase>,
    course: Vec<Phrase>,
}

/// A test holds the embedded table to parse.
static NAMES: LazyLock<Names> = LazyLock::new(|| toml::from_str(include_str!("names.toml")).unwrap_or_default());

/// What a file's name says, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// A README: the report only where nothing else is.
    Readme,
    /// Its content has to show it.
    Other,
    /// The name may be a report's.
    Likely,
    /// The name says so.
    Strong,
}

impl Tier {
    /// In words, for the reason of a choice.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Readme => "no other document is a report",
            Self::Other => "its content is a report's",
            Self::Likely => "its name may be a report's",
            Self::Strong => "its name says report",
        }
    }
}

/// What a path says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ByName {
    /// Not a document at all.
    NoDocument,
    /// A document, but of this other kind.
    Something(String),
    Candidate(Candidate),
}

/// A file that may be the report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) tier: Tier,
    /// Lower case.
    pub(super) extension: String,
    /// One of its folders is one for reports.
    pub(super) in_report_folder: bool,
    /// Its name says that it is something else, and only its content can tell.
    pub(super) named_otherwise: bool,
}

/// Documents in formats that are not read, and that the name alone makes a report.
const RARE: [&str; 14] =
    ["docm", "dotx", "wps", "pptx", "ppt", "odp", "key", "epub", "ps", "typ", "gdoc", "url", "webloc", "eml"];

/// Judges a path by its name alone.
pub(super) fn by_name(path: &str) -> ByName {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some((stem, extension)) = name.rsplit_once('.') else { return ByName::NoDocument };
    let extension = extension.to_lowercase();
    let ending = extension.as_str();
    let read =
        ENDINGS.contains(&ending) || ["pdf", "docx", "odt", "tex", "ipynb", "rst", "txt", "zip"].contains(&ending);
    let unread = ["doc", "rtf", "pages", "html", "htm"].contains(&ending);
    // Nobody hands these in for a report, unless it is called one.
    let rare = RARE.contains(&ending);
    if !read && !unread && !rare {
        return ByName::NoDocument;
    }
    if name.starts_with("~$") || name.starts_with("._") {
        return ByName::Something("an editor's lock file".to_owned());
    }
    let words = name_words(stem);
    let says = |phrases: &[Phrase]| phrases.iter().any(|phrase| phrase.is_in(&words));
    let strong = says(&NAMES.strong);
    let kinds = || NAMES.not_the_report.iter().filter(|(_, phrases)| says(phrases)).map(|(kind, _)| kind);
    let is_soft = |kind: &String| may_be_prose(kind, &extension, &words, strong);
    let named_otherwise = kinds().any(is_soft);
    // `rapport_instructions.pdf` is no report, `benchmark-report.pdf` is one.
    match kinds().find(|kind| !is_soft(kind)) {
        // Every repository has some of these, and nobody would take them for the report.
        Some(kind) if !strong && NAMES.unmentioned.contains(kind) => return ByName::NoDocument,
        Some(kind) if !strong || kind.contains("statement") || kind.contains("slides") => {
            return ByName::Something(kind.clone());
        }
        _ => {}
    }
    let folders: Vec<Vec<String>> = folder.split('/').map(name_words).collect();
    let in_folder = |phrases: &[Phrase]| folders.iter().any(|words| phrases.iter().any(|phrase| phrase.is_in(words)));
    let in_report_folder = in_folder(&NAMES.folders);
    let tier = if words.first().is_some_and(|word| word == "readme") {
        Tier::Readme
    } else if named_otherwise && read {
        Tier::Other
    } else if strong {
        Tier::Strong
    } else if rare || matches!(extension.as_str(), "txt" | "html" | "htm") {
        return ByName::NoDocument;
    } else if says(&NAMES.likely) || in_folder(&NAMES.strong) {
        Tier::Likely
    } else if extension == "zip" {
        return ByName::NoDocument;
    } else if unread {
        return ByName::Something(format!("a format that is not read (.{extension})"));
    } else {
        Tier::Other
    };
    // Tools write pages of HTML that they call reports, and an archive holds the code as well.
    let tier = if matches!(extension.as_str(), "html" | "htm" | "zip") { tier.min(Tier::Likely) } else { tier };
    ByName::Candidate(Candidate { tier, extension, in_report_folder, named_otherwise })
}

/// Whether a name of another kind may stand on a report all the same: a sprint's report, a lint report; a presentation or a
/// benchmark in words, which is neither slides nor a plot.
fn may_be_prose(kind: &str, extension: &str, words: &[String], strong: bool) -> bool {
    let in_words = matches!(extension, "md" | "markdown" | "docx" | "odt" | "tex");
    match kind {
        "notes of a meeting" | "a program's output" => strong,
        "slides" => in_words,
        "a plot or a diagram" if !strong => {
            in_words || (extension == "pdf" && words.iter().any(|word| word.starts_with("benchmark")))
        }
        _ => false,
    }
}

/// Whether a folder of this name is one for reports.
pub(super) fn is_report_folder(name: &str) -> bool {
    let words = name_words(name);
    NAMES.folders.iter().chain(&NAMES.strong).any(|phrase| phrase.is_in(&words))
}

/// Whether a folder of this name is the report.
pub(super) fn is_strong_folder(name: &str) -> bool {
    let words = name_words(name);
    NAMES.strong.iter().any(|phrase| phrase.is_in(&words))
}

/// `TP1_RapportFinal.pdf` → `tp1 rapport final`; extensions written twice go.
fn name_words(stem: &str) -> Vec<String> {
    let mut stem = stem;
    while let Some((rest, "pdf" | "docx" | "odt" | "md" | "tex" | "txt" | "zip")) = stem.rsplit_once('.') {
        stem = rest;
    }
    let mut spaced = String::with_capacity(stem.len() + 8);
    let mut before = ' ';
    for c in stem.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    folded_words(&spaced)
}

/// Whether a document's first heading is its title: `LOG8415 TP1: deployment report` heads no section on deployment.
pub(super) fn is_title(words: &[String]) -> bool {
    NAMES.strong.iter().chain(&NAMES.likely).any(|phrase| phrase.is_in(words))
}

/// The phrases of assignment statements: whether one is of a course, and its number in its list.
static OF_STATEMENTS: LazyLock<Index<(bool, usize)>> = LazyLock::new(|| {
    let mut index = Index::new();
    for (is_of_a_course, phrases) in [(true, &NAMES.statement.course), (false, &NAMES.statement.address)] {
        for (number, phrase) in phrases.iter().enumerate() {
            index.add((is_of_a_course, number), phrase);
        }
    }
    index
});

/// How many phrases of assignment statements stand in the text; none where it only speaks to its reader, as a manual does.
pub(super) fn statement_phrases(words: &[String]) -> usize {
    let found = (0..words.len()).flat_map(|at| OF_STATEMENTS.beginning(&words[at..]));
    let found: BTreeSet<(bool, usize)> = found.map(|(stands_for, _)| stands_for).collect();
    if found.iter().any(|(is_of_a_course, _)| *is_of_a_course) { found.len() } else { 0 }
}

/// Words for an assignment that a number tells from the others.
const ASSIGNMENTS: [&str; 10] =
    ["tp", "lab", "labo", "assignment", "devoir", "hw", "homework", "projet", "project", "progetto"];

/// The number of the assignment that a name gives, as in `Lab 2 Report` or `TP2`.
pub(super) fn assignment_of(name: &str) -> Option<u32> {
    let words = name_words(name);
    words.iter().enumerate().find_map(|(at, word)| {
        let (letters, digits) = word.split_at(word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len()));
        let digits = if digits.is_empty() { words.get(at + 1)?.as_str() } else { digits };
        ASSIGNMENTS.contains(&letters).then(|| digits.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(path: &str) -> Option<Tier> {
        match by_name(path) {
            ByName::Candidate(candidate) => Some(candidate.tier),
            _ => None,
        }
    }

    #[test]
    fn reports_are_told_by_their_names_in_three_languages() {
        for path in [
            "report.md",
            "TP1/Rapport TP1.pdf",
            "relazione_finale.docx",
            "LOG8415_TP1_Report-v2.PDF",
            "tp1RapportFinal.pdf",
            "handover.tex",
            "Compte-rendu.docx",
            "benchmark_report.pdf",
            "rapport.pdf.pdf",
            "RAPPORT.txt",
        ] {
            assert_eq!(tier(path), Some(Tier::Strong), "{path}");
        }
        for path in
            ["tp1.pdf.pdf", "docs/documentation.md", "LOG8415E-TP1.pdf", "Assignment_1.docx", "report/part 2.pdf"]
        {
            assert_eq!(tier(path), Some(Tier::Likely), "{path}");
        }
        for path in ["rapport.zip", "tp1.zip", "locust/report.html", "tp1.doc"] {
            assert_eq!(tier(path), Some(Tier::Likely), "{path}");
        }
        for path in [
            "rapport.doc",
            "Relazione finale.odt",
            "compte\u{301}-rendu de l\u{2019}e\u{301}quipe.rtf",
            "Rapport.pages",
            "report.rst",
            "rapport.adoc",
            "Report.pptx",
            "relazione.gdoc",
        ] {
            assert_eq!(tier(path), Some(Tier::Strong), "{path}");
        }
        assert_eq!(tier("architecture.md"), Some(Tier::Other));
        assert_eq!(tier("README.md"), Some(Tier::Readme));
    }

    #[test]
    fn a_name_of_another_kind_leaves_it_to_the_content() {
        for path in [
            "sprint-3-report.md",
            "weekly report.docx",
            "pylint_report.txt",
            "test-report.md",
            "TP1-presentation.md",
            "tp1_benchmark.pdf",
            "Compte-rendu de réunion.pdf",
        ] {
            let ByName::Candidate(candidate) = by_name(path) else { panic!("{path}: {:?}", by_name(path)) };
            assert!(candidate.tier == Tier::Other && candidate.named_otherwise, "{path}: {candidate:?}");
        }
        assert_eq!(by_name("meeting-notes.md"), ByName::Something("notes of a meeting".into()));
    }

    #[test]
    fn names_tell_the_number_of_the_assignment() {
        for (name, number) in
            [("Lab 2 Report", Some(2)), ("LOG8415_TP1", Some(1)), ("LOG8415 report", None), ("report v2", None)]
        {
            assert_eq!(assignment_of(name), number, "{name}");
        }
    }

    #[test]
    fn a_manual_speaks_to_its_reader_and_is_no_statement() {
        let phrases = |text: &str| statement_phrases(&folded_words(text));
        assert_eq!(
            phrases("You must install it. You will see a table. You should run your code. Your team is asked."),
            0
        );
        assert!(phrases("You must submit by the deadline; your report will be graded.") >= 4);
    }

    #[test]
    fn phrases_of_statements_are_counted_as_if_each_were_looked_for() {
        let Statement { address, course } = &NAMES.statement;
        let slowly = |words: &[String]| {
            let count = |phrases: &[Phrase]| phrases.iter().filter(|phrase| phrase.is_in(words)).count();
            if count(course) == 0 { 0 } else { count(course) + count(address) }
        };
        let mut words: Vec<String> = Vec::new();
        for phrase in address.iter().chain(course).chain(address) {
            words.extend(phrase.said("x"));
            assert_eq!(statement_phrases(&words), slowly(&words), "{words:?}");
        }
        assert_eq!(statement_phrases(&words), address.len() + course.len());
    }

    #[test]
    fn other_documents_are_not_reports() {
        for path in [
            "Énoncé TP1.pdf",
            "statement.pdf",
            "rapport_instructions.pdf",
            "slides.pdf",
            "Presentation finale.pdf",
            "plots/cpu_plot.pdf",
            "~$rapport.docx",
            "LICENSE.md",
            "LICENSE.txt",
            "requirements.txt",
            "CHANGELOG.md",
            "words.txt",
            "notes.txt",
            "report.png",
            "notes.html",
            "archive.zip",
            "server.key",
            "slides.pptx",
            "notes.doc",
            "report",
            "src/report.py",
        ] {
            assert_eq!(tier(path), None, "{path}");
        }
        assert_eq!(by_name("notes.doc"), ByName::Something("a format that is not read (.doc)".into()));
        assert_eq!(by_name("a.png"), ByName::NoDocument);
    }
}
