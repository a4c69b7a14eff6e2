//! How much of a report is about this repository: the names of its files, functions and resources that it holds.
//!
//! One text can serve every team of a course: parts in the right order, with a figure, a table and a command each. What it
//! does not hold is the names that only this team's code has. Of 20 student reports with six parts or more, those of under
//! 150 words a part name from 4 to 48 such things, but for one README.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Content;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::closed::PartFound;
use stackmark_evidence::report::Part;
use stackmark_evidence::{Sign, SignKind};

/// A report of fewer parts is no handover document by template.
const FEWEST_PARTS: u64 = 6;
/// Who writes so much about each part has something to say.
const LONG_PART: u64 = 150;
/// The fewest own names of a real report that short.
const FEWEST_NAMES: usize = 4;
/// Files that are looked into, and bytes of one of them.
const MOST_FILES: usize = 400;
const MOST_BYTES: u64 = 64 << 10;
const SHORTEST_NAME: usize = 4;
const EXAMPLES: usize = 5;

const CODE: [&str; 18] = [
    "py", "sh", "bash", "js", "ts", "tsx", "jsx", "tf", "yml", "yaml", "java", "go", "rs", "rb", "cs", "kt", "ipynb",
    "toml",
];
/// Files that every repository has.
const EVERYBODYS: [&str; 9] = [
    "main.py",
    "app.py",
    "index.js",
    "package.json",
    "readme.md",
    "requirements.txt",
    "main.tf",
    "docker-compose.yml",
    "server.js",
];

/// Where most parts of the report name nothing of the repository's.
pub(super) fn sign(
    content: &Content,
    parts: &BTreeMap<String, Part>,
    report: &str,
    blobs: &dyn Blobs,
    files: &[TreeFile],
) -> Option<Sign> {
    let is_there = |part: &&Part| matches!(part.found, PartFound::Heading | PartFound::Text);
    let there = parts.values().filter(is_there).count() as u64;
    if there < FEWEST_PARTS {
        return None;
    }
    let own = names(content, report, blobs, files);
    if own.len() as u64 * 2 >= there {
        return None;
    }
    let says = format!(
        "{there} parts of the report in {} words name {} files, functions or resources of the repository",
        content.words,
        own.len()
    );
    let asks = is_anybodys(content.words, there, own.len());
    Some(Sign { kind: SignKind::ThinReport, says, asks, examples: own.into_iter().take(EXAMPLES).collect() })
}

/// Whether so short a report of so many parts could be any team's. What names as many own things as the shortest of real ones
/// is this team's.
fn is_anybodys(words: u64, parts: u64, own: usize) -> bool {
    words < parts.saturating_mul(LONG_PART) && own < FEWEST_NAMES
}

/// Names that stand in the report and in the repository, and that are more than words.
fn names(content: &Content, report: &str, blobs: &dyn Blobs, files: &[TreeFile]) -> BTreeSet<String> {
    let written: BTreeSet<&str> =
        content.lines.iter().flat_map(|line| words(&line.text)).filter(|it| is_name(it)).collect();
    if written.is_empty() {
        return BTreeSet::new();
    }
    let mut own = BTreeSet::new();
    let others = || files.iter().filter(|file| !file.link && !file.missing && file.path != report);
    for file in others() {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        if written.contains(name) && !EVERYBODYS.contains(&name.to_lowercase().as_str()) {
            own.insert(name.to_owned());
        }
    }
    let is_code = |file: &&TreeFile| {
        let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
        file.size <= MOST_BYTES && file.aside.is_none() && CODE.contains(&extension)
    };
    for file in others().filter(is_code).take(MOST_FILES) {
        // What cannot be read is said where it matters.
        let Ok(bytes) = blobs.read(file) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        own.extend(words(&text).filter(|word| written.contains(word) && !is_file(word)).map(str::to_owned));
    }
    own
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'));
    parts.map(|word| word.trim_matches(['-', '.', '_'])).filter(|word| word.len() >= SHORTEST_NAME)
}

/// `deploy_stack`, `io-master1`, `createRole`, `run.sh`; not `load-balancer`, `t2.micro`, `us-east-1` or `v1.2`.
fn is_name(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let turns = word.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    let digits = has(char::is_ascii_digit);
    let starts = word.starts_with(|c: char| c.is_ascii_alphabetic());
    starts && !is_of_aws(word) && (word.contains('_') || turns || digits || is_file(word))
}

fn is_file(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(stem, extension)| {
        // Not `e.g` and `i.e`.
        !stem.is_empty()
            && stem.len() + extension.len() > 2
            && (1..=5).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

/// Types of instances, regions, zones and addresses: anybody's.
fn is_of_aws(word: &str) -> bool {
    let sizes = ["nano", "micro", "small", "medium", "large", "metal"];
    let is_type = word.rsplit_once('.').is_some_and(|(_, size)| sizes.iter().any(|known| size.ends_with(known)));
    let is_region = word.splitn(3, '-').count() == 3
        && word.split('-').next().is_some_and(|first| first.len() == 2)
        && word.trim_end_matches(|c: char| c.is_ascii_lowercase()).ends_with(|c: char| c.is_ascii_digit());
    let is_id =
        word.split_once('-').is_some_and(|(_, id)| id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_type || is_region || is_id || word.ends_with(".com") || word.ends_with(".org")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_report_with_names_of_its_own_is_no_question() {
        assert!(is_anybodys(371, 13, 3));
        assert!(!is_anybodys(371, 13, 4));
        assert!(!is_anybodys(13 * 150, 13, 0));
    }

    #[test]
    fn names_are_more_than_words() {
        for name in ["deploy_stack", "io-master1", "createRole", "run.sh", "cluster1", "HADOOP_HOME"] {
            assert!(is_name(name), "{name}");
        }
        for word in [
            "load-balancer",
            "t2.micro",
            "us-east-1",
            "us-east-1a",
            "i-0a1b2c3d4e5f60718",
            "Architecture",
            "1000",
            "e.g",
            "example.com",
            "2024-10-01",
        ] {
            assert!(!is_name(word), "{word}");
        }
    }
}
