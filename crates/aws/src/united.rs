//! What hangs on instances and their networks: found by its own tags, and by what it hangs on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::details::hanging;
use super::ec2::{self, Pick};
use super::found::{Found, lacks};
use super::owner::{claimed, doubtful};
use super::reach::Reach;
use super::session::Session;
use super::stack::{Rows, Stack, asked_rows, each, known};
use super::tables::Table;
use super::{autoscaling, iam, routes};
use stackmark_evidence::aws::*;

/// The tag that EC2 puts on what a launch template started.
const TEMPLATE_TAG: &str = "aws:ec2launchtemplate:id";

/// Rows by tag and rows by the ids of what they hang on; all rows where the whole account is read.
macro_rules! united {
    ($session:ident, $reach:ident, $parent:expr, $ids:expr, $fetch:path, $id:ident, $tied:expr) => {
        async {
            if $reach.whole_account {
                return $fetch($session, Pick::All).await.map(Found::from);
            }
            let ids: BTreeSet<String> = $ids.map_err(doubtful)?.into_iter().collect();
            let mut rows = $fetch($session, Pick::Tags($reach.tags)).await?;
            let hanging = $fetch($session, Pick::Ids(&ids)).await?;
            rows.extend(hanging.into_iter().filter($tied));
            rows.sort_by(|a, b| a.$id.cmp(&b.$id));
            rows.dedup_by(|a, b| a.$id == b.$id);
            Ok(Found::from(rows).lacking(lacks(&$parent)))
        }
    };
}

pub(super) async fn network(
    found: &Stack,
    session: &Arc<Session>,
    tables: &BTreeSet<Table>,
    reach: Reach<'_>,
) -> Stack {
    let vpcs = || each(&found.vpcs, |row| row.vpc_id.clone());
    let ours: BTreeSet<&String> = known(&found.subnets).iter().map(|row| &row.subnet_id).collect();
    let holds = |subnets: &[String]| subnets.iter().any(|id| ours.contains(id));
    let free = |tags: &Tags| !claimed(tags, reach.tags);
    let (vpc_attributes, internet_gateways, nat_gateways, route_tables, network_acls) = tokio::join!(
        asked_rows(tables, Table::VpcAttributes, hanging(&found.vpcs, vpcs(), |ids| ec2::vpc_attributes(session, ids))),
        asked_rows(
            tables,
            Table::InternetGateways,
            united!(session, reach, found.vpcs, vpcs(), ec2::internet_gateways, internet_gateway_id, |_| true)
        ),
        asked_rows(
            tables,
            Table::NatGateways,
            united!(session, reach, found.vpcs, vpcs(), ec2::nat_gateways, nat_gateway_id, |row| free(&row.tags)
                || ours.contains(&row.subnet_id))
        ),
        asked_rows(
            tables,
            Table::RouteTables,
            united!(session, reach, found.vpcs, vpcs(), ec2::route_tables, route_table_id, |row| {
                row.main || holds(&row.subnet_ids) || free(&row.tags)
            })
        ),
        asked_rows(
            tables,
            Table::NetworkAcls,
            united!(session, reach, found.vpcs, vpcs(), ec2::network_acls, network_acl_id, |row| {
                row.is_default || holds(&row.subnet_ids) || free(&row.tags)
            })
        ),
    );
    let subnet_routes = asked_rows(tables, Table::SubnetRoutes, async {
        let subnets = each(&found.subnets, Clone::clone)?;
        let tables = each(&route_tables, Clone::clone)?;
        let rows = routes::of_subnets(&subnets, &tables);
        Ok(Found::from(rows).lacking(lacks(&found.subnets)).lacking(lacks(&route_tables)))
    })
    .await;
    Stack {
        vpc_attributes,
        internet_gateways,
        nat_gateways,
        route_tables,
        network_acls,
        subnet_routes,
        ..Stack::default()
    }
}

