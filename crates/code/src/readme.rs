//! The README that a newcomer meets first.

use std::sync::LazyLock;

use serde::Deserialize;

use super::markdown::{self, Outline};
use super::source::file_name;
use super::text;
use stackmark_collect::Limits;
use stackmark_collect::classify::is_lfs_pointer;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::code::Readme;
use stackmark_evidence::{Cause, Reading};

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

/// Reads the README nearest to the root of `files`: Markdown before reStructuredText before plain text.
pub(super) fn read(blobs: &dyn Blobs, files: &[TreeFile], limits: &Limits) -> Reading<Readme> {
    let Some(file) = nearest(files) else {
        return Reading::absent("no README, README.md, README.rst or README.txt; put one next to the code");
    };
    if file.size > limits.file_bytes {
        let detail = format!("{}: {} bytes, more than the {} that are read", file.path, file.size, limits.file_bytes);
        return Reading::unreadable(Cause::Refused, detail);
    }
    match blobs.read(file) {
        Ok(bytes) if is_lfs_pointer(&bytes) => {
            let detail = format!(
                "{}: the repository holds only a pointer to Git LFS, whose files are not fetched; commit the file itself",
                file.path
            );
            Reading::unreadable(Cause::Refused, detail)
        }
        Ok(bytes) => Reading::observed(measure(&file.path, &text::decode(&bytes))),
        Err(failure) => Reading::Unreadable(failure),
    }
}

/// Reads the README beside `folder`, in a folder that holds it: that of a repository of several assignments is of each.
pub fn beside(blobs: &dyn Blobs, files: &[TreeFile], folder: &str, limits: &Limits) -> Reading<Readme> {
    let holds_folder = |file: &&TreeFile| match file.path.rsplit_once('/') {
        None => true,
        Some((parent, _)) => folder.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/')),
    };
    let files: Vec<TreeFile> = files.iter().filter(holds_folder).cloned().collect();
    read(blobs, &files, limits)
}

/// Fewer words do not say what something is.
const LEAD_WORDS: u64 = 8;

fn nearest(files: &[TreeFile]) -> Option<&TreeFile> {
    files
        .iter()
        .filter(|file| !file.link && file.aside.is_none())
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
    use stackmark_collect::classify::why_excluded;

    fn file(path: &str) -> TreeFile {
        TreeFile {
            path: path.into(),
            id: [0; 20],
            size: 1,
            link: false,
            missing: false,
            aside: why_excluded(path, None),
        }
    }

    #[test]
    fn the_nearest_readme_wins_whatever_its_case() {
        let files =
            [file("a/b/README.md"), file("a/readme.txt"), file("a/ReadMe.MD"), file("README.pdf"), file("venv/README")];
        assert_eq!(nearest(&files).map(|file| file.path.as_str()), Some("a/ReadMe.MD"));
        assert_eq!(nearest(&files[3..]), None);
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
    fn words_in_code_blocks_do_not_count() {
        let readme = measure("README.md", "# My lab\n\nTwo words.\n\n```\na b c d e f\n```\n");
        assert_eq!((readme.words, readme.code_blocks), (4, 1));
        assert_eq!(readme.headings, ["My lab"]);
        let plain = measure("README", "My lab\n======\n\nTwo words.\n");
        assert_eq!((plain.words, plain.headings.len()), (4, 1));
    }
}
