//! What one thread does: its workers, each with one connection, one request after the other.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::header::LOCATION;
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout_at};

use super::super::body::Body;
use super::super::failure::Failure;
use super::super::redirect::{self, Hop};
use super::connection::{Answer, BodyLimits, Connection};
use super::destination::{Destination, Destinations, Origin};
use super::label::Labeller;
use super::pace::Pace;
use super::request::request_to;
use super::stats::{Stats, Times, times};
use stackmark_evidence::Cause;
use stackmark_language::load::LoadStep;
use stackmark_language::request::HttpRequest;

/// Between two looks of the progress display.
const LOOK: Duration = Duration::from_millis(250);

/// What every thread of a load has in common.
pub(super) struct Shared {
    pub(super) destinations: Destinations,
    /// One for each of the load's paths, and where it goes.
    pub(super) requests: Vec<(Hop, Request<Empty<Bytes>>)>,
    pub(super) labeller: Labeller,
    pub(super) body: BodyLimits,
    pub(super) reuse: bool,
    pub(super) timeout: Duration,
    /// Between two due requests, in an open loop.
    pub(super) interval: Option<Duration>,
    pub(super) pace: Pace,
    /// For the progress display: answers so far and their times, a place for each thread.
    pub(super) live: Vec<Mutex<Times>>,
}

/// One sequential client.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// Takes requests while there are any; the number tells who ends first where the target fails.
    Any { number: u64 },
    /// Its own steps, to these paths in turn.
    Steps { paths: Vec<usize>, steps: Vec<LoadStep> },
}

/// The open connections of one worker, by where they lead: one, unless the target redirects.
#[derive(Default)]
struct Lines {
    open: BTreeMap<Origin, Connection>,
    /// One is being opened.
    connecting: bool,
}

struct Thread {
    shared: Arc<Shared>,
    stats: RefCell<Stats>,
}

/// Runs the workers of thread `number` to their end, on a runtime of its own.
///
/// # Errors
/// The runtime cannot be made.
pub(super) fn run(shared: Arc<Shared>, number: usize, works: Vec<Work>) -> std::io::Result<Stats> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let paths = shared.requests.len();
    let thread = Rc::new(Thread { shared, stats: RefCell::new(Stats::new(paths)) });
    let local = LocalSet::new();
    let mut workers = tokio::task::JoinSet::new();
    for work in works {
        let thread = Rc::clone(&thread);
        workers.spawn_local_on(async move { thread.work(work).await }, &local);
    }
    let shown = Rc::clone(&thread);
    local.spawn_local(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            shown.show(number);
        }
    });
    runtime.block_on(local.run_until(async {
        while let Some(ended) = workers.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }));
    Ok(thread.stats.replace(Stats::new(paths)))
}

