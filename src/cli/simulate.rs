//! `stackmark rubric lint --simulate`: what teams at the edges earn by a rubric, and which items nothing can move.

use serde_json::{Value as Json, json};

use stackmark_class::Failure;
use stackmark_course::Rubric;
use stackmark_course::expect::Rule;
use stackmark_course::rubric::Item;
use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::schema::{self, Held, held};
use stackmark_evidence::{Evidence, Points};
use stackmark_judge::outcome::outcome;
use stackmark_judge::scorecard::{Outcome, Verdict};
use stackmark_judge::view::View;
use stackmark_language::expression::Engine;
use stackmark_language::team_value;
use stackmark_plan::fill;

/// The evidence of a good team, and a small stack of every kind of resource.
const SAMPLE: &str = include_str!("../../tests/checks/base.json");
const STACK: &str = include_str!("../../tests/checks/stack.json");

/// What the team of another course is called.
const OTHER: &str = "good team, another course";

/// A team that is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    /// Everything was looked for, and nothing is there.
    Empty,
    /// Nothing could be read.
    Unreadable,
    /// A team that did some other course well.
    Sample,
}

/// What a rubric does with teams at the edges, for people.
///
/// # Errors
/// A request that cannot be filled in; evidence that does not serialize, which is a defect.
pub(super) fn simulated(rubric: &Rubric, engine: &Engine) -> Result<String, Failure> {
    let mut text = format!("  {:<28} {:>8} {:>8} {:>8}\n", "team", "earns", "loses", "open");
    let row = |name: &str, earned: Points, lost: Points, open: Points| {
        format!("  {name:<28} {earned:>8} {lost:>8} {open:>8}\n")
    };
    text.push_str(&row("perfect", rubric.total, Points::ZERO, Points::ZERO));
    let mut all: Vec<Vec<Outcome>> = Vec::new();
    let mut wrong = String::new();
    for (made, name) in
        [(Made::Empty, "nothing is there"), (Made::Unreadable, "nothing could be read"), (Made::Sample, OTHER)]
    {
        let outcomes =
            rubric.items().map(|item| of_item(item, rubric, made, engine)).collect::<Result<Vec<_>, Failure>>()?;
        let (mut earned, mut lost, mut open) = (Points::ZERO, Points::ZERO, Points::ZERO);
        for (item, outcome) in rubric.items().zip(&outcomes) {
            if matches!(outcome.verdict, Verdict::Undetermined | Verdict::Manual) {
                open = open + item.points;
                continue;
            }
            let own = item.points.times(outcome.ratio);
            (earned, lost) = (earned + own, lost + (item.points - own));
            if made == Made::Unreadable && outcome.verdict != Verdict::NotApplicable {
                wrong
                    .push_str(&format!("  {} is judged although nothing could be read: {}\n", item.id, outcome.actual));
            }
        }
        text.push_str(&row(name, earned, lost, open));
        all.push(outcomes);
    }
    text.push_str(&format!(
        "  {OTHER}: the evidence of a team that did well in a course with other tasks; what it earns here,\n  \
         any good repository or stack earns\n"
    ));
    let by_a_person: Vec<&Item> = rubric.items().filter(|item| is_a_persons(item, rubric)).collect();
    let points: Points = by_a_person.iter().map(|item| item.points).sum();
    if !by_a_person.is_empty() {
        text.push_str(&row("of it, for a person alone", Points::ZERO, Points::ZERO, points));
    }
    text.push_str(&wrong);
    for (position, item) in rubric.items().enumerate() {
        let seen: Vec<(Verdict, Points)> = all
            .iter()
            .filter_map(|outcomes| outcomes.get(position))
            .map(|outcome| (outcome.verdict, item.points.times(outcome.ratio)))
            .collect();
        if seen.windows(2).all(|pair| pair[0] == pair[1]) && !is_a_persons(item, rubric) {
            text.push_str(&format!("  {} is the same whatever the evidence\n", item.id));
        }
    }
    Ok(text)
}

fn is_a_persons(item: &Item, rubric: &Rubric) -> bool {
    rubric.checks.get(&item.check).is_some_and(|check| matches!(check.rule, Rule::Manual(_)))
}

fn of_item(item: &Item, rubric: &Rubric, made: Made, engine: &Engine) -> Result<Outcome, Failure> {
    let Some(check) = rubric.checks.get(&item.check) else {
        return Err(Failure::unexpected(format!("{}: its check is missing", item.id)));
    };
    let mut json = evidence(made)?;
    let team = serde_json::from_value(json["team"].clone())?;
    let filled = fill(check, &item.with, &team_value(&team), engine)
        .map_err(|error| Failure::course(format!("{}: {error}", item.id)))?;
    if made == Made::Empty {
        let absent = json!({ "state": "absent", "note": "there is no load balancer" });
        for request in &filled.requests {
            json["http"]["exchanges"][request.key.as_str()] = absent.clone();
        }
        if let Some(load) = &filled.load {
            json["http"]["loads"][load.key.as_str()] = absent;
        }
    }
    let evidence: Evidence = serde_json::from_value(json)?;
    Ok(outcome(check, &item.with, &filled.asked, &View::new(&evidence)?, engine))
}

fn evidence(made: Made) -> Result<Json, Failure> {
    let mut json: Json = serde_json::from_str(SAMPLE)?;
    if made == Made::Sample {
        let stack: Json = serde_json::from_str(STACK)?;
        for (family, readings) in stack.as_object().into_iter().flatten() {
            for (reading, value) in readings.as_object().into_iter().flatten() {
                json[family][reading] = value.clone();
            }
        }
        return Ok(json);
    }
    // Where nothing is there, it was still looked for, in some scope, by somebody. What was left aside is of the sample, and
    // nothing of it is of this team.
    let of_looking = ["aws.scope", "aws.caller", "code.set_aside"];
    for known in READING_PATHS.iter().filter(|known| made == Made::Unreadable || !of_looking.contains(&known.path)) {
        let Some((family, name)) = known.path.split_once('.') else { continue };
        json[family][name] = match made {
            Made::Unreadable => json!({ "state": "unreadable", "cause": "denied", "detail": "nothing could be read" }),
            _ => match schema::reading(known.path).map(held) {
                Some(Held::List(_)) => json!({ "state": "observed", "value": [] }),
                Some(Held::Keyed(_)) => json!({ "state": "observed", "value": {} }),
                _ => json!({ "state": "absent", "note": "there is nothing" }),
            },
        };
    }
    json["http"]["exchanges"] = json!({});
    json["http"]["loads"] = json!({});
    Ok(json)
}
