//! Resources of CloudFormation templates, in YAML or JSON.

use std::sync::LazyLock;

use regex::Regex;
use stackmark_evidence::closed::CallTool;

use super::Call;
use super::operations::OPERATIONS;

/// A parameter's type has a fourth part (`AWS::EC2::KeyPair::KeyName`) or holds another (`AWS::SSM::Parameter::Value<…>`).
static TYPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)(?:^[ \t]*(?:-[ \t]+)?|[{,"][ \t]*)["']?Type["']?\s*:\s*["']?(AWS::\w+::\w+)["']?(?:\s|,|\}|$)"#)
        .ok()
});

pub(super) fn calls(text: &str) -> Vec<Call> {
    if !text.contains("AWS::") || !text.contains("Resources") {
        return Vec::new();
    }
    let Some(pattern) = TYPE.as_ref() else { return Vec::new() };
    let mut line = 1;
    let mut counted_to = 0;
    pattern
        .captures_iter(text)
        .filter_map(|captures| captures.get(1))
        .map(|kind| {
            line += text[counted_to..kind.start()].matches('\n').count() as u64;
            counted_to = kind.start();
            (OPERATIONS.of_cloudformation(kind.as_str()), CallTool::CloudFormation, line)
        })
        .collect()
}
