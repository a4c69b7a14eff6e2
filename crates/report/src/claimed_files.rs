//! Files that a document names, looked for in the graded tree: targets of links, images, and scripts in commands.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::claims::{LONGEST_LINE, keep};
use super::document::{Content, Format, Place};
use super::quote;
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::closed::ClaimKind;
use stackmark_evidence::report::Claim;

/// Most commands of one document that are looked up.
const MAX_COMMANDS: usize = 2_000;

/// The graded files, by path, name and folder.
pub(super) struct Tree<'a> {
    paths: BTreeSet<&'a str>,
    folders: BTreeSet<&'a str>,
    names: BTreeSet<&'a str>,
    /// Files and folders with accents, as people write them: macOS takes accents off their letters.
    composed: BTreeSet<String>,
    /// Only a folder of the repository is graded: what is not in it may stand elsewhere.
    is_folder: bool,
}

impl<'a> Tree<'a> {
    /// Of the graded files, and those `beside` the graded folder.
    pub(super) fn new(files: &'a [TreeFile], beside: &'a [TreeFile], folder: Option<&str>) -> Self {
        let paths: BTreeSet<&str> = files.iter().chain(beside).map(|file| file.path.as_str()).collect();
        let mut folders = BTreeSet::new();
        for path in &paths {
            let mut rest = *path;
            while let Some((folder, _)) = rest.rsplit_once('/') {
                folders.insert(folder);
                rest = folder;
            }
        }
        let names = paths.iter().map(|path| name_of(path)).collect();
        let composed = paths.iter().chain(&folders).filter(|path| !path.is_ascii());
        let composed = composed.map(|path| path.nfc().collect()).collect();
        Self { paths, folders, names, composed, is_folder: folder.is_some() && beside.is_empty() }
    }

    fn has(&self, path: &str) -> bool {
        let is_composed = || !path.is_ascii() && self.composed.contains(&path.nfc().collect::<String>());
        self.paths.contains(path) || self.folders.contains(path) || is_composed()
    }

    /// Whether a file is missing for certain.
    fn missing(&self) -> Option<bool> {
        (!self.is_folder).then_some(false)
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

struct Patterns {
    command: Regex,
    module: Regex,
    made: Regex,
    not_a_path: Regex,
    domain: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        command: Regex::new(
            r"(?:^|[\s`$>(“«;&|])(?:python3?(?:\.\d+)?|bash|sh|zsh|source|node|ts-node|sudo bash|sudo sh)\s+(?:-[uxe]+\s+)?([\w./-]+\.(?:py|sh|js|ts|mjs))\b|(?:^|[\s`$(“«;&|])(\./[\w./-]+\.(?:py|sh|js))\b|\bpip3?\s+install\s+-r\s+([\w./-]+\.txt)\b",
        )
        .ok()?,
        module: Regex::new(r"(?:^|[\s`$(])python3?\s+-m\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)").ok()?,
        made: Regex::new(r"\b(?:wget|curl|scp|rsync|cp|mv|touch|nano|vim?|tee|unzip|tar)\b|>\s*\S+\.\w+").ok()?,
        not_a_path: Regex::new(r"[<>{}$*|?]|^~|^/|^[A-Za-z]:|path/to|your|(?:^|/)(?:my|mon|ma|mio|mia|some|un|a)_|(?:^|/)(?:file|filename|fichier|nom|name|script_name)\.|\.\.\.|xxx|example|^\s*$").ok()?,
        domain: Regex::new(r"(?i)^[\w.-]+\.(?:com|org|net|io|fr|it|edu|dev|gov|ca|eu|cloud|ai|app)(?:[/:]|$)").ok()?,
    })
});

