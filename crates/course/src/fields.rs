//! What an expression gives, as far as it can be told before any evidence is there: unknown fields, wrong types and
//! comparisons that never hold are found when a check is read, and not when a class is graded.
//!
//! Whatever cannot be told is [`Shape::Unknown`], and nothing is said of it.

mod conditions;
mod filters;
mod findings;
mod lists;

use minijinja::machinery::ast::{self, BinOpKind, CallArg, CallType, CompareOpKind, Expr, Stmt};
use minijinja::machinery::{parse, parse_expr};
use minijinja::value::ValueKind;
use stackmark_evidence::schema::{self, Held};

pub(crate) use conditions::of_condition;
use findings::Findings;
pub(crate) use findings::Wrong;

use super::problem::did_you_mean;
use super::shape::{Kind, Shape, Shapes, element, joined, kind, named, of_value, told, words};

/// What an expression gives, and what is wrong with it; a text that does not parse gives nothing.
pub(crate) fn of_expression(text: &str, names: &Shapes) -> (Shape, Vec<Wrong>) {
    let Ok(expression) = parse_expr(text) else { return (Shape::Unknown, Vec::new()) };
    let mut reader = Reader { names: vec![names.clone()], found: Findings::of(text) };
    let shape = reader.shape(&expression);
    (shape, reader.found.wrong)
}

/// What is wrong in a template.
pub(crate) fn of_template(text: &str, names: &Shapes) -> Vec<Wrong> {
    let Ok(template) = parse(text, "<template>", Default::default()) else { return Vec::new() };
    let mut reader = Reader { names: vec![names.clone()], found: Findings::of(text) };
    reader.statement(&template);
    reader.found.wrong
}

struct Reader<'t> {
    /// The innermost scope last.
    names: Vec<Shapes>,
    found: Findings<'t>,
}

