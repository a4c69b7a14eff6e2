//! What a value of an expression is, as far as it can be told before any evidence is there.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::machinery::ast::Expr;
use minijinja::value::ValueKind;
use serde_json::Value as Json;
use stackmark_evidence::schema::{self, Held};

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Nothing is known of it.
    Unknown,
    /// An element of a list that is empty.
    Never,
    /// As the evidence has it.
    Held(&'static Json),
    /// The readings of a family: `aws`.
    Family(String),
    /// Fields of these names, of whatever kind.
    Keys(Vec<String>),
    Text,
    Number,
    Boolean,
    List(Box<Shape>),
}

/// Names and what stands behind them.
pub(crate) type Shapes = BTreeMap<String, Shape>;

/// What a value is, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unknown,
    Text,
    Number,
    Boolean,
    List,
    Fields,
}

pub(crate) fn kind(shape: &Shape) -> Kind {
    match shape {
        Shape::Unknown | Shape::Never => Kind::Unknown,
        Shape::Text => Kind::Text,
        Shape::Number => Kind::Number,
        Shape::Boolean => Kind::Boolean,
        Shape::List(_) => Kind::List,
        Shape::Family(_) | Shape::Keys(_) => Kind::Fields,
        Shape::Held(schema) => match schema::held(schema) {
            Held::Any => Kind::Unknown,
            Held::Text(_) => Kind::Text,
            Held::Number => Kind::Number,
            Held::Boolean => Kind::Boolean,
            Held::List(_) => Kind::List,
            Held::Fields(_) | Held::Keyed(_) => Kind::Fields,
        },
    }
}

pub(crate) fn words(shape: &Shape) -> &'static str {
    match kind(shape) {
        Kind::Unknown => "a value",
        Kind::Text => "text",
        Kind::Number => "a number",
        Kind::Boolean => "true or false",
        Kind::List => "a list",
        Kind::Fields => "a table of fields",
    }
}

pub(crate) fn element(shape: &Shape) -> Shape {
    match shape {
        Shape::List(each) => (**each).clone(),
        Shape::Held(schema) => match schema::held(schema) {
            Held::List(each) => Shape::Held(each),
            _ => Shape::Unknown,
        },
        _ => Shape::Unknown,
    }
}

pub(crate) fn joined(one: Shape, other: Shape) -> Shape {
    match (one, other) {
        (Shape::Never, shape) | (shape, Shape::Never) => shape,
        (one, other) if one == other => one,
        (one, other) if kind(&one) == Kind::List && kind(&other) == Kind::List => {
            Shape::List(Box::new(joined(element(&one), element(&other))))
        }
        _ => Shape::Unknown,
    }
}

pub(crate) fn of_value(value: &Value) -> Shape {
    match value.kind() {
        ValueKind::String => Shape::Text,
        ValueKind::Number => Shape::Number,
        ValueKind::Bool => Shape::Boolean,
        _ => Shape::Unknown,
    }
}

/// Names that an assignment gives.
pub(crate) fn named(target: &Expr<'_>, shape: &Shape) -> Shapes {
    match target {
        Expr::Var(variable) => Shapes::from([(variable.id.to_owned(), shape.clone())]),
        Expr::List(list) => list.items.iter().flat_map(|item| named(item, &Shape::Unknown)).collect(),
        Expr::Tuple(tuple) => tuple.items.iter().flat_map(|item| named(item, &Shape::Unknown)).collect(),
        _ => Shapes::new(),
    }
}

/// An expression in a few words, for a message.
pub(crate) fn told(expression: &Expr<'_>) -> String {
    match expression {
        Expr::Var(variable) => variable.id.to_owned(),
        Expr::GetAttr(attribute) => format!("{}.{}", told(&attribute.expr), attribute.name),
        Expr::GetItem(item) => told(&item.expr),
        Expr::Filter(filter) => filter.expr.as_ref().map_or_else(|| filter.name.to_owned(), told),
        Expr::Const(constant) => constant.value.to_string(),
        _ => "this".to_owned(),
    }
}
