//! What filters of lists take and give: whose arguments name fields of the elements, and which keep the elements.

use minijinja::machinery::ast::CallArg;

/// Our filters of a list whose first argument names a field of its elements.
pub(super) const BY_FIELD: [&str; 14] = [
    "where",
    "having",
    "given",
    "left_open",
    "with_any",
    "all",
    "any",
    "pluck",
    "most_of",
    "sharing",
    "compared",
    "with_at_least",
    "by_length",
    "shares",
];

/// Filters that give some of a list's elements, or all in another order.
pub(super) const SAME: [&str; 15] = [
    "closest",
    "covering",
    "fullest",
    "unnamed_in",
    "letting_in",
    "tagged",
    "in_files",
    "outside_files",
    "fitting",
    "select",
    "reject",
    "sort",
    "unique",
    "reverse",
    "list",
];

/// The argument that names a second field of the same elements.
pub(super) fn second_field<'a, 't>(filter: &str, arguments: &'a [CallArg<'t>]) -> Option<&'a CallArg<'t>> {
    match filter {
        "compared" => arguments.get(2),
        "shares" => arguments.get(1),
        _ => None,
    }
}
