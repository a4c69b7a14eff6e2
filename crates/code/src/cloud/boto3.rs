//! Calls of boto3's clients and resources, and `aws` commands that Python runs.

use std::collections::{BTreeMap, BTreeSet};

use stackmark_evidence::closed::CallTool;
use stackmark_evidence::vocabulary;
use tree_sitter::{Node, Tree};

use super::{Call, cdktf, shell};
use crate::syntax::{self, line_of, text_of};

/// Whether the file imports one of the SDK's packages.
pub(crate) fn imports(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        (line.starts_with("import ") || line.starts_with("from "))
            && ["boto3", "botocore", "aioboto3", "aiobotocore"].iter().any(|package| line.contains(package))
    })
}

/// What the Python of a repository knows of the SDK: a client is often made in one file and called in another.
#[derive(Default)]
pub(crate) struct Clients {
    imported: bool,
    /// Last part of each name that is given a client, with its service: `CLOUDWATCH`, called as `clients.CLOUDWATCH`.
    names: BTreeMap<String, Option<String>>,
    /// Functions that return a client.
    makers: BTreeSet<String>,
}

impl Clients {
    /// Of all Python texts.
    pub(crate) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut clients = Self::default();
        for text in texts {
            clients.imported |= imports(text);
            if !text.contains("client(") && !text.contains("resource(") {
                continue;
            }
            let Some(tree) = syntax::python(text) else { continue };
            syntax::walk(&tree, |node| match node.kind() {
                "assignment" => {
                    let sides = (node.child_by_field_name("left"), node.child_by_field_name("right"));
                    let (Some(left), Some(right)) = sides else { return };
                    if makes_client(right, text) {
                        let service = first_string(right, text).map(str::to_owned);
                        let known = clients.names.entry(last_part(text_of(left, text)).to_owned());
                        known.and_modify(|known| *known = None).or_insert(service);
                    }
                }
                "return_statement" if node.named_child(0).is_some_and(|value| makes_client(value, text)) => {
                    clients.makers.extend(function_around(node, text).map(str::to_owned));
                }
                _ => {}
            });
        }
        clients
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn function_around<'t>(node: Node<'_>, text: &'t str) -> Option<&'t str> {
    let mut node = node;
    while let Some(parent) = node.parent() {
        if parent.kind() == "function_definition" {
            return parent.child_by_field_name("name").map(|name| text_of(name, text));
        }
        node = parent;
    }
    None
}

pub(super) fn calls(text: &str, clients: &Clients) -> Vec<Call> {
    let Some(tree) = syntax::python(text) else { return Vec::new() };
    let mut commands: Vec<Call> = Vec::new();
    let mut constructs = cdktf::Constructs::default();
    syntax::walk(&tree, |node| match node.kind() {
        "import_from_statement" => constructs.import(node, text),
        "call" => commands.extend(constructs.call(node, text)),
        "string" => commands.extend(commands_in_string(node, text)),
        "list" | "tuple" => commands.extend(command_of_words(node, text)),
        _ => {}
    });
    let mut calls: Vec<Call> =
        methods(&tree, text, clients).into_iter().map(|found| (found.operation, CallTool::Boto3, found.line)).collect();
    calls.extend(commands);
    calls
}

/// A method of the SDK that is called.
pub(crate) struct Method<'t> {
    pub(crate) operation: String,
    /// The client's service (`elbv2`), where the code makes the client.
    pub(crate) service: Option<String>,
    pub(crate) call: Node<'t>,
    pub(crate) line: u64,
}

