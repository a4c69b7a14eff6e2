//! Conditions that are none: a list, a table or a text where true or false is meant.

use minijinja::machinery::ast::{BinOpKind, Expr};
use minijinja::machinery::parse_expr;

use super::super::shape::{Kind, Shapes, kind, told, words};
use super::findings::Findings;
use super::{Reader, Wrong};

/// What of a condition, or of its sides of `and` and `or`, gives a list, fields or a text.
pub(crate) fn of_condition(text: &str, names: &Shapes) -> Vec<Wrong> {
    let Ok(expression) = parse_expr(text) else { return Vec::new() };
    let mut reader = Reader { names: vec![names.clone()], found: Findings::of(text) };
    let mut found = Vec::new();
    reader.condition(&expression, &mut found);
    found
}

impl Reader<'_> {
    fn condition(&mut self, expression: &Expr<'_>, found: &mut Vec<Wrong>) {
        if let Expr::BinOp(operation) = expression
            && matches!(operation.op, BinOpKind::ScAnd | BinOpKind::ScOr)
        {
            self.condition(&operation.left, found);
            self.condition(&operation.right, found);
            return;
        }
        let shape = self.shape(expression);
        let fix = match kind(&shape) {
            Kind::List | Kind::Fields => "use `| length > 0`",
            Kind::Text => "compare it, as with `!= ''`",
            Kind::Unknown | Kind::Number | Kind::Boolean => return,
        };
        found.push(Wrong {
            range: self.found.range(expression.span()),
            message: format!("`{}` is {}, and a condition is true or false", told(expression), words(&shape)),
            fix: fix.to_owned(),
        });
    }
}