impl Reader<'_> {
    fn statements(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    /// Statements with names of their own.
    fn scoped(&mut self, own: Shapes, statements: &[Stmt<'_>]) {
        self.names.push(own);
        self.statements(statements);
        self.names.pop();
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => {
                self.shape(&emit.expr);
            }
            Stmt::ForLoop(each) => {
                let element = element(&self.shape(&each.iter));
                let mut own = named(&each.target, &element);
                own.insert("loop".to_owned(), Shape::Unknown);
                self.names.push(own);
                if let Some(filter) = &each.filter_expr {
                    self.shape(filter);
                }
                self.statements(&each.body);
                self.names.pop();
                self.scoped(Shapes::new(), &each.else_body);
            }
            Stmt::IfCond(condition) => {
                self.shape(&condition.expr);
                self.statements(&condition.true_body);
                self.statements(&condition.false_body);
            }
            Stmt::WithBlock(block) => {
                let mut own = Shapes::new();
                for (target, value) in &block.assignments {
                    let shape = self.shape(value);
                    own.extend(named(target, &shape));
                }
                self.scoped(own, &block.body);
            }
            Stmt::Set(set) => {
                let shape = self.shape(&set.expr);
                let own = named(&set.target, &shape);
                if let Some(innermost) = self.names.last_mut() {
                    for (name, shape) in own {
                        // It may have been set on one of two ways only.
                        let before = innermost.remove(&name).unwrap_or(Shape::Never);
                        innermost.insert(name, joined(before, shape));
                    }
                }
            }
            // What is rarer than these says nothing that could be told from here.
            _ => {}
        }
    }

    fn shape(&mut self, expression: &Expr<'_>) -> Shape {
        match expression {
            Expr::Var(variable) => {
                let found = self.names.iter().rev().find_map(|scope| scope.get(variable.id));
                found.cloned().unwrap_or(Shape::Unknown)
            }
            Expr::Const(constant) => of_value(&constant.value),
            Expr::Slice(slice) => self.shape(&slice.expr),
            Expr::UnaryOp(operation) => {
                let inner = self.shape(&operation.expr);
                if matches!(operation.op, ast::UnaryOpKind::Not) { Shape::Boolean } else { inner }
            }
            Expr::BinOp(operation) => self.operation(operation),
            Expr::Compare(compare) => {
                let mut left = self.shape(&compare.expr);
                let mut left_expression = &compare.expr;
                for next in &compare.ops {
                    let right = self.shape(&next.expr);
                    let orders = matches!(
                        next.op,
                        CompareOpKind::Lt | CompareOpKind::Lte | CompareOpKind::Gt | CompareOpKind::Gte
                    );
                    if orders || matches!(next.op, CompareOpKind::Eq) {
                        self.comparable((left_expression, &left), (&next.expr, &right));
                    }
                    (left, left_expression) = (right, &next.expr);
                }
                Shape::Boolean
            }
            Expr::IfExpr(choice) => {
                self.shape(&choice.test_expr);
                let yes = self.shape(&choice.true_expr);
                let no = choice.false_expr.as_ref().map_or(Shape::Unknown, |no| self.shape(no));
                joined(yes, no)
            }
            Expr::Filter(filter) => self.filter(filter),
            Expr::Test(test) => {
                self.shape(&test.expr);
                self.arguments(&test.args);
                Shape::Boolean
            }
            Expr::GetAttr(attribute) => {
                let of = self.shape(&attribute.expr);
                let range = self.found.last_word(attribute.span(), attribute.name);
                self.found.field(&of, attribute.name, range, &told(&attribute.expr))
            }
            Expr::GetItem(item) => {
                let of = self.shape(&item.expr);
                self.shape(&item.subscript_expr);
                match &item.subscript_expr {
                    Expr::Const(key) if key.value.kind() == ValueKind::Number => element(&of),
                    Expr::Const(key) => {
                        let range = self.found.inside(key.span());
                        let name = key.value.as_str().unwrap_or_default().to_owned();
                        self.found.field(&of, &name, range, &told(&item.expr))
                    }
                    _ => match of {
                        Shape::Held(schema) => match schema::held(schema) {
                            Held::Keyed(each) | Held::List(each) => Shape::Held(each),
                            _ => Shape::Unknown,
                        },
                        of => element(&of),
                    },
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                let items: Vec<Shape> = list.items.iter().map(|item| self.shape(item)).collect();
                Shape::List(Box::new(items.into_iter().fold(Shape::Never, joined)))
            }
            Expr::Tuple(tuple) => {
                for item in &tuple.items {
                    self.shape(item);
                }
                Shape::Unknown
            }
            Expr::Map(map) => {
                for part in map.keys.iter().chain(&map.values) {
                    self.shape(part);
                }
                Shape::Unknown
            }
        }
    }

    fn operation(&mut self, operation: &ast::BinOp<'_>) -> Shape {
        let (left, right) = (self.shape(&operation.left), self.shape(&operation.right));
        match operation.op {
            BinOpKind::Eq | BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte => {
                self.comparable((&operation.left, &left), (&operation.right, &right));
                Shape::Boolean
            }
            BinOpKind::Ne | BinOpKind::In => Shape::Boolean,
            BinOpKind::ScAnd | BinOpKind::ScOr => joined(left, right),
            BinOpKind::Add => match (kind(&left), kind(&right)) {
                (Kind::List, Kind::List) => Shape::List(Box::new(joined(element(&left), element(&right)))),
                (Kind::Number, Kind::Number) => Shape::Number,
                _ => Shape::Unknown,
            },
            BinOpKind::Concat => Shape::Text,
            BinOpKind::Sub
            | BinOpKind::Mul
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow => Shape::Number,
        }
    }

    fn call(&mut self, call: &ast::Call<'_>) -> Shape {
        self.arguments(&call.args);
        match call.identify_call() {
            CallType::Function("ratio" | "scale") => Shape::Number,
            CallType::Function("range") => Shape::List(Box::new(Shape::Number)),
            CallType::Function("forwards_to" | "may_forward_to") => Shape::List(Box::new(Shape::Text)),
            CallType::Function("cidr_contains") => Shape::Boolean,
            CallType::Method(object, _) => {
                self.shape(object);
                Shape::Unknown
            }
            _ => Shape::Unknown,
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value)
                | CallArg::Kwarg(_, value)
                | CallArg::PosSplat(value)
                | CallArg::KwargSplat(value) => {
                    self.shape(value);
                }
            }
        }
    }

    fn comparable(&mut self, left: (&Expr<'_>, &Shape), right: (&Expr<'_>, &Shape)) {
        self.can_be(&told(left.0), left.1, right.0);
        // What was said of the one side need not be said of the other.
        if kind(left.1) == kind(right.1) {
            self.can_be(&told(right.0), right.1, left.0);
        }
    }

    /// Says where `value` is of another kind than `field` is, or is none of its words.
    fn can_be(&mut self, name: &str, field: &Shape, value: &Expr<'_>) {
        let other = match value {
            Expr::Const(constant) if constant.value.is_none() => return,
            Expr::Const(constant) => of_value(&constant.value),
            _ => {
                let before = self.found.wrong.len();
                let other = self.shape(value);
                self.found.wrong.truncate(before);
                other
            }
        };
        let (is, wanted) = (kind(field), kind(&other));
        let plain = |kind: Kind| matches!(kind, Kind::Text | Kind::Number | Kind::List);
        if plain(is) && plain(wanted) && is != wanted {
            let range = self.found.range(value.span());
            let (what, given) = (words(field), words(&other));
            let message = format!("`{name}` is {what}, and never equals or compares with {given}");
            self.found.say(range, message, format!("compare it with {what}"));
            return;
        }
        let (Shape::Held(schema), Expr::Const(constant)) = (field, value) else { return };
        let (Held::Text(known), Some(word)) = (schema::held(schema), constant.value.as_str()) else { return };
        let known = known.list();
        if !known.is_empty() && !known.contains(&word) {
            let range = self.found.inside(constant.span());
            let fix = match did_you_mean(word, known.iter().copied()) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => format!("it is one of {}", known.join(", ")),
            };
            self.found.say(range, format!("`{name}` is never \"{word}\""), fix);
        }
    }
}
