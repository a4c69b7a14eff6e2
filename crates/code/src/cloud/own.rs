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

/// The first place of one text, as `own_load_balancer`.
pub(super) fn calls(text: &str) -> Option<Call> {
    let pattern = BALANCER.as_ref()?;
    let is_comment = |line: &str| line.trim_start().starts_with(['#', '*']) || line.trim_start().starts_with("//");
    let found = (1..).zip(text.lines()).find(|(_, line)| !is_comment(line) && pattern.is_match(line));
    found.map(|(line, _)| (OWN_LOAD_BALANCER.to_owned(), CallTool::Software, line))
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
        assert_eq!(line("# apt install haproxy\napt-get install -y nginx\n"), None);
    }
}
