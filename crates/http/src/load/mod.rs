//! Many requests at once: bounded in number, time and memory, whatever comes back.
//!
//! Each load runs on threads of its own, one runtime a thread, so that nothing else that is collected moves its times.
//! Connections are opened to addresses that the guard has passed and to no others.

mod connection;
mod destination;
mod label;
mod pace;
mod request;
mod stats;
mod tls;
mod worker;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use reqwest::Method;
use tokio::task::JoinSet;
use url::Url;

use super::failure::Failure;
use super::redirect::Hop;
use connection::BodyLimits;
use destination::Destinations;
use label::Labeller;
use pace::Pace;
use request::request_to;
use stackmark_collect::{Progress, Settings, threads};
use stackmark_evidence::http::Target;
use stackmark_evidence::load::Load;
use stackmark_evidence::{Cause, Reading};
use stackmark_language::load::{LoadLimits, LoadRequest, LoadWork};
use stats::{Stats, bins, corrected, ms, quantile, times};
use worker::{Shared, Work};

/// Threads of one load, at most: more would only measure this machine.
const MOST_THREADS: usize = 4;
/// Between two looks at what is going on.
const LOOK: Duration = Duration::from_millis(250);
/// After so many looks the load balancer's addresses are asked for again.
const LOOKS_TO_RESOLVE: u32 = 120;

/// Bytes of bodies that are kept at once, by all clients of a load: each body as far as a single request's, unless very
/// many are under way.
const BODIES_KEPT: u64 = 64 << 20;

/// Sends each of `loads` to `target`, one after the other, and reports them by key.
///
/// An absent or unreadable target is passed on. A load is observed where at least one request was answered, whatever the
/// status; otherwise it is unreadable, with the cause that came most often. Loads against the same `account` wait for
/// each other, whichever team's they are.
pub async fn run_all(
    target: &Reading<Target>,
    loads: &[LoadRequest],
    limits: &LoadLimits,
    account: Option<&str>,
    settings: &Settings,
    progress: &dyn Progress,
) -> BTreeMap<String, Reading<Load>> {
    let mut readings = BTreeMap::new();
    for load in loads {
        let reading = match target {
            Reading::Observed { value } => {
                let waiting = || {
                    progress.step("waiting for another team's load to end");
                    settings.slot.leave();
                };
                let _pass = settings.loads.pass(account, waiting).await;
                // No load waits for this one while it waits: each that holds a place goes on, or leaves it as well.
                settings.slot.again().await;
                run(&value.url, load, limits, settings, progress).await
            }
            Reading::Absent { note } => Reading::absent(note.clone()),
            Reading::Unreadable(failure) => Reading::Unreadable(failure.clone()),
        };
        readings.insert(load.key.clone(), reading);
    }
    readings
}

/// Stops the threads where nobody waits for them any more.
struct StopWhenDropped(Arc<Shared>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.pace.stop(|| "the run was interrupted".to_owned());
    }
}

/// Sends one load to `base`.
pub async fn run(
    base: &str,
    load: &LoadRequest,
    limits: &LoadLimits,
    settings: &Settings,
    progress: &dyn Progress,
) -> Reading<Load> {
    let told = |failure: Failure| Reading::unreadable(failure.cause, format!("load of {base}: {}", failure.reason));
    let destinations = match Destinations::resolve(base, settings).await {
        Ok(destinations) => destinations,
        Err(failure) => return told(failure),
    };
    let paths = load.paths();
    let requests: Result<Vec<_>, _> =
        paths.iter().map(|path| request(base, path, &destinations.target().1.host, load.reuse)).collect();
    let requests = match requests {
        Ok(requests) if !requests.is_empty() => requests,
        Ok(_) => return told(Failure::settled(Cause::Refused, "it has no path")),
        Err(failure) => return told(failure),
    };
    let labeller = Labeller::new(&load.label);
    let works = works(load, &paths, limits);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(works.len());
    let shared = Arc::new(Shared {
        destinations,
        requests,
        body: BodyLimits {
            read: settings.limits.body_bytes,
            kept: if labeller.reads_bodies() { kept(works.len(), settings.limits.body_bytes) } else { 0 },
        },
        labeller,
        reuse: load.reuse,
        timeout: Duration::from_millis(load.timeout_ms),
        interval: load.rate.map(|rate| Duration::from_secs_f64(1.0 / rate)),
        pace: Pace::new(load.requests().min(limits.requests.into()), works.len() as u64, limits.seconds.into()),
        live: (0..threads).map(|_| times().into()).collect(),
    });
    let begun = now();
    let stop = StopWhenDropped(Arc::clone(&shared));
    let mut running = JoinSet::new();
    for number in 0..threads {
        let works: Vec<Work> = works.iter().skip(number).step_by(threads).cloned().collect();
        let shared = Arc::clone(&shared);
        let work = move || worker::run(shared, number, works);
        if threads::or_none_left(|| running.spawn_blocking(work)).is_err() {
            return told(Failure::without_a_thread());
        }
    }
    let mut stats = Stats::new(paths.len());
    let mut looks = 0;
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                None => break,
                Some(Ok(Ok(more))) => stats.add(more),
                Some(Ok(Err(error))) => {
                    let no_thread = || Failure::settled(Cause::Refused, format!("no thread: {error}"));
                    return told(Failure::of_this_machine(&error).unwrap_or_else(no_thread));
                }
                Some(Err(error)) => {
                    return told(Failure::settled(Cause::Malformed, format!("stackmark itself failed: {error}")));
                }
            },
            () = tokio::time::sleep(LOOK) => {
                looks += 1;
                show(&shared, load, progress);
                if looks % LOOKS_TO_RESOLVE == 0 {
                    shared.destinations.refresh().await;
                }
            }
        }
    }
    let seconds = shared.pace.started.elapsed().as_secs_f64();
    let why = shared.pace.why();
    drop(stop);
    evidence(base, load, paths, stats, why, (begun, seconds))
}

