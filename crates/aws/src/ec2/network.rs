//! VPCs, subnets, gateways, route tables and network ACLs.

use std::sync::Arc;

use aws_sdk_ec2::types as sdk;

use super::{PAGE, Pick, describe, filter, no_id, tags};
use crate::found::Rows;
use crate::session::{Key, Session, all_pages, rows_of};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{
    GatewayAttachment, InternetGateway, NatGateway, NetworkAcl, NetworkAclEntry, PortRange, Route, RouteTable, Subnet,
    Vpc, VpcAttributes,
};

/// Rows of a page of route tables; AWS takes 5 to 100.
const ROUTE_TABLES: i32 = 100;

/// VPCs, by id.
pub(crate) async fn vpcs(session: &Session, pick: Pick<'_>) -> Result<Vec<Vpc>, Unreadable> {
    const ACTION: &str = "ec2:DescribeVpcs";
    let rows = describe!(session, ACTION, PAGE, pick.filters("vpc-id"), describe_vpcs, set_filters, vpcs);
    let mut rows = rows.into_iter().map(vpc).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.vpc_id.cmp(&b.vpc_id));
    Ok(rows)
}

/// Subnets, by id.
pub(crate) async fn subnets(session: &Session, pick: Pick<'_>) -> Result<Vec<Subnet>, Unreadable> {
    subnets_by(session, pick, "subnet-id").await
}

/// Subnets, by id; the ids of `pick` are what the filter `by` takes (`vpc-id`).
pub(crate) async fn subnets_by(session: &Session, pick: Pick<'_>, by: &str) -> Result<Vec<Subnet>, Unreadable> {
    const ACTION: &str = "ec2:DescribeSubnets";
    let rows = describe!(session, ACTION, PAGE, pick.filters(by), describe_subnets, set_filters, subnets);
    let mut rows = rows.into_iter().map(subnet).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.subnet_id.cmp(&b.subnet_id));
    Ok(rows)
}

/// Whether names are resolved in these VPCs, by VPC: two requests each, for AWS takes one attribute at a time.
pub(crate) async fn vpc_attributes(session: &Arc<Session>, vpcs: Vec<String>) -> Rows<VpcAttributes> {
    const ACTION: &str = "ec2:DescribeVpcAttribute";
    let by_vpc: Key<String> = Key { field: "vpc_id", of: |id| id };
    rows_of(vpcs, by_vpc, |id| {
        let session = Arc::clone(session);
        async move {
            let ask = |attribute| session.ec2.describe_vpc_attribute().vpc_id(&id).attribute(attribute).send();
            let support = session.call_unless_gone(ACTION, ask(sdk::VpcAttributeName::EnableDnsSupport)).await?;
            let hostnames = session.call_unless_gone(ACTION, ask(sdk::VpcAttributeName::EnableDnsHostnames)).await?;
            let (Some(support), Some(hostnames)) = (support, hostnames) else { return Ok(None) };
            let is_on =
                |value: Option<sdk::AttributeBooleanValue>| value.and_then(|value| value.value).unwrap_or_default();
            Ok(Some(vec![VpcAttributes {
                enable_dns_support: is_on(support.enable_dns_support),
                enable_dns_hostnames: is_on(hostnames.enable_dns_hostnames),
                vpc_id: id,
            }]))
        }
    })
    .await
}

/// Internet gateways, by id; the ids of `pick` are those of VPCs.
pub(crate) async fn internet_gateways(session: &Session, pick: Pick<'_>) -> Result<Vec<InternetGateway>, Unreadable> {
    const ACTION: &str = "ec2:DescribeInternetGateways";
    let filters = pick.filters("attachment.vpc-id");
    let rows = describe!(session, ACTION, PAGE, filters, describe_internet_gateways, set_filters, internet_gateways);
    let mut rows = rows.into_iter().map(internet_gateway).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.internet_gateway_id.cmp(&b.internet_gateway_id));
    Ok(rows)
}

/// NAT gateways that are not deleted, by id; the ids of `pick` are those of VPCs.
pub(crate) async fn nat_gateways(session: &Session, pick: Pick<'_>) -> Result<Vec<NatGateway>, Unreadable> {
    const ACTION: &str = "ec2:DescribeNatGateways";
    const STATES: [&str; 4] = ["pending", "failed", "available", "deleting"];
    let mut filters = pick.filters("vpc-id");
    filters.iter_mut().for_each(|filters| filters.push(filter("state", STATES.map(Into::into))));
    let rows = describe!(session, ACTION, PAGE, filters, describe_nat_gateways, set_filter, nat_gateways);
    let mut rows = rows.into_iter().map(nat_gateway).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| row.state != "deleted" && pick.fits(&row.tags));
    rows.sort_by(|a, b| a.nat_gateway_id.cmp(&b.nat_gateway_id));
    Ok(rows)
}

/// Route tables, by id; the ids of `pick` are those of VPCs.
pub(crate) async fn route_tables(session: &Session, pick: Pick<'_>) -> Result<Vec<RouteTable>, Unreadable> {
    const ACTION: &str = "ec2:DescribeRouteTables";
    let filters = pick.filters("vpc-id");
    let rows = describe!(session, ACTION, ROUTE_TABLES, filters, describe_route_tables, set_filters, route_tables);
    let mut rows = rows.into_iter().map(route_table).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.route_table_id.cmp(&b.route_table_id));
    Ok(rows)
}

