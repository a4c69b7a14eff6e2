//! Values of Python: literals and names that are bound once, in the file or in one that it imports from.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use tree_sitter::{Node, Tree};

use super::hcl::children;
use super::scope::{Import, Scopes};
use super::value::{Budget, DEEPEST, is_literal, text_of_scalar, unknown, unknown_text};
use crate::syntax::text_of;

/// One parsed file.
pub(super) struct Parsed<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) tree: Tree,
}

/// All Python files of a repository, with what each name stands for.
pub(super) struct Project<'a> {
    pub(super) files: Vec<File<'a>>,
    pub(super) budget: &'a Budget,
    /// Parameters of the functions whose results are being worked out: file, node id of the function, name, value.
    parameters: RefCell<Vec<(usize, usize, String, Value)>>,
}

pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) tree: &'a Tree,
    pub(super) scopes: Scopes<'a>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// Index of the file.
    pub(super) file: usize,
    /// Node id of the function or class around it; 0 is the module.
    pub(super) scope: usize,
}

impl<'a> Project<'a> {
    pub(super) fn new(parsed: &'a [Parsed<'a>], budget: &'a Budget) -> Self {
        let files = parsed
            .iter()
            .map(|file| File {
                path: file.path,
                text: file.text,
                tree: &file.tree,
                scopes: Scopes::new(&file.tree, file.text),
            })
            .collect();
        Self { files, budget, parameters: RefCell::default() }
    }

    /// The value of an expression.
    pub(super) fn value(&self, node: Node<'_>, at: At) -> Value {
        self.at_depth(node, at, 0)
    }

    fn text(&self, node: Node<'_>, at: At) -> &'a str {
        text_of(node, self.files[at.file].text)
    }

    fn at_depth(&self, node: Node<'_>, at: At, depth: u32) -> Value {
        let source = self.text(node, at);
        if depth > DEEPEST || !self.budget.step() {
            return unknown(source);
        }
        match node.kind() {
            "integer" => source.replace('_', "").parse::<i64>().map_or_else(|_| unknown(source), Value::from),
            "float" => {
                source.parse::<f64>().ok().and_then(Number::from_f64).map_or_else(|| unknown(source), Value::Number)
            }
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "none" => Value::Null,
            "string" => self.budget.literal(&self.string(node, at, depth)),
            "concatenated_string" => {
                self.budget.literal(&children(node).map(|part| self.string(part, at, depth)).collect::<String>())
            }
            "list" | "tuple" | "set" => Value::Array(
                children(node)
                    .filter(|child| child.kind() != "comment")
                    .map(|child| self.at_depth(child, at, depth + 1))
                    .collect(),
            ),
            "dictionary" => Value::Object(self.dictionary(node, at, depth)),
            "parenthesized_expression" => match node.named_child(0) {
                Some(inner) => self.at_depth(inner, at, depth + 1),
                None => unknown(source),
            },
            "unary_operator" => source
                .strip_prefix('-')
                .and_then(|digits| digits.trim().parse::<i64>().ok())
                .map_or_else(|| unknown(source), |number| Value::from(-number)),
            "binary_operator" => self.sum(node, at, depth).unwrap_or_else(|| unknown(source)),
            "identifier" => self.name(source, at, depth).unwrap_or_else(|| unknown(source)),
            "attribute" => self.attribute(node, at, depth).unwrap_or_else(|| unknown(source)),
            "subscript" => self.subscript(node, at, depth).unwrap_or_else(|| unknown(source)),
            "call" => self.conversion(node, at, depth).unwrap_or_else(|| unknown(source)),
            _ => unknown(source),
        }
    }

    /// Content of a string, what is known of its interpolations put in.
    fn string(&self, node: Node<'_>, at: At, depth: u32) -> String {
        let mut written = String::new();
        let raw = self.text(node, at).starts_with(['r', 'R']);
        for part in children(node) {
            let source = self.text(part, at);
            match part.kind() {
                "string_content" if raw => written.push_str(source),
                "string_content" => written.push_str(&unescaped(source)),
                "interpolation" => {
                    let inner = part.child_by_field_name("expression");
                    let value = inner.map(|inner| self.at_depth(inner, at, depth + 1));
                    match value.as_ref().filter(|value| is_literal(value)).and_then(text_of_scalar) {
                        Some(known) => written.push_str(&known),
                        None => {
                            let expression = inner.map_or(source, |inner| self.text(inner, at));
                            written.push_str(&unknown_text(expression));
                        }
                    }
                }
                _ => {}
            }
        }
        written
    }

    fn dictionary(&self, node: Node<'_>, at: At, depth: u32) -> Map<String, Value> {
        let mut fields = Map::new();
        for child in children(node) {
            match child.kind() {
                "pair" => {
                    if let (Some(key), Some(value)) =
                        (child.child_by_field_name("key"), child.child_by_field_name("value"))
                    {
                        let key = text_of_scalar(&self.at_depth(key, at, depth + 1));
                        fields.insert(key.unwrap_or_default(), self.at_depth(value, at, depth + 1));
                    }
                }
                "dictionary_splat" => {
                    let inner = child.named_child(0).map(|inner| self.at_depth(inner, at, depth + 1));
                    if let Some(Value::Object(more)) = inner {
                        fields.extend(more);
                    }
                }
                _ => {}
            }
        }
        fields
    }

    /// Texts that are put together.
    fn sum(&self, node: Node<'_>, at: At, depth: u32) -> Option<Value> {
        let operator = node.child_by_field_name("operator")?;
        if self.text(operator, at) != "+" {
            return None;
        }
        let side = |field| node.child_by_field_name(field).map(|side| self.at_depth(side, at, depth + 1));
        match (side("left")?, side("right")?) {
            (Value::String(left), Value::String(right)) => Some(self.budget.literal(&(left + &right))),
            (Value::Array(mut left), Value::Array(right)) => {
                left.extend(right);
                Some(Value::Array(left))
            }
            _ => None,
        }
    }

    fn name(&self, name: &str, at: At, depth: u32) -> Option<Value> {
        let given = |(file, scope, parameter, _): &&(usize, usize, String, Value)| {
            (*file, *scope) == (at.file, at.scope) && parameter == name
        };
        if let Some((.., value)) = self.parameters.borrow().iter().rev().find(given) {
            return Some(value.clone());
        }
        let file = &self.files[at.file];
        if let Some((scope, value)) = file.scopes.lookup(at.scope, name) {
            return Some(self.at_depth(value?, At { scope, ..at }, depth + 1));
        }
        let import = file.scopes.import(name)?;
        self.imported(import, import.name?, at, depth)
    }

    /// A name at the top of another module.
    fn imported(&self, import: &Import<'_>, name: &str, at: At, depth: u32) -> Option<Value> {
        let other = self.module(import.module, at)?;
        let (_, value) = self.files[other].scopes.lookup(0, name)?;
        Some(self.at_depth(value?, At { file: other, scope: 0 }, depth + 1))
    }

    /// `settings.MIN`, of a module or of a class.
    fn attribute(&self, node: Node<'_>, at: At, depth: u32) -> Option<Value> {
        let object = node.child_by_field_name("object").filter(|object| object.kind() == "identifier")?;
        let (object, name) = (self.text(object, at), self.text(node.child_by_field_name("attribute")?, at));
        let file = &self.files[at.file];
        if object == "self" {
            let (value, scope) = file.scopes.of_self(at.scope, name)?;
            return Some(self.at_depth(value, At { scope, ..at }, depth + 1));
        }
        if let Some(import) = file.scopes.import(object) {
            if let Some(class) = import.name {
                let submodule = format!("{}.{class}", import.module);
                let as_module = Import { module: &submodule, name: None };
                return self.imported(&as_module, name, at, depth).or_else(|| {
                    let other = self.module(import.module, at)?;
                    self.of_class(class, name, other, depth)
                });
            }
            return self.imported(import, name, at, depth);
        }
        self.of_class(object, name, at.file, depth)
    }

    fn of_class(&self, class: &str, name: &str, file: usize, depth: u32) -> Option<Value> {
        let scope = self.files[file].scopes.class(class)?;
        let value = self.files[file].scopes.own(scope, name)??;
        Some(self.at_depth(value, At { file, scope }, depth + 1))
    }

    fn subscript(&self, node: Node<'_>, at: At, depth: u32) -> Option<Value> {
        let value = self.at_depth(node.child_by_field_name("value")?, at, depth + 1);
        match self.at_depth(node.child_by_field_name("subscript")?, at, depth + 1) {
            Value::String(key) => value.get(key).cloned(),
            Value::Number(index) => value.get(usize::try_from(index.as_u64()?).ok()?).cloned(),
            _ => None,
        }
    }

    /// `str(3)`, `int("3")`, `"…".format(…)` stay what they are or are not known; `dict(a=1)` is a dictionary.
    fn conversion(&self, node: Node<'_>, at: At, depth: u32) -> Option<Value> {
        let function = node.child_by_field_name("function")?;
        let arguments = node.child_by_field_name("arguments")?;
        if function.kind() == "attribute" {
            let method = self.text(function.child_by_field_name("attribute")?, at);
            // Scripts are encoded on their way: what they say stays the same. A file is what it is read from.
            let inner = match method {
                "encode" | "decode" | "strip" | "lstrip" | "rstrip" | "read" | "read_text" | "read_bytes" => {
                    function.child_by_field_name("object")?
                }
                "b64encode" | "standard_b64encode" | "dedent" => arguments.named_child(0)?,
                "join" | "joinpath" => return self.joined(function, arguments, at, depth),
                "get_template" => {
                    let name = self.at_depth(arguments.named_child(0)?, at, depth + 1);
                    return name.as_str().filter(|name| !name.contains("${")).map(file_named);
                }
                // A script keeps its lines, whatever is put in; a name does not stay a name.
                "substitute" | "safe_substitute" | "format" | "render" | "replace" => {
                    let template = self.at_depth(function.child_by_field_name("object")?, at, depth + 1);
                    return Some(template).filter(|template| {
                        template.as_str().is_some_and(|text| text.contains('\n') || names_a_file(text))
                    });
                }
                _ => return self.result_of(node, at, depth),
            };
            let value = self.at_depth(inner, at, depth + 1);
            return value.is_string().then_some(value);
        }
        match self.text(function, at) {
            "open" | "Path" => {
                let path = self.at_depth(arguments.named_child(0)?, at, depth + 1);
                let path = path.as_str()?;
                Some(if path.contains("${") { Value::from(path) } else { file_named(path) })
            }
            "Template" => {
                let text = self.at_depth(arguments.named_child(0)?, at, depth + 1);
                text.is_string().then_some(text)
            }
            "dict" => Some(Value::Object(self.arguments(arguments, at, depth + 1))),
            "str" => {
                let value = self.at_depth(arguments.named_child(0)?, at, depth + 1);
                text_of_scalar(&value).filter(|_| is_literal(&value)).map(Value::String)
            }
            "int" => {
                let value = self.at_depth(arguments.named_child(0)?, at, depth + 1);
                text_of_scalar(&value)?.parse::<i64>().ok().map(Value::from)
            }
            _ => self.result_of(node, at, depth),
        }
    }

    /// `"\n".join(lines)`, or a path, whose last part names the file.
    fn joined(&self, function: Node<'_>, arguments: Node<'_>, at: At, depth: u32) -> Option<Value> {
        let object = function.child_by_field_name("object")?;
        let last = self.at_depth(children(arguments).last()?, at, depth + 1);
        if object.kind() != "string" {
            return last.as_str().filter(|name| !name.contains("${")).map(file_named);
        }
        let Value::Array(parts) = last else { return None };
        let parts: Option<Vec<String>> = parts.iter().map(text_of_scalar).collect();
        Some(self.budget.literal(&parts?.join(&self.string(object, at, depth))))
    }

    /// What a function of the team's own returns, where it returns in one place.
    fn result_of(&self, call: Node<'_>, at: At, depth: u32) -> Option<Value> {
        let (file, function) = self.function(call.child_by_field_name("function")?, at)?;
        let inside = At { file, scope: function.id() };
        // A function that calls itself ends here.
        if self.parameters.borrow().iter().any(|(file, scope, ..)| (*file, *scope) == (inside.file, inside.scope)) {
            return None;
        }
        let returned = self.only_return(function)?;
        let given = self.given(call.child_by_field_name("arguments")?, function, at, inside, depth);
        let before = self.parameters.borrow().len();
        // A frame even where nothing is given: it marks that the function is being worked out.
        self.parameters.borrow_mut().push((inside.file, inside.scope, String::new(), Value::Null));
        self.parameters.borrow_mut().extend(given);
        let value = self.at_depth(returned, inside, depth + 1);
        self.parameters.borrow_mut().truncate(before);
        // An expression out of another function tells less than the call, unless it leads to a file.
        let tells_more = value.as_str().is_none_or(|text| !text.starts_with("${") || names_a_file(text));
        tells_more.then_some(value)
    }

    /// `script`, `self.script`, `scripts.make`: the definition, and the file that it is in.
    fn function(&self, name: Node<'_>, at: At) -> Option<(usize, Node<'a>)> {
        let scopes = &self.files[at.file].scopes;
        let written = self.text(name, at);
        if name.kind() == "identifier" {
            if let Some(function) = scopes.function(at.scope, written) {
                return Some((at.file, function));
            }
            let import = scopes.import(written)?;
            let other = self.module(import.module, at)?;
            return Some((other, self.files[other].scopes.function(0, import.name?)?));
        }
        let (object, method) = written.split_once('.').filter(|(_, method)| !method.contains('.'))?;
        if object == "self" {
            return Some((at.file, scopes.method(at.scope, method)?));
        }
        let import = scopes.import(object).filter(|import| import.name.is_none())?;
        let other = self.module(import.module, at)?;
        Some((other, self.files[other].scopes.function(0, method)?))
    }

    /// The one expression that a function returns.
    fn only_return(&self, function: Node<'a>) -> Option<Node<'a>> {
        let mut returned = Vec::new();
        let mut rest: Vec<Node<'a>> = children(function.child_by_field_name("body")?).collect();
        while let Some(node) = rest.pop() {
            match node.kind() {
                "return_statement" => returned.push(node.named_child(0)),
                "function_definition" | "class_definition" | "lambda" => {}
                _ if returned.len() > 1 || !self.budget.step() => return None,
                _ => rest.extend(children(node)),
            }
        }
        match returned.as_slice() {
            [Some(only)] => Some(*only),
            _ => None,
        }
    }

    /// The values that a call gives to a function's parameters.
    fn given(
        &self,
        arguments: Node<'_>,
        function: Node<'_>,
        at: At,
        inside: At,
        depth: u32,
    ) -> Vec<(usize, usize, String, Value)> {
        let parameters = function.child_by_field_name("parameters").into_iter().flat_map(children);
        let names: Vec<&str> = parameters
            .map(|parameter| {
                let named = parameter.child_by_field_name("name").or_else(|| parameter.named_child(0));
                self.text(named.unwrap_or(parameter), inside)
            })
            .filter(|name| !matches!(*name, "self" | "cls"))
            .collect();
        let mut given = Vec::new();
        let mut position = 0;
        for argument in children(arguments) {
            let (name, value) = match argument.kind() {
                "comment" => continue,
                "keyword_argument" => {
                    let name = argument.child_by_field_name("name").map(|name| self.text(name, at));
                    (name, argument.child_by_field_name("value"))
                }
                _ => {
                    position += 1;
                    (names.get(position - 1).copied(), Some(argument))
                }
            };
            if let (Some(name), Some(value)) = (name, value) {
                given.push((inside.file, inside.scope, name.to_owned(), self.at_depth(value, at, depth + 1)));
            }
        }
        given
    }

    /// The keyword arguments of a call, `**` taken apart.
    pub(super) fn keywords(&self, call: Node<'_>, at: At) -> Map<String, Value> {
        call.child_by_field_name("arguments").map(|arguments| self.arguments(arguments, at, 0)).unwrap_or_default()
    }

    fn arguments(&self, list: Node<'_>, at: At, depth: u32) -> Map<String, Value> {
        let mut fields = Map::new();
        for child in children(list) {
            match child.kind() {
                "keyword_argument" => {
                    if let (Some(name), Some(value)) =
                        (child.child_by_field_name("name"), child.child_by_field_name("value"))
                    {
                        fields.insert(self.text(name, at).to_owned(), self.at_depth(value, at, depth + 1));
                    }
                }
                "dictionary_splat" => {
                    if let Some(Value::Object(more)) =
                        child.named_child(0).map(|inner| self.at_depth(inner, at, depth + 1))
                    {
                        fields.extend(more);
                    }
                }
                _ => {}
            }
        }
        fields
    }

    /// The file that `module`, as imported from the file at `at`, is; the one next to it where there are several.
    fn module(&self, module: &str, at: At) -> Option<usize> {
        let relative = module.trim_start_matches('.').replace('.', "/");
        if relative.is_empty() {
            return None;
        }
        let wanted = [format!("{relative}.py"), format!("{relative}/__init__.py")];
        let folder = self.files[at.file].path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut found: BTreeMap<bool, Vec<usize>> = BTreeMap::new();
        for (index, file) in self.files.iter().enumerate() {
            for end in &wanted {
                let Some(before) = file.path.strip_suffix(end.as_str()) else { continue };
                if before.is_empty() || before.ends_with('/') {
                    found.entry(before.trim_end_matches('/') == folder).or_default().push(index);
                }
            }
        }
        let nearest = found.get(&true).or_else(|| found.get(&false))?;
        (nearest.len() == 1).then(|| nearest[0])
    }
}

/// Whether an expression has the name of a script in it.
fn names_a_file(expression: &str) -> bool {
    const ENDS: [&str; 11] =
        [".sh", ".bash", ".tpl", ".tftpl", ".txt", ".yml", ".yaml", ".ps1", ".j2", ".cfg", "open("];
    expression.starts_with("${") && ENDS.iter().any(|end| expression.contains(end))
}

/// A file's content, which only a run would read; its name stays.
fn file_named(path: &str) -> Value {
    unknown(&format!("open(\"{path}\").read()"))
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    text.replace("\\\n", "").replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\'", "'")
}
