//! Functions and commands that files call, for rules on what must or must not be used.

use std::collections::BTreeMap;

use tokei::LanguageType;
use tree_sitter::{Node, Tree};

use super::hcl::{blocks, children};
use super::scope::aliased;
use super::shell::{Variables, commands, without_prefixes};
use super::value::Budget;
use crate::cloud::boto3::{is_shown, string_content};
use crate::source::{Source, file_name, is_format};
use crate::syntax::{self, line_of, text_of};
use stackmark_evidence::closed::CallLanguage;
use stackmark_evidence::infrastructure::FunctionCall;

/// Longest name; anything longer is no name.
const LONGEST: usize = 120;

/// How the calls of a language are read; `None` where they are not.
fn read_as(language: LanguageType) -> Option<CallLanguage> {
    use LanguageType as L;
    match language {
        L::Python => Some(CallLanguage::Python),
        L::Sh | L::Bash | L::Zsh | L::Makefile | L::PowerShell | L::Batch | L::Fish | L::Yaml => {
            Some(CallLanguage::Shell)
        }
        L::JavaScript | L::Jsx | L::Tsx => Some(CallLanguage::JavaScript),
        L::TypeScript => Some(CallLanguage::TypeScript),
        L::Hcl => Some(CallLanguage::Terraform),
        L::Dockerfile => Some(CallLanguage::Dockerfile),
        _ => None,
    }
}

/// Whether files of a language may call what no list has.
pub(crate) fn are_unlisted(language: LanguageType) -> bool {
    read_as(language).is_none() && !is_format(language)
}

/// What one file calls, each name once, in the order of the first lines.
pub(super) fn of(source: &Source, budget: &Budget) -> Vec<FunctionCall> {
    let mut calls = Calls::default();
    let text = source.text.as_str();
    let Some(language) = read_as(source.language) else { return Vec::new() };
    match language {
        CallLanguage::Python => python(text, budget, &mut calls),
        CallLanguage::Shell => match source.language {
            LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh => shell(text, 0, budget, &mut calls),
            // Each line is a command of its own, and the rest is no shell.
            _ => command_lines(text, source.language, budget, &mut calls),
        },
        CallLanguage::JavaScript => braced(syntax::tsx(text), text, &mut calls),
        CallLanguage::TypeScript => braced(syntax::typescript(text), text, &mut calls),
        CallLanguage::Terraform => terraform(text, &mut calls),
        CallLanguage::Dockerfile => dockerfile(text, budget, &mut calls),
    }
    let mut found: Vec<FunctionCall> = calls
        .0
        .into_iter()
        .map(|(name, (line, count))| FunctionCall { language, name, path: source.path.clone(), line, count })
        .collect();
    found.sort_by(|a, b| (a.line, &a.name).cmp(&(b.line, &b.name)));
    found
}

/// Commands that stand on lines of their own: a recipe's, a pipeline's, a script's of another shell.
fn command_lines(text: &str, language: LanguageType, budget: &Budget, calls: &mut Calls) {
    for (before, line) in (0..).zip(text.lines()) {
        let bare = line.trim_start().trim_start_matches(['@', '-', ' ']);
        let bare = ["run:", "script:", "command:"].iter().find_map(|key| bare.strip_prefix(key)).unwrap_or(bare).trim();
        // `$id = aws ec2 …` of PowerShell.
        let assigned = bare.strip_prefix('$').and_then(|rest| rest.split_once(" = "));
        let bare = assigned.map_or(bare, |(_, command)| command.trim());
        let is_command = match language {
            LanguageType::Makefile => line.starts_with(['\t', ' ']),
            // Most lines of a pipeline are none, and look like some.
            LanguageType::Yaml => bare.starts_with("aws "),
            _ => true,
        };
        if is_command && !bare.is_empty() && !bare.starts_with(['#', ':']) {
            shell(bare, before, budget, calls);
        }
    }
}