/// Adds what `content`, the file at `path`, names of files. What a command of its own makes or fetches need not be in the
/// tree, nor what one in `others` does, the other documents on the same work.
pub(super) fn of_files(content: &Content, path: &str, others: &[&Content], tree: &Tree<'_>, claims: &mut Vec<Claim>) {
    let Some(patterns) = PATTERNS.as_ref() else { return };
    let mut add = |kind: ClaimKind, value: &str, exists: Option<bool>, place: &Place, said: &str| {
        let claim = Claim {
            kind,
            value: quote(value),
            count: None,
            exists,
            path: path.to_owned(),
            place: place.to_string(),
            quote: quote(said),
        };
        keep(claims, claim);
    };
    // What stands in an archive is named from there, and its pictures are in it.
    let is_packed = content.member.is_some();
    for link in content.links.iter().filter(|_| !is_packed) {
        if let Some(exists) = target_exists(&link.target, file_of(&link.place, content, path), tree, patterns) {
            add(ClaimKind::Link, &link.target, exists, &link.place, &link.target);
        }
    }
    for figure in content.figure_list.iter().filter(|_| !is_packed) {
        let Some(target) = &figure.target else { continue };
        // These carry their pictures themselves.
        if matches!(content.format, Format::Docx | Format::Odt | Format::Notebook) {
            continue;
        }
        let exists = if content.format == Format::Latex {
            latex_image_exists(target, tree).map(Some)
        } else {
            target_exists(target, file_of(&figure.place, content, path), tree, patterns)
        };
        if let Some(exists) = exists {
            add(ClaimKind::Figure, target, exists, &figure.place, figure.caption.as_deref().unwrap_or(target));
        }
    }
    let lines = || content.lines.iter().filter(|line| line.text.len() <= LONGEST_LINE);
    let clones = content.lines.iter().filter(|line| line.text.contains("git clone")).count();
    let all =
        lines().chain(others.iter().flat_map(|other| &other.lines).filter(|line| line.text.len() <= LONGEST_LINE));
    let made: Vec<&str> =
        all.map(|line| line.text.as_str()).filter(|line| patterns.made.is_match(line)).take(MAX_COMMANDS).collect();
    let mut commands = 0;
    for line in lines() {
        if commands > MAX_COMMANDS {
            break;
        }
        for found in patterns.command.captures_iter(&line.text) {
            let Some(file) = found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3)) else { continue };
            let file = file.as_str().trim_start_matches("./");
            if patterns.not_a_path.is_match(file) {
                continue;
            }
            let name = name_of(file);
            let is_made = || made.iter().any(|line| line.contains(name));
            commands += 1;
            // From which folder it is called is not known: any file of that name will do.
            let exists = match tree.names.contains(name) {
                true => Some(true),
                false if clones > 1 || is_made() => None,
                false => tree.missing(),
            };
            add(ClaimKind::Command, file, exists, &line.place, &line.text);
        }
        for found in patterns.module.captures_iter(&line.text) {
            let module = found[1].replace('.', "/");
            let package = module.split('/').next().unwrap_or_default();
            commands += 1;
            let known = |folder: &&str| folder.rsplit('/').next() == Some(package);
            // Of a package that is installed nothing is known.
            if !tree.folders.iter().any(known) {
                continue;
            }
            let ends = [format!("{module}.py"), format!("{module}/__main__.py"), format!("{module}/__init__.py")];
            let found_it = tree.paths.iter().any(|path| {
                ends.iter().any(|end| {
                    path.strip_suffix(end.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
                })
            });
            let exists = if found_it { Some(true) } else { tree.missing() };
            add(ClaimKind::Command, &found[1], exists, &line.place, &line.text);
        }
    }
}

/// The file that something stands in: of a document in several files, one of them.
fn file_of<'p>(place: &'p Place, content: &Content, path: &'p str) -> &'p str {
    match place {
        Place::LineOf(_, file) if content.format == Format::Markdown => file,
        _ => path,
    }
}

/// Outer `None`: nothing inside the repository; inner `None`: cannot be told.
fn target_exists(target: &str, document: &str, tree: &Tree<'_>, patterns: &Patterns) -> Option<Option<bool>> {
    let target = target.split(['#', '?']).next().unwrap_or_default().trim();
    let target = target.split_once(" \"").map_or(target, |(target, _)| target);
    let decoded = percent_decoded(target).replace('\\', "/");
    let (from_root, relative) = match decoded.strip_prefix('/') {
        Some(rest) if !rest.starts_with('/') => (true, rest.to_owned()),
        _ => (false, decoded.clone()),
    };
    if relative.contains(':')
        || relative.contains('@')
        || patterns.domain.is_match(&relative)
        || patterns.not_a_path.is_match(&relative)
    {
        return None;
    }
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let base = if from_root { "" } else { folder };
    let Some(path) = joined(base, &relative) else { return Some(None) };
    // Some name files from the top of the repository wherever they write: not dead, only inexact.
    let from_top = joined("", &relative).is_some_and(|path| tree.has(&path));
    // A wiki's links leave the ending out.
    let exists = path.is_empty() || tree.has(&path) || tree.has(&format!("{path}.md")) || from_top;
    Some(if exists { Some(true) } else { tree.missing() })
}

/// `\graphicspath` and missing endings: any file of that name will do.
fn latex_image_exists(target: &str, tree: &Tree<'_>) -> Option<bool> {
    let name = name_of(target.trim());
    if name.is_empty() || name.contains(['\\', '#', '{']) {
        return None;
    }
    let found =
        tree.names.iter().any(|known| *known == name || known.rsplit_once('.').is_some_and(|(stem, _)| stem == name));
    if found { Some(true) } else { tree.missing() }
}

