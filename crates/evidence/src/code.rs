//! The files at the graded commit: what the code is, and how it is documented.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::closed::CallTool;
use super::infrastructure::{
    Credential, Declared, FileTree, FunctionCall, ImageRecipe, Service, ShortText, UserData, Variable,
};
use super::unread::CodeSetAside;
use super::{Reading, Sign};

/// What was read of the code.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CodeEvidence {
    /// Source files that count, sorted by path.
    pub files: Reading<Vec<SourceFile>>,
    /// Files that do not count as source, by reason: `vendored`, `binary`, `prose`, …
    pub left_out: Reading<BTreeMap<String, LeftOut>>,
    /// What may be the team's own and was not read or not counted.
    #[serde(default = "nothing_set_aside")]
    pub set_aside: Reading<CodeSetAside>,
    /// What is as the course gave it, in the base commit.
    #[serde(default = "no_starter")]
    pub starter: Reading<Starter>,
    /// How well they are documented, the course's files and lines left out.
    pub documentation: Reading<Documentation>,
    /// The README that a newcomer meets first.
    pub readme: Reading<Readme>,
    /// Places where the code creates, changes or reads cloud resources.
    pub cloud_calls: Reading<Vec<CloudCall>>,
    /// Resources that the code declares, by path and line.
    #[serde(default)]
    pub declared: Reading<Vec<Declared>>,
    /// Variables, outputs and locals.
    #[serde(default)]
    pub variables: Reading<Vec<Variable>>,
    /// Secrets in files of the graded commit.
    #[serde(default)]
    pub credentials: Reading<Vec<Credential>>,
    /// Functions and commands that files call.
    #[serde(default)]
    pub calls: Reading<Vec<FunctionCall>>,
    /// Every file.
    #[serde(default)]
    pub tree: Reading<FileTree>,
    /// Scripts that instances run when they start.
    #[serde(default)]
    pub user_data: Reading<Vec<UserData>>,
    /// What the code lets the system start at boot.
    #[serde(default)]
    pub services: Reading<Vec<Service>>,
    /// What short text files say.
    #[serde(default)]
    pub short_texts: Reading<Vec<ShortText>>,
    /// Container images that the code builds.
    #[serde(default)]
    pub images: Reading<Vec<ImageRecipe>>,
    /// How the code came about, by the names of the readings: facts for a person to weigh.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signs: BTreeMap<String, Vec<Sign>>,
}

/// Evidence from before there was such a reading left nothing aside that it knew of.
fn nothing_set_aside() -> Reading<CodeSetAside> {
    Reading::observed(CodeSetAside::default())
}

fn no_starter() -> Reading<Starter> {
    Reading::observed(Starter::default())
}

/// What the course gave: files of the base commit and lines in them. They neither lose nor earn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Starter {
    /// Paths, in the graded commit, of files that are unchanged, sorted.
    pub unchanged: Vec<String>,
    /// Paths of files that the team changed, sorted.
    pub changed: Vec<String>,
}

/// One source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SourceFile {
    /// Path in the repository.
    pub path: String,
    /// Language name, as tokei has it.
    pub language: String,
    /// Lines with code.
    pub code: u64,
    /// Lines with comments or docstrings only, those of `commented_out` not among them.
    pub comments: u64,
    /// Lines of code that was commented out: neither code nor comment.
    pub commented_out: u64,
    /// Empty lines.
    pub blanks: u64,
    /// It may call functions and commands that the list of calls does not have: in its language none are looked for.
    #[serde(default)]
    pub calls_unlisted: bool,
    /// It may define functions and classes that are not counted: in its language none are looked for.
    #[serde(default)]
    pub definitions_unlisted: bool,
}

/// Files that do not count as source, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// How many.
    pub files: u64,
    /// Up to five paths.
    pub examples: Vec<String>,
}

