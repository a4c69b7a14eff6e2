//! How the tables were found, and how much of the stack carries the tags.

use super::found::Rows;
use super::owner::carries;
use super::stack::Stack;
use stackmark_evidence::aws::{Scope, Tags};
use stackmark_evidence::{Reading, Unreadable};

/// Ids of untagged resources that are named.
const NAMED: usize = 20;

/// How the tables were found, and how much of the stack carries the tags; `meant` are those that stand in for them, and
/// `whole_account` says that the search fell back.
pub(super) fn describe(stack: &Stack, wanted: &Tags, meant: &Tags, whole_account: bool) -> Reading<Scope> {
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
        // A bucket whose tags may not be read is set aside: it is counted neither way, and shuts out no other's count.
        counted.add_known(&stack.buckets, |row| Some((&row.name, &row.tags))),
        count!(stacks, stack_name),
        count!(ecs_services, service_name),
        count!(functions, function_name),
        count!(apis, name),
    ];
    if let Some(failure) = rows.into_iter().find_map(Result::err) {
        return Reading::Unreadable(failure);
    }
    let found_by = stack.found_by(meant, whole_account);
    let meant = if meant == wanted { Tags::new() } else { meant.clone() };
    let Counted { tagged, taggable, mut untagged, .. } = counted;
    untagged.truncate(NAMED);
    Reading::observed(Scope { tags: wanted.clone(), meant, found_by, tagged, taggable, untagged })
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
        if let Some(Ok(found)) = table
            && let Some(failure) = found.unknown()
        {
            return Err(failure.clone());
        }
        self.add_known(table, of)
    }

    fn add_known<'t, T>(
        &mut self,
        table: &'t Option<Rows<T>>,
        of: impl Fn(&'t T) -> Option<(&'t String, &'t Tags)>,
    ) -> Result<(), Unreadable> {
        let found = match table {
            None => return Ok(()),
            Some(Err(failure)) => return Err(failure.clone()),
            Some(Ok(found)) => found,
        };
        for (id, tags) in found.rows.iter().filter_map(of) {
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