pub(super) async fn compute(
    found: &Stack,
    session: &Arc<Session>,
    tables: &BTreeSet<Table>,
    reach: Reach<'_>,
) -> Stack {
    let ids = || each(&found.instances, |row| row.instance_id.clone());
    let (user_data, volumes, addresses, images, launch_templates, launch_configurations) = tokio::join!(
        asked_rows(tables, Table::UserData, hanging(&found.instances, ids(), |ids| ec2::user_data(session, ids))),
        asked_rows(
            tables,
            Table::Volumes,
            united!(session, reach, found.instances, ids(), ec2::volumes, volume_id, |row| !claimed(
                &row.tags, reach.tags
            ))
        ),
        asked_rows(tables, Table::Addresses, async {
            let mut rows = ec2::addresses(session).await?;
            if reach.whole_account {
                return Ok(Found::from(rows));
            }
            let ids: BTreeSet<String> = ids().map_err(doubtful)?.into_iter().collect();
            rows.retain(|row| reach.takes(&row.tags, row.instance_id.as_ref().is_some_and(|id| ids.contains(id))));
            Ok(Found::from(rows).lacking(lacks(&found.instances)))
        }),
        asked_rows(tables, Table::Images, async {
            let used: BTreeSet<String> =
                each(&found.instances, |row| row.image_id.clone())?.into_iter().filter(|id| !id.is_empty()).collect();
            let mut rows = ec2::images(session, reach.account, &used).await?;
            // Whose an image is matters less than that it runs: one of another team's stays where it is used.
            rows.retain(|row| used.contains(&row.image_id) || reach.takes(&row.tags, false));
            Ok(Found::from(rows).lacking(lacks(&found.instances)))
        }),
        asked_rows(tables, Table::LaunchTemplates, launch_templates(found, session, reach)),
        asked_rows(tables, Table::LaunchConfigurations, async {
            if reach.whole_account {
                return autoscaling::launch_configurations(session, None).await.map(Found::from);
            }
            let names = each(&found.auto_scaling_groups, |row| row.launch_configuration_name.clone());
            let names: BTreeSet<String> = names.map_err(doubtful)?.into_iter().flatten().collect();
            let rows = autoscaling::launch_configurations(session, Some(&names)).await?;
            Ok(Found::from(rows).lacking(lacks(&found.auto_scaling_groups)))
        }),
    );
    // Of what names them.
    let missing =
        || [lacks(&found.instances), lacks(&launch_templates), lacks(&launch_configurations)].into_iter().flatten();
    let key_pairs = asked_rows(tables, Table::KeyPairs, async {
        let mut rows = ec2::key_pairs(session).await?;
        if reach.whole_account {
            return Ok(Found::from(rows));
        }
        let used = each(&found.instances, |row| row.key_name.clone()).map_err(doubtful)?;
        let mut used: BTreeSet<String> = used.into_iter().flatten().collect();
        let versions = each(&launch_templates, |row| row.versions.clone()).map_err(doubtful)?;
        used.extend(versions.into_iter().flatten().filter_map(|version| version.key_name));
        let of_configurations =
            each(&launch_configurations, |row: &LaunchConfiguration| row.key_name.clone()).map_err(doubtful)?;
        used.extend(of_configurations.into_iter().flatten());
        rows.retain(|row| reach.takes(&row.tags, used.contains(&row.key_name)));
        Ok(Found::from(rows).lacking(missing()))
    })
    .await;
    let instance_profiles = asked_rows(tables, Table::InstanceProfiles, async {
        let mut used: BTreeSet<String> =
            each(&found.instances, |row| row.iam_instance_profile_arn.clone())?.into_iter().flatten().collect();
        for versions in each(&launch_templates, |row| row.versions.clone())? {
            used.extend(versions.into_iter().filter_map(|version| version.iam_instance_profile));
        }
        // Launch configurations are older than templates: where no check reads them, no right is asked for their sake.
        used.extend(
            each(&launch_configurations, |row: &LaunchConfiguration| row.iam_instance_profile.clone())?
                .into_iter()
                .flatten(),
        );
        Ok(iam::instance_profiles(session, &used).await?.lacking(missing()))
    })
    .await;
    Stack {
        user_data,
        volumes,
        addresses,
        key_pairs,
        images,
        launch_templates,
        launch_configurations,
        instance_profiles,
        ..Stack::default()
    }
}

async fn launch_templates(found: &Stack, session: &Arc<Session>, reach: Reach<'_>) -> Rows<LaunchTemplate> {
    let mut rows = ec2::launch_templates(session).await?;
    let groups = match &found.auto_scaling_groups {
        Some(Ok(groups)) if lacks(&found.auto_scaling_groups).is_none() => Some(groups.rows.as_slice()),
        _ => None,
    };
    if reach.whole_account {
        return ec2::with_versions(session, rows, groups).await;
    }
    let of_groups = each(&found.auto_scaling_groups, |row| row.launch_template.clone()).map_err(doubtful)?;
    let of_instances = each(&found.instances, |row| row.tags.get(TEMPLATE_TAG).cloned()).map_err(doubtful)?;
    let used: BTreeSet<String> = of_groups.into_iter().chain(of_instances).flatten().collect();
    rows.retain(|row| {
        let tied = used.contains(&row.launch_template_name) || used.contains(&row.launch_template_id);
        reach.takes(&row.tags, tied)
    });
    let found_templates = ec2::with_versions(session, rows, groups).await?;
    Ok(found_templates.lacking(lacks(&found.instances)).lacking(lacks(&found.auto_scaling_groups)))
}