/// Every call of a client's or resource's method, in the order of the text.
pub(crate) fn methods<'t>(tree: &'t Tree, text: &'t str, clients: &Clients) -> Vec<Method<'t>> {
    // What this file gives each name: a client with its service, or something else.
    let mut given: BTreeMap<&str, Option<Option<&str>>> = BTreeMap::new();
    // Each call with the object and the method's name, and whether the method is an argument of it.
    let mut called: Vec<(Node<'_>, Node<'_>, &str, bool)> = Vec::new();
    // `launch = ec2.run_instances`, called as `launch(…)`.
    let mut aliases: BTreeMap<&str, (Node<'_>, &str)> = BTreeMap::new();
    syntax::walk(tree, |node| match node.kind() {
        "assignment" => {
            let sides = (node.child_by_field_name("left"), node.child_by_field_name("right"));
            let (Some(left), Some(right)) = sides else { return };
            if let Some(method) = method_of(right, text).filter(|_| left.kind() == "identifier") {
                aliases.insert(text_of(left, text), method);
            }
            let client = is_client(right, text, clients).then(|| first_string(right, text));
            // A name that is a client anywhere in the file is taken for one.
            let known = given.entry(text_of(left, text)).or_insert(client);
            if known.is_none() {
                *known = client;
            }
        }
        "call" => {
            let Some(function) = node.child_by_field_name("function") else { return };
            let aliased =
                |name: Node<'_>| aliases.get(text_of(name, text)).copied().filter(|_| name.kind() == "identifier");
            let parts = method_of(function, text).or_else(|| aliased(function));
            // Python's own, as `__getattribute__`, is no operation.
            if let Some((object, method)) = parts.filter(|(_, method)| !method.starts_with("__")) {
                called.push((node, object, method, false));
            }
            let passed =
                arguments_of(node).filter_map(|argument| method_of(argument, text).or_else(|| aliased(argument)));
            let passed = passed.filter(|(_, method)| !method.starts_with("__"));
            called.extend(passed.map(|(object, method)| (node, object, method, true)));
        }
        _ => {}
    });
    called
        .into_iter()
        .filter_map(|(call, object, method, is_passed)| {
            let line = call.child_by_field_name("function").map_or(line_of(call), |f| f.end_position().row as u64 + 1);
            let name = text_of(object, text);
            // The client's service, where `object` is a client.
            let client: Option<Option<String>> = match given.get(name) {
                Some(given) => given.map(|service| service.map(str::to_owned)),
                None if is_client(object, text, clients) => Some(first_string(object, text).map(str::to_owned)),
                None => clients.names.get(last_part(name)).cloned(),
            };
            // `safe(ec2.run_instances, MinCount=1)` calls it with its other arguments; any object may have an attribute.
            if is_passed && (client.is_none() || is_only_named(call, text)) {
                return None;
            }
            let operation = operation(call, name, method, text, client.is_some(), clients)?;
            Some(Method { operation, service: client.flatten(), call, line })
        })
        .collect()
}

/// What a call is given, by place or by name.
fn arguments_of(call: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let arguments = call.child_by_field_name("arguments");
    let count = arguments.map_or(0, |arguments| arguments.named_child_count());
    (0..count).filter_map(move |at| {
        let argument = arguments?.named_child(at as u32)?;
        if argument.kind() == "keyword_argument" { argument.child_by_field_name("value") } else { Some(argument) }
    })
}

/// A call that asks about a method and does not call it.
fn is_only_named(call: Node<'_>, text: &str) -> bool {
    const ASK: [&str; 9] = ["print", "repr", "str", "type", "help", "callable", "hasattr", "getattr", "isinstance"];
    call.child_by_field_name("function").is_some_and(|function| ASK.contains(&last_part(text_of(function, text))))
}

/// Whether Python calls AWS by a name that it does not say here: `getattr(boto3.client(s), name)(…)`, `["aws", *words]`.
pub(crate) fn has_calls_by_a_name(text: &str) -> bool {
    let by_attribute = text.contains("getattr(") && text.contains("boto3");
    if !by_attribute && !text.contains("\"aws\"") && !text.contains("'aws'") {
        return false;
    }
    let Some(tree) = syntax::python(text) else { return false };
    let clients = Clients::of(std::iter::once(text));
    let (mut by_name, mut runs) = (false, false);
    // Names of lists that begin a command, and names that are given to what runs one.
    let (mut commands, mut run) = (BTreeSet::new(), BTreeSet::new());
    syntax::walk(&tree, |node| match node.kind() {
        "call" if runs_a_command(node, text) => run.extend(arguments_of(node).map(|given| text_of(given, text))),
        "call"
            if by_attribute && node.child_by_field_name("function").is_some_and(|f| text_of(f, text) == "getattr") =>
        {
            let mut given = arguments_of(node);
            let (Some(object), Some(name)) = (given.next(), given.next()) else { return };
            let is_client =
                is_client(object, text, &clients) || clients.names.contains_key(last_part(text_of(object, text)));
            by_name |= is_client && string_content(name, text).is_none();
        }
        "list" if begins_an_open_command(node, text) => match node.parent() {
            Some(parent) if parent.kind() == "assignment" => {
                commands.extend(parent.child_by_field_name("left").map(|left| text_of(left, text)));
            }
            Some(parent) => runs |= parent.kind() == "binary_operator" || is_given_to_a_runner(node, text),
            None => {}
        },
        _ => {}
    });
    // Beside calls that are read, a helper is one call more.
    runs || !commands.is_disjoint(&run) || (by_name && methods(&tree, text, &clients).is_empty())
}

/// `["aws", *words]`, `["aws", service, …]`, and the left of `["aws"] + words`.
fn begins_an_open_command(list: Node<'_>, text: &str) -> bool {
    let is_aws = list.named_child(0).and_then(|first| string_content(first, text)) == Some("aws");
    is_aws
        && match list.named_child(1) {
            None => list.parent().is_some_and(|parent| parent.kind() == "binary_operator"),
            Some(second) => string_content(second, text).is_none(),
        }
}

/// Whether a list is what a call that runs a command is given, by place or by name.
fn is_given_to_a_runner(list: Node<'_>, text: &str) -> bool {
    let parent = list.parent().filter(|parent| parent.kind() != "keyword_argument");
    let given = parent.or_else(|| list.parent()?.parent());
    given.and_then(|arguments| arguments.parent()).is_some_and(|call| runs_a_command(call, text))
}

/// `subprocess.run(…)`, `os.system(…)`, and a function of the team's whose name says so: `run_command(…)`.
fn runs_a_command(call: Node<'_>, text: &str) -> bool {
    const RUNNERS: [&str; 5] = ["call", "check_call", "check_output", "Popen", "system"];
    call.kind() == "call"
        && call.child_by_field_name("function").is_some_and(|function| {
            let name = last_part(text_of(function, text));
            RUNNERS.contains(&name) || name.starts_with("run")
        })
}

/// An object and its method's name: `ec2.run_instances`, `getattr(ec2, "run_instances")`,
/// `ec2.__getattribute__("run_instances")`.
fn method_of<'t, 's>(node: Node<'t>, text: &'s str) -> Option<(Node<'t>, &'s str)> {
    if node.kind() == "attribute" {
        return Some((node.child_by_field_name("object")?, text_of(node.child_by_field_name("attribute")?, text)));
    }
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
    let arguments = node.child_by_field_name("arguments")?;
    if function.kind() == "identifier" && text_of(function, text) == "getattr" {
        return Some((arguments.named_child(0)?, string_content(arguments.named_child(1)?, text)?));
    }
    let attribute = function.child_by_field_name("attribute").map(|attribute| text_of(attribute, text));
    let is_by_name = matches!(attribute, Some("__getattribute__" | "__getattr__"));
    let object = function.child_by_field_name("object").filter(|_| is_by_name)?;
    Some((object, string_content(arguments.named_child(0)?, text)?))
}

/// The first argument of a call, where it is a string.
fn first_string<'a>(call: Node<'_>, text: &'a str) -> Option<&'a str> {
    string_content(call.child_by_field_name("arguments")?.named_child(0)?, text)
}

/// `boto3.client(…)`, `boto3.resource(…)`, and the same of a session.
fn makes_client(value: Node<'_>, text: &str) -> bool {
    let Some(function) = value.child_by_field_name("function").filter(|_| value.kind() == "call") else { return false };
    let (Some(object), Some(method)) =
        (function.child_by_field_name("object"), function.child_by_field_name("attribute"))
    else {
        return false;
    };
    let object = text_of(object, text).to_ascii_lowercase();
    matches!(text_of(method, text), "client" | "resource") && (object.contains("boto") || object.contains("session"))
}

/// The same, or a call of a function of the team's that returns a client.
fn is_client(value: Node<'_>, text: &str, clients: &Clients) -> bool {
    let function = value.child_by_field_name("function").filter(|_| value.kind() == "call");
    makes_client(value, text)
        || function.is_some_and(|function| clients.makers.contains(last_part(text_of(function, text))))
}

fn operation(
    call: Node<'_>,
    object: &str,
    method: &str,
    text: &str,
    on_client: bool,
    clients: &Clients,
) -> Option<String> {
    if matches!(method, "get_paginator" | "get_waiter" | "can_paginate" | "close" | "generate_presigned_url") {
        let first = call.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0))?;
        let name = string_content(first, text)?;
        let pages = method == "get_paginator" && (on_client || clients.imported);
        return vocabulary::operation(name).filter(|_| pages).map(str::to_owned);
    }
    if on_client {
        let snake =
            method.contains('_') && method.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
        return snake.then(|| vocabulary::operation(method).unwrap_or(method).to_owned());
    }
    // `self.create_security_group()` is a method of the team's own, in which the call proper will be found.
    if !clients.imported || matches!(object, "self" | "cls" | "super()") || !takes_names_only(call, text) {
        return None;
    }
    // One word is too little to tell AWS's methods from anybody's: `query`, `publish`, `sign`.
    vocabulary::operation(method).filter(|operation| operation.contains('_')).map(str::to_owned)
}