/// `None` where it leads out of the repository.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn claimed(text: &str, folder: Option<&str>) -> Vec<String> {
        let files: Vec<TreeFile> =
            ["docs/report.md", "docs/img/a b.png", "scripts/run.sh", "infra/deploy.py", "main.py", "requirements.txt"]
                .map(|path| TreeFile {
                    path: path.into(),
                    id: [0; 20],
                    size: 1,
                    link: false,
                    missing: false,
                    aside: None,
                })
                .to_vec();
        let mut claims = Vec::new();
        of_files(&document::markdown(text), "docs/report.md", &[], &Tree::new(&files, &[], folder), &mut claims);
        let exists = |exists: Option<bool>| exists.map_or("?", |exists| if exists { "there" } else { "missing" });
        claims.into_iter().map(|it| format!("{} {} {}", it.kind, it.value, exists(it.exists))).collect()
    }

    #[test]
    fn dead_links_and_figures_are_told_from_living_ones() {
        let text = "[a](../main.py) [b](../gone.py#L3) [c](https://example.org/x) [d](#top) ![e](img/a%20b.png) ![f](img/c.png) [g](img)";
        assert_eq!(
            claimed(text, None),
            [
                "link ../main.py there",
                "link ../gone.py#L3 missing",
                "link img there",
                "figure img/a%20b.png there",
                "figure img/c.png missing"
            ]
        );
        assert_eq!(claimed("[b](../../elsewhere.md)", None), ["link ../../elsewhere.md ?"]);
        assert_eq!(claimed("[b](gone.md)", Some("docs")), ["link gone.md ?"], "elsewhere in the repository, perhaps");
        assert_eq!(claimed("[b](example.org/x) [c](<your-file>.md) [d](mailto:a@b.c)", None), [""; 0]);
    }

    #[test]
    fn links_start_at_the_file_that_has_them_and_accents_are_alike() {
        let files: Vec<TreeFile> = ["wiki/img/a.png", "wiki/de\u{301}tails.md"]
            .map(|path| TreeFile { path: path.into(), id: [0; 20], size: 1, link: false, missing: false, aside: None })
            .to_vec();
        let tree = Tree::new(&files, &[], None);
        let mut pages = Content::default();
        pages.format = Format::Markdown;
        let page = document::markdown("![a](img/a.png) [b](d\u{e9}tails.md) [c](gone.md)\n");
        pages.append(page, |_| Place::LineOf(1, "wiki/Home.md".into())).unwrap();
        let mut claims = Vec::new();
        of_files(&pages, "wiki", &[], &tree, &mut claims);
        let exists: Vec<Option<bool>> = claims.iter().map(|claim| claim.exists).collect();
        assert_eq!(exists, [Some(true), Some(false), Some(true)], "{claims:?}");

        let mut packed = document::markdown("![a](gone.png)\n");
        packed.member = Some("tp1/report.md".into());
        claims.clear();
        of_files(&packed, "tp1.zip", &[], &tree, &mut claims);
        assert!(claims.is_empty(), "{claims:?}");
    }

    #[test]
    fn a_document_without_an_end_is_read() {
        let words = "Ada Quill wrote five m4.large and python gone.py with [a](b.md) ";
        for text in [words.repeat(20_000), format!("{words}\n\n").repeat(4_000), "## Ada Quill\n\n".repeat(8_000)] {
            let content = document::markdown(&text);
            let member = stackmark_evidence::Member {
                id: "a".into(),
                name: "Ada Quill".into(),
                emails: Vec::new(),
                aliases: Vec::new(),
                login: None,
            };
            let team = stackmark_evidence::Team {
                id: "t".into(),
                name: None,
                members: vec![member],
                members_from: stackmark_evidence::MembersFrom::Roster,
                folder: None,
                nonce: None,
                distinct: Vec::new(),
            };
            assert_eq!(super::super::parts::find(&content, &team).parts.len(), stackmark_evidence::report::PARTS.len());
            assert!(claimed(&text, None).len() <= 500);
        }
    }

    #[test]
    fn what_another_document_fetches_need_not_be_there() {
        let readme = document::markdown("```\nwget https://example.org/releases/script.sh\n```\n");
        let report = document::markdown("Then call `sudo ./script.sh`.\n");
        let tree = Tree::new(&[], &[], None);
        let exists = |others: &[&Content]| {
            let mut claims = Vec::new();
            of_files(&report, "report.md", others, &tree, &mut claims);
            claims.into_iter().map(|claim| claim.exists).collect::<Vec<_>>()
        };
        assert_eq!(exists(&[]), [Some(false)]);
        assert_eq!(exists(&[&readme]), [None]);
    }

    #[test]
    fn commands_name_files_that_are_there_or_not() {
        assert_eq!(
            claimed("Call `python3 main.py` or `./gone.sh` or `bash run.sh`.", None),
            ["command main.py there", "command gone.sh missing", "command run.sh there"]
        );
        assert_eq!(
            claimed(
                "```\npip install -r requirements.txt\npython -m infra.deploy\npython -m infra.gone\npython -m venv .venv\n```",
                None
            ),
            ["command requirements.txt there", "command infra.deploy there", "command infra.gone missing"]
        );
        assert_eq!(
            claimed(
                "```\nwget https://example.org/get.sh\nbash get.sh\npython <file>.py\npython $X.py\npython mon_script.py\n```",
                None
            ),
            ["command get.sh ?"]
        );
    }
}
