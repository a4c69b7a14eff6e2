//! AWS's SDKs for other languages: their methods are the operations' names in that language's case.

use std::sync::LazyLock;

use regex::Regex;
use stackmark_evidence::closed::CallTool;
use stackmark_evidence::vocabulary;

use super::Call;
use super::operations::snake_case;

/// A method that is called, be it by its name in quotes, or a command object that is made: `client.runInstances(`,
/// `client["runInstances"](`, `new RunInstancesCommand(`.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let end = r"(?:Command|Request|Async|WithContext)?(?:\s*\(|\.builder\()";
    let quoted = r#"\[\s*["'`]([A-Za-z][A-Za-z_0-9]*)["'`]\s*\]\s*\("#;
    Regex::new(&format!(r"(?:\.|\bnew )([A-Za-z][A-Za-z_0-9]*?){end}|{quoted}")).ok()
});

pub(super) fn calls(text: &str) -> Vec<Call> {
    if !["aws-sdk", "awssdk", "amazonaws", "Amazon.", "aws_sdk"].iter().any(|package| text.contains(package)) {
        return Vec::new();
    }
    let Some(pattern) = CALL.as_ref() else { return Vec::new() };
    let mut calls = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        if ["*", "/*", "#"].iter().any(|comment| code.trim_start().starts_with(comment)) {
            continue;
        }
        for captures in pattern.captures_iter(code) {
            let Some(name) = captures.get(1).or_else(|| captures.get(2)) else { continue };
            let name = snake_case(name.as_str());
            // One word is anybody's method: `query`, `sign`.
            if let Some(operation) = vocabulary::operation(&name).filter(|_| name.contains('_')) {
                calls.push((operation.to_owned(), CallTool::Sdk, number));
            }
        }
    }
    // One call is often written in two words: a request that is made, and a method that sends it.
    calls.dedup_by(|a, b| a.0 == b.0 && a.2 - b.2 <= 1);
    calls
}
