//! What functions of a team's own return: many teams keep their start script in one.

use serde_json::Value;
use tree_sitter::Node;

use super::super::hcl::children;
use super::{At, Project, names_a_file};

impl<'a> Project<'a> {
    /// What a function of the team's own returns, where it returns in one place.
    pub(super) fn result_of(&self, call: Node<'_>, at: At, depth: u32) -> Option<Value> {
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
}
