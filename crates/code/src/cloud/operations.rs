//! The tables of `operations.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operations {
    terraform: BTreeMap<String, String>,
    terraform_modules: BTreeMap<String, Vec<String>>,
    cloudformation: BTreeMap<String, String>,
}

/// The embedded tables; a test holds them to parse.
pub(crate) static OPERATIONS: LazyLock<Operations> =
    LazyLock::new(|| toml::from_str(include_str!("operations.toml")).unwrap_or_default());

impl Operations {
    /// `None` for a resource of another provider.
    pub(super) fn of_terraform(&self, resource: &str) -> Option<String> {
        let kind = resource.strip_prefix("aws_")?;
        Some(self.terraform.get(resource).cloned().unwrap_or_else(|| format!("create_{kind}")))
    }

    pub(super) fn of_terraform_module(&self, source: &str) -> &[String] {
        let name =
            source.split_once("terraform-aws-modules/").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
        name.map(|name| name.trim_start_matches("terraform-aws-").trim_end_matches(".git"))
            .and_then(|name| self.terraform_modules.get(name))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(crate) fn of_cloudformation(&self, kind: &str) -> String {
        self.cloudformation.get(kind).cloned().unwrap_or_else(|| {
            let last = kind.rsplit("::").next().unwrap_or(kind);
            format!("create_{}", snake_case(last))
        })
    }
}

/// `RunInstances`, `runInstances` → `run_instances`; a run of capitals is one word.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 8);
    for (i, &letter) in letters.iter().enumerate() {
        let after_small = i > 0 && !letters[i - 1].is_uppercase() && letters[i - 1] != '_';
        let before_small =
            i > 0 && letters[i - 1].is_uppercase() && letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::vocabulary;

    #[test]
    fn the_tables_are_read_and_name_operations() {
        assert!(!OPERATIONS.terraform.is_empty(), "operations.toml does not parse");
        for operation in OPERATIONS.terraform.values().chain(OPERATIONS.cloudformation.values()) {
            assert_eq!(vocabulary::operation(operation), Some(operation.as_str()));
        }
        assert_eq!(OPERATIONS.of_terraform("aws_efs_file_system").as_deref(), Some("create_efs_file_system"));
        assert_eq!(OPERATIONS.of_terraform("google_compute_instance"), None);
        assert_eq!(OPERATIONS.of_cloudformation("AWS::ElasticLoadBalancingV2::LoadBalancer"), "create_load_balancer");
        assert_eq!(OPERATIONS.of_terraform_module("terraform-aws-modules/ec2-instance/aws"), ["run_instances"]);
    }

    #[test]
    fn names_of_other_sdks_become_snake_case() {
        assert_eq!(snake_case("RunInstances"), "run_instances");
        assert_eq!(snake_case("createDBInstance"), "create_db_instance");
        assert_eq!(snake_case("run_instances"), "run_instances");
    }
}
