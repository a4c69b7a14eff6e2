//! The README that a newcomer meets first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::markdown::{self, Outline};
use super::source::{file_name, is_lfs_pointer};
use super::starter::{Given, Graded};
use super::text;
use stackmark_collect::Limits;
use stackmark_collect::classify::why_excluded;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::code::Readme;
use stackmark_evidence::{Cause, Reading, Unreadable};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RunWords {
    headings: Vec<String>,
    commands: Vec<String>,
    teardown: Teardown,
}

/// The same for taking it down.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Teardown {
    headings: Vec<String>,
    commands: Vec<String>,
}

/// A test holds the embedded table to parse.
static RUN_WORDS: LazyLock<RunWords> =
    LazyLock::new(|| toml::from_str(include_str!("readme.toml")).unwrap_or_default());

/// Reads the README nearest to the root of the graded files: Markdown before reStructuredText before plain text. What
/// the course wrote is not read: neither a README that it gave, nor its lines in one that the team changed.
pub(super) fn read(blobs: &dyn Blobs, graded: &Graded<'_>, limits: &Limits) -> Reading<Readme> {
    let given = match &graded.starter {
        Ok(starter) => Given::new(starter),
        Err(failure) => return Reading::Unreadable(failure.clone()),
    };
    let own: Vec<&TreeFile> = graded.files.iter().filter(|file| !given.is_unchanged(file)).collect();
    let Some(file) = nearest(own.iter().copied()) else {
        return match nearest(graded.files.iter()) {
            Some(file) => {
                Reading::absent(format!("{} is the course's, as it was given; write one for this work", file.path))
            }
            None => Reading::absent("no README, README.md, README.rst or README.txt; put one next to the code"),
        };
    };
    if file.size > limits.file_bytes {
        let detail = format!("{}: {} bytes, more than the {} that are read", file.path, file.size, limits.file_bytes);
        return Reading::unreadable(Cause::Refused, detail);
    }
    match text_of(blobs, file) {
        Ok(text) => {
            let version = given.version_of(&file.path).map(|version| text_of(blobs, version));
            match version {
                Some(Ok(version)) => Reading::observed(measure(&file.path, &own_lines(&text, &version))),
                // The course's version alone cannot be read: what is its, and what the team's, is not known.
                Some(Err(failure)) => Reading::Unreadable(failure),
                None => Reading::observed(measure(&file.path, &text)),
            }
        }
        Err(failure) => Reading::Unreadable(failure),
    }
}

/// # Errors
/// `Malformed` where the object is missing, `Refused` for what stands in Git LFS.
fn text_of(blobs: &dyn Blobs, file: &TreeFile) -> Result<String, Unreadable> {
    let bytes = blobs.read(file)?;
    if is_lfs_pointer(&bytes) {
        let detail = format!(
            "{}: the repository holds only a pointer to Git LFS, whose files are not fetched; commit the file itself",
            file.path
        );
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    Ok(text::decode(&bytes))
}

/// Without the lines that the course gave. Its headings stay where the team wrote something below them, and marks
/// without words stay: they hold the team's lines together.
fn own_lines(text: &str, given: &str) -> String {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in given.lines() {
        *left.entry(line.trim()).or_default() += 1;
    }
    let mut own = String::new();
    // A heading of the course's, until something of the team's follows.
    let mut heading: Option<&str> = None;
    for line in text.lines() {
        let bare = line.trim();
        let count = left.get_mut(bare).filter(|count| **count > 0);
        let is_mark = bare.starts_with("```") || bare.starts_with("~~~") || !bare.chars().any(char::is_alphanumeric);
        match count {
            Some(count) if !is_mark => {
                *count -= 1;
                heading = if bare.starts_with('#') { Some(line) } else { heading };
            }
            _ => {
                if !is_mark && let Some(heading) = heading.take() {
                    own.push_str(heading);
                    own.push_str("\n\n");
                }
                own.push_str(line);
                own.push('\n');
            }
        }
    }
    own
}

/// Fewer words do not say what something is.
const LEAD_WORDS: u64 = 8;

fn nearest<'a>(files: impl Iterator<Item = &'a TreeFile>) -> Option<&'a TreeFile> {
    files
        .filter(|file| !file.link && why_excluded(&file.path, None).is_none())
        .filter_map(|file| Some(((file.path.matches('/').count(), rank(file_name(&file.path))?, &file.path), file)))
        .min_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, file)| file)
}

fn rank(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let rest = name
        .strip_prefix("readme")
        .or_else(|| name.strip_prefix("lisezmoi"))
        .or_else(|| name.strip_prefix("leggimi"))?;
    match rest.rsplit_once('.') {
        None => rest.is_empty().then_some(3),
        Some((_, "md" | "markdown")) => Some(0),
        Some((_, "rst")) => Some(1),
        Some((_, "txt")) => Some(2),
        Some(_) => None,
    }
}

fn measure(path: &str, text: &str) -> Readme {
    let outline =
        if rank(file_name(path)) == Some(0) { markdown::outline(text) } else { markdown::plain_outline(text) };
    Readme {
        path: path.to_owned(),
        words: outline.words,
        says_how_to_run: says_how_to_run(&outline, text),
        says_what: outline.lead_words >= LEAD_WORDS,
        says_how_to_tear_down: says_how_to_tear_down(&outline, text),
        code_blocks: outline.code_blocks.len() as u64,
        headings: outline.headings.into_iter().map(|(_, title)| text::one_line(&title, 200)).collect(),
    }
}

