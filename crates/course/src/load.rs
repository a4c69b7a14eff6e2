//! A check's `[load]`, and a rubric's `[limits]` on it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use minijinja::Value;
use regex::Regex;

use super::expect::{Spanned, spanned};
use super::reader::{Entry, Table};
use super::request::{LONGEST_TIMEOUT, NAME_FIX, is_identifier};
use stackmark_language::expression::{Engine, ExpressionError, value_of};
use stackmark_language::load::{
    LoadLabel, LoadLimits, LoadRequest, LoadStep, LoadThread, LoadWork, MOST_CONCURRENCY, MOST_REQUESTS, MOST_SECONDS,
};

/// Paths of one load, or of one of its threads, at most: each has counts of its own.
const MOST_PATHS: usize = 10;
/// Threads of one load, at most.
const MOST_THREADS: usize = 50;
/// Requests a second, at most.
const MOST_RATE: f64 = 5000.0;

/// A load, and the name under which expressions see it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSpec {
    /// A variable in the check's expressions.
    pub name: Spanned,
    work: Work,
    /// A template that gives a number; `None` is a closed loop.
    rate: Option<Spanned>,
    reuse: bool,
    timeout_ms: u64,
    label: LoadLabel,
}

#[derive(Debug, Clone, PartialEq)]
enum Work {
    Shared { paths: Vec<Spanned>, requests: Spanned, concurrency: Spanned },
    Threads(Vec<Thread>),
}

#[derive(Debug, Clone, PartialEq)]
struct Thread {
    paths: Vec<Spanned>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Requests(Spanned),
    Pause(Spanned),
}

impl LoadSpec {
    /// Reads `[load]`.
    pub fn read(table: &Table<'_>) -> Option<Self> {
        let name = match table.get("name") {
            Some(entry) => spanned(&entry),
            None => Some(Spanned { text: "load".to_owned(), span: table.span() }),
        };
        if let Some(name) = &name
            && !is_identifier(&name.text)
        {
            table.reader().error(
                name.span.clone(),
                format!("load name \"{}\" is not a valid variable name", name.text),
                NAME_FIX,
            );
        }
        let paths = read_paths(table);
        let (requests, concurrency) = (table.get("requests"), table.get("concurrency"));
        let threads = table.tables("thread");
        let work = if threads.is_empty() {
            let requests = requests.or_else(|| table.require("requests", "1000"));
            let requests = requests.and_then(|entry| number_template(&entry));
            let concurrency = match concurrency {
                Some(entry) => number_template(&entry),
                None => Some(one()),
            };
            if paths.is_empty() {
                table.require("path", "\"/\"");
            }
            requests.zip(concurrency).filter(|_| !paths.is_empty()).map(|(requests, concurrency)| Work::Shared {
                paths,
                requests,
                concurrency,
            })
        } else {
            for entry in requests.iter().chain(&concurrency) {
                entry.error(
                    format!("`{}` cannot be combined with [[load.thread]]", entry.name),
                    "each thread is one request after the other: put the numbers into its `steps`",
                );
            }
            read_threads(threads, &paths, table)
        };
        let rate = table.get("rate").map(|entry| number_template(&entry));
        let reuse = table.get("reuse").map_or(Some(true), |entry| entry.boolean());
        let timeout = table.get("timeout");
        let seconds = timeout.as_ref().map_or(Some(10.0), Entry::number);
        if let (Some(timeout), Some(seconds)) = (&timeout, seconds)
            && !(seconds > 0.0 && seconds <= LONGEST_TIMEOUT)
        {
            timeout.error(
                format!("`{}` is {seconds} s", timeout.name),
                format!("a timeout is above 0 and at most {LONGEST_TIMEOUT} seconds"),
            );
        }
        let label = match table.table("label") {
            Some(label) => read_label(label),
            None => Some(LoadLabel::InstanceId),
        };
        Some(Self {
            name: name?,
            work: work?,
            rate: match rate {
                Some(rate) => Some(rate?),
                None => None,
            },
            reuse: reuse?,
            timeout_ms: (seconds? * 1000.0).round() as u64,
            label: label?,
        })
    }

