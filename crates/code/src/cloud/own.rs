//! Software that does on an instance what a service of AWS does: a load balancer of the team's own.

use std::sync::LazyLock;

use regex::Regex;
use stackmark_evidence::closed::CallTool;
use stackmark_evidence::vocabulary::OWN_LOAD_BALANCER;

use super::Call;

/// What installs one, and what nginx, Apache and HAProxy call its targets.
static BALANCER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?:install|add|run|pull)\b.*\b(?:haproxy|traefik|envoy)\b
        | \bupstream\s+\w+\s*\{
        | \bbalancer://
        | ^\s*balance\s+(?:roundrobin|leastconn)
        ",
    )
    .ok()
});

/// A program of the team's own that answers requests, sends them on, and has a name for choosing: `load balancer` in two words is
/// prose, as in the docstring of a health check.
struct Program {
    answers: Regex,
    asks: Regex,
    chooses: Regex,
}

static PROGRAM: LazyLock<Option<Program>> = LazyLock::new(|| {
    Some(Program {
        answers: Regex::new(
            r"\b(?:Flask|FastAPI|Starlette|Sanic|Quart)\(|\bweb\.Application\(|\bBaseHTTPRequestHandler\b|\bcreateServer\(|\bexpress\(\)|\bListenAndServe\(",
        )
        .ok()?,
        asks: Regex::new(
            r"\b(?:requests|httpx|aiohttp|axios|urllib|http)\.\w+\(|\bClientSession\(|\bAsyncClient\(|\bfetch\(|\burlopen\(|\bReverseProxy\b|\bcreateProxy",
        )
        .ok()?,
        chooses: Regex::new(
            r"(?i)load_?balanc(?:e|er|ing)(?:\b|_)|\blb\b|round_?robin|least_?(?:conn|latency|response)|\bupstreams?\b|reverse_?prox|\bfastest\b|\bitertools\.cycle\(|\brandom\.choice\(|\b(?:best|choose|chosen|pick|select(?:ed)?|next|current)_(?:\w+_)?(?:instance|target|server|node|worker|backend)",
        )
        .ok()?,
    })
});

/// The line in which such a program answers.
fn program(text: &str) -> Option<u64> {
    let program = PROGRAM.as_ref()?;
    let (line, _) = (1..).zip(text.lines()).find(|(_, line)| program.answers.is_match(line))?;
    (program.asks.is_match(text) && program.chooses.is_match(text)).then_some(line)
}

/// The first place of one text, as `own_load_balancer`.
pub(super) fn calls(text: &str) -> Option<Call> {
    let pattern = BALANCER.as_ref()?;
    let is_comment = |line: &str| line.trim_start().starts_with(['#', '*']) || line.trim_start().starts_with("//");
    let found = (1..).zip(text.lines()).find(|(_, line)| !is_comment(line) && pattern.is_match(line));
    let line = found.map(|(line, _)| line).or_else(|| program(text))?;
    Some((OWN_LOAD_BALANCER.to_owned(), CallTool::Software, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balancers_on_instances_are_known_by_install_and_configuration() {
        let line = |text: &str| calls(text).map(|(.., line)| line);
        assert_eq!(line("#!/bin/bash\napt-get install -y haproxy\n"), Some(2));
        assert_eq!(line("location / { proxy_pass http://127.0.0.1:8000; }\n"), None, "in front of one program");
        assert_eq!(line("upstream backend {\n"), Some(1));
        let own = "from flask import Flask\nimport requests\napp = Flask(__name__)\ndef best_instance(): ...\ndef f(): return requests.get(best_instance()).content\n";
        assert_eq!(line(own), Some(3), "a program of the team's own");
        assert_eq!(line("app = Flask(__name__)\nid = requests.get(META).text\n"), None, "asks who it is");
        let served = "app = Flask(__name__)\n# Asked by the load balancer.\nid = requests.get(META).text\n";
        assert_eq!(line(served), None, "stands behind one");
        assert_eq!(line("# apt install haproxy\napt-get install -y nginx\n"), None);
    }
}