/// AWS's methods take their arguments by name, in capitals or camel case; `create_user("ada")` is somebody else's.
fn takes_names_only(call: Node<'_>, text: &str) -> bool {
    let Some(arguments) = call.child_by_field_name("arguments") else { return true };
    let mut cursor = arguments.walk();
    arguments.named_children(&mut cursor).all(|argument| match argument.kind() {
        "keyword_argument" => {
            argument.child_by_field_name("name").is_some_and(|name| !text_of(name, text).contains('_'))
        }
        "dictionary_splat" | "comment" => true,
        _ => false,
    })
}

/// Without its quotes and prefix; `None` for what is no string.
pub(crate) fn string_content<'a>(node: Node<'_>, text: &'a str) -> Option<&'a str> {
    if node.kind() != "string" {
        return None;
    }
    let whole = text_of(node, text);
    let quoted = whole.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    Some(quoted.trim_matches(if quoted.starts_with('"') { '"' } else { '\'' }))
}

/// `aws` commands in a string that is neither a docstring nor only shown to somebody.
fn commands_in_string(node: Node<'_>, text: &str) -> Vec<Call> {
    let Some(content) = string_content(node, text).filter(|content| content.contains("aws ")) else {
        return Vec::new();
    };
    if is_shown(node, text) {
        return Vec::new();
    }
    let first_line = line_of(node);
    // `\n` written out separates commands as well, but not lines of the file.
    shell::calls(&content.replace("\\n", ";"))
        .into_iter()
        .map(|(operation, tool, line)| (operation, tool, first_line + line - 1))
        .collect()
}

pub(crate) fn is_shown(string: Node<'_>, text: &str) -> bool {
    let mut node = string;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "expression_statement" | "raise_statement" => return node.kind() != "assignment" && node.kind() != "call",
            "call" => {
                let function = parent.child_by_field_name("function").map(|f| text_of(f, text)).unwrap_or_default();
                let name = function.rsplit('.').next().unwrap_or(function);
                return matches!(
                    name,
                    "print" | "debug" | "info" | "warning" | "error" | "exception" | "exit" | "echo"
                );
            }
            "assignment" | "list" | "block" | "module" => return false,
            _ => node = parent,
        }
    }
    false
}

/// `["aws", "ec2", "run-instances", …]`.
fn command_of_words(node: Node<'_>, text: &str) -> Vec<Call> {
    let mut cursor = node.walk();
    let words: Vec<&str> =
        node.named_children(&mut cursor).take(12).map(|word| string_content(word, text).unwrap_or("?")).collect();
    if words.first() != Some(&"aws") {
        return Vec::new();
    }
    let line = line_of(node);
    shell::calls(&words.join(" ")).into_iter().map(|(operation, tool, _)| (operation, tool, line)).collect()
}
