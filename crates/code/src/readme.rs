//! The README that a newcomer meets first.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use self::tear_down::{may_say_how_to_tear_down, says_how_to_tear_down};
use super::as_markdown::{ENDINGS, as_markdown};
use super::markdown::{self, Outline};
use super::source::file_name;
use super::starter::{Given, Graded};
use super::template_readme;
use super::text;
use stackmark_collect::Limits;
use stackmark_collect::classify::is_lfs_pointer;
use stackmark_collect::redact::Redacted;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::code::Readme;
use stackmark_evidence::{Cause, Reading, Unreadable};

mod tear_down;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RunWords {
    known: Vec<String>,
    foreign: Vec<String>,
    headings: Vec<String>,
    commands: Vec<String>,
    what: What,
    teardown: Teardown,
}

/// The same for what it is.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct What {
    headings: Vec<String>,
}

/// The same for taking it down.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Teardown {
    headings: Vec<String>,
    commands: Vec<String>,
    words: Vec<String>,
    denials: Vec<String>,
}

/// A test holds the embedded table to parse.
static RUN_WORDS: LazyLock<RunWords> =
    LazyLock::new(|| toml::from_str(include_str!("readme.toml")).unwrap_or_default());

/// Reads the README beside `folder`, in a folder that holds it: that of a repository of several assignments is of each.
pub fn beside(blobs: &dyn Blobs, files: &[TreeFile], folder: &str, limits: &Limits) -> Reading<Readme> {
    let holds_folder = |file: &&TreeFile| match file.path.rsplit_once('/') {
        None => true,
        Some((parent, _)) => folder.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/')),
    };
    let files: Vec<TreeFile> = files.iter().filter(holds_folder).cloned().collect();
    read(blobs, &Graded::all_own(&files), limits)
}

/// Reads the README nearest to the root of the graded files: Markdown and its relatives before reStructuredText before
/// plain text. What the course wrote is not read: neither a README that it gave, nor its lines in one that the team
/// changed. A README in a format that nothing here reads is unreadable.
pub(super) fn read(blobs: &dyn Blobs, graded: &Graded<'_>, limits: &Limits) -> Reading<Readme> {
    let given = match &graded.starter {
        Ok(starter) => Given::new(starter),
        Err(failure) => return Reading::Unreadable(failure.clone()),
    };
    let own: Vec<&TreeFile> = graded.files.iter().filter(|file| !given.is_unchanged(file)).collect();
    let Some(file) = nearest(own.iter().copied()) else {
        if let Some(file) = own.iter().find(|file| file.may_be_a_document() && is_unread(file_name(&file.path))) {
            let detail = format!("{}: a README in this format is not read; keep it as README.md", file.path);
            return Reading::unreadable(Cause::Refused, detail);
        }
        return match nearest(graded.files.iter()) {
            Some(file) => {
                Reading::absent(format!("{} is the course's, as it was given; write one for this work", file.path))
            }
            None => Reading::absent("no README, README.md, README.rst or README.txt; put one next to the code"),
        };
    };
    let most = limits.file_bytes.min(MAX_BYTES);
    if file.size > most {
        let detail = format!("{}: {} bytes, more than the {most} that are read of a README", file.path, file.size);
        return Reading::unreadable(Cause::Refused, detail);
    }
    match text_of(blobs, file) {
        Ok(text) => {
            let version = given.version_of(&file.path).map(|version| text_of(blobs, version));
            match version {
                Some(Ok(version)) => {
                    Reading::observed(measure(&file.path, &own_lines(text.as_str(), version.as_str())))
                }
                // The course's version alone cannot be read: what is its, and what the team's, is not known.
                Some(Err(failure)) => Reading::Unreadable(failure),
                None => beside_template(&file.path, text.as_str()),
            }
        }
        Err(failure) => Reading::Unreadable(failure),
    }
}

