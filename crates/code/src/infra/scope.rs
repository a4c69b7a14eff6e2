//! What Python's names are bound to, and which statements stand in loops.

use std::collections::BTreeMap;

use tree_sitter::{Node, Tree};

use super::hcl::children;
use crate::syntax::{self, text_of};

/// `from module import name`, or `import module`.
pub(super) struct Import<'a> {
    pub(super) module: &'a str,
    pub(super) name: Option<&'a str>,
}

/// The names of one file.
pub(super) struct Scopes<'a> {
    /// By scope and name: the value, or `None` where there is more than one, or none that can be told.
    bound: BTreeMap<(usize, &'a str), Option<Node<'a>>>,
    /// The scope around each function and class.
    parents: BTreeMap<usize, usize>,
    classes: BTreeMap<&'a str, usize>,
    /// By scope and name: the function of that name, or `None` where there are several.
    functions: BTreeMap<(usize, &'a str), Option<Node<'a>>>,
    /// By class and attribute: what `self.name` is given, and the function in which it is.
    attributes: BTreeMap<(usize, &'a str), Option<(Node<'a>, usize)>>,
    imports: BTreeMap<&'a str, Import<'a>>,
}

/// What stands around a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A function or class, by its id.
    Scope(usize),
    Loop,
    Branch,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Node id of the function or class; 0 is the module.
    pub(super) scope: usize,
    /// Within the function: runs more than once, or not at all.
    pub(super) in_loop: bool,
    in_branch: bool,
}

/// Visits all nodes with where they stand.
pub(super) fn walk<'a>(tree: &'a Tree, text: &str, mut visit: impl FnMut(Node<'a>, Place)) {
    let mut around: Vec<(usize, Around)> = Vec::new();
    syntax::walk_with_depth(tree, |node, depth| {
        while around.last().is_some_and(|(at, _)| *at >= depth) {
            around.pop();
        }
        let since_scope = around.iter().rev().take_while(|(_, kind)| !matches!(kind, Around::Scope(_)));
        let (mut in_loop, mut in_branch) = (false, false);
        // Deep nesting has more parents than anybody needs to look at.
        for (_, kind) in since_scope.take(64) {
            in_loop |= *kind == Around::Loop;
            in_branch |= *kind == Around::Branch;
        }
        let scope = around
            .iter()
            .rev()
            .take(64)
            .find_map(|(_, kind)| if let Around::Scope(id) = kind { Some(*id) } else { None })
            .unwrap_or(0);
        visit(node, Place { scope, in_loop, in_branch: in_branch || in_loop });
        let kind = match node.kind() {
            "function_definition" | "class_definition" | "lambda" => Some(Around::Scope(node.id())),
            "for_statement"
            | "while_statement"
            | "list_comprehension"
            | "set_comprehension"
            | "dictionary_comprehension"
            | "generator_expression" => Some(Around::Loop),
            "if_statement" => {
                let condition = node.child_by_field_name("condition").map(|node| text_of(node, text));
                (!condition.is_some_and(|condition| condition.contains("__name__"))).then_some(Around::Branch)
            }
            "except_clause" | "match_statement" | "conditional_expression" => Some(Around::Branch),
            _ => None,
        };
        around.extend(kind.map(|kind| (depth, kind)));
    });
}

/// The scope that a node stands in, as [`walk`] would tell it.
pub(super) fn around(node: Node<'_>) -> usize {
    let mut node = node;
    while let Some(parent) = node.parent() {
        if matches!(parent.kind(), "function_definition" | "class_definition" | "lambda") {
            return parent.id();
        }
        node = parent;
    }
    0
}

impl<'a> Scopes<'a> {
    pub(super) fn new(tree: &'a Tree, text: &'a str) -> Self {
        let mut scopes = Self {
            bound: BTreeMap::new(),
            parents: BTreeMap::new(),
            classes: BTreeMap::new(),
            functions: BTreeMap::new(),
            attributes: BTreeMap::new(),
            imports: BTreeMap::new(),
        };
        walk(tree, text, |node, place| scopes.add(node, place, text));
        scopes
    }

