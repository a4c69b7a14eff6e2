//! A check's `[load]`, and a rubric's `[limits]` on it.

mod read;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use minijinja::Value;

pub use read::read_limits;

use super::expect::Spanned;
use stackmark_language::expression::{Engine, ExpressionError, value_of};
use stackmark_language::load::{
    LoadLabel, LoadLimits, LoadRequest, LoadStep, LoadThread, LoadWork, MOST_CONCURRENCY, MOST_REQUESTS, MOST_SECONDS,
};

/// Paths of one load, or of one of its threads, at most: each has counts of its own.
const MOST_PATHS: usize = 10;
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
