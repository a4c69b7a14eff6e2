//! What a filter gives, and the fields that its arguments name.

use minijinja::machinery::ast::{self, CallArg, Expr};

use super::Reader;
use super::lists::{BY_FIELD, SAME, second_field};
use crate::shape::{Kind, Shape, element, kind, told, words};

impl Reader<'_> {
    /// What it gives, and what is wrong with its arguments.
    pub(super) fn filter(&mut self, filter: &ast::Spanned<ast::Filter<'_>>) -> Shape {
        let list = filter.expr.as_ref().map_or(Shape::Unknown, |expression| self.shape(expression));
        self.arguments(&filter.args);
        let of = filter.expr.as_ref().map_or_else(String::new, told);
        let attribute = filter.args.iter().find_map(|argument| match argument {
            CallArg::Kwarg("attribute", Expr::Const(name)) => Some(name),
            _ => None,
        });
        let first = filter.args.first().and_then(|argument| match argument {
            CallArg::Pos(Expr::Const(name)) => Some(name),
            _ => None,
        });
        let one = element(&list);
        let kept = || Shape::List(Box::new(one.clone()));
        let name = filter.name;
        let builtin = matches!(name, "selectattr" | "rejectattr");
        if builtin || BY_FIELD.contains(&name) {
            if !builtin && matches!(kind(&list), Kind::Text | Kind::Number | Kind::Boolean | Kind::Fields) {
                let range = self.found.word(filter.span(), name);
                let what = words(&list);
                self.found.say(range, format!("`{name}` needs a list, and `{of}` is {what}"), "give it a list");
                return Shape::Unknown;
            }
            let field = first.map(|name| self.path(&one, name, &of));
            let (inner, test) = match (name, filter.args.get(1)) {
                // Its second argument is a field as well, of the elements of the first.
                ("with_any", Some(CallArg::Pos(Expr::Const(inner)))) => {
                    let list = field.as_ref().map_or(Shape::Unknown, element);
                    (Some((self.path(&list, inner, &of), inner)), 2)
                }
                ("with_any", _) => (None, 2),
                ("compared" | "shares", _) => (None, 1),
                _ => (field.clone().zip(first), 1),
            };
            if let Some((field, of)) = inner {
                self.test_of(&field, of, filter.args.get(test), filter.args.get(test + 1));
            }
            if let Some(CallArg::Pos(Expr::Const(second))) = second_field(name, &filter.args) {
                self.path(&one, second, &of);
            }
            return match name {
                "all" | "any" => Shape::Boolean,
                "shares" => Shape::List(Box::new(Shape::Number)),
                "pluck" => Shape::List(Box::new(field.unwrap_or(Shape::Unknown))),
                _ => kept(),
            };
        }
        let by = attribute.map(|name| self.path(&one, name, &of));
        match name {
            "map" => Shape::List(Box::new(by.unwrap_or(Shape::Unknown))),
            _ if SAME.contains(&name) && kind(&list) == Kind::List => kept(),
            // Of a text, it gives a text.
            "reverse" => Shape::Unknown,
            _ if SAME.contains(&name) => Shape::List(Box::new(Shape::Unknown)),
            "first" | "last" | "random" | "min" | "max" => one,
            "flatten" => Shape::List(Box::new(element(&one))),
            "length" | "count" | "int" | "float" | "abs" | "round" | "sum" => Shape::Number,
            "open_to" | "bool" => Shape::Boolean,
            "join" | "lower" | "upper" | "trim" | "replace" | "title" | "capitalize" | "percent" | "counted"
            | "string" | "format" => Shape::Text,
            "tag_values" | "most_tags" | "matching" | "named_in" | "of_tools" | "unmatched_by" | "unfilled_by"
            | "unmatched_in" | "without_comments" | "running_unseen" | "wide" | "split" | "lines" => {
                Shape::List(Box::new(Shape::Text))
            }
            _ => Shape::Unknown,
        }
    }

    /// A path of fields that a filter's argument names, in an element of a list.
    fn path(&mut self, element: &Shape, name: &ast::Spanned<ast::Const>, of: &str) -> Shape {
        let Some(path) = name.value.as_str().filter(|path| !path.contains(',')) else { return Shape::Unknown };
        let whole = self.found.inside(name.span());
        let mut shape = element.clone();
        let mut at = whole.start;
        for part in path.split('.') {
            let exact = self.found.text.get(at..at + part.len()) == Some(part);
            let range = if exact { at..at + part.len() } else { whole.clone() };
            at += part.len() + 1;
            shape = match part.parse::<usize>() {
                Ok(_) => self::element(&shape),
                Err(_) => self.found.field(&shape, part, range, &format!("an element of {of}")),
            };
        }
        shape
    }

    /// `where(field, 'eq', value)` and `where(field, 'in', values)`, where the value can never be what the field is.
    fn test_of(
        &mut self,
        field: &Shape,
        name: &ast::Spanned<ast::Const>,
        test: Option<&CallArg<'_>>,
        value: Option<&CallArg<'_>>,
    ) {
        let (Some(CallArg::Pos(Expr::Const(test))), Some(CallArg::Pos(value))) = (test, value) else { return };
        let name = name.value.as_str().unwrap_or_default().to_owned();
        match (test.value.as_str(), value) {
            (Some("in"), Expr::List(values)) => {
                for value in &values.items {
                    self.can_be(&name, field, value);
                }
            }
            (Some("eq" | "equalto" | "==" | "lt" | "le" | "gt" | "ge" | "lessthan" | "greaterthan"), value) => {
                self.can_be(&name, field, value);
            }
            _ => {}
        }
    }
}
