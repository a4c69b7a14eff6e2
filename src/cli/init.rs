//! `stackmark init`: a folder to grade a course from.

use std::path::PathBuf;

use super::options::Shared;
use super::output::Output;
use super::roster::refuse_existing;
use stackmark_class::{Exit, Failure, Voice as _, documents, store};
use stackmark_language::expression::Engine;

/// Options of `stackmark init`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder, created if missing
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// Rubric of the roster, from `stackmark rubric list`
    #[arg(long, default_value = "log8415-a1")]
    rubric: String,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

/// What keeps results and lists, which have personal data, out of a repository of the instructor's.
const IGNORED: &str = "/results/\n/*.csv\n/*.xls\n/*.zip\n/mail/\n";

/// Runs the command.
pub(super) fn run(args: &Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let mut library = documents::library(&shared.library)?;
    // A name with a slip in it is told now, and not at the first grading.
    documents::rubric(&args.rubric, &mut library, &Engine::new(), output)?;
    let (roster, ignored) = (args.folder.join("roster.toml"), args.folder.join(".gitignore"));
    refuse_existing(&roster, args.force, "name another folder")?;
    store::write(&roster, &example(&args.rubric))?;
    if !ignored.exists() {
        store::write(&ignored, IGNORED)?;
    }
    output.result(&format!("{}\n", roster.display()))?;
    output.note(
        "next: write the teams into it, or make it from the course's lists with `stackmark roster import FILE… --force`; \
         `stackmark doctor` then tries the accounts",
    );
    Ok(Exit::Graded)
}

/// A roster of one invented team, which `stackmark grade` accepts.
fn example(rubric: &str) -> String {
    let rubric = toml::Value::String(rubric.to_owned());
    format!(
        r#"title    = "My course"
rubric   = {rubric}
# deadline = 2026-10-01T23:59:00-04:00   # with its offset

[aws]
region = "us-east-1"

[[team]]
id         = "team-01"
repository = "https://git.example.org/team-01.git"

  [[team.member]]
  name   = "Ada Rivers"
  emails = ["ada@example.org"]   # author addresses of her commits
# login  = "ada-rivers"          # at the forge
# sis_id = "S0001"               # student number, for the gradebook
"#
    )
}