    fn add(&mut self, node: Node<'a>, place: Place, text: &'a str) {
        let scope = place.scope;
        match node.kind() {
            "assignment" => {
                let (Some(left), right) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
                    return;
                };
                if left.kind() == "identifier" {
                    let value = right.filter(|_| !place.in_branch);
                    self.bind(scope, text_of(left, text), value);
                } else if let Some(name) = text_of(left, text).strip_prefix("self.") {
                    let class = self.parents.get(&scope).copied().unwrap_or(0);
                    let value = right.filter(|_| !place.in_branch).map(|value| (value, scope));
                    self.attributes.entry((class, name)).and_modify(|known| *known = None).or_insert(value);
                } else {
                    self.lose(scope, left, text);
                }
            }
            "augmented_assignment" | "for_statement" | "for_in_clause" => {
                if let Some(left) = node.child_by_field_name("left") {
                    self.lose(scope, left, text);
                }
            }
            "named_expression" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.lose(scope, name, text);
                }
            }
            "as_pattern" => self.add_as_pattern(node, place, text),
            "parameters" | "lambda_parameters" => {
                for parameter in children(node) {
                    let named = parameter.child_by_field_name("name");
                    let name = named.or_else(|| (parameter.kind() == "identifier").then_some(parameter));
                    if let Some(name) = name.or_else(|| parameter.named_child(0)) {
                        self.lose(scope, name, text);
                    }
                }
            }
            "global_statement" | "nonlocal_statement" => {
                for name in children(node) {
                    self.lose(0, name, text);
                    self.lose(scope, name, text);
                }
            }
            "function_definition" | "class_definition" | "lambda" => {
                self.parents.insert(node.id(), scope);
                if let Some(name) = node.child_by_field_name("name") {
                    if node.kind() == "class_definition" {
                        self.classes.insert(text_of(name, text), node.id());
                    } else {
                        let known = self.functions.entry((scope, text_of(name, text)));
                        known.and_modify(|known| *known = None).or_insert(Some(node));
                    }
                    self.lose(scope, name, text);
                }
            }
            "import_from_statement" => {
                let Some(module) = node.child_by_field_name("module_name").map(|module| text_of(module, text)) else {
                    return;
                };
                let mut cursor = node.walk();
                for name in node.children_by_field_name("name", &mut cursor) {
                    let (imported, called) = aliased(name, text);
                    self.imports.insert(called, Import { module, name: Some(imported) });
                }
            }
            "import_statement" => {
                let mut cursor = node.walk();
                for name in node.children_by_field_name("name", &mut cursor) {
                    let (module, called) = aliased(name, text);
                    self.imports.insert(called, Import { module, name: None });
                }
            }
            _ => {}
        }
    }

    /// `with open(…) as file` gives the name a value; `except … as error` and `case … as x` do not.
    fn add_as_pattern(&mut self, node: Node<'a>, place: Place, text: &'a str) {
        let Some(target) = node.child_by_field_name("alias") else { return };
        let name = target.named_child(0).filter(|name| name.kind() == "identifier");
        let of_with = node.parent().is_some_and(|parent| parent.kind() == "with_item");
        match name.filter(|_| of_with) {
            Some(name) => {
                let value = node.named_child(0).filter(|_| !place.in_branch);
                self.bind(place.scope, text_of(name, text), value);
            }
            None => self.lose(place.scope, target, text),
        }
    }

    fn bind(&mut self, scope: usize, name: &'a str, value: Option<Node<'a>>) {
        self.bound.entry((scope, name)).and_modify(|known| *known = None).or_insert(value);
    }

    /// Every name in a target is bound to what cannot be told.
    fn lose(&mut self, scope: usize, target: Node<'a>, text: &'a str) {
        if target.kind() == "identifier" {
            self.bound.insert((scope, text_of(target, text)), None);
            return;
        }
        for child in children(target).take(64) {
            match child.kind() {
                "identifier" => {
                    self.bound.insert((scope, text_of(child, text)), None);
                }
                "tuple_pattern" | "list_pattern" | "list_splat_pattern" => {
                    for inner in children(child).filter(|inner| inner.kind() == "identifier") {
                        self.bound.insert((scope, text_of(inner, text)), None);
                    }
                }
                _ => {}
            }
        }
    }

    /// The scope in which `name` is bound as seen from `from`, and its value, where there is one only.
    pub(super) fn lookup(&self, from: usize, name: &str) -> Option<(usize, Option<Node<'a>>)> {
        let mut scope = from;
        for _ in 0..64 {
            let is_class = scope != from && self.classes.values().any(|class| *class == scope);
            if let Some(value) = self.own(scope, name).filter(|_| !is_class) {
                return Some((scope, value));
            }
            if scope == 0 {
                return None;
            }
            scope = self.parents.get(&scope).copied().unwrap_or(0);
        }
        None
    }

    /// What `name` is in this scope alone.
    pub(super) fn own(&self, scope: usize, name: &str) -> Option<Option<Node<'a>>> {
        self.bound.get(&(scope, name)).copied()
    }

    /// What `self.name` is as seen from a method, and in which function it was given.
    pub(super) fn of_self(&self, from: usize, name: &str) -> Option<(Node<'a>, usize)> {
        let class = self.parents.get(&from).copied()?;
        self.attributes.get(&(class, name)).copied().flatten()
    }

    /// The function of this name as seen from `from`.
    pub(super) fn function(&self, from: usize, name: &str) -> Option<Node<'a>> {
        let mut scope = from;
        for _ in 0..64 {
            if let Some(function) = self.functions.get(&(scope, name)) {
                return *function;
            }
            if scope == 0 {
                return None;
            }
            scope = self.parents.get(&scope).copied().unwrap_or(0);
        }
        None
    }

    /// A method of the class around `from`.
    pub(super) fn method(&self, from: usize, name: &str) -> Option<Node<'a>> {
        let class = self.parents.get(&from).copied()?;
        self.functions.get(&(class, name)).copied().flatten()
    }

    pub(super) fn class(&self, name: &str) -> Option<usize> {
        self.classes.get(name).copied()
    }

    pub(super) fn import(&self, name: &str) -> Option<&Import<'a>> {
        self.imports.get(name)
    }
}

/// What is imported, and what the file calls it.
pub(crate) fn aliased<'a>(name: Node<'_>, text: &'a str) -> (&'a str, &'a str) {
    match (name.child_by_field_name("name"), name.child_by_field_name("alias")) {
        (Some(imported), Some(alias)) => (text_of(imported, text), text_of(alias, text)),
        _ => (text_of(name, text), text_of(name, text)),
    }
}
