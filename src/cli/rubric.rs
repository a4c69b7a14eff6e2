//! `stackmark rubric list|show|lint|new|new-check|test`.

use super::author;
use super::options::Shared;
use super::output::Output;
use super::simulate;
use super::together;
use super::told::counted;
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Voice as _, documents};
use stackmark_course::problem::Problem;
use stackmark_course::{Problems, Rubric};
use stackmark_evidence::Points;
use stackmark_language::expression::Engine;

/// Subcommands of `stackmark rubric`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the rubrics
    List,
    /// Show a rubric's criteria, items, points and parameters
    Show {
        /// Rubric, by name or path of a .toml file
        rubric: String,
        /// Print the rubric's TOML file
        #[arg(long)]
        source: bool,
    },
    /// Check that rubrics add up and that their checks are valid
    Lint {
        /// Rubrics, by name or path of a .toml file (default: all)
        rubrics: Vec<String>,
        /// Print what extreme teams earn, items that always earn the same, and items that move together in --results
        #[arg(long)]
        simulate: bool,
        /// Results folder of the class graded last, for --simulate
        #[arg(long, value_name = "DIR", default_value = "results")]
        results: std::path::PathBuf,
    },
    /// Write a commented starter rubric into a library folder
    New {
        /// Name: letters, digits, - and _
        name: String,
        #[command(flatten)]
        into: author::Target,
    },
    /// Write a commented starter check with a test case of each kind
    NewCheck {
        /// FAMILY/NAME, such as own/readme
        id: String,
        #[command(flatten)]
        into: author::Target,
    },
    /// Run the test cases of the checks in a library folder
    Test {
        /// Folder with checks/ and cases/
        #[arg(value_name = "DIR", default_value = ".")]
        folder: std::path::PathBuf,
    },
}

/// Runs the subcommand.
pub(super) fn run(command: Command, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    match &command {
        Command::New { name, into } => return author::new_rubric(name, into, output),
        Command::NewCheck { id, into } => return author::new_check(id, into, output),
        Command::Test { folder } => return author::test(folder, shared, output),
        Command::List | Command::Show { .. } | Command::Lint { .. } => {}
    }
    let mut library = documents::library(&shared.library)?;
    let engine = Engine::new();
    match command {
        Command::New { .. } | Command::NewCheck { .. } | Command::Test { .. } => {}
        Command::List => {
            let mut text = String::new();
            let widest = library.rubric_ids().map(str::len).max().unwrap_or_default();
            for id in library.rubric_ids() {
                let parsed = library.rubric(id).map(|source| Rubric::parse(id, source, &library, &engine));
                let about = match parsed {
                    Some((Some(rubric), problems)) if !problems.has_errors() => {
                        format!(
                            "{} ({} points, {} items, {})",
                            rubric.title,
                            rubric.total,
                            rubric.items().count(),
                            rubric.language
                        )
                    }
                    _ => format!("not valid: see `stackmark rubric lint {id}`"),
                };
                text.push_str(&format!("{id:<widest$}  {about}\n"));
            }
            output.list(&text)?;
        }
        Command::Show { rubric, source } => {
            let rubric = documents::rubric(&rubric, &mut library, &engine, output)?;
            let printed = if source { output.result(&rubric.source.text) } else { output.list(&shown(&rubric)) };
            printed?;
        }
        Command::Lint { rubrics, simulate, results } => {
            let results = Results::at(&results);
            let names =
                if rubrics.is_empty() { library.rubric_ids().map(ToOwned::to_owned).collect() } else { rubrics };
            let mut failed = 0;
            let mut said: Vec<Problem> = Vec::new();
            for name in &names {
                // Every rubric is looked at: one bad one does not hide the next one's problems. What is wrong with a
                // check that several use is said once.
                let linted = documents::parse_rubric(name, &mut library, &engine).and_then(|(rubric, problems)| {
                    say(&problems, &mut said, output);
                    documents::sound(rubric, problems)
                });
                match linted {
                    Ok(rubric) => {
                        let items = counted(rubric.items().count(), "item");
                        let checks = counted(rubric.checks.len(), "check");
                        let points = if rubric.total == Points::whole(1) { "point" } else { "points" };
                        output.result(&format!("{name}: ok, {} {points} in {items} by {checks}\n", rubric.total))?;
                        if simulate {
                            output.list(&simulate::simulated(&rubric, &engine)?)?;
                            output.list(&together::told(&rubric.id, &results)?)?;
                        }
                    }
                    Err(failure) => {
                        failed += 1;
                        output.error(&format!("{name}: {}", failure.message));
                    }
                }
            }
            // The checks of a broken rubric count as unused here.
            let unused = unused_checks(&library, &engine);
            say(&unused, &mut said, output);
            if failed > 0 || unused.has_errors() {
                return Err(Failure { exit: Exit::BadCourse, message: String::new() });
            }
        }
    }
    Ok(Exit::Graded)
}

/// Shows what has not been said yet, and keeps it.
fn say(problems: &Problems, said: &mut Vec<Problem>, output: &Output) {
    let new = Problems(problems.0.iter().filter(|problem| !said.contains(problem)).cloned().collect());
    output.problems(&new);
    said.extend(new.0);
}

/// Lints the checks that no rubric uses, so that nothing in a library goes unread.
fn unused_checks(library: &stackmark_course::Library, engine: &Engine) -> Problems {
    let used: std::collections::BTreeSet<String> = library
        .rubric_ids()
        .filter_map(|id| Rubric::parse(id, library.rubric(id)?, library, engine).0)
        .flat_map(|rubric| rubric.checks.into_keys())
        .collect();
    let unused = library.check_ids().filter(|id| !used.contains(*id));
    let parsed = unused.filter_map(|id| Some(stackmark_course::Check::parse(id, library.check(id)?, engine).1));
    Problems(parsed.flat_map(|problems| problems.0).collect())
}

fn shown(rubric: &Rubric) -> String {
    let mut text = format!("{}\n{} points, reports in {}\n", rubric.title, rubric.total, rubric.language);
    let tags: Vec<String> = rubric.scope.tags.iter().map(|(key, value)| format!("{key}={}", value.text)).collect();
    let fallback = if rubric.scope.fallback_to_account { ", else the whole account" } else { "" };
    text.push_str(&match tags.as_slice() {
        [] => "AWS resources: the whole account\n".to_owned(),
        tags => format!("AWS resources: tagged {}{fallback}\n", tags.join(" and ")),
    });
    for criterion in &rubric.criteria {
        let title = criterion.title.as_deref().unwrap_or(&criterion.id);
        text.push_str(&format!("\n{:>6}  {title}\n", criterion.points));
        for item in &criterion.items {
            let with: Vec<String> = item.with.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let with = if with.is_empty() { String::new() } else { format!("  ({})", with.join(", ")) };
            text.push_str(&format!("{:>12}  {}  {}{with}\n", item.points, item.id, item.check));
        }
    }
    text
}