/// A heading that speaks of it, or a command that does it.
fn says_how_to_run(outline: &Outline, text: &str) -> bool {
    speaks_of(outline, &RUN_WORDS.headings) || lines_of_code(outline, text).any(is_command)
}

/// A heading that speaks of it, a command that does it, or a script that is named for it.
fn says_how_to_tear_down(outline: &Outline, text: &str) -> bool {
    let words = &RUN_WORDS.teardown;
    speaks_of(outline, &words.headings)
        || lines_of_code(outline, text).any(|line| {
            let line = line.to_lowercase();
            words.commands.iter().any(|command| line.contains(command))
        })
}

fn speaks_of(outline: &Outline, headings: &[String]) -> bool {
    outline.headings.iter().any(|(_, title)| {
        let title = format!(" {} ", words_of(title));
        headings.iter().any(|words| title.contains(&format!(" {} ", words_of(words))))
    })
}

/// Lines of code blocks and code within lines. Plain text marks its commands with a prompt, or not at all.
fn lines_of_code<'a>(outline: &'a Outline, text: &'a str) -> impl Iterator<Item = &'a str> {
    let blocks = outline.code_blocks.iter().flat_map(|block| block.lines());
    let prompts = text.lines().map(str::trim).filter(|line| line.starts_with("$ "));
    blocks.chain(outline.inline_code.iter().map(String::as_str)).chain(prompts)
}

fn is_command(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['$', '>', '%']).trim_start();
    let line = line.strip_prefix("sudo ").unwrap_or(line);
    let Some((program, _)) = line.split_once(char::is_whitespace) else {
        return line.starts_with("./") && line.len() > 2;
    };
    program.starts_with("./") || RUN_WORDS.commands.iter().any(|command| command == program)
}

fn words_of(text: &str) -> String {
    text::folded_words(text).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> TreeFile {
        TreeFile { path: path.into(), id: [0; 20], size: 1, link: false }
    }

    #[test]
    fn the_nearest_readme_wins_whatever_its_case() {
        let files =
            [file("a/b/README.md"), file("a/readme.txt"), file("a/ReadMe.MD"), file("README.pdf"), file("venv/README")];
        assert_eq!(nearest(files.iter()).map(|file| file.path.as_str()), Some("a/ReadMe.MD"));
        assert_eq!(nearest(files[3..].iter()), None);
    }

    #[test]
    fn how_to_run_is_said_in_three_languages_or_by_a_command() {
        for text in [
            "## How to run\n",
            "## Exécution du projet\n",
            "## Come eseguire\n",
            "## Déployer l'application\n",
            "Then:\n\n```\n$ python3 main.py --all\n```\n",
            "Call `./scripts.sh` and wait.\n",
        ] {
            assert!(measure("README.md", text).says_how_to_run, "{text}");
        }
        for text in ["# Runtime errors\n\nThe python program.\n", "# LOG8415\n", "```json\n{\"run\": 1}\n```\n"] {
            assert!(!measure("README.md", text).says_how_to_run, "{text}");
        }
    }

    #[test]
    fn what_it_is_and_how_it_goes_away() {
        let full = measure(
            "README.md",
            "# Lab\n\nTwo clusters of web servers behind one load balancer on AWS.\n\n```\nterraform destroy\n```\n",
        );
        assert!(full.says_what && full.says_how_to_tear_down);
        let bare = measure(
            "README.md",
            "# Lab\n\nOur work.\n\n## Run\n\n`python main.py` makes all of the many things that there are.\n",
        );
        assert!(!bare.says_what && !bare.says_how_to_tear_down);
        for text in ["## Nettoyage\n", "## How to remove it\n", "## Pulizia delle risorse\n", "Call `./teardown.sh`.\n"]
        {
            assert!(measure("README.md", text).says_how_to_tear_down, "{text}");
        }
    }

    #[test]
    fn lines_of_the_course_do_not_earn() {
        let given =
            "# Lab\n\nThe course's words on what a cluster is and how it scales.\n\n## How to run\n\n## Removal\n";
        let text = "# Lab\n\nThe course's words on what a cluster is and how it scales.\n\nOur part sums the load of both clusters every minute.\n\n\
                    ## How to run\n\nCall `python up.py`.\n\n## Removal\n";
        let readme = measure("README.md", &own_lines(text, given));
        assert_eq!(readme.headings, ["Lab", "How to run"], "nothing of the team's stands below the last");
        assert_eq!(readme.words, 17);
        assert!(readme.says_how_to_run && readme.says_what && !readme.says_how_to_tear_down);
    }

    #[test]
    fn words_in_code_blocks_do_not_count() {
        let readme = measure("README.md", "# My lab\n\nTwo words.\n\n```\na b c d e f\n```\n");
        assert_eq!((readme.words, readme.code_blocks), (4, 1));
        assert_eq!(readme.headings, ["My lab"]);
        let plain = measure("README", "My lab\n======\n\nTwo words.\n");
        assert_eq!((plain.words, plain.headings.len()), (4, 1));
    }
}
