//! How the tables were found, and how much of the stack carries the tags.

use super::scope::carries;
use super::stack::{Rows, Stack};
use stackmark_evidence::aws::{Scope, Tags};
use stackmark_evidence::{Reading, Unreadable};

/// Ids of untagged resources that are named.
const NAMED: usize = 20;

/// How the tables were found, and how much of the stack carries the tags; `whole_account` where the search fell back.
pub(super) fn describe(stack: &Stack, wanted: &Tags, whole_account: bool) -> Reading<Scope> {
    let mut counted = Counted { wanted, tagged: 0, taggable: 0, untagged: Vec::new() };
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
        count!(buckets, name),
        count!(stacks, stack_name),
        count!(ecs_services, service_name),
        count!(functions, function_name),
        count!(apis, name),
    ];
    if let Some(failure) = rows.into_iter().find_map(Result::err) {
        return Reading::Unreadable(failure);
    }
    let found_by = stack.found_by(wanted, whole_account);
    let Counted { tagged, taggable, mut untagged, .. } = counted;
    untagged.truncate(NAMED);
    Reading::observed(Scope { tags: wanted.clone(), found_by, tagged, taggable, untagged })
}

struct Counted<'a> {
    wanted: &'a Tags,
    tagged: u64,
    taggable: u64,
    untagged: Vec<String>,
}

impl Counted<'_> {
    fn add<'t, T>(
        &mut self,
        table: &'t Option<Rows<T>>,
        of: impl Fn(&'t T) -> Option<(&'t String, &'t Tags)>,
    ) -> Result<(), Unreadable> {
        let rows = match table {
            None => return Ok(()),
            Some(Err(failure)) => return Err(failure.clone()),
            Some(Ok(rows)) => rows,
        };
        for (id, tags) in rows.iter().filter_map(of) {
            self.taggable += 1;
            if carries(tags, self.wanted) {
                self.tagged += 1;
            } else {
                self.untagged.push(id.clone());
            }
        }
        Ok(())
    }
}