    /// What is sent, as the check has it: `/ × {{ requests }}, 10 at a time`.
    pub fn words(&self) -> String {
        let listed = |paths: &[Spanned]| {
            let paths = paths.iter().map(|path| path.text.as_str()).filter(|path| !path.is_empty());
            paths.collect::<Vec<_>>().join(" ")
        };
        let step = |step: &Step| match step {
            Step::Requests(count) => format!("× {}", count.text),
            Step::Pause(seconds) => format!("pause {} s", seconds.text),
        };
        let thread = |thread: &Thread| {
            let steps: Vec<String> = thread.steps.iter().map(step).collect();
            format!("{} {}", listed(&thread.paths), steps.join(", "))
        };
        let work = match &self.work {
            Work::Shared { paths, requests, concurrency } => {
                format!("{} × {}, {} at a time", listed(paths), requests.text, concurrency.text)
            }
            Work::Threads(threads) => threads.iter().map(thread).collect::<Vec<_>>().join(" | "),
        };
        self.rate.as_ref().map_or(work.clone(), |rate| format!("{work}, {} a second", rate.text))
    }

    /// Every template of the load.
    pub fn templates(&self) -> Vec<&Spanned> {
        let mut all: Vec<&Spanned> = match &self.work {
            Work::Shared { paths, requests, concurrency } => paths.iter().chain([requests, concurrency]).collect(),
            Work::Threads(threads) => threads
                .iter()
                .flat_map(|thread| {
                    let steps = thread.steps.iter().map(|(Step::Requests(number) | Step::Pause(number))| number);
                    thread.paths.iter().chain(steps)
                })
                .collect(),
        };
        all.extend(&self.rate);
        all
    }

    /// The load with its templates filled in from the check's parameters; a path that comes out empty is left out.
    ///
    /// # Errors
    /// A template that fails, a number that is none or out of range, a path without its leading `/`, no path at all.
    pub fn fill(&self, engine: &Engine, context: &Value) -> Result<LoadRequest, ExpressionError> {
        let fill = Fill { engine, context };
        let work = match &self.work {
            Work::Shared { paths, requests, concurrency } => LoadWork::Shared {
                paths: fill.paths(paths)?,
                requests: fill.whole(requests, "requests", MOST_REQUESTS)?,
                concurrency: fill.whole(concurrency, "concurrency", MOST_CONCURRENCY)?,
            },
            Work::Threads(threads) => LoadWork::Threads {
                threads: threads.iter().map(|thread| fill.thread(thread)).collect::<Result<_, _>>()?,
            },
        };
        let rate = match &self.rate {
            Some(rate) => Some(fill.number(rate, "rate", MOST_RATE)?),
            None => None,
        };
        let mut load = LoadRequest {
            key: String::new(),
            work,
            rate,
            reuse: self.reuse,
            timeout_ms: self.timeout_ms,
            label: self.label.clone(),
        };
        let paths = load.paths().len();
        if paths > MOST_PATHS {
            return Err(wrong(format!("{paths} paths are more than one load keeps apart, at most {MOST_PATHS}")));
        }
        load.key = load.key_of();
        Ok(load)
    }
}

struct Fill<'a> {
    engine: &'a Engine,
    context: &'a Value,
}