/// The text, its secrets taken out while it is whole: what is quoted of it are lines and pieces of lines.
///
/// # Errors
/// `Malformed` where the object is missing, `Refused` for what stands in Git LFS.
fn text_of(blobs: &dyn Blobs, file: &TreeFile) -> Result<Redacted, Unreadable> {
    let bytes = blobs.read(file)?;
    if is_lfs_pointer(&bytes) {
        let detail = format!(
            "{}: the repository holds only a pointer to Git LFS, whose files are not fetched; commit the file itself",
            file.path
        );
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    Ok(Redacted::of(&text::decode(&bytes)))
}

/// Without what a tool wrote into a new project. What it says of starting the project holds for the team's, too.
fn beside_template(path: &str, text: &str) -> Reading<Readme> {
    let Some(template) = template_readme::of(text) else { return Reading::observed(measure(path, text)) };
    let own = own_lines(text, &template.lines_of(text));
    let sentences = own.lines().filter(|line| !line.trim_start().starts_with('#'));
    if sentences.map(markdown::count_words).sum::<u64>() < LEAD_WORDS {
        return Reading::absent(format!("{path} is what {} writes; write one for this work", template.tool));
    }
    let says_how_to_run = template.tells_how_to_run && measure(path, text).says_how_to_run;
    let mut readme = measure(path, &own);
    readme.says_how_to_run |= says_how_to_run;
    Reading::observed(readme)
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
/// Fewer words below a heading do not say what it promises.
const BODY_WORDS: u64 = 2;
/// Longest README, in bytes: it is parsed right here.
const MAX_BYTES: u64 = 1 << 20;

fn nearest<'a>(files: impl Iterator<Item = &'a TreeFile>) -> Option<&'a TreeFile> {
    files
        .filter(|file| !file.link && file.aside.is_none())
        .filter_map(|file| Some(((file.path.matches('/').count(), rank(file_name(&file.path))?, &file.path), file)))
        .min_by(|a, b| a.0.cmp(&b.0))
        .map(|(_, file)| file)
}

/// Formats of documents of which no README is read.
const UNREAD: [&str; 9] = ["pdf", "docx", "doc", "odt", "rtf", "tex", "ipynb", "textile", "pod"];

/// Whether a file is a README that a person can read, and nothing here can.
fn is_unread(name: &str) -> bool {
    let name = name.to_lowercase();
    after_the_name(&name).and_then(|rest| rest.rsplit_once('.')).is_some_and(|(_, ending)| UNREAD.contains(&ending))
}

/// What comes after README in a name in lower case, or after what it is called in French and Italian.
fn after_the_name(name: &str) -> Option<&str> {
    ["readme", "read_me", "read-me", "read me", "lisezmoi", "lisez-moi", "lisez_moi", "leggimi"]
        .iter()
        .find_map(|begin| name.strip_prefix(begin))
}

fn rank(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let rest = after_the_name(&name)?;
    match rest.rsplit_once('.') {
        None => rest.is_empty().then_some(3),
        Some((_, ending)) if ENDINGS.contains(&ending) => Some(0),
        Some((_, "html" | "htm")) => Some(0),
        Some((_, "rst")) => Some(1),
        Some((_, "txt")) => Some(2),
        Some(_) => None,
    }
}

fn measure(path: &str, text: &str) -> Readme {
    let name = file_name(path).to_lowercase();
    let is_markdown = rank(&name) == Some(0);
    let shown = if is_markdown { markdown::shown(text) } else { text.into() };
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let visible = if is_markdown { as_markdown(ending, &shown) } else { Cow::from(&*shown) };
    let text: &str = &visible;
    let outline = if is_markdown { markdown::outline(text) } else { with_labels(markdown::plain_outline(text), text) };
    let says_how_to_tear_down = says_how_to_tear_down(&outline, text);
    let may_say_how_to_tear_down = !says_how_to_tear_down && may_say_how_to_tear_down(&outline, text);
    Readme {
        path: path.to_owned(),
        words: outline.words,
        says_how_to_run: says_how_to_run(&outline, text) || (!is_markdown && text.lines().any(is_plain_command)),
        says_what: says_what(&outline, text),
        says_how_to_tear_down,
        may_say_how_to_tear_down: Some(may_say_how_to_tear_down),
        in_known_language: is_in_known_language(text),
        code_blocks: outline.code_blocks.len() as u64,
        headings: outline.headings.into_iter().map(|(_, title)| text::one_line(&title, 200)).collect(),
    }
}

/// Fewer words are no sample of a language.
const SAMPLE_WORDS: usize = 25;

