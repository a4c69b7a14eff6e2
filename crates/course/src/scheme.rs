//! Built-in mark schemes: criteria that a rubric can promise to keep to.

use stackmark_evidence::points::Points;

/// A fixed list of criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// As a rubric names it.
    pub id: &'static str,
    /// Criterion ids with their points, in order.
    pub criteria: &'static [(&'static str, Points)],
}

/// The seven-part mark of the courses.
pub const HANDOVER_100: Scheme = Scheme {
    id: "handover-100",
    criteria: &[
        ("concepts", Points::whole(40)),
        ("works", Points::whole(20)),
        ("coordination", Points::whole(10)),
        ("contribution", Points::whole(10)),
        ("version-control", Points::whole(5)),
        ("documentation", Points::whole(5)),
        ("report", Points::whole(10)),
    ],
};