/// First line and number of calls, by name.
#[derive(Default)]
struct Calls(BTreeMap<String, (u64, u64)>);

impl Calls {
    fn add(&mut self, name: &str, line: u64) {
        let plain = !name.is_empty() && name.len() <= LONGEST && !name.contains(['\n', '{', '(']);
        if plain {
            let (first, count) = self.0.entry(name.to_owned()).or_insert((line, 0));
            *first = line.min(*first);
            *count += 1;
        }
    }
}

fn python(text: &str, budget: &Budget, calls: &mut Calls) {
    let Some(tree) = syntax::python(text) else { return };
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut called = Vec::new();
    syntax::walk(&tree, |node| match node.kind() {
        "import_statement" => {
            let mut cursor = node.walk();
            for name in node.children_by_field_name("name", &mut cursor) {
                let (module, alias) = aliased(name, text);
                names.insert(alias, module.to_owned());
            }
        }
        "import_from_statement" => {
            let module = node.child_by_field_name("module_name").map(|module| text_of(module, text));
            let module = module.unwrap_or_default().trim_start_matches('.');
            let mut cursor = node.walk();
            for name in node.children_by_field_name("name", &mut cursor) {
                let (imported, alias) = aliased(name, text);
                let full = if module.is_empty() { imported.to_owned() } else { format!("{module}.{imported}") };
                names.insert(alias, full);
            }
        }
        "call" => {
            let function = node.child_by_field_name("function");
            called.extend(function.map(|function| (function, false)));
            if function.is_some_and(|function| calls_what_it_is_given(function, text)) {
                called.extend(functions_given(node, text).map(|function| (function, true)));
            }
        }
        "string" => {
            let content = string_content(node, text).filter(|content| content.contains("aws "));
            if let Some(content) = content.filter(|_| !is_shown(node, text)) {
                of_aws(content, line_of(node) - 1, budget, calls);
            }
        }
        "list" => {
            let words: Vec<&str> =
                children(node).take(12).map(|word| string_content(word, text).unwrap_or("?")).collect();
            if words.first() == Some(&"aws") {
                of_aws(&words.join(" "), line_of(node) - 1, budget, calls);
            }
        }
        _ => {}
    });
    for (function, is_given) in called {
        let name = dotted(function, text, "attribute", "object", "attribute");
        let (root, rest) = name.split_once('.').unwrap_or((&name, ""));
        match names.get(root) {
            // A function of the file's own, or a variable.
            None if is_given && rest.is_empty() => {}
            Some(full) if rest.is_empty() => calls.add(full, line_of(function)),
            Some(full) => calls.add(&format!("{full}.{rest}"), line_of(function)),
            None => calls.add(&name, line_of(function)),
        }
    }
}

/// `pool.map(requests.get, …)`, `Thread(target=get)`: what calls the function that it is given, at once or later.
fn calls_what_it_is_given(function: Node<'_>, text: &str) -> bool {
    const NAMES: [&str; 15] = [
        "map",
        "starmap",
        "imap",
        "imap_unordered",
        "map_async",
        "starmap_async",
        "apply",
        "apply_async",
        "submit",
        "run_in_executor",
        "to_thread",
        "partial",
        "Thread",
        "Process",
        "spawn",
    ];
    let name = text_of(function, text);
    NAMES.contains(&name.rsplit('.').next().unwrap_or(name))
}

/// Names among a call's arguments that may be the function: by place, or as `target` or `func`.
fn functions_given<'t>(call: Node<'t>, text: &str) -> impl Iterator<Item = Node<'t>> {
    let arguments = call.child_by_field_name("arguments").map(|arguments| children(arguments).collect::<Vec<_>>());
    arguments
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        // `run_in_executor(None, requests.get, url)`; what follows are the function's own arguments.
        .filter_map(move |(at, argument)| match argument.kind() {
            "keyword_argument" => argument.child_by_field_name("value").filter(|_| {
                argument
                    .child_by_field_name("name")
                    .is_some_and(|name| matches!(text_of(name, text), "target" | "func" | "fn"))
            }),
            _ => (at < 2).then_some(argument),
        })
        .filter(|function| matches!(function.kind(), "identifier" | "attribute"))
}

