//! Variables, outputs and locals, and what they say of themselves.

use std::collections::BTreeMap;

use tokei::LanguageType;
use tree_sitter::Node;

use super::cdk;
use super::hcl::{File, attributes, blocks, children};
use super::terraform;
use super::value::Budget;
use super::yaml::{Data, Yaml};
use crate::definitions::Comments;
use crate::source::{Source, file_name};
use crate::syntax::{self, line_of, text_of};
use crate::text::one_line;
use stackmark_collect::redact::redact;
use stackmark_evidence::closed::{VariableKind, VariableTool};
use stackmark_evidence::infrastructure::Variable;

/// Longest value that is kept, in characters.
const LONGEST_VALUE: usize = 200;

fn variable(tool: VariableTool, kind: VariableKind, name: &str, path: &str, line: u64) -> Variable {
    Variable {
        tool,
        name: name.to_owned(),
        kind,
        has_default: false,
        has_description: false,
        kind_of_value: None,
        value: None,
        uses: None,
        path: path.to_owned(),
        line,
    }
}

/// A value as written. Judged together with its name: `hunter2` alone is no password.
fn value_of(name: &str, written: &str) -> String {
    let start = format!("{name} = ");
    let (line, _) = redact(&format!("{start}{}", written.trim()));
    one_line(line.strip_prefix(&start).unwrap_or(&line), LONGEST_VALUE)
}

/// In the source files, by file.
pub(super) fn find(sources: &[Source]) -> Vec<Variable> {
    let budget = Budget::new();
    let terraform = super::of_languages(sources, &[LanguageType::Hcl]);
    let mut found = Vec::new();
    terraform::modules(&terraform, &budget, |module| {
        let first = found.len();
        for file in module.files {
            of_terraform(file, &mut found);
        }
        let uses = uses(module.files);
        for variable in found[first..].iter_mut().filter(|variable| variable.kind == VariableKind::Variable) {
            variable.uses = Some(uses.get(variable.name.as_str()).copied().unwrap_or(0));
        }
    });
    for source in sources {
        found.extend(cdk::outputs(source).into_iter().map(|output| of_cdk(output, &source.path)));
        match source.language {
            LanguageType::Yaml | LanguageType::Json => found.extend(of_template(source)),
            LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh => found.extend(of_script(source)),
            _ => {}
        }
    }
    found
}

/// How often the files of a folder refer to each of its variables.
fn uses<'a>(files: &[File<'a>]) -> BTreeMap<&'a str, u64> {
    let mut uses = BTreeMap::new();
    for file in files {
        syntax::walk(&file.tree, |node| {
            if node.kind() != "variable_expr" || text_of(node, file.text) != "var" {
                return;
            }
            let attribute = node.next_named_sibling().filter(|next| next.kind() == "get_attr");
            if let Some(attribute) = attribute {
                let name = text_of(attribute, file.text).trim_start_matches('.').trim();
                *uses.entry(name).or_insert(0) += 1;
            }
        });
    }
    uses
}

fn of_cdk(output: cdk::Output, path: &str) -> Variable {
    let mut row = variable(VariableTool::Cdk, VariableKind::Output, &output.name, path, output.line);
    row.has_description = output.described;
    row.value = Some(value_of(&output.name, &output.value)).filter(|value| !value.is_empty());
    row
}

fn of_terraform(file: &File<'_>, found: &mut Vec<Variable>) {
    let (path, text, root) = (file.path, file.text, file.tree.root_node());
    let comments = Comments::of(&file.tree, text, LanguageType::Hcl);
    for block in blocks(root, text) {
        let kind = match block.kind {
            "variable" => VariableKind::Variable,
            "output" => VariableKind::Output,
            "locals" => {
                for (name, value) in attributes(block.body) {
                    let name_text = text_of(name, text);
                    let mut local =
                        variable(VariableTool::Terraform, VariableKind::Local, name_text, path, line_of(name));
                    local.has_default = true;
                    local.has_description = comments.above(name.start_position().row).is_some();
                    local.value = Some(value_of(name_text, text_of(value, text)));
                    found.push(local);
                }
                continue;
            }
            _ => continue,
        };
        let name = block.labels.first().copied().unwrap_or_default();
        let mut row = variable(VariableTool::Terraform, kind, name, path, line_of(block.node));
        for (attribute, value) in attributes(block.body) {
            let written = text_of(value, text);
            match text_of(attribute, text) {
                "default" => {
                    row.has_default = true;
                    row.value = Some(value_of(name, written));
                }
                "value" => row.value = Some(value_of(name, written)),
                "type" => row.kind_of_value = Some(one_line(written.trim_matches('"'), LONGEST_VALUE)),
                "description" => row.has_description = written.chars().any(char::is_alphanumeric),
                _ => {}
            }
        }
        found.push(row);
    }
    if path.ends_with(".tfvars") {
        let body = children(root).find(|child| child.kind() == "body");
        for (name, value) in attributes(body) {
            let name_text = text_of(name, text);
            let mut row = variable(VariableTool::Terraform, VariableKind::Value, name_text, path, line_of(name));
            row.has_default = true;
            row.value = Some(value_of(name_text, text_of(value, text)));
            found.push(row);
        }
    }
}

