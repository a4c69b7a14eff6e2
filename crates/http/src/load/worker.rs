//! What one thread does: its workers, each with one connection, one request after the other.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout_at};

use super::super::failure::Failure;
use super::connection::{Answer, BodyLimits, Connection};
use super::destination::Destination;
use super::label::Labeller;
use super::pace::Pace;
use super::stats::{Stats, Times, times};
use stackmark_evidence::Cause;
use stackmark_language::load::LoadStep;

/// Between two looks of the progress display.
const LOOK: Duration = Duration::from_millis(250);

/// What every thread of a load has in common.
pub(super) struct Shared {
    pub(super) destination: Destination,
    /// One for each of the load's paths.
    pub(super) requests: Vec<Request<Empty<Bytes>>>,
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
        let mut connection = None;
        match work {
            Work::Any { number } => loop {
                pace.rest().await;
                let Some(request) = Some(()).filter(|()| pace.wants(number)).and_then(|()| pace.take()) else { return };
                let path = request as usize % self.shared.requests.len();
                if !self.one(&mut connection, path, request).await {
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
                                if !self.one(&mut connection, *path, request).await {
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
    async fn one(&self, connection: &mut Option<Connection>, path: usize, request: u64) -> bool {
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
        let result = match timeout_at(deadline, self.attempt(connection, path)).await {
            Ok(result) => result,
            Err(_) if deadline == shared.pace.ends => {
                *connection = None;
                self.stats.borrow_mut().abandoned += 1;
                return true;
            }
            Err(_) if connection.is_none() => Err(Failure::responding(
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
                let label = shared.labeller.read(&answer.headers, &answer.body);
                stats.answered(path, answer.status, label, took);
                stats.truncated += u64::from(answer.truncated);
                if answer.truncated || !shared.reuse {
                    *connection = None;
                }
            }
            Err(failure) => {
                shared.pace.failed(false);
                stats.failed(failure);
                *connection = None;
            }
        }
        true
    }

    async fn attempt(&self, connection: &mut Option<Connection>, path: usize) -> Result<Answer, Failure> {
        let (request, body) = (&self.shared.requests[path], self.shared.body);
        if let Some(open) = connection.as_mut().filter(|open| open.is_open()) {
            match open.exchange(request.clone(), body).await {
                // A server may close an idle connection at any time (RFC 9112, 9.5): the request was then never seen.
                Err(failure) if failure.cause == Cause::Unreachable && open.served > 0 => {}
                result => return result,
            }
        }
        *connection = None;
        self.stats.borrow_mut().connections += 1;
        let open = Connection::open(&self.shared.destination).await?;
        connection.insert(open).exchange(request.clone(), body).await
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