/// How well the code is documented.
///
/// Programs and configuration count: Python, shell, Terraform, JavaScript, YAML, Dockerfiles and their like. Formats in
/// which nobody writes comments (JSON, HTML, XML, CSS) do not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Documentation {
    /// Files that count.
    pub files: u64,
    /// Files that are wholly the course's, and left out.
    #[serde(default)]
    pub starter_files: u64,
    /// Lines of code and comment that are the course's in the files that count, and left out.
    #[serde(default)]
    pub starter_lines: u64,
    /// Lines with code, all files.
    pub code: u64,
    /// Lines with comments or docstrings, all files.
    pub comments: u64,
    /// comments ÷ (code + comments), 0..1.
    pub comment_ratio: f64,
    /// Functions and classes of Python, shell, JavaScript, TypeScript and Rust, methods and nested ones too.
    pub definitions: u64,
    /// Those with a docstring, or with a comment directly above.
    pub documented_definitions: u64,
    /// Documented ÷ all definitions, 0..1; `None` where there is no definition.
    pub documented_ratio: Option<f64>,
    /// Documented functions and classes of which more is said than their name does.
    #[serde(default)]
    pub telling_definitions: u64,
    /// The same by kind: `file` (of five lines of code or more: something at its head), `function`, `class`,
    /// `resource`, `variable`, `output` (Terraform and CloudFormation), `stage` (of a Dockerfile).
    #[serde(default)]
    pub kinds: BTreeMap<String, Documented>,
    /// Functions and classes by language.
    #[serde(default)]
    pub languages: BTreeMap<String, Documented>,
    /// Python modules, classes and functions with a docstring of their own, as `interrogate` counts them.
    #[serde(default)]
    pub docstrings: Documented,
    /// Files with ten lines of code or more and no comment at all, largest first, at most ten.
    pub bare_files: Vec<String>,
    /// What nothing is said of, the longest first, at most twenty; variables and outputs weigh ten lines.
    pub worst: Vec<Undocumented>,
    /// The files with the most undocumented lines first, at most twenty.
    #[serde(default)]
    pub table: Vec<FileDocumentation>,
}

/// How many there are, and how many of them are documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Documented {
    /// All.
    pub definitions: u64,
    /// With documentation.
    pub documented: u64,
}

/// A definition without documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Undocumented {
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// Name of the function, class, resource or file.
    pub name: String,
    /// Lines that it spans.
    pub lines: u64,
    /// `function`, `class`, `resource`, …
    #[serde(default)]
    pub kind: String,
    /// What to write: `a docstring`, `a comment above it`, `a description`, …
    #[serde(default)]
    pub missing: String,
}

/// One file's documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FileDocumentation {
    /// Path in the repository.
    pub path: String,
    /// Language name.
    pub language: String,
    /// Lines with code.
    pub code: u64,
    /// Lines with comments or docstrings.
    pub comments: u64,
    /// Everything that can be documented: functions, classes, resources, variables, the file itself, …
    pub definitions: u64,
    /// Those that are.
    pub documented: u64,
    /// Line and name of what is not, the longest first, at most five.
    pub missing: Vec<String>,
}

/// The README.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Readme {
    /// Path in the repository.
    pub path: String,
    /// Words outside code blocks.
    pub words: u64,
    /// Headings, in order.
    pub headings: Vec<String>,
    /// Commands or code blocks.
    pub code_blocks: u64,
    /// Says how to run it: a heading or a command.
    pub says_how_to_run: bool,
    /// Says what the project is: eight words of prose or more before the first commands, or under the first heading.
    #[serde(default)]
    pub says_what: bool,
    /// Says how to take it down: a heading or a command.
    #[serde(default)]
    pub says_how_to_tear_down: bool,
    /// A sentence has a word for taking something down, with no heading and no command that says so: a person
    /// tells. `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub may_say_how_to_tear_down: Option<bool>,
    /// Most of it is in English, French or Italian: in another language its headings may say all of this.
    #[serde(default = "yes")]
    pub in_known_language: bool,
}

/// Evidence from before languages were told took every README for one that can be read.
fn yes() -> bool {
    true
}

/// A call of a cloud API or a declared resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CloudCall {
    /// In AWS's own operation names, snake_case: `run_instances`, `create_load_balancer`; a Terraform resource is given by the call that makes it.
    pub operation: String,
    /// What it was written for.
    pub tool: CallTool,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// Why nothing reaches it: `under a condition that is never true`; `None` where something may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}
