//! The written report: finding it, reading it, looking for the parts of a handover document.
//!
//! A file is chosen by points, so that the choice can be explained: its name comes first (a README last), then what it
//! says. `names.toml` holds the names and `keywords.toml` the words by which the parts are recognised.

mod assistants;
mod candidates;
mod choose;
mod claimed_files;
mod claims;
mod contributions;
mod document;
mod elsewhere;
mod fences;
mod folder;
mod members;
mod open;
mod outline;
mod own;
mod parts;
mod phrase;
mod proposals;
mod reader;
mod refers;
mod sentences;
mod signs;
mod statement;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use candidates::Tier;
use choose::{Choice, Chosen};
use document::Content;
use open::Tree;
use stackmark_code::text::{decode, one_line};
use stackmark_collect::Limits;
use stackmark_collect::tree::{Blobs, TreeFile, stands_above};
use stackmark_evidence::closed::PartFound;
use stackmark_evidence::report::{Document, Figure, Link, Part, ReportEvidence};
use stackmark_evidence::{Reading, Sign, SignKind, Team};

pub use proposals::{assignment_folders, report_files};
pub use reader::{COMMAND as READ_COMMAND, read_within, serve};

/// Longest quote and heading, in characters.
const LONGEST_QUOTE: usize = 200;
const MAX_HEADINGS: usize = 200;
/// Readings over the text of the report.
const READINGS: [&str; 4] = ["document", "parts", "members_named", "contributions"];
/// Of links and of figures.
const MAX_LISTED: usize = 100;

/// Finds the report among `files`, the graded tree, and reads it.
pub fn read(blobs: &dyn Blobs, files: &[TreeFile], team: &Team, limits: &Limits) -> ReportEvidence {
    read_named(blobs, files, None, team, limits)
}

/// Reads the report at the path `named`, from the repository's root; where nobody names one, it is looked for.
pub fn read_named(
    blobs: &dyn Blobs,
    files: &[TreeFile],
    named: Option<&str>,
    team: &Team,
    limits: &Limits,
) -> ReportEvidence {
    read_beside(blobs, files, &[], named, team, limits)
}

/// The report's path and its text, a line or paragraph a line; `None` where there is none, or none that can be read.
pub fn text(
    blobs: &dyn Blobs,
    files: &[TreeFile],
    named: Option<&str>,
    team: &Team,
    limits: &Limits,
) -> Option<(String, String)> {
    let tree = Tree { blobs, files, beside: &[], limits };
    let choice = match named {
        Some(path) => choose::choose_named(&tree, path, team),
        None => choose::choose(&tree, team),
    };
    let Choice::Found(chosen) = choice else { return None };
    let lines: Vec<&str> = chosen.content.lines.iter().map(|line| line.text.as_str()).collect();
    Some((chosen.path, lines.join("\n")))
}

