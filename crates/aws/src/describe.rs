//! How the tables were found, and how much of the stack carries the tags.

use std::collections::BTreeMap;

use super::found::{Rows, unknown};
use super::owner::carries;
use super::stack::{Stack, failure, known};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Between, Gap, Missing, Scope, Tags};

/// Ids of untagged resources that are named.
const NAMED: usize = 20;

/// What counting the tags gives: not known where rows that may belong could not be told apart.
const COUNTS: [&str; 3] = ["tagged", "taggable", "untagged"];

/// How the tables were found, and how much of the stack carries the tags; `meant` are those that stand in for them, and
/// `whole_account` says that the search fell back. Where a table, or a row of one, is in doubt, only what was counted is, which
/// the gap tells.
///
/// # Errors
/// No table could be read.
pub(super) fn describe(
    stack: &Stack,
    wanted: &Tags,
    meant: &Tags,
    whole_account: bool,
) -> Result<(Scope, Option<Gap>), Unreadable> {
    let mut counted =
        Counted { wanted, tagged: 0, taggable: 0, untagged: Vec::new(), may_be_tagged: Some(0), may_be: Some(0) };
    macro_rules! count {
        ($table:ident, $id:ident) => {
            counted.add(&stack.$table, |row| Some((&row.$id, &row.tags)))
        };
    }
    let rows = [
        count!(instances, instance_id),
        count!(load_balancers, load_balancer_name),
        count!(target_groups, target_group_name),
        count!(classic_load_balancers, load_balancer_name),
        count!(auto_scaling_groups, auto_scaling_group_name),
        counted.add(&stack.security_groups, |row| (row.group_name != "default").then_some((&row.group_id, &row.tags))),
        // A bucket whose tags may not be read is set aside: it is counted neither way, and shuts out no other's count.
        counted.add_known(&stack.buckets, |row| Some((&row.name, &row.tags))),
        count!(stacks, stack_name),
        count!(ecs_services, service_name),
        count!(functions, function_name),
        count!(apis, name),
    ];
    let doubt = rows.into_iter().flatten().next();
    if let Some(failure) = doubt.clone().filter(|_| !stack.anything_is_read()) {
        return Err(failure);
    }
    let gap = doubt.map(|failure| Gap { between: counted.between(), ..Gap::fields(BTreeMap::new(), &COUNTS, failure) });
    let found_by = stack.found_by(meant, whole_account);
    let meant = if meant == wanted { Tags::new() } else { meant.clone() };
    let Counted { tagged, taggable, mut untagged, .. } = counted;
    untagged.truncate(NAMED);
    Ok((Scope { tags: wanted.clone(), meant, found_by, tagged, taggable, untagged }, gap))
}

struct Counted<'a> {
    wanted: &'a Tags,
    tagged: u64,
    taggable: u64,
    untagged: Vec<String>,
    /// Resources beside them that may carry the tags too; `None` where there may be any number.
    may_be_tagged: Option<u64>,
    /// Resources beside them that may belong.
    may_be: Option<u64>,
}