impl Thread {
    async fn work(&self, work: Work) {
        let pace = &self.shared.pace;
        let mut lines = Lines::default();
        match work {
            Work::Any { number } => loop {
                pace.rest().await;
                let Some(request) = Some(()).filter(|()| pace.wants(number)).and_then(|()| pace.take()) else { return };
                let path = request as usize % self.shared.requests.len();
                if !self.one(&mut lines, path, request).await {
                    return;
                }
            },
            Work::Steps { paths, steps } => {
                let mut turn = paths.iter().cycle();
                for step in steps {
                    match step {
                        LoadStep::Pause(ms) => {
                            if !pace.wait_until(Instant::now() + Duration::from_millis(ms)).await {
                                return;
                            }
                        }
                        LoadStep::Requests(count) => {
                            for _ in 0..count {
                                pace.rest().await;
                                let (Some(request), Some(path)) = (pace.take(), turn.next()) else { return };
                                if !self.one(&mut lines, *path, request).await {
                                    return;
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Sends one request and counts what becomes of it; whether the load goes on.
    async fn one(&self, lines: &mut Lines, path: usize, request: u64) -> bool {
        let shared = &*self.shared;
        let due = match shared.interval {
            None => Instant::now(),
            Some(interval) => {
                let due = shared.pace.started + interval.mul_f64(request as f64);
                if !shared.pace.wait_until(due).await {
                    return false;
                }
                due
            }
        };
        self.stats.borrow_mut().paths[path].sent += 1;
        let deadline = (Instant::now() + shared.timeout).min(shared.pace.ends);
        lines.connecting = false;
        let result = match timeout_at(deadline, self.attempt(lines, path, deadline)).await {
            Ok(result) => result,
            Err(_) if deadline == shared.pace.ends => {
                lines.open.clear();
                self.stats.borrow_mut().abandoned += 1;
                return true;
            }
            Err(_) if lines.connecting => Err(Failure::responding(
                Cause::Timeout,
                "no connection in time; a firewall or security group may be dropping it",
            )),
            Err(_) => Err(Failure::responding(Cause::Timeout, "no response in time")),
        };
        let took = due.elapsed();
        let mut stats = self.stats.borrow_mut();
        match result {
            Ok(answer) => {
                if answer.status < 500 {
                    shared.pace.succeeded();
                } else {
                    shared.pace.failed(true);
                }
                stats.truncated += u64::from(answer.truncated);
                let (status, cut) = (answer.status, answer.cut);
                let body = Body::read(&answer.headers, answer.body, cut, shared.body.kept as u64);
                let label = shared.labeller.read(&answer.headers, &body);
                stats.answered(path, status, label, took);
                true
            }
            Err(failure) if failure.own => {
                lines.open.clear();
                shared.pace.stop(|| failure.reason.clone());
                stats.own.get_or_insert(failure);
                false
            }
            Err(failure) => {
                shared.pace.failed(false);
                stats.failed(path, failure, took.max(shared.timeout));
                lines.open.clear();
                true
            }
        }
    }

    /// Sends a request and follows where it is redirected to, as a single request is.
    async fn attempt(&self, lines: &mut Lines, path: usize, deadline: Instant) -> Result<Answer, Failure> {
        let (hop, request) = &self.shared.requests[path];
        let (origin, target) = self.shared.destinations.target();
        let mut answer = self.exchange(lines, origin, target, request, deadline).await?;
        let mut followed = 0;
        let mut at: Option<Hop> = None;
        while followed < HttpRequest::REDIRECTS {
            let next = {
                let location = answer.headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
                redirect::next(at.as_ref().unwrap_or(hop), answer.status, location.as_deref())
            };
            let Some(next) = next else { break };
            let (origin, destination) = self.shared.destinations.at(&next.url).await?;
            let request = request_to(&next.url, &destination.host, self.shared.reuse)?;
            answer = self.exchange(lines, origin, &destination, &request, deadline).await?;
            at = Some(next);
            followed += 1;
        }
        self.stats.borrow_mut().redirected += u64::from(followed > 0);
        Ok(answer)
    }

    async fn exchange(
        &self,
        lines: &mut Lines,
        origin: Origin,
        destination: &Destination,
        request: &Request<Empty<Bytes>>,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let limits = self.shared.body;
        let result = match lines.open.get_mut(&origin).filter(|open| open.is_open()) {
            Some(open) => match open.exchange(request.clone(), limits).await {
                // A server may close an idle connection at any time (RFC 9112, 9.5): the request was then never seen, or so
                // it seems; where it was sent, that is counted.
                Err(failure) if failure.cause == Cause::Unreachable && open.served > 0 => {
                    self.stats.borrow_mut().resent += u64::from(!failure.connecting);
                    None
                }
                result => Some(result),
            },
            None => None,
        };
        let answer = match result {
            Some(result) => result?,
            None => {
                lines.open.remove(&origin);
                self.stats.borrow_mut().connections += 1;
                lines.connecting = true;
                let open = Connection::open(destination, deadline.saturating_duration_since(Instant::now())).await?;
                lines.connecting = false;
                lines.open.entry(origin).or_insert(open).exchange(request.clone(), limits).await?
            }
        };
        if answer.truncated || !self.shared.reuse {
            lines.open.remove(&origin);
        }
        Ok(answer)
    }

    fn show(&self, number: usize) {
        let stats = self.stats.borrow();
        let mut all = times();
        for path in &stats.paths {
            let _ = all.add(&path.times);
        }
        if let Some(place) = self.shared.live.get(number) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = all;
        }
    }
}
