//! The tables of one stack while they are read: `None` is not asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::Pick;
use super::found::Found;
pub(super) use super::found::Rows;
use super::owner::carries;
use super::rows::Row;
use super::session::Session;
use super::tables::Table;
use super::{apigateway, autoscaling, classic, cloudformation, ec2, ecs, elbv2, lambda, resources, s3};
use stackmark_evidence::aws::*;
use stackmark_evidence::closed::FoundBy;
use stackmark_evidence::{Reading, Unreadable, with_tables};

macro_rules! stack {
    ($($(#[$holds:meta])* $name:ident: $row:ident { $($rest:tt)* })*) => {
        /// The tables of one stack.
        #[derive(Debug, Default)]
        pub(super) struct Stack {
            $($(#[$holds])* pub(super) $name: Option<Rows<$row>>,)*
            /// Types that the table of resources should hold and of which nobody can tell what there is.
            pub(super) resource_gaps: BTreeMap<String, Unreadable>,
            /// Tables of which nothing carries the tags, so that they hold what the account has and nobody claims.
            pub(super) by_account: BTreeSet<&'static str>,
        }

        impl Stack {
            /// Takes over the tables that `other` has.
            pub(super) fn absorb(&mut self, other: Self) {
                $(if other.$name.is_some() {
                    self.$name = other.$name;
                })*
                self.resource_gaps.extend(other.resource_gaps);
                self.by_account.extend(other.by_account);
            }

            /// Adds another region's rows; what could not be read there is missing here.
            pub(super) fn join(&mut self, other: Self) {
                $(self.$name = match (self.$name.take(), other.$name) {
                    (Some(Ok(mut found)), Some(Ok(more))) => {
                        found.rows.extend(more.rows);
                        Some(Ok(found.lacking(more.gaps)))
                    }
                    (Some(Ok(found)), Some(Err(failure))) | (Some(Err(failure)), Some(Ok(found))) => {
                        Some(Ok(found.lacking([Gap::rows(BTreeMap::new(), failure)])))
                    }
                    (one, other) => one.or(other),
                };)*
                self.resource_gaps.extend(other.resource_gaps);
                self.by_account.extend(other.by_account);
            }

            /// What could not be read when it was asked for by tags is not read either where all is listed.
            pub(super) fn keep_failures(&mut self, by_tags: &Self) {
                $(if let Some(Err(failure)) = &by_tags.$name {
                    self.$name = Some(Err(failure.clone()));
                })*
            }

            /// Why the tables that could not be read could not.
            pub(super) fn failures(&self) -> BTreeMap<Table, Unreadable> {
                let mut failures = BTreeMap::new();
                $(if let (Some(Err(failure)), Some(table)) = (&self.$name, Table::named(stringify!($name))) {
                    failures.insert(table, failure.clone());
                })*
                failures
            }

            /// Takes the rows out of the tables for which `whether` names a cause: nobody can tell whose they are.
            pub(super) fn doubt(&mut self, whether: impl Fn(Table) -> Option<Unreadable>) {
                $(if let (Some(Ok(found)), Some(table)) = (&mut self.$name, Table::named(stringify!($name)))
                    && let Some(failure) = whether(table)
                {
                    found.doubt(&failure);
                })*
            }

            /// Takes the rows out whose tags name somebody else.
            pub(super) fn doubt_claimed(&mut self, wanted: &Tags) {
                $(if let Some(Ok(found)) = &mut self.$name {
                    found.doubt_claimed(wanted);
                })*
            }

            /// Says of every row and every failure where it is.
            pub(super) fn set_region(&mut self, region: &str, one_of_several: bool) {
                $(match &mut self.$name {
                    Some(Ok(found)) => {
                        found.rows.iter_mut().for_each(|row| row.set_region(region));
                        for gap in found.gaps.iter_mut().filter(|_| one_of_several) {
                            gap.failure.detail = format!("{region}: {}", gap.failure.detail);
                        }
                    }
                    Some(Err(failure)) if one_of_several => failure.detail = format!("{region}: {}", failure.detail),
                    Some(Err(_)) | None => {}
                })*
                for failure in self.resource_gaps.values_mut().filter(|_| one_of_several) {
                    failure.detail = format!("{region}: {}", failure.detail);
                }
            }

            /// Whether any table could be read.
            pub(super) fn anything_is_read(&self) -> bool {
                false $(|| matches!(self.$name, Some(Ok(_))))*
            }

            /// Whether anything that could be read carries the tags.
            pub(super) fn anything_is_tagged(&self, wanted: &Tags) -> bool {
                let in_tagged_cluster = |row: &EcsService| carries(&row.cluster_tags, wanted);
                known(&self.ecs_services).iter().any(in_tagged_cluster) $(|| any_carries(&self.$name, wanted))*
            }

            /// The tags of all rows that could be read.
            pub(super) fn all_tags(&self) -> Vec<&Tags> {
                let mut all = Vec::new();
                $(all.extend(known(&self.$name).iter().filter_map(Row::tags));)*
                all
            }

            /// How each table was found: `account`, `tags` where all its rows carry the tags, `related` otherwise. What has
            /// no tags was found as the table was that it hangs on.
            pub(super) fn found_by(&self, wanted: &Tags, whole_account: bool) -> BTreeMap<String, FoundBy> {
                let mut found = BTreeMap::new();
                let mut hanging = Vec::new();
                $(if let Some(Ok(read)) = &self.$name {
                    let name = stringify!($name);
                    if whole_account || wanted.is_empty() || self.by_account.contains(name) {
                        found.insert(name.to_owned(), FoundBy::Account);
                    } else if <$row as Row>::TAGGED {
                        let all = read.rows.iter().all(|row| row.tags().is_some_and(|tags| carries(tags, wanted)));
                        found.insert(name.to_owned(), if all { FoundBy::Tags } else { FoundBy::Related });
                    } else {
                        hanging.push(name);
                    }
                })*
                for name in hanging {
                    let ancestor = Table::ancestors(name).into_iter().find_map(|table| found.get(table.name()));
                    if let Some(by) = ancestor.copied() {
                        found.insert(name.to_owned(), by);
                    }
                }
                found
            }

            /// The readings that are wanted; a table that was read only for another's sake stays not collected.
            pub(super) fn into_evidence(self, wanted: impl Fn(&str) -> bool) -> AwsEvidence {
                let mut evidence = AwsEvidence::default();
                $(if let Some(read) = self.$name && wanted(stringify!($name)) {
                    evidence.$name = match read {
                        Ok(found) => {
                            if !found.gaps.is_empty() {
                                evidence.gaps.insert(stringify!($name).to_owned(), found.gaps);
                            }
                            Reading::observed(found.rows)
                        }
                        Err(failure) => Reading::Unreadable(failure),
                    };
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

fn any_carries<T: Row>(table: &Option<Rows<T>>, wanted: &Tags) -> bool {
    known(table).iter().any(|row| row.tags().is_some_and(|tags| carries(tags, wanted)))
}

impl Stack {
    /// Lists what can be listed on its own: with `tags` only what carries them, but for what AWS cannot filter (load
    /// balancers, target groups, buckets, stacks, containers, functions, APIs), of which all is listed. `by_tags` where tags
    /// tell, sooner or later, whose something is.
    pub(super) async fn list(
        session: &Arc<Session>,
        tables: &BTreeSet<Table>,
        tags: &Tags,
        resource_types: &BTreeSet<String>,
        own_account: bool,
        by_tags: bool,
    ) -> Self {
        let pick = || if tags.is_empty() { Pick::All } else { Pick::Tags(tags) };
        let networks = async {
            tokio::join!(
                asked(tables, Table::Instances, ec2::instances(session, pick())),
                asked(tables, Table::SecurityGroups, ec2::security_groups(session, pick())),
                asked(tables, Table::Vpcs, ec2::vpcs(session, pick())),
                asked(tables, Table::Subnets, ec2::subnets(session, pick())),
                asked_rows(tables, Table::LoadBalancers, elbv2::load_balancers(session, by_tags)),
                asked_rows(tables, Table::TargetGroups, elbv2::target_groups(session, by_tags)),
                asked(tables, Table::AutoScalingGroups, autoscaling::groups(session, tags)),
            )
        };
        let others = async {
            tokio::join!(
                asked_rows(tables, Table::ClassicLoadBalancers, classic::load_balancers(session, by_tags)),
                asked_rows(tables, Table::Buckets, s3::buckets(session)),
                asked(tables, Table::Stacks, cloudformation::stacks(session)),
                asked_rows(tables, Table::EcsServices, ecs::services(session)),
                asked_rows(tables, Table::Functions, lambda::functions(session)),
                asked(tables, Table::Apis, apigateway::apis(session)),
            )
        };
        let resources = async {
            match tables.contains(&Table::Resources) {
                true => Some(Box::pin(resources::resources(session, resource_types, tags, own_account)).await),
                false => None,
            }
        };
        let (networks, others, resources) = tokio::join!(networks, others, resources);
        let (instances, security_groups, vpcs, subnets, load_balancers, target_groups, auto_scaling_groups) = networks;
        let (classic_load_balancers, buckets, stacks, ecs_services, functions, apis) = others;
        let (resources, resource_gaps) = match resources {
            Some(Ok((found, gaps))) => (Some(Ok(found)), gaps),
            Some(Err(failure)) => (Some(Err(failure)), BTreeMap::new()),
            None => (None, BTreeMap::new()),
        };
        let fell = own_account && !tags.is_empty() && !known(&resources).is_empty() && !any_carries(&resources, tags);
        Self {
            by_account: fell.then_some("resources").into_iter().collect(),
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

impl Stack {
    /// The resources that the rows of a table hang on, by the type in its declaration, and what is missing of them.
    ///
    /// # Errors
    /// Nobody can tell which there are.
    pub(super) fn resources_of(&self, table: Table) -> Result<(Vec<&Resource>, Option<Gap>), Unreadable> {
        let Some(&kind) = table.need().of.first() else { return Ok((Vec::new(), None)) };
        if let Some(failure) = self.resource_gaps.get(kind) {
            return Err(failure.clone());
        }
        let mut rows = each(&self.resources, |row| row)?;
        rows.retain(|row| row.resource_type == kind);
        let gaps: &[Gap] = match &self.resources {
            Some(Ok(found)) => found.gaps.as_slice(),
            Some(Err(_)) | None => &[],
        };
        let missing = gaps.iter().find(|gap| {
            let other = gap.known.get("resource_type").and_then(|it| it.as_str()).is_some_and(|it| it != kind);
            gap.missing != Missing::Fields && !other
        });
        Ok((rows, missing.map(|gap| Gap::rows(BTreeMap::new(), gap.failure.clone()))))
    }
}

/// Runs `read` where the table is asked for.
pub(super) async fn asked<T>(
    tables: &BTreeSet<Table>,
    table: Table,
    read: impl Future<Output = Result<Vec<T>, Unreadable>>,
) -> Option<Rows<T>> {
    asked_rows(tables, table, async { read.await.map(Found::from) }).await
}

/// The same of what may lack rows.
pub(super) async fn asked_rows<T>(
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
///
/// What hangs on these rows lacks what hangs on the missing ones: see [`super::found::lacks`].
pub(super) fn each<'a, T, U>(table: &'a Option<Rows<T>>, of: impl FnMut(&'a T) -> U) -> Result<Vec<U>, Unreadable> {
    match table {
        Some(Ok(found)) => Ok(found.rows.iter().map(of).collect()),
        Some(Err(failure)) => Err(failure.clone()),
        None => Ok(Vec::new()),
    }
}

/// The rows of a table; none where it was not read or could not be.
pub(super) fn known<T>(table: &Option<Rows<T>>) -> &[T] {
    match table {
        Some(Ok(found)) => &found.rows,
        Some(Err(_)) | None => &[],
    }
}

/// Why a table could not be read.
pub(super) fn failure<T>(table: &Option<Rows<T>>) -> Option<Unreadable> {
    table.as_ref().and_then(|table| table.as_ref().err().cloned())
}