impl Counted<'_> {
    /// Between which numbers the counts lie.
    fn between(&self) -> BTreeMap<String, Between> {
        let more = |least: u64, more: Option<u64>| Between { least, most: more.map(|more| least + more) };
        let counts =
            [("tagged", more(self.tagged, self.may_be_tagged)), ("taggable", more(self.taggable, self.may_be))];
        counts.into_iter().map(|(name, between)| (name.to_owned(), between)).collect()
    }

    /// What may stand beside the rows of a table. Of a row that may belong, the tags are known, if anything is.
    fn add_missing<T>(&mut self, table: &Option<Rows<T>>) {
        let Some(Ok(found)) = table else { return };
        for gap in &found.gaps {
            let tags = gap.known.get("tags").and_then(|tags| serde_json::from_value::<Tags>(tags.clone()).ok());
            match (gap.missing, tags) {
                (Missing::Fields, _) => {}
                (Missing::Rows, _) => (self.may_be_tagged, self.may_be) = (None, None),
                (Missing::Row, Some(tags)) if !carries(&tags, self.wanted) => {
                    self.may_be = self.may_be.map(|count| count + 1);
                }
                (Missing::Row, _) => {
                    self.may_be_tagged = self.may_be_tagged.map(|count| count + 1);
                    self.may_be = self.may_be.map(|count| count + 1);
                }
            }
        }
    }

    /// Counts the rows that were read; tells why others may be missing.
    fn add<'t, T>(
        &mut self,
        table: &'t Option<Rows<T>>,
        of: impl Fn(&'t T) -> Option<(&'t String, &'t Tags)>,
    ) -> Option<Unreadable> {
        let failure = self.add_known(table, of);
        if failure.is_none() {
            self.add_missing(table);
        }
        failure.or_else(|| unknown(table))
    }

    /// The same, whatever rows may be missing of a table that was read.
    fn add_known<'t, T>(
        &mut self,
        table: &'t Option<Rows<T>>,
        of: impl Fn(&'t T) -> Option<(&'t String, &'t Tags)>,
    ) -> Option<Unreadable> {
        for (id, tags) in known(table).iter().filter_map(of) {
            self.taggable += 1;
            if carries(tags, self.wanted) {
                self.tagged += 1;
            } else {
                self.untagged.push(id.clone());
            }
        }
        let failure = failure(table);
        if failure.is_some() {
            (self.may_be_tagged, self.may_be) = (None, None);
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::super::found::Found;
    use super::*;
    use stackmark_evidence::aws::Instance;
    use stackmark_evidence::{Cause, Reading};

    #[test]
    fn a_doubtful_row_leaves_open_what_is_counted_and_nothing_else() {
        let bundle: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/checks/base.json")).expect("a bundle");
        let reading: Reading<Vec<Instance>> =
            serde_json::from_value(bundle["aws"]["instances"].clone()).expect("a reading");
        let rows = reading.value().cloned().expect("instances");
        let (wanted, denied) = (rows[0].tags.clone(), Unreadable::new(Cause::Denied, "missing permission"));
        let doubtful = Gap::doubtful(&rows[0], denied.clone());
        let of = |gaps: Vec<Gap>| Stack {
            instances: Some(Ok(Found::from(vec![rows[0].clone()]).lacking(gaps))),
            functions: Some(Err(denied.clone())),
            ..Stack::default()
        };
        let (scope, gap) = describe(&of(vec![doubtful]), &wanted, &wanted, false).expect("instances were read");
        assert_eq!((scope.tags, scope.tagged), (wanted.clone(), 1));
        assert_eq!(scope.found_by["instances"].as_str(), "tags");
        let gap = gap.expect("a gap");
        assert_eq!(gap.fields, COUNTS);
        assert_eq!(gap.between["taggable"], Between { least: 1, most: None }, "any number of functions");
        assert!(describe(&of(Vec::new()), &wanted, &wanted, false).is_ok_and(|(_, gap)| gap.is_some()));
        let nothing = Stack { functions: Some(Err(denied.clone())), ..Stack::default() };
        assert_eq!(describe(&nothing, &wanted, &wanted, false).map(|_| ()), Err(denied.clone()));
        let whole = Stack { functions: None, ..of(Vec::new()) };
        assert!(describe(&whole, &wanted, &wanted, false).is_ok_and(|(_, gap)| gap.is_none()));
        // Of a row whose tags are known, they count; of one of which nothing is known, they may.
        let between = |gap: Gap| {
            let (_, gap) =
                describe(&Stack { functions: None, ..of(vec![gap]) }, &wanted, &wanted, false).expect("read");
            let gap = gap.expect("a gap");
            (gap.between["tagged"].most, gap.between["taggable"].most)
        };
        let untagged = Instance { tags: Tags::new(), ..rows[0].clone() };
        assert_eq!(between(Gap::doubtful(&untagged, denied.clone())), (Some(1), Some(2)));
        assert_eq!(between(Gap::row(BTreeMap::new(), denied.clone())), (Some(2), Some(2)));
        assert_eq!(between(Gap::rows(BTreeMap::new(), denied.clone())), (None, None));
    }
}