impl Fill<'_> {
    fn thread(&self, thread: &Thread) -> Result<LoadThread, ExpressionError> {
        let step = |step: &Step| match step {
            Step::Requests(count) => Ok(LoadStep::Requests(self.whole(count, "requests", MOST_REQUESTS)?)),
            Step::Pause(pause) => {
                let seconds = self.number(pause, "pause", f64::from(MOST_SECONDS))?;
                Ok(LoadStep::Pause((seconds * 1000.0).round() as u64))
            }
        };
        Ok(LoadThread {
            paths: self.paths(&thread.paths)?,
            steps: thread.steps.iter().map(step).collect::<Result<_, _>>()?,
        })
    }

    fn paths(&self, templates: &[Spanned]) -> Result<Vec<String>, ExpressionError> {
        let mut paths = Vec::new();
        for template in templates {
            let path = self.engine.render(&template.text, self.context)?;
            if path.is_empty() {
                continue;
            }
            if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
                return Err(wrong(format!("load path \"{path}\" does not start with `/`, or has blanks in it")));
            }
            paths.push(path);
        }
        if paths.is_empty() { Err(wrong("the load has no path".to_owned())) } else { Ok(paths) }
    }

    fn whole(&self, template: &Spanned, what: &str, most: u32) -> Result<u32, ExpressionError> {
        let text = self.engine.render(&template.text, self.context)?;
        text.trim()
            .parse::<u32>()
            .ok()
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| wrong(format!("{what} is {text}, expected a whole number from 1 to {most}")))
    }

    fn number(&self, template: &Spanned, what: &str, most: f64) -> Result<f64, ExpressionError> {
        let text = self.engine.render(&template.text, self.context)?;
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|number| *number > 0.0 && *number <= most)
            .ok_or_else(|| wrong(format!("{what} is {text}, expected a number above 0 and at most {most}")))
    }
}

fn wrong(message: String) -> ExpressionError {
    ExpressionError { message, range: None }
}

fn one() -> Spanned {
    Spanned { text: "1".to_owned(), span: 0..0 }
}

/// A number, or a template that gives one.
fn number_template(entry: &Entry<'_>) -> Option<Spanned> {
    if entry.type_name() == "string" {
        return spanned(entry);
    }
    entry.number().map(|number| Spanned { text: number.to_string(), span: entry.span.clone() })
}

/// `path` and `paths` together.
fn read_paths(table: &Table<'_>) -> Vec<Spanned> {
    let mut paths: Vec<Spanned> = table.get("path").and_then(|entry| spanned(&entry)).into_iter().collect();
    let more = table.get("paths").map(|entry| entry.spanned_strings()).unwrap_or_default();
    paths.extend(more.into_iter().map(|(text, span)| Spanned { text, span }));
    if let Some(beyond) = paths.get(MOST_PATHS) {
        let message = format!("{} paths are more than one load keeps apart", paths.len());
        table.reader().error(beyond.span.clone(), message, format!("at most {MOST_PATHS}"));
        paths.truncate(MOST_PATHS);
    }
    paths
}

fn read_threads(tables: Vec<Table<'_>>, paths: &[Spanned], load: &Table<'_>) -> Option<Work> {
    let count = tables.len();
    if count > MOST_THREADS {
        let fix = format!("at most {MOST_THREADS}; `concurrency` serves for more");
        load.reader().error(load.span(), format!("the load has {count} threads"), fix);
        return None;
    }
    let threads: Vec<Thread> = tables.into_iter().filter_map(|table| read_thread(table, paths)).collect();
    (threads.len() == count).then_some(Work::Threads(threads))
}

fn read_thread(table: Table<'_>, shared: &[Spanned]) -> Option<Thread> {
    let own = read_paths(&table);
    let paths = if own.is_empty() { shared.to_vec() } else { own };
    if paths.is_empty() {
        table.require("path", "\"/\"");
    }
    let entries = table.tables("steps");
    if entries.is_empty() {
        table.require("steps", "[{ requests = 500 }, { pause = 60 }, { requests = 1000 }]");
    }
    let count = entries.len();
    let steps: Vec<Step> = entries.into_iter().filter_map(read_step).collect();
    table.finish();
    (steps.len() == count && count > 0 && !paths.is_empty()).then_some(Thread { paths, steps })
}

