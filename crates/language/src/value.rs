//! Values of expressions: made from plain data, and looked into by the filters.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

/// Any plain data as a value of expressions.
pub fn value_of(data: impl serde::Serialize) -> Value {
    Value::from(minijinja::value::Serde(data))
}

pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

pub(super) fn sequence(filter: &str, list: &Value) -> Result<Vec<Value>, Error> {
    match list.kind() {
        ValueKind::Seq | ValueKind::Iterable => Ok(list.try_iter()?.collect()),
        kind => Err(invalid(format!("`{filter}` needs a list, got {kind}"))),
    }
}

/// `field` may go into nested objects with dots; a name that is not there is an error, never a quiet no.
pub(super) fn attribute(filter: &str, element: &Value, field: &str) -> Result<Value, Error> {
    let mut value = element.clone();
    for part in field.split('.') {
        value = value.get_attr(part)?;
        if value.is_undefined() {
            return Err(Error::new(ErrorKind::UndefinedError, format!("`{filter}`: no field `{field}` in an element")));
        }
        if value.kind() == ValueKind::Invalid {
            return Err(unread(filter, field));
        }
    }
    Ok(value)
}

/// A field that stands for what could not be read.
pub(super) fn unread(filter: &str, field: &str) -> Error {
    Error::new(ErrorKind::UndefinedError, format!("`{filter}`: the field `{field}` of an element could not be read"))
}

/// Each element with whether `test(field, arguments…)` holds; without a test, whether the field is true.
pub(super) fn passing(
    state: &mut State,
    filter: &str,
    list: &Value,
    rest: &[Value],
) -> Result<Vec<(Value, bool)>, Error> {
    let field = match rest.first().map(|field| (field, field.as_str())) {
        Some((_, Some(field))) => field.to_owned(),
        Some((field, None)) => return Err(invalid(format!("`{filter}` needs a field name first, got {field}"))),
        None => return Err(invalid(format!("`{filter}` needs a field name"))),
    };
    let test = match rest.get(1) {
        Some(test) => {
            Some(test.as_str().ok_or_else(|| invalid(format!("`{filter}` needs a test's name second")))?.to_owned())
        }
        None => None,
    };
    let mut results = Vec::new();
    for element in sequence(filter, list)? {
        let value = attribute(filter, &element, &field)?;
        let passed = match &test {
            Some(test) => {
                let mut arguments = vec![value];
                arguments.extend(rest.iter().skip(2).cloned());
                state.perform_test(test, &arguments)?
            }
            None => value.is_true(),
        };
        results.push((element, passed));
    }
    Ok(results)
}
