//! Every path that a check may name in `reads`, and what stands there.
//!
//! The planner, the linter, `stackmark explain --readings` and the tests all read this one table.

/// A reading that a check can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingPath {
    /// `family.name`, as in expressions.
    pub path: &'static str,
    /// What stands there, in a few words.
    pub holds: &'static str,
}

const fn path(path: &'static str, holds: &'static str) -> ReadingPath {
    ReadingPath { path, holds }
}

/// All of them, by family. HTTP exchanges are not here: a check gets them by the name of its `[[request]]`.
pub const READING_PATHS: &[ReadingPath] = &ALL;

/// The repository's, and what is told of the account as a whole.
const BEFORE_TABLES: &[ReadingPath] = &[
    path("git.source", "where the repository came from, and its branches"),
    path("git.head", "the graded commit, and why it is that one"),
    path("git.commits", "list of commits, newest first, each measured"),
    path("git.contribution", "work, share and days of each member; evenness"),
    path("git.atomicity", "whether commits are one change each; the largest commit"),
    path("git.messages", "whether messages say what changed"),
    path("git.coordination", "branches, merges, reviews, co-authors, files handed over, days and weeks active"),
    path("git.outside", "commits on branches that the graded commit does not hold"),
    path("git.hygiene", "secrets of any commit, files that do not belong in a repository, odd dates"),
    path("code.files", "list of source files with their line counts"),
    path("code.left_out", "files that do not count as source, by reason"),
    path("code.set_aside", "what may be the team's own and was not read or counted, by reason"),
    path("code.starter", "files that are as the course gave them, and those that the team changed"),
    path("code.documentation", "comment lines, documented definitions, the worst places"),
    path("code.readme", "the README that a newcomer meets first"),
    path("code.cloud_calls", "list of places where the code makes cloud resources"),
    path("code.declared", "list of resources that Terraform, CloudFormation, boto3 and CLI calls in the code make"),
    path("code.variables", "list of Terraform, template, shell and env variables, outputs and locals"),
    path("code.credentials", "list of secrets in files of the graded commit"),
    path("code.calls", "list of functions and commands that files call"),
    path("code.tree", "every file with its size"),
    path("code.user_data", "list of scripts that instances run at start, and what these install"),
    path("code.services", "list of what the code lets the system start at boot"),
    path("code.short_texts", "list of text files of at most 1,024 bytes, with what they say"),
    path("code.images", "list of Dockerfiles: base image, what is copied and run, what is started"),
    path("report.document", "the document taken for the report"),
    path("report.parts", "parts of the handover format, by id, each with a quote"),
    path("report.members_named", "members that the report names, and those it does not"),
    path("report.contributions", "what the report says that each member did, quoted"),
    path("report.claims", "list of what report and README say that can be set beside facts"),
    path("aws.caller", "account, ARN and region that were read"),
    path("aws.scope", "the tag filter, and how much of the stack carries it"),
];

macro_rules! paths {
    ($(
        $(#[$holds:meta])*
        $name:ident: $row:ident { table: $table:ident, holds: $text:literal, $($rest:tt)* }
    )*) => {
        /// One for each AWS table.
        const TABLES: &[ReadingPath] = &[$(path(concat!("aws.", stringify!($name)), $text)),*];
    };
}
crate::with_tables!(paths);

/// What the stack answers.
const AFTER_TABLES: &[ReadingPath] = &[
    path("http.target", "where the requests went"),
    path("http.counted", "what CloudWatch counted of the loads, and how many responses they got"),
];

const COUNT: usize = BEFORE_TABLES.len() + TABLES.len() + AFTER_TABLES.len();
const ALL: [ReadingPath; COUNT] = joined([BEFORE_TABLES, TABLES, AFTER_TABLES]);

const fn joined(parts: [&[ReadingPath]; 3]) -> [ReadingPath; COUNT] {
    let mut all = [path("", ""); COUNT];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            all[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    all
}

/// Looks a path up.
pub fn find(path: &str) -> Option<&'static ReadingPath> {
    READING_PATHS.iter().find(|known| known.path == path)
}
