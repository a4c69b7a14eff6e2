//! `stackmark explain`.

use super::options::Shared;
use super::output::Output;
use super::readings;
use stackmark_class::{Exit, Failure, Voice as _, documents};
use stackmark_course::Check;
use stackmark_course::expect::Rule;
use stackmark_course::problem::did_you_mean;
use stackmark_language::expression::Engine;
use stackmark_language::filters::DOCUMENTED;
use stackmark_render::terminal::wrapped;

/// Options of `stackmark explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Check, such as aws/instance-types (default: list all checks)
    check: Option<String>,
    /// List what checks can read, or the fields of one reading with a sample
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "check")]
    readings: Option<String>,
    /// List the filters and functions of expressions, besides minijinja's
    #[arg(long, conflicts_with_all = ["check", "readings"])]
    expressions: bool,
    /// Print the check's TOML file
    #[arg(long, requires = "check")]
    source: bool,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let library = documents::library(&shared.library)?;
    let engine = Engine::new();
    let mut text = String::new();
    if let Some(name) = &args.readings {
        text = if name.is_empty() { readings::list() } else { readings::one(name)? };
    } else if args.expressions {
        text.push_str("Expressions are minijinja's; beside its own filters, tests and functions there are\n\n");
        for documented in DOCUMENTED {
            text.push_str(&format!("  {}\n      {}\n", documented.usage, documented.gives));
        }
        text.push_str("\nA name or field that does not exist is an error, never a quiet no.\n");
    } else if let Some(id) = &args.check {
        let Some(source) = library.check(id) else {
            let fix = match did_you_mean(id, library.check_ids()) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => "`stackmark explain` lists them".to_owned(),
            };
            return Err(Failure::usage(format!("there is no check \"{id}\"; {fix}")));
        };
        if args.source {
            text.clone_from(&source.text);
        } else {
            let (check, problems) = Check::parse(id, source, &engine);
            output.problems(&problems);
            match check {
                Some(check) => text = explained(&check),
                None => return Err(Failure { exit: Exit::BadCourse, message: String::new() }),
            }
        }
    } else {
        for id in library.check_ids() {
            let title =
                library.check(id).and_then(|source| Check::parse(id, source, &engine).0).map(|check| check.title.text);
            text.push_str(&format!(
                "{id:<32} {}\n",
                title.unwrap_or_else(|| "not valid: see `stackmark rubric lint`".into())
            ));
        }
    }
    // What is piped is searched, and a document is given as it is.
    let text = match output.columns() {
        Some(columns) if !args.source => wrapped(&text, columns),
        _ => text,
    };
    output.result(&text)?;
    Ok(Exit::Graded)
}

fn explained(check: &Check) -> String {
    let mut text =
        format!("{}\n  {}\n\nWhy: {}\nFix: {}\n", check.id, check.title.text, check.why.text, check.fix.text);
    if !check.params.is_empty() {
        text.push_str("\nParameters:\n");
    }
    for (name, param) in &check.params {
        let default = param.default.as_ref().map_or("needed".to_owned(), |value| format!("{value} by default"));
        let about = param.about.as_ref().map_or(String::new(), |about| format!(": {about}"));
        text.push_str(&format!("  {name} ({}, {default}){about}\n", param.kind.as_str()));
    }
    text.push_str("\nReads:\n");
    for path in &check.reads {
        let optional = if check.optional.contains(path) { " (may be absent)" } else { "" };
        text.push_str(&format!("  {path}{optional}\n"));
    }
    for step in &check.requests {
        text.push_str(&format!("  {}: {} {} × {}\n", step.name.text, step.method, step.path.text, step.repeat.text));
        for file in step.upload.iter().flat_map(|upload| &upload.files) {
            text.push_str(&format!("    sends {} as {}\n", file.filename.text, file.name.text));
        }
        for (name, (capture, _)) in &step.captures {
            text.push_str(&format!("    captures {name} from {capture}\n"));
        }
        if let Some(eventually) = &step.eventually {
            let seconds = eventually.within_ms / 1000;
            text.push_str(&format!("    again for {seconds} s, until {}\n", eventually.that.text));
        }
    }
    if let Some(load) = &check.load {
        text.push_str(&format!("  {} (load): {}\n", load.name.text, load.words()));
    }
    match &check.rule {
        Rule::Expects(expects) => {
            text.push_str("\nExpects:\n");
            for expect in expects {
                let weight = if expect.gate { "gate".to_owned() } else { format!("weight {}", expect.weight) };
                text.push_str(&format!("  {} ({weight})\n    else: {}\n", expect.that.text, expect.says.text));
            }
        }
        Rule::Score { score, says } => {
            text.push_str(&format!("\nScores 0..1 by:\n  {}\n    says: {}\n", score.text, says.text));
        }
        Rule::Manual(guidance) => text.push_str(&format!("\nFor a person to decide:\n  {}\n", guidance.text)),
    }
    text.push_str(&format!("\nDocument: {}\n", check.source.name));
    text
}
