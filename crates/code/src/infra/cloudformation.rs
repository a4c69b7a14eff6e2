//! Resources of CloudFormation templates, in YAML or JSON, the defaults of their parameters put in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::kinds;
use super::value::{Budget, DEEPEST, snake_keys, tags_of, text_of_scalar, unknown, unknown_text};
use super::yaml::{Data, Yaml};
use crate::cloud::operations::snake_case;
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::Declared;

/// A template.
pub(super) struct Template<'a> {
    pub(super) root: Yaml,
    budget: &'a Budget,
}

impl<'a> Template<'a> {
    /// `None` for what is no template.
    pub(super) fn parse(text: &str, budget: &'a Budget) -> Option<Self> {
        if !text.contains("Resources") || !text.contains("AWS::") {
            return None;
        }
        let root = Yaml::parse(text)?;
        root.get("Resources")?;
        Some(Self { root, budget })
    }

    pub(super) fn declared(&self, path: &str) -> Vec<Declared> {
        let resources = self.root.get("Resources").map(Yaml::entries).unwrap_or_default();
        resources.iter().filter_map(|(id, resource)| self.resource(path, id, resource)).collect()
    }

    fn resource(&self, path: &str, id: &str, resource: &Yaml) -> Option<Declared> {
        let resource_type = resource.get("Type")?.text().filter(|kind| kind.contains("::"))?;
        let kind = kinds::of_cloudformation(resource_type);
        let mut arguments: BTreeMap<String, Value> = BTreeMap::new();
        for (name, value) in resource.get("Properties").map(Yaml::entries).unwrap_or_default() {
            arguments.insert(snake_case(name), snake_keys(self.value(value, 0)));
        }
        for name in ["DependsOn", "Condition", "DeletionPolicy", "UpdatePolicy", "CreationPolicy"] {
            if let Some(value) = resource.get(name) {
                arguments.insert(snake_case(name), snake_keys(self.value(value, 0)));
            }
        }
        let tags = tags_of(&arguments);
        let name = kinds::name_argument(&kind.kind, &arguments).or_else(|| tags.get("Name").map(String::as_str));
        Some(Declared {
            tool: DeclaredTool::CloudFormation,
            resource_type: resource_type.to_owned(),
            service: kind.service,
            name: name.unwrap_or(id).to_owned(),
            kind: kind.kind,
            label: Some(id.to_owned()),
            path: path.to_owned(),
            line: resource.line,
            tags,
            arguments,
            count: Some(1),
            unreachable: None,
        })
    }

    /// The value of a property, functions that only put values together worked out.
    pub(super) fn value(&self, node: &Yaml, depth: u32) -> Value {
        if depth > DEEPEST || !self.budget.step() {
            return unknown("…");
        }
        if let Some(tag) = &node.tag {
            return self.function(tag, node, depth);
        }
        match &node.data {
            Data::Null => Value::Null,
            Data::Scalar(text, _) => self.budget.scalar(text),
            Data::List(items) => Value::Array(items.iter().map(|item| self.value(item, depth + 1)).collect()),
            Data::Map(entries) => {
                if let [(name, inner)] = entries.as_slice()
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.function(name.trim_start_matches("Fn::"), inner, depth);
                }
                let fields = entries.iter().map(|(name, value)| (name.clone(), self.value(value, depth + 1)));
                Value::Object(fields.collect::<Map<String, Value>>())
            }
        }
    }

    fn function(&self, name: &str, argument: &Yaml, depth: u32) -> Value {
        let argument = &Yaml { tag: None, ..argument.clone() };
        let known = match name {
            "Ref" => argument.text().map(|name| self.reference(name)),
            "Base64" => Some(self.text_value(argument, depth)),
            "Sub" => {
                let template = match &argument.data {
                    Data::List(items) => items.first().and_then(Yaml::text),
                    _ => argument.text(),
                };
                template.map(|template| self.budget.literal(&self.substituted(template)))
            }
            "Join" => self.joined(argument, depth),
            _ => None,
        };
        known.unwrap_or_else(|| unknown(&format!("{name} {}", plain(argument, 0))))
    }

    fn text_value(&self, node: &Yaml, depth: u32) -> Value {
        match (&node.tag, &node.data) {
            (None, Data::Scalar(text, _)) => self.budget.literal(text),
            _ => self.value(node, depth + 1),
        }
    }

    fn joined(&self, argument: &Yaml, depth: u32) -> Option<Value> {
        let Data::List(items) = &argument.data else { return None };
        let [delimiter, list] = items.as_slice() else { return None };
        let Value::Array(parts) = self.value(list, depth + 1) else { return None };
        let parts: Option<Vec<String>> = parts.iter().map(text_of_scalar).collect();
        Some(self.budget.literal(&parts?.join(delimiter.text()?)))
    }

    /// A parameter by its default; what AWS fills in stays open.
    fn reference(&self, name: &str) -> Value {
        match self.default_of(name) {
            Some(default) => self.budget.scalar(default),
            None => unknown(name),
        }
    }

    fn default_of(&self, name: &str) -> Option<&str> {
        self.root.get("Parameters")?.get(name)?.get("Default")?.text()
    }

    /// `${Name}` by the parameter's default; `${!Name}` is a text.
    pub(super) fn substituted(&self, template: &str) -> String {
        let mut written = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find("${") {
            let (before, reference) = rest.split_at(at);
            written.push_str(before);
            let Some(end) = reference.find('}') else { break };
            let name = &reference[2..end];
            match self.default_of(name) {
                Some(default) => written.push_str(default),
                None => written.push_str(&unknown_text(name)),
            }
            rest = &reference[end + 1..];
        }
        written.push_str(rest);
        written
    }
}

/// What a function is given, in one line.
fn plain(node: &Yaml, depth: u32) -> String {
    match &node.data {
        Data::Scalar(text, _) => text.clone(),
        Data::List(items) if depth < 2 => {
            items.iter().take(8).map(|item| plain(item, depth + 1)).collect::<Vec<_>>().join(", ")
        }
        _ => "…".to_owned(),
    }
}
