//! Reading `[load]` and `[limits]`, with every problem in its place.

use regex::Regex;

use super::super::expect::{Spanned, spanned};
use super::super::reader::{Entry, Table};
use super::super::request::{NAME_FIX, is_identifier, timeout_ms};
use super::{LoadSpec, MOST_PATHS, Step, Thread, Work};
use stackmark_language::load::{LoadLabel, LoadLimits, MOST_CONCURRENCY, MOST_REQUESTS, MOST_SECONDS};

/// Threads of one load, at most.
const MOST_THREADS: usize = 50;

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
        let timeout_ms = timeout_ms(table);
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
            timeout_ms: timeout_ms?,
            label: label?,
        })
    }
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