/// Whether a text is in a language whose words the table has. A few words, or commands alone, are taken for one.
fn is_in_known_language(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    // Latin letters, with and without accents, are below U+0250.
    let (latin, other) = letters
        .fold((0, 0), |(latin, other), c| if u32::from(c) < 0x250 { (latin + 1, other) } else { (latin, other + 1) });
    if other > latin / 2 {
        return false;
    }
    let words = text::folded_words(text);
    let words: Vec<&String> = words.iter().filter(|word| word.chars().all(char::is_alphabetic)).collect();
    let among = |list: &[String]| words.iter().filter(|word| list.contains(word)).count();
    // Spanish shares many of its small words with French and Italian, and has others besides.
    let is_known = among(&RUN_WORDS.known) * 12 >= words.len() && among(&RUN_WORDS.foreign) * 16 < words.len();
    words.len() < SAMPLE_WORDS || is_known
}

/// In the lines that lead, or below a heading that promises it.
fn says_what(outline: &Outline, text: &str) -> bool {
    outline.lead_words >= LEAD_WORDS || speaks_of(outline, text, &RUN_WORDS.what.headings, LEAD_WORDS)
}

/// A heading that speaks of it, or a command that does it.
fn says_how_to_run(outline: &Outline, text: &str) -> bool {
    speaks_of(outline, text, &RUN_WORDS.headings, BODY_WORDS) || lines_of_code(outline, text).any(is_command)
}

/// A plain text's lines such as `How to run it:`, which begin a paragraph whatever stands below them and name what is
/// looked for, are headings as well.
fn with_labels(mut outline: Outline, text: &str) -> Outline {
    const LABEL_WORDS: u64 = 6;
    let lines: Vec<&str> = text.lines().collect();
    let named = || RUN_WORDS.headings.iter().chain(&RUN_WORDS.teardown.headings);
    for (at, line) in lines.iter().enumerate() {
        let begins = at.checked_sub(1).is_none_or(|before| lines[before].trim().is_empty());
        let Some(title) = line.trim().strip_suffix(':').filter(|title| begins && !title.ends_with(':')) else {
            continue;
        };
        let number = at as u64 + 1;
        let is_known = outline.headings.iter().any(|(line, _)| *line == number);
        let folded = format!(" {} ", words_of(title));
        let names = named().any(|words| folded.contains(&format!(" {} ", words_of(words))));
        if !is_known && names && markdown::count_words(title) <= LABEL_WORDS {
            outline.headings.push((number, title.to_owned()));
        }
    }
    outline.headings.sort_by_key(|(line, _)| *line);
    outline
}

/// A step of a plain text that is a command: `1. python up.py`; `make sure that` and `go to` are words.
fn is_plain_command(line: &str) -> bool {
    const DOES: [&str; 12] =
        ["up", "apply", "run", "install", "build", "init", "deploy", "start", "all", "compose", "create", "test"];
    let line = line.trim();
    let step = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = step.strip_prefix(['.', ')']).filter(|_| step.len() < line.len()).unwrap_or(line);
    let line = line.strip_prefix(['-', '*']).unwrap_or(line).trim_start();
    let second = line.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(['.', ',', ':']);
    is_command(line) && (second.contains(['.', '/', '-', '_']) || DOES.contains(&second))
}

/// Whether one of these stands in a heading with at least so many words below it.
fn speaks_of(outline: &Outline, text: &str, headings: &[String], least: u64) -> bool {
    let bodies = bodies(outline, text);
    outline.headings.iter().enumerate().any(|(number, (_, title))| {
        let title = format!(" {} ", words_of(title));
        let speaks = headings.iter().any(|words| title.contains(&format!(" {} ", words_of(words))));
        let Some(body) = bodies.get(number).filter(|_| speaks) else { return false };
        // Its subsection may hold what it promises.
        let below = bodies.get(number + 1).filter(|below| below.level > body.level).map_or(0, |below| below.words);
        body.words + below >= least
    })
}

/// What stands between a heading and the next one.
struct Body {
    words: u64,
    /// Of its heading, by the signs before it; a line in bold is below all others.
    level: usize,
}

