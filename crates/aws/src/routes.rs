//! Where a subnet's packets go: its own route table, else its VPC's main one.

use ipnet::IpNet;

use stackmark_evidence::aws::{Route, RouteTable, Subnet, SubnetRoutes};

/// The routes that hold for each subnet, in the subnets' order.
pub(super) fn of_subnets(subnets: &[Subnet], tables: &[RouteTable]) -> Vec<SubnetRoutes> {
    subnets.iter().map(|subnet| of_subnet(subnet, tables)).collect()
}

fn of_subnet(subnet: &Subnet, tables: &[RouteTable]) -> SubnetRoutes {
    let own = tables.iter().find(|table| table.subnet_ids.contains(&subnet.subnet_id));
    let main = || tables.iter().find(|table| table.main && table.vpc_id == subnet.vpc_id);
    let table = own.or_else(main);
    let active: Vec<&Route> =
        table.iter().flat_map(|table| &table.routes).filter(|route| route.state != "blackhole").collect();
    let to_internet = |route: &&Route| route.gateway_id.as_ref().is_some_and(|id| id.starts_with("igw-"));
    let outward: Vec<&Route> = active.iter().copied().filter(to_internet).collect();
    let translated: Vec<&Route> = active.iter().copied().filter(|route| route.nat_gateway_id.is_some()).collect();
    SubnetRoutes {
        subnet_id: subnet.subnet_id.clone(),
        vpc_id: subnet.vpc_id.clone(),
        route_table_id: table.map(|table| table.route_table_id.clone()),
        from_main: own.is_none(),
        internet_gateway_id: outward.first().and_then(|route| route.gateway_id.clone()),
        nat_gateway_id: reaching_everywhere(&translated).and_then(|route| route.nat_gateway_id.clone()),
        is_public: reaching_everywhere(&outward).is_some(),
    }
}

/// The widest of these routes, if they lead everywhere in IPv4 or IPv6 between them: two halves are as good as one route.
fn reaching_everywhere<'a>(routes: &[&'a Route]) -> Option<&'a Route> {
    let range = |route: &Route| route.destination_cidr_block.as_ref().and_then(|block| block.parse::<IpNet>().ok());
    let ranges: Vec<IpNet> = routes.iter().filter_map(|route| range(route)).collect();
    let everywhere = IpNet::aggregate(&ranges).into_iter().find(|range| range.prefix_len() == 0)?;
    let mut within: Vec<(u8, &Route)> = Vec::new();
    for route in routes {
        within
            .extend(range(route).filter(|range| everywhere.contains(range)).map(|range| (range.prefix_len(), *route)));
    }
    within.into_iter().min_by_key(|(length, _)| *length).map(|(_, route)| route)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::aws::Tags;

    fn subnet(id: &str) -> Subnet {
        Subnet {
            subnet_id: id.to_owned(),
            vpc_id: "vpc-1".to_owned(),
            cidr_block: None,
            availability_zone: String::new(),
            map_public_ip_on_launch: false,
            default_for_az: false,
            region: String::new(),
            tags: Tags::new(),
        }
    }

    fn route(to: &str, gateway: Option<&str>, nat: Option<&str>, state: &str) -> Route {
        Route {
            destination_cidr_block: Some(to.to_owned()),
            gateway_id: gateway.map(str::to_owned),
            nat_gateway_id: nat.map(str::to_owned),
            instance_id: None,
            vpc_peering_connection_id: None,
            transit_gateway_id: None,
            state: state.to_owned(),
        }
    }

    fn table(id: &str, main: bool, subnets: &[&str], routes: Vec<Route>) -> RouteTable {
        RouteTable {
            route_table_id: id.to_owned(),
            vpc_id: "vpc-1".to_owned(),
            main,
            subnet_ids: subnets.iter().map(|id| (*id).to_owned()).collect(),
            routes,
            region: String::new(),
            tags: Tags::new(),
        }
    }

    #[test]
    fn a_subnet_without_a_table_of_its_own_follows_the_main_one() {
        let tables = [
            table("rtb-main", true, &[], vec![route("0.0.0.0/0", None, Some("nat-1"), "active")]),
            table("rtb-public", false, &["a"], vec![route("0.0.0.0/0", Some("igw-1"), None, "active")]),
            table("rtb-dead", false, &["c"], vec![route("0.0.0.0/0", Some("igw-gone"), None, "blackhole")]),
            table("rtb-some", false, &["d"], vec![route("8.8.8.8/32", Some("igw-1"), None, "active")]),
        ];
        let found = of_subnets(&["a", "b", "c", "d"].map(subnet), &tables);
        let public: Vec<_> = found.iter().map(|row| (row.is_public, row.from_main)).collect();
        assert_eq!(public, [(true, false), (false, true), (false, false), (false, false)]);
        assert_eq!(found[0].internet_gateway_id.as_deref(), Some("igw-1"));
        assert_eq!(found[1].nat_gateway_id.as_deref(), Some("nat-1"));
        assert_eq!(found[2].internet_gateway_id, None);
        assert!(of_subnets(&[subnet("a")], &[])[0].route_table_id.is_none());
    }

    #[test]
    fn two_halves_lead_everywhere_and_one_does_not() {
        let halves = ["0.0.0.0/1", "128.0.0.0/1"];
        let to = |gateway: Option<&str>, nat: Option<&str>, ranges: &[&str]| -> Vec<Route> {
            ranges.iter().map(|range| route(range, gateway, nat, "active")).collect()
        };
        let tables = [
            table("rtb-a", false, &["a"], to(Some("igw-1"), None, &halves)),
            table("rtb-b", false, &["b"], to(Some("igw-1"), None, &halves[..1])),
            table("rtb-c", false, &["c"], to(None, Some("nat-1"), &halves)),
            table("rtb-d", false, &["d"], to(None, Some("nat-1"), &["10.7.0.0/16", "64:ff9b::/96"])),
            table("rtb-e", false, &["e"], to(Some("igw-1"), None, &["::/1", "8000::/1"])),
        ];
        let found = of_subnets(&["a", "b", "c", "d", "e"].map(subnet), &tables);
        let told: Vec<_> = found.iter().map(|row| (row.is_public, row.nat_gateway_id.as_deref())).collect();
        assert_eq!(told, [(true, None), (false, None), (false, Some("nat-1")), (false, None), (true, None)]);
        assert_eq!(found[1].internet_gateway_id.as_deref(), Some("igw-1"));
    }
}
