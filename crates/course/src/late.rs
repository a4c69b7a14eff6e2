//! A rubric's `[late]`: what work after the deadline costs, and until when it counts at all.

use super::reader::Table;
use stackmark_evidence::points::Points;

/// What being late costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Days or hours.
    pub unit: Unit,
    /// Points for each unit that has begun.
    pub deduction: Points,
    /// The deduction takes no mark below it; a mark that is below it already stays.
    pub floor: Points,
    /// Seconds after the deadline that are still in time.
    pub grace: i64,
    /// Units after the deadline after which nothing counts.
    pub cutoff: u32,
}

/// In what lateness is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 24 hours.
    Day,
    /// 60 minutes.
    Hour,
}

impl Unit {
    /// Its length.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Day => 86_400,
            Self::Hour => 3_600,
        }
    }
}

/// More units than this are no deadline any more.
const MOST_UNITS: i64 = 1_000;

impl Late {
    /// Reads `[late]`; `None` if there is none or it cannot be read.
    pub(crate) fn read(table: &Table<'_>) -> Option<Self> {
        let fields = table.table("late")?;
        let unit = fields.require("unit", "\"day\"").and_then(|entry| entry.one_of(&["day", "hour"]));
        let deduction = fields.require("deduction", "10").and_then(|entry| entry.points(false));
        let floor = fields.get("floor").map_or(Some(Points::ZERO), |entry| entry.points(false));
        let grace = fields.get("grace_minutes").map_or(Some(0), |entry| {
            let minutes = entry.integer()?;
            if !(0..=1_440).contains(&minutes) {
                entry.error(format!("`grace_minutes` is {minutes}"), "write minutes from 0 to 1440");
                return None;
            }
            Some(minutes * 60)
        });
        let cutoff = fields.require("cutoff", "3").and_then(|entry| {
            let units = entry.integer()?;
            if !(1..=MOST_UNITS).contains(&units) {
                entry.error(format!("`cutoff` is {units}"), "write after how many units nothing counts: 1 to 1000");
                return None;
            }
            u32::try_from(units).ok()
        });
        fields.finish();
        let unit = if unit? == "day" { Unit::Day } else { Unit::Hour };
        Some(Self { unit, deduction: deduction?, floor: floor?, grace: grace?, cutoff: cutoff? })
    }

    /// Begun units between the deadline and a moment, seconds since the epoch; 0 in time.
    pub fn units(&self, due: i64, made: i64) -> u32 {
        let late = made.saturating_sub(due);
        if late <= self.grace {
            return 0;
        }
        // Rounded up: the first second of a unit begins it.
        let units = (late - 1) / self.unit.seconds() + 1;
        u32::try_from(units).unwrap_or(u32::MAX)
    }

    /// What so many units cost, before the floor.
    pub fn cost(&self, units: u32) -> Points {
        Points::from_hundredths(self.deduction.hundredths().saturating_mul(i64::from(units)))
    }

    /// The last moment that counts, for a deadline; both in seconds since the epoch.
    pub fn last(&self, due: i64) -> i64 {
        due.saturating_add(self.unit.seconds() * i64::from(self.cutoff)).max(due.saturating_add(self.grace))
    }
}

/// A deduction for being late, as the judge takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduction {
    /// What is taken off.
    pub points: Points,
    /// No mark is taken below it.
    pub floor: Points,
    /// In words.
    pub reason: String,
    /// When the graded commit was made.
    pub when: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_counts_from_its_first_second_and_grace_is_in_time() {
        let late = Late { unit: Unit::Day, deduction: Points::whole(10), floor: Points::ZERO, grace: 900, cutoff: 3 };
        let units = [(0, 0), (900, 0), (901, 1), (86_400, 1), (86_401, 2), (-5, 0)];
        for (after, expected) in units {
            assert_eq!(late.units(1_000, 1_000 + after), expected, "{after}");
        }
        assert_eq!((late.cost(2), late.last(1_000)), (Points::whole(20), 1_000 + 3 * 86_400));
    }
}
