//! Instances, security groups, VPCs and subnets.
//!
//! Texts that AWS leaves out of a reply are empty; a row without its id makes the reply malformed.

use std::collections::BTreeSet;

use aws_sdk_ec2::types as sdk;
use aws_smithy_types::date_time::Format;

use super::errors::incomplete;
use super::scope::carries;
use super::session::{Session, all_pages};
use crate::evidence::Unreadable;
use crate::evidence::aws::{Instance, Permission, SecurityGroup, Subnet, Tags, Vpc};

/// Rows of a page; AWS takes 5 to 1000, and recommends to ask for pages.
const PAGE: i32 = 1000;
/// Values of one filter; AWS takes 200.
const FILTER_VALUES: usize = 100;

/// Which rows to ask for.
#[derive(Debug, Clone)]
pub(super) enum Pick<'a> {
    /// All of the region.
    All,
    /// Those with all of the tags.
    Tags(&'a Tags),
    /// Those with these ids.
    Ids(&'a BTreeSet<String>),
}

impl Pick<'_> {
    /// The filters of each request that it takes; `id` names the filter of the ids.
    fn filters(&self, id: &str) -> Vec<Vec<sdk::Filter>> {
        match self {
            Self::All => vec![Vec::new()],
            Self::Tags(tags) => {
                vec![tags.iter().map(|(key, value)| filter(&format!("tag:{key}"), [escape(value)])).collect()]
            }
            Self::Ids(ids) => {
                let ids: Vec<_> = ids.iter().cloned().collect();
                ids.chunks(FILTER_VALUES).map(|ids| vec![filter(id, ids.iter().cloned())]).collect()
            }
        }
    }

    /// Whether a row with these tags is meant: a filter's `*` and `?` match more than themselves where an emulator
    /// knows no escapes.
    fn fits(&self, tags: &Tags) -> bool {
        match self {
            Self::Tags(wanted) => carries(tags, wanted),
            Self::All | Self::Ids(_) => true,
        }
    }
}

fn filter(name: &str, values: impl IntoIterator<Item = String>) -> sdk::Filter {
    sdk::Filter::builder().name(name).set_values(Some(values.into_iter().collect())).build()
}

