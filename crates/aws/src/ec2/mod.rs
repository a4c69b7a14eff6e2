//! What EC2's API tells: instances and security groups here, the rest in a file each.
//!
//! | file | holds |
//! |---|---|
//! | `network` | VPCs, subnets, gateways, routes, network ACLs |
//! | `launch` | user data, key pairs, images, launch templates |
//! | `storage` | volumes and addresses |
//!
//! Texts that AWS leaves out of a reply are empty; a row without its id makes the reply malformed.

mod launch;
mod network;
mod storage;

pub(super) use launch::{images, key_pairs, launch_templates, user_data, with_versions};
pub(super) use network::{
    internet_gateways, nat_gateways, network_acls, route_tables, subnets, subnets_by, vpc_attributes, vpcs,
};
pub(super) use storage::{addresses, volumes};

use std::collections::BTreeSet;

use aws_sdk_ec2::types as sdk;

use super::errors::incomplete;
use super::owner::carries;
use super::session::{Session, all_pages};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Instance, IpPermission, Permission, SecurityGroup, Tags};

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

/// All rows of a listing, page after page, one request a set of filters.
macro_rules! describe {
    ($session:ident, $action:expr, $page:expr, $pick:expr, $operation:ident, $set_filters:ident, $rows:ident) => {{
        let mut rows = Vec::new();
        for filters in $pick {
            let page = async |token| {
                let request = $session.ec2.$operation().$set_filters(Some(filters.clone()));
                let reply = $session.call($action, request.max_results($page).set_next_token(token).send()).await?;
                Ok((reply.$rows.unwrap_or_default(), reply.next_token))
            };
            rows.extend(all_pages($action, page).await?);
        }
        rows
    }};
}
use describe;

/// Instances that are not terminated, by id.
pub(super) async fn instances(session: &Session, pick: Pick<'_>) -> Result<Vec<Instance>, Unreadable> {
    instances_by(session, pick, "instance-id").await
}

/// Instances that are not terminated, by id; the ids of `pick` are what the filter `by` takes (`private-ip-address`).
pub(super) async fn instances_by(session: &Session, pick: Pick<'_>, by: &str) -> Result<Vec<Instance>, Unreadable> {
    const ACTION: &str = "ec2:DescribeInstances";
    const STATES: [&str; 5] = ["pending", "running", "shutting-down", "stopped", "stopping"];
    let mut rows = Vec::new();
    for mut filters in pick.filters(by) {
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
    let filters = pick.filters("group-id");
    let rows = describe!(session, ACTION, PAGE, filters, describe_security_groups, set_filters, security_groups);
    let mut rows = rows.into_iter().map(security_group).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.group_id.cmp(&b.group_id));
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
    let root = raw.root_device_name.unwrap_or_default();
    let mut devices = raw.block_device_mappings.unwrap_or_default();
    devices.sort_by_key(|device| (device.device_name.as_deref() != Some(root.as_str()), device.device_name.clone()));
    // An image may call its root device by another name than the instance does; an only device is the root.
    let only = devices.len() == 1;
    let is_root =
        |device: &sdk::InstanceBlockDeviceMapping| only || device.device_name.as_deref() == Some(root.as_str());
    let volume = |device: &sdk::InstanceBlockDeviceMapping| device.ebs.as_ref().and_then(|ebs| ebs.volume_id.clone());
    Some(Instance {
        root_volume_id: devices.iter().find(|device| is_root(device)).and_then(volume),
        volume_ids: devices.iter().filter_map(volume).collect(),
        region: String::new(),
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
        iam_instance_profile_arn: raw.iam_instance_profile.and_then(|profile| profile.arn),
        launch_time: text::time(raw.launch_time),
        tags: tags(raw.tags),
    })
}

fn security_group(raw: sdk::SecurityGroup) -> Option<SecurityGroup> {
    Some(SecurityGroup {
        ip_permissions: grouped(raw.ip_permissions.as_deref().unwrap_or_default()),
        ip_permissions_egress: grouped(raw.ip_permissions_egress.as_deref().unwrap_or_default()),
        region: String::new(),
        group_id: raw.group_id?,
        group_name: raw.group_name.unwrap_or_default(),
        description: raw.description.unwrap_or_default(),
        vpc_id: raw.vpc_id,
        ingress: permissions(raw.ip_permissions.unwrap_or_default()),
        egress: permissions(raw.ip_permissions_egress.unwrap_or_default()),
        tags: tags(raw.tags),
    })
}

/// AWS says "all ports" as -1 as well as by leaving the ports out; ICMP's -1 is "all types".
fn port(port: Option<i32>) -> Option<i64> {
    port.filter(|port| *port >= 0).map(i64::from)
}

/// As AWS groups them, sorted.
fn grouped(raw: &[sdk::IpPermission]) -> Vec<IpPermission> {
    fn sorted<'a, T: 'a>(items: Option<&'a [T]>, text: impl Fn(&'a T) -> Option<&'a str>) -> Vec<String> {
        let mut texts: Vec<String> = items.unwrap_or_default().iter().filter_map(text).map(str::to_owned).collect();
        texts.sort();
        texts
    }
    let mut permissions: Vec<_> = raw
        .iter()
        .map(|raw| IpPermission {
            ip_protocol: raw.ip_protocol.clone().unwrap_or_default(),
            from_port: port(raw.from_port),
            to_port: port(raw.to_port),
            cidrs: sorted(raw.ip_ranges.as_deref(), |range| range.cidr_ip()),
            ipv6_cidrs: sorted(raw.ipv6_ranges.as_deref(), |range| range.cidr_ipv6()),
            group_ids: sorted(raw.user_id_group_pairs.as_deref(), |pair| pair.group_id()),
            prefix_list_ids: sorted(raw.prefix_list_ids.as_deref(), |list| list.prefix_list_id()),
        })
        .collect();
    permissions.sort_by(|a, b| (&a.ip_protocol, a.from_port, a.to_port).cmp(&(&b.ip_protocol, b.from_port, b.to_port)));
    permissions
}

/// One entry for each source or destination, sorted.
fn permissions(raw: Vec<sdk::IpPermission>) -> Vec<Permission> {
    let mut permissions = Vec::new();
    for raw in raw {
        let protocol = raw.ip_protocol.unwrap_or_default();
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