/// The same where `files` are those of the graded folder, and `beside` all others of the commit: a report or a README that
/// stands above the folder is about it as well, where the folder has none.
pub fn read_beside(
    blobs: &dyn Blobs,
    files: &[TreeFile],
    beside: &[TreeFile],
    named: Option<&str>,
    team: &Team,
    limits: &Limits,
) -> ReportEvidence {
    let listed = claimed_files::Tree::new(files, beside, team.folder.as_deref());
    let readme = readme(blobs, files, limits).or_else(|| {
        let folder = team.folder.as_deref()?;
        let above: Vec<TreeFile> = beside.iter().filter(|file| stands_above(&file.path, folder)).cloned().collect();
        readme(blobs, &above, limits)
    });
    let claimed = |report: Option<(&Content, &str)>| {
        let mut claims = Vec::new();
        let own = readme.as_ref().map(|(content, path)| (content, path.as_str()));
        let readme = own.filter(|(_, path)| report.is_none_or(|(_, chosen)| chosen != *path));
        let documents: Vec<(&Content, &str)> = report.into_iter().chain(readme).collect();
        for (number, (content, path)) in documents.iter().enumerate() {
            let others = documents.iter().enumerate().filter(|(other, _)| *other != number);
            let others: Vec<&Content> = others.map(|(_, (content, _))| *content).collect();
            assistants::named(content, path, &mut claims);
            claims::of_the_stack(content, path, &mut claims);
            claimed_files::of_files(content, path, &others, &listed, &mut claims);
        }
        claims
    };
    let tree = Tree { blobs, files, beside, limits };
    let choice = match named {
        Some(path) => choose::choose_named(&tree, path, team),
        None => choose::choose(&tree, team),
    };
    // What a README leads to is neither there nor missing.
    let elsewhere =
        readme.as_ref().filter(|_| named.is_none()).and_then(|(content, path)| elsewhere::of(content, path));
    let choice = match (choice, &elsewhere) {
        (Choice::None(_), Some(elsewhere)) => Choice::Unreadable(elsewhere.failure.clone()),
        (choice, _) => choice,
    };
    match choice {
        Choice::Found(mut chosen) => {
            let elsewhere = elsewhere.filter(|_| chosen.tier == Tier::Readme);
            let unless_missing =
                |is_missing: bool| elsewhere.as_ref().filter(|_| is_missing).map(|it| it.failure.clone());
            let names = members::find(&chosen.content, team);
            let is_found = |part: &Part| matches!(part.found, PartFound::Heading | PartFound::Text);
            let tells_who = chosen.found.parts.get("contributions").is_some_and(is_found);
            let (members_named, contributions) = if team.members.is_empty() {
                let nobody = "the team has no members to look for";
                (Reading::absent(nobody), Reading::absent(nobody))
            } else {
                let who = chosen.found.who_did_what.clone();
                (
                    unless_missing(!names.missing.is_empty())
                        .map_or_else(|| Reading::observed(names), Reading::Unreadable),
                    unless_missing(!tells_who).map_or_else(|| Reading::observed(who), Reading::Unreadable),
                )
            };
            if let Some(elsewhere) = &elsewhere {
                chosen.found.leave_open(elsewhere);
            }
            let sign = own::sign(&chosen.content, &chosen.found.parts, &chosen.path, blobs, files);
            let signs: Vec<Sign> = sign.into_iter().chain(hidden_text(&chosen)).collect();
            let signs = (!signs.is_empty()).then(|| READINGS.map(|reading| (reading.to_owned(), signs.clone())));
            ReportEvidence {
                signs: signs.into_iter().flatten().collect(),
                parts: Reading::observed(chosen.found.parts.clone()),
                members_named,
                contributions,
                claims: Reading::observed(claimed(Some((&chosen.content, &chosen.path)))),
                document: Reading::observed(document_of(*chosen)),
            }
        }
        Choice::Unreadable(failure) => ReportEvidence {
            document: Reading::Unreadable(failure.clone()),
            parts: Reading::Unreadable(failure.clone()),
            members_named: Reading::Unreadable(failure.clone()),
            contributions: Reading::Unreadable(failure.clone()),
            claims: match elsewhere {
                Some(_) => Reading::observed(claimed(None)),
                None => Reading::Unreadable(failure),
            },
            signs: BTreeMap::new(),
        },
        Choice::None(note) => ReportEvidence {
            document: Reading::absent(note.clone()),
            parts: Reading::absent(note.clone()),
            members_named: Reading::absent(note.clone()),
            contributions: Reading::absent(note.clone()),
            claims: match readme {
                Some(_) => Reading::observed(claimed(None)),
                None => Reading::absent(note),
            },
            signs: BTreeMap::new(),
        },
    }
}

/// Where the report has text that a reader may not see.
fn hidden_text(chosen: &Chosen) -> Option<Sign> {
    let words = chosen.content.unseen.words()?;
    let says =
        format!("words of the report that a reader may not see (white, tiny, transparent or never set): {words}");
    Some(Sign { kind: SignKind::HiddenText, says, asks: true, examples: vec![chosen.path.clone()] })
}

/// The README that a newcomer meets first, where it can be read as Markdown.
fn readme(blobs: &dyn Blobs, files: &[TreeFile], limits: &Limits) -> Option<(Content, String)> {
    let is_readme = |file: &&TreeFile| {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_lowercase();
        !file.link && matches!(name.as_str(), "readme.md" | "readme.markdown" | "readme.txt" | "readme")
    };
    let depth = |file: &&TreeFile| (file.path.matches('/').count(), file.path.clone());
    let longest = limits.file_bytes.min(document::MAX_TEXT_BYTES as u64);
    let file = files.iter().filter(is_readme).filter(|file| file.size <= longest).min_by_key(depth)?;
    let bytes = blobs.read(file).ok()?;
    let content = if bytes.len() <= reader::SHORT {
        document::markdown(&decode(&bytes))
    } else {
        reader::read("md", bytes, &limits.documents).ok()?
    };
    Some((content, file.path.clone()))
}

fn document_of(chosen: Chosen) -> Document {
    let Chosen { path, made_of, bytes_sha256, content, because, others, doubt, .. } = chosen;
    let link = |link: &document::Link| Link { target: quote(&link.target), place: link.place.to_string() };
    let figure = |figure: &document::Figure| Figure {
        caption: figure.caption.as_deref().map(quote),
        path: figure.target.as_deref().map(quote),
        place: figure.place.to_string(),
    };
    Document {
        path,
        files: made_of,
        tables: content.tables.as_ref().map(|tables| tables.len() as u64),
        code_listings: content.listings.as_ref().map(|listings| listings.len() as u64),
        links: content.links.iter().take(MAX_LISTED).map(link).collect(),
        figure_list: content.figure_list.iter().take(MAX_LISTED).map(figure).collect(),
        format: content.format,
        sha256: bytes_sha256,
        pages: content.pages,
        words: content.words,
        figures: content.figures,
        language: content.language().to_owned(),
        headings: content.headings.iter().take(MAX_HEADINGS).map(|heading| quote(&heading.text)).collect(),
        chosen_because: because,
        others,
        doubt,
    }
}

fn quote(text: &str) -> String {
    one_line(text, LONGEST_QUOTE)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