/// Network ACLs, by id; the ids of `pick` are those of VPCs.
pub(crate) async fn network_acls(session: &Session, pick: Pick<'_>) -> Result<Vec<NetworkAcl>, Unreadable> {
    const ACTION: &str = "ec2:DescribeNetworkAcls";
    let filters = pick.filters("vpc-id");
    let rows = describe!(session, ACTION, PAGE, filters, describe_network_acls, set_filters, network_acls);
    let mut rows = rows.into_iter().map(network_acl).collect::<Option<Vec<_>>>().ok_or_else(|| no_id(ACTION))?;
    rows.retain(|row| pick.fits(&row.tags));
    rows.sort_by(|a, b| a.network_acl_id.cmp(&b.network_acl_id));
    Ok(rows)
}

fn vpc(raw: sdk::Vpc) -> Option<Vpc> {
    Some(Vpc {
        vpc_id: raw.vpc_id?,
        cidr_block: raw.cidr_block.unwrap_or_default(),
        state: raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        is_default: raw.is_default.unwrap_or_default(),
        region: String::new(),
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
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn internet_gateway(raw: sdk::InternetGateway) -> Option<InternetGateway> {
    let attachments = raw.attachments.unwrap_or_default().into_iter();
    Some(InternetGateway {
        internet_gateway_id: raw.internet_gateway_id?,
        attachments: attachments
            .filter_map(|raw| {
                let state = raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
                Some(GatewayAttachment { vpc_id: raw.vpc_id?, state })
            })
            .collect(),
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn nat_gateway(raw: sdk::NatGateway) -> Option<NatGateway> {
    let mut public_ips: Vec<_> =
        raw.nat_gateway_addresses.unwrap_or_default().into_iter().filter_map(|address| address.public_ip).collect();
    public_ips.sort();
    Some(NatGateway {
        nat_gateway_id: raw.nat_gateway_id?,
        vpc_id: raw.vpc_id.unwrap_or_default(),
        subnet_id: raw.subnet_id.unwrap_or_default(),
        state: raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        connectivity_type: raw.connectivity_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        public_ips,
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn route_table(raw: sdk::RouteTable) -> Option<RouteTable> {
    let associations = raw.associations.unwrap_or_default();
    let main = associations.iter().any(|association| association.main.unwrap_or_default());
    let mut subnet_ids: Vec<_> = associations.into_iter().filter_map(|association| association.subnet_id).collect();
    subnet_ids.sort();
    let mut routes: Vec<_> = raw.routes.unwrap_or_default().into_iter().map(route).collect();
    routes.sort_by(|a, b| a.destination_cidr_block.cmp(&b.destination_cidr_block));
    Some(RouteTable {
        route_table_id: raw.route_table_id?,
        vpc_id: raw.vpc_id.unwrap_or_default(),
        main,
        subnet_ids,
        routes,
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn route(raw: sdk::Route) -> Route {
    Route {
        destination_cidr_block: raw.destination_cidr_block.or(raw.destination_ipv6_cidr_block),
        gateway_id: raw.gateway_id.filter(|id| !id.is_empty()),
        nat_gateway_id: raw.nat_gateway_id.filter(|id| !id.is_empty()),
        instance_id: raw.instance_id.filter(|id| !id.is_empty()),
        vpc_peering_connection_id: raw.vpc_peering_connection_id.filter(|id| !id.is_empty()),
        transit_gateway_id: raw.transit_gateway_id.filter(|id| !id.is_empty()),
        state: raw.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
    }
}

fn network_acl(raw: sdk::NetworkAcl) -> Option<NetworkAcl> {
    let mut subnet_ids: Vec<_> =
        raw.associations.unwrap_or_default().into_iter().filter_map(|association| association.subnet_id).collect();
    subnet_ids.sort();
    let mut entries: Vec<_> = raw.entries.unwrap_or_default().into_iter().map(entry).collect();
    entries.sort_by(|a, b| (a.egress, a.rule_number, &a.cidr_block).cmp(&(b.egress, b.rule_number, &b.cidr_block)));
    Some(NetworkAcl {
        network_acl_id: raw.network_acl_id?,
        vpc_id: raw.vpc_id.unwrap_or_default(),
        is_default: raw.is_default.unwrap_or_default(),
        subnet_ids,
        entries,
        region: String::new(),
        tags: tags(raw.tags),
    })
}

fn entry(raw: sdk::NetworkAclEntry) -> NetworkAclEntry {
    let ports = raw.port_range.and_then(|range| Some(PortRange { from: range.from?.into(), to: range.to?.into() }));
    NetworkAclEntry {
        rule_number: raw.rule_number.map(i64::from).unwrap_or_default(),
        egress: raw.egress.unwrap_or_default(),
        protocol: raw.protocol.unwrap_or_default(),
        rule_action: raw.rule_action.map(|action| action.as_str().to_owned()).unwrap_or_default(),
        cidr_block: raw.cidr_block.or(raw.ipv6_cidr_block),
        port_range: ports,
    }
}
