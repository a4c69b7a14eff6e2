//! A load as it is to be sent, and how much of it a rubric allows.

use serde::{Deserialize, Serialize};

/// Most requests of one load, whatever a rubric allows.
pub const MOST_REQUESTS: u32 = 20_000;
/// Most requests under way at once, whatever a rubric allows.
pub const MOST_CONCURRENCY: u32 = 500;
/// Longest load in seconds, whatever a rubric allows.
pub const MOST_SECONDS: u32 = 900;

/// How much load the checks of a rubric may put on one team's stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadLimits {
    /// Requests of one load.
    pub requests: u32,
    /// Requests under way at once.
    pub concurrency: u32,
    /// Seconds after which a load ends, pauses included.
    pub seconds: u32,
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self { requests: 3000, concurrency: 50, seconds: 300 }
    }
}

/// One load: many requests, timed and counted rather than kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadRequest {
    /// Names the load in the evidence; made by [`LoadRequest::key_of`].
    pub key: String,
    /// What is sent.
    pub work: LoadWork,
    /// Requests a second at fixed times, whatever the answers (an open loop); `None` sends the next when one is answered.
    pub rate: Option<f64>,
    /// Whether connections carry more than one request.
    pub reuse: bool,
    /// For one request, connecting included, milliseconds.
    pub timeout_ms: u64,
    /// Where an answer says which back end it came from.
    pub label: LoadLabel,
}

/// What a load sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LoadWork {
    /// So many requests over all, to the paths in turn.
    Shared {
        /// Paths and queries, each starting with `/`; at least one.
        paths: Vec<String>,
        /// Requests in all.
        requests: u32,
        /// Under way at once.
        concurrency: u32,
    },
    /// Threads side by side, each one request after the other.
    Threads {
        /// At least one.
        threads: Vec<LoadThread>,
    },
}

/// One sequential client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadThread {
    /// Paths and queries, each starting with `/`, taken in turn; at least one.
    pub paths: Vec<String>,
    /// In order.
    pub steps: Vec<LoadStep>,
}

/// What a thread does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadStep {
    /// So many requests.
    Requests(u32),
    /// Nothing for so many milliseconds.
    Pause(u64),
}

/// Where an answer says which back end it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LoadLabel {
    /// The one EC2 instance id in its headers and body.
    InstanceId,
    /// A value of its JSON body.
    Json {
        /// JSON pointer: `/instance_id`.
        pointer: String,
    },
    /// A header.
    Header {
        /// In lower case.
        name: String,
    },
    /// A part of its body.
    Body {
        /// Regular expression with one group.
        pattern: String,
    },
}

impl LoadRequest {
    /// The same load always has the same key, so that two checks share one.
    pub fn key_of(&self) -> String {
        let mut key = match &self.work {
            LoadWork::Shared { paths, requests, concurrency } => {
                format!("{} ×{requests} by {concurrency}", paths.join(" "))
            }
            LoadWork::Threads { threads } => threads.iter().map(LoadThread::words).collect::<Vec<_>>().join(" | "),
        };
        if let Some(rate) = self.rate {
            key.push_str(&format!(" at {rate}/s"));
        }
        key.push_str(if self.reuse { " keep-alive" } else { " close" });
        key.push_str(&format!(" timeout:{}ms", self.timeout_ms));
        match &self.label {
            LoadLabel::InstanceId => {}
            LoadLabel::Json { pointer } => key.push_str(&format!(" json:{pointer}")),
            LoadLabel::Header { name } => key.push_str(&format!(" header:{name}")),
            LoadLabel::Body { pattern } => key.push_str(&format!(" body:{pattern}")),
        }
        key
    }

    /// Requests in all, if nothing cuts it short.
    pub fn requests(&self) -> u64 {
        match &self.work {
            LoadWork::Shared { requests, .. } => u64::from(*requests),
            LoadWork::Threads { threads } => threads.iter().map(LoadThread::requests).sum(),
        }
    }

    /// Requests under way at once, at most.
    pub fn concurrency(&self) -> u64 {
        match &self.work {
            LoadWork::Shared { concurrency, .. } => u64::from(*concurrency),
            LoadWork::Threads { threads } => threads.len() as u64,
        }
    }