fn of_template(source: &Source) -> Vec<Variable> {
    if !source.text.contains("AWS::") {
        return Vec::new();
    }
    let Some(root) = Yaml::parse(&source.text).filter(|root| root.get("Resources").is_some()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (section, kind, of) in
        [("Parameters", VariableKind::Variable, "Default"), ("Outputs", VariableKind::Output, "Value")]
    {
        for (name, entry) in root.get(section).map(Yaml::entries).unwrap_or_default() {
            let mut row = variable(VariableTool::CloudFormation, kind, name, &source.path, entry.line);
            let description = entry.get("Description").and_then(Yaml::text);
            row.has_description = description.is_some_and(|words| words.chars().any(char::is_alphanumeric));
            row.kind_of_value = entry.get("Type").and_then(Yaml::text).map(str::to_owned);
            row.has_default = kind == VariableKind::Variable && entry.get("Default").is_some();
            row.value = entry.get(of).map(|value| value_of(name, &written(value)));
            found.push(row);
        }
    }
    found
}

/// A scalar, or a function of one: `!GetAtt Balancer.DNSName`.
fn written(value: &Yaml) -> String {
    let tag = value.tag.as_ref().map(|tag| format!("!{tag} ")).unwrap_or_default();
    match &value.data {
        Data::Scalar(text, _) => format!("{tag}{text}"),
        Data::Map(entries) => match entries.as_slice() {
            [(name, inner)] => format!("{name}: {}", inner.text().unwrap_or("…")),
            _ => format!("{tag}…"),
        },
        Data::List(items) => {
            let items: Vec<&str> = items.iter().take(8).filter_map(Yaml::text).collect();
            format!("{tag}{}", items.join(", "))
        }
        Data::Null => tag,
    }
}

/// Assignments outside of functions.
fn of_script(source: &Source) -> Vec<Variable> {
    let Some(tree) = syntax::bash(&source.text) else { return Vec::new() };
    let text = source.text.as_str();
    let comments = Comments::of(&tree, text, source.language);
    let mut found = Vec::new();
    for statement in children(tree.root_node()) {
        let assignments: Vec<Node<'_>> = match statement.kind() {
            "variable_assignment" => vec![statement],
            "declaration_command" | "variable_assignments" => {
                children(statement).filter(|child| child.kind() == "variable_assignment").collect()
            }
            _ => Vec::new(),
        };
        for assignment in assignments {
            let Some(name) = assignment.child_by_field_name("name") else { continue };
            let name = text_of(name, text);
            let mut row =
                variable(VariableTool::Shell, VariableKind::Variable, name, &source.path, line_of(assignment));
            let value = assignment.child_by_field_name("value").map(|value| text_of(value, text));
            row.has_default = value.is_some_and(|value| !value.trim_matches(['"', '\'']).is_empty());
            row.value = value.map(|value| value_of(name, value));
            row.has_description = comments.above(statement.start_position().row).is_some();
            found.push(row);
        }
    }
    found
}

/// Whether a file is one of `NAME=value` lines by its name.
pub(super) fn is_env_file(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

/// The lines of an env file.
pub(super) fn of_env_file(path: &str, text: &str) -> Vec<Variable> {
    let mut described = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with('#') {
            described = line.chars().any(char::is_alphanumeric);
            continue;
        }
        let assignment = line.strip_prefix("export ").unwrap_or(line).split_once('=');
        if let Some((name, value)) = assignment
            && !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            let mut row = variable(VariableTool::Env, VariableKind::Variable, name, path, number);
            row.has_default = !value.trim().is_empty();
            row.has_description = described;
            // As the redactor knows lines of such files.
            let (clean, _) = redact(&format!("{name}={}", value.trim()));
            row.value = clean.split_once('=').map(|(_, value)| one_line(value, LONGEST_VALUE));
            found.push(row);
        }
        described = false;
    }
    found
}