fn read_step(table: Table<'_>) -> Option<Step> {
    let (requests, pause) = (table.get("requests"), table.get("pause"));
    let step = match (requests, pause) {
        (Some(requests), None) => number_template(&requests).map(Step::Requests),
        (None, Some(pause)) => number_template(&pause).map(Step::Pause),
        _ => {
            let fix = "write { requests = 500 } or { pause = 60 }, seconds";
            table.reader().error(table.span(), "a step is either requests or a pause", fix);
            None
        }
    };
    table.finish();
    step
}

fn read_label(table: Table<'_>) -> Option<LoadLabel> {
    let (json, header, body) = (table.get("json"), table.get("header"), table.get("body"));
    let label = match (json, header, body) {
        (Some(json), None, None) => json.text().and_then(|pointer| {
            if !pointer.starts_with('/') {
                let fix = "write a JSON pointer: \"/instance_id\"";
                json.error(format!("`{}` is \"{pointer}\"", json.name), fix);
                return None;
            }
            Some(LoadLabel::Json { pointer })
        }),
        (None, Some(header), None) => {
            header.text().map(|name| LoadLabel::Header { name: name.trim().to_ascii_lowercase() })
        }
        (None, None, Some(body)) => body.text().and_then(|pattern| match Regex::new(&pattern) {
            Ok(regex) if regex.captures_len() == 2 => Some(LoadLabel::Body { pattern }),
            Ok(_) => {
                let fix = "put what tells the back ends apart into one group: \"served by (\\\\S+)\"";
                body.error(format!("`{}` has not exactly one group", body.name), fix);
                None
            }
            Err(error) => {
                body.error(format!("`{}` is not a valid regular expression: {error}", body.name), "fix the expression");
                None
            }
        }),
        _ => {
            let fix =
                "write { json = \"/instance_id\" }, { header = \"x-served-by\" } or { body = \"served by (\\\\S+)\" }";
            table.reader().error(table.span(), "a label is read from one place", fix);
            None
        }
    };
    table.finish();
    label
}

/// Reads a rubric's `[limits]`.
pub fn read_limits(table: &Table<'_>) -> LoadLimits {
    let mut limits = LoadLimits::default();
    let Some(fields) = table.table("limits") else { return limits };
    for (key, place, most) in [
        ("load_requests", &mut limits.requests, MOST_REQUESTS),
        ("load_concurrency", &mut limits.concurrency, MOST_CONCURRENCY),
        ("load_seconds", &mut limits.seconds, MOST_SECONDS),
    ] {
        let Some(entry) = fields.get(key) else { continue };
        let Some(number) = entry.integer() else { continue };
        match u32::try_from(number).ok().filter(|number| (1..=most).contains(number)) {
            Some(number) => *place = number,
            None => entry.error(format!("`{}` is {number}", entry.name), format!("it is from 1 to {most}")),
        }
    }
    fields.finish();
    limits
}

/// What is wrong with the load of an item that gives the check these parameters, and the fix; `None` where it keeps to
/// `limits`. Whatever depends on the team is tried with one that does not exist.
pub fn lint_item(
    spec: &LoadSpec,
    with: &IndexMap<String, Value>,
    limits: &LoadLimits,
    engine: &Engine,
) -> Option<(String, &'static str)> {
    let mut context: BTreeMap<&str, Value> = with.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let (members, size) = (Vec::<String>::new(), 0);
    context.insert("team", minijinja::context! { id => "t", name => "t", nonce => "t", members, size });
    context.insert("scope", Value::from("the team's tags"));
    match spec.fill(engine, &value_of(&context)) {
        Err(error) => Some((error.message, "give the check parameters that make a load")),
        Ok(load) => load
            .above(limits)
            .map(|above| (format!("sends {above}"), "ask for less, or raise the limit in the rubric's [limits]")),
    }
}