    /// Every path that it asks for, each once, in order.
    pub fn paths(&self) -> Vec<String> {
        let all: Vec<&String> = match &self.work {
            LoadWork::Shared { paths, .. } => paths.iter().collect(),
            LoadWork::Threads { threads } => threads.iter().flat_map(|thread| &thread.paths).collect(),
        };
        let mut paths: Vec<String> = Vec::new();
        for path in all {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        paths
    }

    /// What asks for more than `limits` allow, in words; `None` where it keeps to them.
    ///
    /// Pauses and, in an open loop, the rate say how long it lasts at least; how fast answers come nobody knows.
    pub fn above(&self, limits: &LoadLimits) -> Option<String> {
        let (requests, concurrency) = (self.requests(), self.concurrency());
        let seconds = self.least_seconds();
        if requests > u64::from(limits.requests) {
            Some(format!("{requests} requests, and load_requests is {}", limits.requests))
        } else if concurrency > u64::from(limits.concurrency) {
            Some(format!("{concurrency} requests at once, and load_concurrency is {}", limits.concurrency))
        } else if seconds > f64::from(limits.seconds) {
            Some(format!("at least {} s, and load_seconds is {}", seconds.ceil(), limits.seconds))
        } else {
            None
        }
    }

    fn least_seconds(&self) -> f64 {
        let paced = self.rate.map_or(0.0, |rate| self.requests() as f64 / rate);
        let paused = match &self.work {
            LoadWork::Shared { .. } => 0,
            LoadWork::Threads { threads } => threads.iter().map(LoadThread::paused_ms).max().unwrap_or_default(),
        };
        paced.max(paused as f64 / 1000.0)
    }
}

impl LoadThread {
    fn requests(&self) -> u64 {
        self.steps.iter().map(|step| if let LoadStep::Requests(count) = step { u64::from(*count) } else { 0 }).sum()
    }

    fn paused_ms(&self) -> u64 {
        self.steps.iter().map(|step| if let LoadStep::Pause(ms) = step { *ms } else { 0 }).sum()
    }

    fn words(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            LoadStep::Requests(count) => format!("×{count}"),
            LoadStep::Pause(ms) => format!("pause:{ms}ms"),
        });
        format!("{} {}", self.paths.join(" "), steps.collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern() -> LoadRequest {
        let thread = |steps: &[LoadStep]| LoadThread { paths: vec!["/cluster1".to_owned()], steps: steps.to_vec() };
        LoadRequest {
            key: String::new(),
            work: LoadWork::Threads {
                threads: vec![
                    thread(&[LoadStep::Requests(1000)]),
                    thread(&[LoadStep::Requests(500), LoadStep::Pause(60_000), LoadStep::Requests(1000)]),
                ],
            },
            rate: None,
            reuse: true,
            timeout_ms: 10_000,
            label: LoadLabel::InstanceId,
        }
    }

    #[test]
    fn the_courses_pattern_has_a_key_that_tells_it_and_keeps_to_the_limits() {
        let load = pattern();
        assert_eq!(load.key_of(), "/cluster1 ×1000 | /cluster1 ×500 pause:60000ms ×1000 keep-alive timeout:10000ms");
        assert_eq!((load.requests(), load.concurrency(), load.paths().len()), (2500, 2, 1));
        assert_eq!(load.above(&LoadLimits::default()), None);
    }

    #[test]
    fn what_is_above_a_limit_names_both() {
        let limits = LoadLimits { requests: 2000, concurrency: 50, seconds: 300 };
        assert_eq!(pattern().above(&limits).as_deref(), Some("2500 requests, and load_requests is 2000"));
        let limits = LoadLimits { concurrency: 1, ..LoadLimits::default() };
        assert_eq!(pattern().above(&limits).as_deref(), Some("2 requests at once, and load_concurrency is 1"));
        let limits = LoadLimits { seconds: 59, ..LoadLimits::default() };
        assert_eq!(pattern().above(&limits).as_deref(), Some("at least 60 s, and load_seconds is 59"));
        let slow = LoadRequest { rate: Some(5.0), ..pattern() };
        assert_eq!(slow.above(&LoadLimits::default()).as_deref(), Some("at least 500 s, and load_seconds is 300"));
    }
}