/// Bytes that each of so many clients may keep of a body.
fn kept(clients: usize, most: u64) -> usize {
    usize::try_from(most.min(BODIES_KEPT / clients.max(1) as u64)).unwrap_or(usize::MAX)
}

/// The sequential clients of a load, never more than allowed.
fn works(load: &LoadRequest, paths: &[String], limits: &LoadLimits) -> Vec<Work> {
    let most = limits.concurrency.max(1) as usize;
    match &load.work {
        LoadWork::Shared { concurrency, requests, .. } => {
            let count = u64::from((*concurrency).min(*requests)).min(most as u64);
            (0..count).map(|number| Work::Any { number }).collect()
        }
        LoadWork::Threads { threads } => {
            let index = |path: &String| paths.iter().position(|known| known == path);
            let work = |thread: &stackmark_language::load::LoadThread| Work::Steps {
                paths: thread.paths.iter().filter_map(index).collect(),
                steps: thread.steps.clone(),
            };
            threads.iter().take(most).map(work).collect()
        }
    }
}

fn request(base: &str, path: &str, host: &str, reuse: bool) -> Result<(Hop, Request<Empty<Bytes>>), Failure> {
    let refused = |what: &str| Failure::settled(Cause::Refused, format!("path \"{path}\": {what}"));
    // Without it, `@elsewhere.example.com` would turn the target into a user name.
    if !path.starts_with('/') {
        return Err(refused("it does not start with `/`"));
    }
    let mut url = Url::parse(&format!("{base}{path}")).map_err(|_| refused("that makes no URL"))?;
    url.set_fragment(None);
    let request = request_to(&url, host, reuse).map_err(|failure| refused(&failure.reason))?;
    Ok((Hop { url, method: Method::GET, headers: Default::default(), body: None }, request))
}

fn show(shared: &Shared, load: &LoadRequest, progress: &dyn Progress) {
    let mut all = times();
    for place in &shared.live {
        let _ = all.add(&*place.lock().unwrap_or_else(PoisonError::into_inner));
    }
    let seconds = shared.pace.started.elapsed().as_secs_f64();
    let rate = if seconds > 0.0 { all.len() as f64 / seconds } else { 0.0 };
    let words = format!("load: {rate:.0}/s, p95 {:.0} ms", quantile(&all, 0.95));
    progress.part(shared.pace.taken(), load.requests(), &words);
}

fn evidence(
    base: &str,
    load: &LoadRequest,
    paths: Vec<String>,
    stats: Stats,
    why: Option<String>,
    (begun, seconds): (String, f64),
) -> Reading<Load> {
    let sent: u64 = stats.paths.iter().map(|path| path.sent).sum();
    let answered: u64 = stats.paths.iter().map(|path| path.answered).sum();
    if let Some(own) = &stats.own {
        return Reading::unreadable(own.cause, format!("load of {base}{}: {}", paths.join(" "), own.reason));
    }
    let worst = stats.errors.iter().rev().max_by_key(|(_, (count, _))| *count);
    if answered == 0 {
        let (cause, reason) = worst
            .map_or((Cause::Timeout, "no answer before the load had to end".to_owned()), |worst| {
                (*worst.0, worst.1.1.clone())
            });
        return Reading::unreadable(cause, format!("load of {base}{}: {reason} ({sent} requests)", paths.join(" ")));
    }
    // An answer that never came is slower than any.
    let (answers, times) = (stats.times(), stats.all_times());
    let interval = if load.rate.is_some() { 0 } else { times.mean().round() as u64 };
    let (several, unread) = stats.unnamed();
    let (spread, labels_uncounted) = stats.spread();
    let example = worst.map(|(cause, (_, reason))| format!("{cause}: {reason}"));
    let not_sent = load.requests().saturating_sub(sent);
    Reading::observed(Load {
        asked: load.requests(),
        concurrency: load.concurrency(),
        rate: load.rate,
        reuse: load.reuse,
        sent,
        answered,
        abandoned: stats.abandoned,
        truncated: stats.truncated,
        statuses: stats.statuses(),
        errors: stats.errors.iter().map(|(cause, (count, _))| (cause.as_str().to_owned(), *count)).collect(),
        error_example: example,
        cut_short: why.map(|why| format!("{not_sent} of {} were not sent: {why}", load.requests())),
        begun,
        ended: now(),
        seconds: (seconds * 1000.0).round() / 1000.0,
        requests_per_second: (answered as f64 / seconds.max(1e-6) * 10.0).round() / 10.0,
        connections: stats.connections,
        min_ms: ms(times.min() as f64),
        mean_ms: ms(times.mean()),
        p50_ms: quantile(&times, 0.5),
        p90_ms: quantile(&times, 0.9),
        p95_ms: quantile(&times, 0.95),
        p99_ms: quantile(&times, 0.99),
        p999_ms: quantile(&times, 0.999),
        max_ms: ms(times.max() as f64),
        corrected: corrected(&times, interval),
        bins: bins(&answers),
        distinct: spread.len() as u64,
        spread,
        unlabelled: stats.paths.iter().map(|path| path.unlabelled).sum(),
        labels_uncounted,
        several: Some(several),
        unread: Some(unread),
        bodies: Some(stats.bodies()),
        resent: Some(stats.resent),
        redirected: Some(stats.redirected),
        by_path: paths.iter().cloned().zip(stats.paths.into_iter().map(stats::PathStats::evidence)).collect(),
        paths,
    })
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
