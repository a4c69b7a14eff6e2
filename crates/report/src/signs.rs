//! What sentences hold beside the words for a part: commands, paths, figures, an alternative, a reason.

use std::sync::LazyLock;

use regex::Regex;

use super::outline::{Kind, Unit};
use super::words::{Hit, Role, Sign};

struct Patterns {
    command: Regex,
    path: Regex,
    arrow: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        command: Regex::new(
            r"(?:^|[\s`$(«“:])(?:python3? +(?:-m +\w|[\w./-]+\.py)|(?:ba|z)?sh +[\w./-]+|terraform +(?:init|apply|plan|destroy)|aws +[a-z0-9-]+ +[a-z]|docker(?:-compose| compose)? +(?:up|run|build|down)|pip3? +install|make +(?:run|deploy|all|install|up|down|clean)|npm +(?:run|install|start)|cdk +(?:deploy|destroy)|\./[\w./-]+)|[\w/-]+\.(?:sh|py|ps1)\b",
        )
        .ok()?,
        path: Regex::new(r"(?:^|[\s`│├└─*|(])(?:[\w.-]+/[\w./-]*|[\w-]+\.(?:py|sh|tf|md|ya?ml|json|toml|txt|js|ts|ipynb|tfvars|pdf|rs|java|html|ini))\b?").ok()?,
        arrow: Regex::new(r"-+>|→|►|▶|=+>").ok()?,
    })
});

/// What sentences say of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) alternative: bool,
    pub(super) reason: bool,
}

impl Told {
    pub(super) fn of(units: &[&Unit]) -> Self {
        let says = |sign: Sign| units.iter().any(|unit| unit.kind != Kind::Code && unit.has(sign));
        Self { alternative: says(Sign::Alternative), reason: says(Sign::Reason) }
    }

    pub(super) fn is_complete(self) -> bool {
        self.alternative && self.reason
    }
}

/// The sentence, the one before it and the two after it, of the same paragraph.
pub(super) fn around<'a>(units: &[&'a Unit], at: usize) -> Vec<&'a Unit> {
    let near = &units[at.saturating_sub(1)..units.len().min(at + 3)];
    near.iter().copied().filter(|unit| unit.block == units[at].block).collect()
}

/// Different phrases of a role.
pub(super) fn different(units: &[&Unit], role: Role) -> usize {
    let mut phrases: Vec<usize> =
        units.iter().flat_map(|unit| &unit.hits).filter(|hit| hit.role == role).map(|hit| hit.phrase).collect();
    phrases.sort_unstable();
    phrases.dedup();
    phrases.len()
}

/// Cues near the sentence that are not words of its own phrase.
pub(super) fn cues_outside(around: &[&Unit], unit: &Unit, part: usize) -> usize {
    let spans: Vec<&Hit> = unit.hits.iter().filter(|hit| hit.role == Role::Text(part)).collect();
    let inside = |cue: &Hit| spans.iter().any(|span| cue.from < span.to && span.from < cue.to);
    let is_cue = |hit: &&Hit| hit.role == Role::Cue(part);
    let own = unit.hits.iter().filter(is_cue).filter(|cue| !inside(cue)).count();
    let others = around.iter().filter(|other| !std::ptr::eq(**other, unit));
    own + others.flat_map(|other| other.hits.iter().filter(is_cue)).count()
}

pub(super) fn is_command(unit: &Unit) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.command.is_match(&unit.text))
}

pub(super) fn has_path(unit: &Unit) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.path.is_match(&unit.text))
}

pub(super) fn paths(units: &[&Unit]) -> usize {
    let Some(patterns) = PATTERNS.as_ref() else { return 0 };
    units.iter().map(|unit| patterns.path.find_iter(&unit.text).count()).sum()
}

pub(super) fn has_digit(unit: &Unit) -> bool {
    unit.words.iter().any(|word| word.chars().any(|c| c.is_ascii_digit()))
}

/// An arrow, as diagrams of letters have.
pub(super) fn has_arrow(unit: &Unit) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.arrow.is_match(&unit.text))
}

/// A row of a list or table that is about a file or a folder.
pub(super) fn begins_with_path(unit: &Unit) -> bool {
    let start = unit.text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '.').len();
    let offset = unit.text.len() - start;
    let found = PATTERNS.as_ref().and_then(|patterns| patterns.path.find(&unit.text));
    found.is_some_and(|found| found.start() <= offset && found.end() > offset)
}