/// `a.b.c` of plain names; `.c` where it hangs on something else; empty where it has no name.
fn dotted(node: Node<'_>, text: &str, member: &str, object: &str, property: &str) -> String {
    let mut parts = Vec::new();
    let mut node = node;
    while node.kind() == member && parts.len() < 16 {
        let (Some(inner), Some(name)) = (node.child_by_field_name(object), node.child_by_field_name(property)) else {
            break;
        };
        parts.push(text_of(name, text));
        node = inner;
    }
    let root = if matches!(node.kind(), "identifier" | "this" | "import") { text_of(node, text) } else { "" };
    if root.is_empty() {
        return parts.first().map(|last| format!(".{last}")).unwrap_or_default();
    }
    parts.push(root);
    parts.reverse();
    parts.join(".")
}

fn braced(tree: Option<Tree>, text: &str, calls: &mut Calls) {
    let Some(tree) = tree else { return };
    syntax::walk(&tree, |node| {
        let function = match node.kind() {
            "call_expression" => node.child_by_field_name("function"),
            "new_expression" => node.child_by_field_name("constructor"),
            _ => None,
        };
        if let Some(function) = function {
            let name = dotted(function, text, "member_expression", "object", "property");
            calls.add(&name, line_of(function));
        }
    });
}

fn shell(text: &str, before: u64, budget: &Budget, calls: &mut Calls) {
    let Some(tree) = syntax::bash(text) else { return };
    let variables = Variables::new(budget);
    commands(&tree, text, &variables, |node, words, _| {
        let line = before + line_of(node);
        let bare = without_prefixes(&words);
        for prefix in &words[..words.len() - bare.len()] {
            if matches!(prefix.as_str(), "sudo" | "eval" | "exec" | "nohup") {
                calls.add(prefix, line);
            }
        }
        let Some(program) = bare.first() else { return };
        let name = file_name(program);
        match super::cli::parse(bare, budget) {
            Some(command) => {
                calls.add(&format!("aws {} {}", command.service, command.operation.replace('_', "-")), line)
            }
            None => calls.add(name, line),
        }
    });
}

/// The commands of AWS in a text that another program hands to a shell.
fn of_aws(script: &str, before: u64, budget: &Budget, calls: &mut Calls) {
    let mut found = Calls::default();
    shell(script, before, budget, &mut found);
    for (name, (line, count)) in found.0.into_iter().filter(|(name, _)| name.starts_with("aws ")) {
        let (first, all) = calls.0.entry(name).or_insert((line, 0));
        *first = line.min(*first);
        *all += count;
    }
}

fn terraform(text: &str, calls: &mut Calls) {
    let Some(tree) = syntax::hcl(text) else { return };
    syntax::walk(&tree, |node| match node.kind() {
        "function_call" => {
            if let Some(name) = node.named_child(0) {
                calls.add(text_of(name, text), line_of(node));
            }
        }
        "block" => {
            for block in blocks(node, text).iter().filter(|block| block.kind == "provisioner") {
                let name = block.labels.first().copied().unwrap_or_default();
                calls.add(&format!("provisioner.{name}"), line_of(block.node));
            }
        }
        _ => {}
    });
}

fn dockerfile(text: &str, budget: &Budget, calls: &mut Calls) {
    let Some(tree) = syntax::dockerfile(text) else { return };
    for instruction in children(tree.root_node()).filter(|node| node.kind() == "run_instruction") {
        for part in children(instruction).filter(|part| part.kind() == "shell_command") {
            shell(text_of(part, text), line_of(part) - 1, budget, calls);
        }
    }
}
