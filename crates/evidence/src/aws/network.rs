//! Networks: VPCs, subnets, the ways in and out, and who may use them.

use serde::{Deserialize, Serialize};

use super::Tags;

/// A security group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SecurityGroup {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub vpc_id: Option<String>,
    /// One entry for each source.
    pub ingress: Vec<Permission>,
    /// One entry for each destination.
    pub egress: Vec<Permission>,
    /// The inbound permissions as AWS groups them: one entry for each range of ports, with all its sources.
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    /// The outbound permissions as AWS groups them.
    #[serde(default)]
    pub ip_permissions_egress: Vec<IpPermission>,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// One rule of a security group; a range of sources is one entry each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    pub ip_protocol: String,
    /// `None` for all ports.
    pub from_port: Option<i64>,
    /// `None` for all ports.
    pub to_port: Option<i64>,
    /// IPv4 or IPv6 range.
    pub cidr: Option<String>,
    /// Another group as the source.
    pub group_id: Option<String>,
    pub prefix_list_id: Option<String>,
}

/// A range of ports with all its sources or destinations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IpPermission {
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    pub ip_protocol: String,
    /// `None` for all ports.
    pub from_port: Option<i64>,
    /// `None` for all ports.
    pub to_port: Option<i64>,
    /// IPv4 ranges.
    pub cidrs: Vec<String>,
    /// IPv6 ranges.
    pub ipv6_cidrs: Vec<String>,
    /// Other groups.
    pub group_ids: Vec<String>,
    pub prefix_list_ids: Vec<String>,
}

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Vpc {
    pub vpc_id: String,
    pub cidr_block: String,
    pub state: String,
    pub is_default: bool,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// Whether names are resolved in a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct VpcAttributes {
    pub vpc_id: String,
    pub enable_dns_support: bool,
    pub enable_dns_hostnames: bool,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Subnet {
    pub subnet_id: String,
    pub vpc_id: String,
    pub cidr_block: Option<String>,
    pub availability_zone: String,
    pub map_public_ip_on_launch: bool,
    pub default_for_az: bool,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// Where a subnet's packets go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SubnetRoutes {
    pub subnet_id: String,
    pub vpc_id: String,
    /// The table that holds for it; `None` where its VPC has no main one.
    pub route_table_id: Option<String>,
    /// Whether no table names the subnet, so that the VPC's main one holds.
    pub from_main: bool,
    /// Internet gateway of an active route.
    pub internet_gateway_id: Option<String>,
    /// NAT gateway of active routes that lead everywhere between them.
    pub nat_gateway_id: Option<String>,
    /// Whether active routes to an internet gateway lead everywhere between them.
    pub is_public: bool,
}

/// An internet gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InternetGateway {
    pub internet_gateway_id: String,
    pub attachments: Vec<GatewayAttachment>,
    pub region: String,
    pub tags: Tags,
}

/// The VPC that an internet gateway serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GatewayAttachment {
    pub vpc_id: String,
    /// `available`, `attaching`, …
    pub state: String,
}

/// A NAT gateway, deleted ones left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NatGateway {
    pub nat_gateway_id: String,
    pub vpc_id: String,
    pub subnet_id: String,
    /// `available`, `pending`, `failed`, `deleting`.
    pub state: String,
    /// `public` or `private`.
    pub connectivity_type: String,
    pub public_ips: Vec<String>,
    pub region: String,
    pub tags: Tags,
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RouteTable {
    pub route_table_id: String,
    pub vpc_id: String,
    /// Whether it holds for subnets that no table names.
    pub main: bool,
    /// Subnets that it names.
    pub subnet_ids: Vec<String>,
    pub routes: Vec<Route>,
    pub region: String,
    pub tags: Tags,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Route {
    /// IPv4 or IPv6 range.
    pub destination_cidr_block: Option<String>,
    /// Internet or virtual private gateway; `local` inside the VPC.
    pub gateway_id: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub instance_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    #[serde(default)]
    pub transit_gateway_id: Option<String>,
    /// `active` or `blackhole`.
    pub state: String,
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NetworkAcl {
    pub network_acl_id: String,
    pub vpc_id: String,
    pub is_default: bool,
    pub subnet_ids: Vec<String>,
    /// Inbound entries first, each by number.
    pub entries: Vec<NetworkAclEntry>,
    pub region: String,
    pub tags: Tags,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NetworkAclEntry {
    /// Lower ones come first; 32767 is the last, which refuses.
    pub rule_number: i64,
    /// Whether it holds for packets that leave.
    pub egress: bool,
    /// `-1` for all, `6` for TCP, `17` for UDP, `1` for ICMP.
    pub protocol: String,
    /// `allow` or `deny`.
    pub rule_action: String,
    /// IPv4 or IPv6 range.
    pub cidr_block: Option<String>,
    /// `None` for all ports.
    pub port_range: Option<PortRange>,
}

/// Ports from and to, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PortRange {
    pub from: i64,
    pub to: i64,
}
