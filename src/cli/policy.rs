//! `stackmark policy`: the least that a key has to be allowed for a rubric.

use serde_json::json;

use super::options::Shared;
use super::output::Output;
use stackmark_aws::{DISRUPTIVE_ACTION, operations_for};
use stackmark_class::schedule::aws_readings;
use stackmark_class::{Exit, Failure, Voice as _, documents};
use stackmark_course::Rubric;
use stackmark_evidence::{MembersFrom, Team};
use stackmark_language::expression::Engine;
use stackmark_plan::Plan;
use stackmark_plan::plan;

/// Options of `stackmark policy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Rubric, by name or path of a .toml file
    rubric: String,
    /// Include the right to terminate one instance, for `--allow-disruptive`
    #[arg(long)]
    allow_disruptive: bool,
}

/// Runs the command.
pub(super) fn run(args: &Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let mut library = documents::library(&shared.library)?;
    let engine = Engine::new();
    let rubric = documents::rubric(&args.rubric, &mut library, &engine, output)?;
    let plan = plan_of(&rubric, &engine)?;
    let actions = operations_for(&aws_readings(&plan, None), &plan.scope);
    if actions.is_empty() {
        output.note(&format!("rubric \"{}\" reads nothing from AWS: no key is needed", rubric.id));
        return Ok(Exit::Graded);
    }
    let mut statements = vec![json!({
        "Sid": "StackmarkReads", "Effect": "Allow", "Action": actions, "Resource": "*",
    })];
    if args.allow_disruptive && plan.recovery.is_some() {
        statements.push(json!({
            "Sid": "StackmarkEndsOneInstance", "Effect": "Allow", "Action": [DISRUPTIVE_ACTION], "Resource": "*",
        }));
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    output.result(&format!("{}\n", serde_json::to_string_pretty(&policy)?))?;
    Ok(Exit::Graded)
}

/// What the rubric asks of any team: rights do not depend on which one it is.
fn plan_of(rubric: &Rubric, engine: &Engine) -> Result<Plan, Failure> {
    let team = Team { members_from: MembersFrom::History, ..Team::of_roster("team") };
    plan(rubric, &team, &Default::default(), engine)
        .map_err(|error| Failure { exit: Exit::BadCourse, message: format!("{}: {error}", rubric.source.name) })
}
