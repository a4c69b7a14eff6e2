//! Terraform's resources as classes of Python, as the Cloud Development Kit for Terraform makes them.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::Call;
use super::operations::OPERATIONS;
use crate::syntax::{line_of, text_of};
use crate::text::pascal_case;
use stackmark_evidence::closed::CallTool;

/// The operations of the classes that a file imports, by the name that it calls them.
#[derive(Default)]
pub(super) struct Constructs<'a> {
    operations: BTreeMap<&'a str, String>,
}

impl<'a> Constructs<'a> {
    /// Takes note of `from cdktf_cdktf_provider_aws.lb_listener import LbListener`; the module is the resource's type.
    pub(super) fn import(&mut self, statement: Node<'_>, text: &'a str) {
        let Some(module) = statement.child_by_field_name("module_name").map(|module| text_of(module, text)) else {
            return;
        };
        let resource =
            ["cdktf_cdktf_provider_aws.", "imports.aws."].iter().find_map(|package| module.strip_prefix(package));
        let Some(resource) = resource.and_then(|resource| resource.split('.').next()) else { return };
        // Data sources only look things up.
        let operation =
            OPERATIONS.of_terraform(&format!("aws_{resource}")).filter(|_| !resource.starts_with("data_aws_"));
        let Some(operation) = operation.filter(|_| resource != "provider") else { return };
        let class = pascal_case(resource);
        let mut cursor = statement.walk();
        for name in statement.children_by_field_name("name", &mut cursor) {
            let (imported, called) = match (name.child_by_field_name("name"), name.child_by_field_name("alias")) {
                (Some(imported), Some(alias)) => (text_of(imported, text), text_of(alias, text)),
                _ => (text_of(name, text), text_of(name, text)),
            };
            // The same modules hold classes for parts of a resource.
            if imported == class {
                self.operations.insert(called, operation.clone());
            }
        }
    }

    /// The resource that a call makes, if it makes one.
    pub(super) fn call(&self, call: Node<'_>, text: &str) -> Option<Call> {
        let function = call.child_by_field_name("function").filter(|function| function.kind() == "identifier")?;
        let operation = self.operations.get(text_of(function, text))?;
        Some((operation.clone(), CallTool::Terraform, line_of(call)))
    }
}