fn bodies(outline: &Outline, text: &str) -> Vec<Body> {
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = outline.headings.iter().map(|(line, _)| *line as usize).collect();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([lines.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let heading = lines.get(start.saturating_sub(1)).map_or("", |line| line.trim_start());
            let level = match heading.bytes().take_while(|byte| *byte == b'#').count() {
                0 if heading.starts_with(['*', '_']) => 9,
                0 => 2,
                signs => signs,
            };
            // A heading alone says nothing.
            let words = lines.get(start..end).unwrap_or_default().iter().map(|line| markdown::count_words(line)).sum();
            Body { words, level }
        })
        .collect()
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
        TreeFile {
            path: path.into(),
            id: [0; 20],
            size: 1,
            link: false,
            missing: false,
            aside: stackmark_collect::classify::why_excluded(path, None),
        }
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
            "## How to run\n\nCall it.\n",
            "## Exécution du projet\n\n### Linux\n\nAppelez le script.\n",
            "**Come eseguire**\nChiamare lo script.\n",
            "## Déployer l'application\n\nIl suffit d'appeler le script.\n",
            "Then:\n\n```\n$ python3 main.py --all\n```\n",
            "Call `./scripts.sh` and wait.\n",
        ] {
            assert!(measure("README.md", text).says_how_to_run, "{text}");
        }
        for text in [
            "## How to run\n",
            "## Usage\n\n## Results\n",
            "# Runtime errors\n\nThe python program.\n",
            "# LOG8415\n",
            "```json\n{\"run\": 1}\n```\n",
        ] {
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
        let body = "\n\nCall the script.\n";
        for text in ["## Nettoyage", "## How to remove it", "## Pulizia delle risorse", "Call `./teardown.sh`."]
            .map(|text| format!("{text}{body}"))
        {
            assert!(measure("README.md", &text).says_how_to_tear_down, "{text}");
        }
    }

    #[test]
    fn what_a_tool_wrote_into_a_new_project_is_nobodys_work() {
        let react = "# Getting Started with Create React App\n\nThis project was bootstrapped with [Create React App](https://github.com/facebook/create-react-app).\n\n## Available Scripts\n\nIn the project directory, you can run:\n\n### `npm start`\n\nRuns the app in the development mode.\\\nOpen [http://localhost:3000](http://localhost:3000) to view it in your browser.\n";
        assert_eq!(
            beside_template("README.md", react),
            Reading::absent("README.md is what Create React App writes; write one for this work")
        );
        let own = format!("# Shop\n\nTwo clusters of web servers behind one load balancer on AWS.\n\n{react}");
        let Reading::Observed { value, .. } = beside_template("README.md", &own) else { panic!("{own}") };
        assert!(value.says_what);
        let plain = "# Shop\n\nOurs.\n";
        assert_eq!(beside_template("README.md", plain), Reading::observed(measure("README.md", plain)));
    }

    #[test]
    fn what_it_is_may_stand_below_a_heading_further_down() {
        let described = |heading: &str| {
            format!(
                "# Lab\n\n## Authors\n\n- Ada\n\n{heading}\n\nTwo clusters of web servers behind one load balancer on AWS.\n"
            )
        };
        for heading in ["## Description", "## About the project", "**Présentation du projet**", "## Descrizione"] {
            assert!(measure("README.md", &described(heading)).says_what, "{heading}");
        }
        assert!(!measure("README.md", &described("## Results")).says_what);
        assert!(!measure("README.md", "# Lab\n\n## Description\n\nOur lab.\n").says_what, "a heading alone");
    }

    #[test]
    fn a_readme_says_the_same_in_each_format() {
        let lead = "Two clusters of web servers behind one load balancer on AWS.";
        for (path, text) in [
            (
                "README.org",
                format!("* Lab\n\n{lead}\n\n** How to run\n\nCall the script.\n\n** Teardown\n\nCall the other.\n"),
            ),
            (
                "README.adoc",
                format!("= Lab\n\n{lead}\n\n== How to run\n\nCall the script.\n\n== Teardown\n\nCall the other.\n"),
            ),
            (
                "README.md",
                format!(
                    "<h1>Lab</h1>\n<p>{lead}</p>\n<h2>How to run</h2>\n<p>Call the script.</p>\n<h2>Teardown</h2>\n<p>Call the other.</p>\n"
                ),
            ),
            ("README.txt", format!("LAB\n\n{lead}\n\nHOW TO RUN\n\nCall the script.\n\nTEARDOWN\n\nCall the other.\n")),
            (
                "README",
                format!("Lab\n\n{lead}\n\n1. How to run\n\nCall the script.\n\n2. Teardown:\n\nCall the other.\n"),
            ),
        ] {
            let readme = measure(path, &text);
            assert!(readme.says_what && readme.says_how_to_run && readme.says_how_to_tear_down, "{path}: {readme:?}");
        }
    }

    #[test]
    fn how_it_goes_away_may_be_told_in_a_sentence() {
        let lead = "# Lab\n\nTwo clusters of web servers behind one load balancer on AWS.\n\n";
        for text in [
            "Call `python up.py`. À la fin, `python down.py` supprime les instances et le répartiteur.",
            "`python down.py` takes it all down again.",
            "## Pour tout éteindre\n\nOn appelle le second script.",
            "## Come si spegne tutto\n\nSi chiama il secondo script.",
            "## Taking it down\n\nCall the second script.",
            "```sh\npython src/main.py up\npython src/main.py delete\n```",
            "```sh\npython src/main.py down\n```",
        ] {
            let readme = measure("README.md", &format!("{lead}{text}\n"));
            assert!(readme.says_how_to_tear_down && readme.may_say_how_to_tear_down == Some(false), "{text}");
        }
        for text in [
            "When the lab is over, the second script deletes the machines.",
            "Quand tout est fini, le second script éteint les machines.",
            "## The end\n\nAlla fine il secondo script spegne le macchine.",
            "```sh\n# The second script deletes the machines.\nbash two.sh\n```",
        ] {
            let readme = measure("README.md", &format!("{lead}{text}\n"));
            assert!(!readme.says_how_to_tear_down && readme.may_say_how_to_tear_down == Some(true), "{text}");
        }
        for text in [
            "```sh\npython up.py\n```",
            "Call `python up.py`.",
            "There is no way to remove the stack.",
            "No command deletes the machines.",
            "It prints:\n\n```\nINFO - Terminating old instances...\nINFO - 9 instances are running\n```",
        ] {
            let readme = measure("README.md", &format!("{lead}{text}\n"));
            assert!(!readme.says_how_to_tear_down && readme.may_say_how_to_tear_down == Some(false), "{text}");
        }
    }

    #[test]
    fn a_plain_text_names_its_parts_and_its_commands_without_signs() {
        let lead = "LAB\n\nTwo clusters of web servers behind one load balancer on AWS.\n\n";
        let steps = "How to run it:\n1. pip install -r requirements.txt\n2. python up.py\n\nHow to remove it:\n1. python down.py\n";
        let readme = measure("README.txt", &format!("{lead}{steps}"));
        assert!(readme.says_how_to_run && readme.says_how_to_tear_down, "{readme:?}");
        let commands = measure("README.txt", &format!("{lead}First:\n1. python up.py\n"));
        assert!(commands.says_how_to_run, "{commands:?}");
        for text in ["make sure that you have Python.", "1. go to the folder.", "Python is what we wrote it in."] {
            assert!(!measure("README.txt", &format!("{lead}{text}\n")).says_how_to_run, "{text}");
        }
    }

    #[test]
    fn a_readme_that_nothing_reads_is_not_missing() {
        assert!(is_unread("README.pdf") && is_unread("Lisez-moi.docx"));
        assert!(!is_unread("README.md") && !is_unread("README.png") && !is_unread("report.pdf"));
    }

    #[test]
    fn languages_that_nothing_reads_are_told() {
        let german = "# Galerie\n\nDiese Anwendung zeigt Bilder hinter einem Lastverteiler und speichert jedes davon doppelt, damit keins verloren geht. \
                      Zum Starten braucht man nur das Skript, und zum Aufräumen ebenso eins, das alles wieder löscht.\n";
        assert!(!measure("README.md", german).in_known_language);
        let spanish = "# Galería\n\nEsta aplicación muestra las imágenes de los usuarios por detrás de un balanceador de carga y guarda una copia en el segundo \
                       servidor, para que ninguna se pierda cuando una instancia termina.\n";
        assert!(!measure("README.md", spanish).in_known_language);
        assert!(!measure("README.md", "# 图库\n\n这个应用程序在负载均衡器后面运行。\n").in_known_language);
        let english = "# Gallery\n\nThis application shows pictures behind a load balancer and keeps each of them twice, so that none of it is lost when an instance ends. \
                       The script starts it, and another one removes all of it.\n";
        assert!(measure("README.md", english).in_known_language);
        assert!(measure("README.md", "# Lab\n\n`make run`\n").in_known_language, "too short to tell");
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