/// Takes the wildcards out of a filter's value.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Instances that are not terminated, by id.
pub(super) async fn instances(session: &Session, pick: Pick<'_>) -> Result<Vec<Instance>, Unreadable> {
    const ACTION: &str = "ec2:DescribeInstances";
    const STATES: [&str; 5] = ["pending", "running", "shutting-down", "stopped", "stopping"];
    let mut rows = Vec::new();
    for mut filters in pick.filters("instance-id") {
        filters.push(filter("instance-state-name", STATES.map(Into::into)));
        let page = async |token| {
            let request = session.ec2.describe_instances().set_filters(Some(filters.clone()));
            let reply = session.call(ACTION, request.max_results(PAGE).set_next_token(token).send()).await?;
            let reservations = reply.reservations.unwrap_or_default().into_iter();
            Ok((
                reservations.flat_map(|reservation| reservation.instances.unwrap_or_default()).collect(),
                reply.next_token,
            ))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let mut rows = rows.into_iter().map(instance).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| row.state != "terminated" && pick.fits(&row.tags));
    rows.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    Ok(rows)
}

/// Security groups, by id.
pub(super) async fn security_groups(session: &Session, pick: Pick<'_>) -> Result<Vec<SecurityGroup>, Unreadable> {
    const ACTION: &str = "ec2:DescribeSecurityGroups";
    let mut rows = Vec::new();
    for filters in pick.filters("group-id") {
        let page = async |token| {
            let request = session.ec2.describe_security_groups().set_filters(Some(filters.clone()));
            let reply = session.call(ACTION, request.max_results(PAGE).set_next_token(token).send()).await?;
            Ok((reply.security_groups.unwrap_or_default(), reply.next_token))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let mut rows = rows.into_iter().map(security_group).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.group_id.cmp(&b.group_id));
    Ok(rows)
}

/// VPCs, by id.
pub(super) async fn vpcs(session: &Session, pick: Pick<'_>) -> Result<Vec<Vpc>, Unreadable> {
    const ACTION: &str = "ec2:DescribeVpcs";
    let mut rows = Vec::new();
    for filters in pick.filters("vpc-id") {
        let page = async |token| {
            let request = session.ec2.describe_vpcs().set_filters(Some(filters.clone()));
            let reply = session.call(ACTION, request.max_results(PAGE).set_next_token(token).send()).await?;
            Ok((reply.vpcs.unwrap_or_default(), reply.next_token))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let mut rows = rows.into_iter().map(vpc).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.vpc_id.cmp(&b.vpc_id));
    Ok(rows)
}

/// Subnets, by id.
pub(super) async fn subnets(session: &Session, pick: Pick<'_>) -> Result<Vec<Subnet>, Unreadable> {
    const ACTION: &str = "ec2:DescribeSubnets";
    let mut rows = Vec::new();
    for filters in pick.filters("subnet-id") {
        let page = async |token| {
            let request = session.ec2.describe_subnets().set_filters(Some(filters.clone()));
            let reply = session.call(ACTION, request.max_results(PAGE).set_next_token(token).send()).await?;
            Ok((reply.subnets.unwrap_or_default(), reply.next_token))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let mut rows = rows.into_iter().map(subnet).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.subnet_id.cmp(&b.subnet_id));
    Ok(rows)
}

fn no_id(action: &str) -> Unreadable {
    incomplete(action, "a resource without an id")
}

fn instance(raw: sdk::Instance) -> Option<Instance> {
    let mut security_group_ids: Vec<_> =
        raw.security_groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id).collect();
    security_group_ids.sort();
    security_group_ids.dedup();
    Some(Instance {
        instance_id: raw.instance_id?,
        instance_type: raw.instance_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        image_id: raw.image_id.unwrap_or_default(),
        state: raw.state.and_then(|state| state.name).map(|name| name.as_str().to_owned()).unwrap_or_default(),
        availability_zone: raw.placement.and_then(|placement| placement.availability_zone).unwrap_or_default(),
        vpc_id: raw.vpc_id,
        subnet_id: raw.subnet_id,
        private_ip_address: raw.private_ip_address,
        public_ip_address: raw.public_ip_address,
        public_dns_name: raw.public_dns_name.filter(|name| !name.is_empty()),
        key_name: raw.key_name,
        security_group_ids,
        iam_instance_profile: raw.iam_instance_profile.and_then(|profile| profile.arn),
        launch_time: raw.launch_time.and_then(|time| time.fmt(Format::DateTime).ok()),
        tags: tags(raw.tags),
    })
}

fn security_group(raw: sdk::SecurityGroup) -> Option<SecurityGroup> {
    Some(SecurityGroup {
        group_id: raw.group_id?,
        group_name: raw.group_name.unwrap_or_default(),
        description: raw.description.unwrap_or_default(),
        vpc_id: raw.vpc_id,
        ingress: permissions(raw.ip_permissions.unwrap_or_default()),
        egress: permissions(raw.ip_permissions_egress.unwrap_or_default()),
        tags: tags(raw.tags),
    })
}

/// One entry for each source or destination, sorted.
fn permissions(raw: Vec<sdk::IpPermission>) -> Vec<Permission> {
    let mut permissions = Vec::new();
    for raw in raw {
        let protocol = raw.ip_protocol.unwrap_or_default();
        // AWS says "all ports" as -1 as well as by leaving the ports out; ICMP's -1 is "all types".
        let port = |port: Option<i32>| port.filter(|port| *port >= 0).map(i64::from);
        let base = Permission {
            from_port: port(raw.from_port),
            to_port: port(raw.to_port),
            ip_protocol: protocol,
            cidr: None,
            group_id: None,
            prefix_list_id: None,
        };
        let v4 = raw.ip_ranges.unwrap_or_default().into_iter().map(|range| range.cidr_ip);
        let v6 = raw.ipv6_ranges.unwrap_or_default().into_iter().map(|range| range.cidr_ipv6);
        permissions.extend(v4.chain(v6).map(|cidr| Permission { cidr, ..base.clone() }));
        let groups = raw.user_id_group_pairs.unwrap_or_default().into_iter();
        permissions.extend(groups.map(|pair| Permission { group_id: pair.group_id, ..base.clone() }));
        let lists = raw.prefix_list_ids.unwrap_or_default().into_iter();
        permissions.extend(lists.map(|list| Permission { prefix_list_id: list.prefix_list_id, ..base.clone() }));
    }
    permissions.sort_by(|a, b| {
        let key = |p: &Permission| {
            (
                p.ip_protocol.clone(),
                p.from_port,
                p.to_port,
                p.cidr.clone(),
                p.group_id.clone(),
                p.prefix_list_id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    permissions
}

fn vpc(raw: sdk::Vpc) -> Option<Vpc> {
    Some(Vpc {
        vpc_id: raw.vpc_id?,
        cidr_block: raw.cidr_block.unwrap_or_default(),
        state: raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        is_default: raw.is_default.unwrap_or_default(),
        tags: tags(raw.tags),
    })
}

fn subnet(raw: sdk::Subnet) -> Option<Subnet> {
    Some(Subnet {
        subnet_id: raw.subnet_id?,
        vpc_id: raw.vpc_id.unwrap_or_default(),
        cidr_block: raw.cidr_block,
        availability_zone: raw.availability_zone.unwrap_or_default(),
        map_public_ip_on_launch: raw.map_public_ip_on_launch.unwrap_or_default(),
        default_for_az: raw.default_for_az.unwrap_or_default(),
        tags: tags(raw.tags),
    })
}

fn tags(raw: Option<Vec<sdk::Tag>>) -> Tags {
    raw.unwrap_or_default().into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_tag_stand_for_themselves() {
        assert_eq!(escape(r"a*b?c\d"), r"a\*b\?c\\d");
    }

    #[test]
    fn each_source_of_a_permission_is_an_entry_of_its_own() {
        let raw = sdk::IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(80)
            .to_port(80)
            .ip_ranges(sdk::IpRange::builder().cidr_ip("0.0.0.0/0").build())
            .ipv6_ranges(sdk::Ipv6Range::builder().cidr_ipv6("::/0").build())
            .user_id_group_pairs(sdk::UserIdGroupPair::builder().group_id("sg-1").build())
            .build();
        let all = sdk::IpPermission::builder()
            .ip_protocol("-1")
            .from_port(-1)
            .to_port(-1)
            .ip_ranges(sdk::IpRange::builder().cidr_ip("10.0.0.0/8").build())
            .build();
        let found = permissions(vec![raw, all]);
        let cidrs: Vec<_> = found.iter().map(|p| p.cidr.as_deref().or(p.group_id.as_deref()).unwrap()).collect();
        assert_eq!(cidrs, ["10.0.0.0/8", "sg-1", "0.0.0.0/0", "::/0"]);
        assert_eq!((found[0].from_port, found[0].to_port), (None, None), "-1 is all ports");
        assert_eq!((found[1].from_port, found[1].to_port), (Some(80), Some(80)));
    }
}
