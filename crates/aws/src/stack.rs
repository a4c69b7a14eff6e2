//! The tables of one stack while they are read: `None` is not asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::Pick;
use super::rows::Row;
use super::scope::carries;
use super::session::Session;
use super::tables::Table;
use super::{apigateway, autoscaling, classic, cloudformation, ec2, ecs, elbv2, lambda, resources, s3};
use stackmark_evidence::aws::*;
use stackmark_evidence::{Reading, Unreadable, with_tables};

/// A table, or why it could not be read.
pub(super) type Rows<T> = Result<Vec<T>, Unreadable>;

macro_rules! stack {
    ($($(#[$holds:meta])* $name:ident: $row:ty,)*) => {
        /// The tables of one stack.
        #[derive(Debug, Default)]
        pub(super) struct Stack {
            $($(#[$holds])* pub(super) $name: Option<Rows<$row>>,)*
            /// Types that the table of resources should hold and of which nobody can tell what there is.
            pub(super) resource_gaps: BTreeMap<String, Unreadable>,
        }

        impl Stack {
            /// Takes over the tables that `other` has.
            pub(super) fn absorb(&mut self, other: Self) {
                $(if other.$name.is_some() {
                    self.$name = other.$name;
                })*
                self.resource_gaps.extend(other.resource_gaps);
            }

            /// Adds another region's rows; what could not be read there is not known here either.
            pub(super) fn join(&mut self, other: Self) {
                $(self.$name = match (self.$name.take(), other.$name) {
                    (Some(Ok(mut rows)), Some(Ok(more))) => {
                        rows.extend(more);
                        Some(Ok(rows))
                    }
                    (Some(Err(failure)), _) | (_, Some(Err(failure))) => Some(Err(failure)),
                    (one, other) => one.or(other),
                };)*
                self.resource_gaps.extend(other.resource_gaps);
            }

            /// Says of every row and every failure where it is.
            pub(super) fn set_region(&mut self, region: &str, one_of_several: bool) {
                $(match &mut self.$name {
                    Some(Ok(rows)) => rows.iter_mut().for_each(|row| row.set_region(region)),
                    Some(Err(failure)) if one_of_several => failure.detail = format!("{region}: {}", failure.detail),
                    Some(Err(_)) | None => {}
                })*
                for failure in self.resource_gaps.values_mut().filter(|_| one_of_several) {
                    failure.detail = format!("{region}: {}", failure.detail);
                }
            }

            /// Whether everything could be read and nothing carries the tags.
            pub(super) fn nothing_is_tagged(&self, wanted: &Tags) -> bool {
                let in_tagged_cluster = |row: &EcsService| carries(&row.cluster_tags, wanted);
                !known(&self.ecs_services).iter().any(in_tagged_cluster) $(&& none_carries(&self.$name, wanted))*
            }

            /// How each table was found: `account`, `tags` where all its rows carry the tags, `related` otherwise. What has
            /// no tags was found as the table was that it hangs on.
            pub(super) fn found_by(&self, wanted: &Tags, whole_account: bool) -> BTreeMap<String, String> {
                let mut found = BTreeMap::new();
                let mut hanging = Vec::new();
                $(if let Some(Ok(rows)) = &self.$name {
                    let name = stringify!($name);
                    if whole_account || wanted.is_empty() {
                        found.insert(name.to_owned(), "account".to_owned());
                    } else if <$row as Row>::TAGGED {
                        let all = rows.iter().all(|row| row.tags().is_some_and(|tags| carries(tags, wanted)));
                        found.insert(name.to_owned(), if all { "tags" } else { "related" }.to_owned());
                    } else {
                        hanging.push(name);
                    }
                })*
                for name in hanging {
                    let ancestor = Table::ancestors(name).into_iter().find_map(|table| found.get(table.name()));
                    if let Some(word) = ancestor.cloned() {
                        found.insert(name.to_owned(), word);
                    }
                }
                found
            }

            /// The readings that are wanted; a table that was read only for another's sake stays not collected.
            pub(super) fn into_evidence(self, wanted: impl Fn(&str) -> bool) -> AwsEvidence {
                let mut evidence = AwsEvidence::default();
                $(if let Some(rows) = self.$name && wanted(stringify!($name)) {
                    evidence.$name = Reading::from(rows);
                })*
                if wanted("resources") {
                    evidence.resource_gaps = self.resource_gaps;
                }
                evidence
            }
        }
    };
}
with_tables!(stack);

fn none_carries<T: Row>(rows: &Option<Rows<T>>, wanted: &Tags) -> bool {
    let carried = |row: &T| row.tags().is_some_and(|tags| carries(tags, wanted));
    rows.as_ref().is_none_or(|rows| rows.as_ref().is_ok_and(|rows| !rows.iter().any(carried)))
}

impl Stack {
    /// Lists what can be listed on its own: with `tags` only what carries them, but for what AWS cannot filter (load
    /// balancers, target groups, buckets, stacks, containers, functions, APIs), of which all is listed.
    pub(super) async fn list(
        session: &Arc<Session>,
        tables: &BTreeSet<Table>,
        tags: &Tags,
        resource_types: &BTreeSet<String>,
    ) -> Self {
        let pick = || if tags.is_empty() { Pick::All } else { Pick::Tags(tags) };
        let (instances, security_groups, vpcs, subnets, load_balancers, target_groups, auto_scaling_groups) = tokio::join!(
            asked(tables, Table::Instances, ec2::instances(session, pick())),
            asked(tables, Table::SecurityGroups, ec2::security_groups(session, pick())),
            asked(tables, Table::Vpcs, ec2::vpcs(session, pick())),
            asked(tables, Table::Subnets, ec2::subnets(session, pick())),
            asked(tables, Table::LoadBalancers, elbv2::load_balancers(session)),
            asked(tables, Table::TargetGroups, elbv2::target_groups(session)),
            asked(tables, Table::AutoScalingGroups, autoscaling::groups(session, tags)),
        );
        let (classic_load_balancers, buckets, stacks) = tokio::join!(
            asked(tables, Table::ClassicLoadBalancers, classic::load_balancers(session)),
            asked(tables, Table::Buckets, s3::buckets(session)),
            asked(tables, Table::Stacks, cloudformation::stacks(session)),
        );
        let (ecs_services, functions, apis, resources) = tokio::join!(
            asked(tables, Table::EcsServices, ecs::services(session)),
            asked(tables, Table::Functions, lambda::functions(session)),
            asked(tables, Table::Apis, apigateway::apis(session)),
            async {
                match tables.contains(&Table::Resources) {
                    true => Some(Box::pin(resources::resources(session, resource_types, tags)).await),
                    false => None,
                }
            },
        );
        let (resources, resource_gaps) = match resources {
            Some(Ok(found)) => (Some(Ok(found.rows)), found.gaps),
            Some(Err(failure)) => (Some(Err(failure)), BTreeMap::new()),
            None => (None, BTreeMap::new()),
        };
        Self {
            ecs_services,
            functions,
            apis,
            resources,
            resource_gaps,
            instances,
            security_groups,
            vpcs,
            subnets,
            load_balancers,
            target_groups,
            auto_scaling_groups,
            classic_load_balancers,
            buckets,
            stacks,
            ..Self::default()
        }
    }
}

/// Runs `read` where the table is asked for.
pub(super) async fn asked<T>(
    tables: &BTreeSet<Table>,
    table: Table,
    read: impl Future<Output = Rows<T>>,
) -> Option<Rows<T>> {
    match tables.contains(&table) {
        // On the heap, for several of these run at once and each holds an SDK call.
        true => Some(Box::pin(read).await),
        false => None,
    }
}

/// What `of` gives for each of a table's rows, or the table's failure; nothing of a table that was not read.
pub(super) fn each<'a, T, U>(rows: &'a Option<Rows<T>>, of: impl FnMut(&'a T) -> U) -> Result<Vec<U>, Unreadable> {
    match rows {
        Some(Ok(rows)) => Ok(rows.iter().map(of).collect()),
        Some(Err(failure)) => Err(failure.clone()),
        None => Ok(Vec::new()),
    }
}

/// The rows of a table; none where it was not read or could not be.
pub(super) fn known<T>(rows: &Option<Rows<T>>) -> &[T] {
    rows.as_ref().and_then(|rows| rows.as_deref().ok()).unwrap_or_default()
}

/// Why a table could not be read.
pub(super) fn failure<T>(rows: &Option<Rows<T>>) -> Option<Unreadable> {
    rows.as_ref().and_then(|rows| rows.as_ref().err().cloned())
}
