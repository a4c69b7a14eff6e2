//! What every row of every table has in common: a region, and tags where AWS has them.

use stackmark_evidence::aws::*;

/// A row of a table.
pub(super) trait Row {
    /// Whether AWS puts tags on such resources.
    const TAGGED: bool;

    /// Its tags; `None` where there can be none.
    fn tags(&self) -> Option<&Tags>;

    /// Says where it is, unless it says so already.
    fn set_region(&mut self, region: &str);
}

macro_rules! rows {
    (region: $region:tt, tags: $tagged:tt, $($row:ty),* $(,)?) => {
        $(impl Row for $row {
            const TAGGED: bool = $tagged;

            fn tags(&self) -> Option<&Tags> {
                rows!(@tags $tagged, self)
            }

            fn set_region(&mut self, _region: &str) {
                rows!(@region $region, self, _region)
            }
        })*
    };
    (@tags true, $row:ident) => { Some(&$row.tags) };
    (@tags false, $row:ident) => { None };
    (@region true, $row:ident, $region:ident) => {
        if $row.region.is_empty() {
            $row.region = $region.to_owned();
        }
    };
    (@region false, $row:ident, $region:ident) => { () };
}

rows!(
    region: true, tags: true,
    Instance, KeyPair, Image, LaunchTemplate, Volume, Address, SecurityGroup, Vpc, Subnet, InternetGateway, NatGateway,
    RouteTable, NetworkAcl, LoadBalancer, TargetGroup, ClassicLoadBalancer, AutoScalingGroup, Bucket, Alarm,
    CloudFormationStack, EcsService, Function, Api, Resource,
);
rows!(region: true, tags: false, LaunchConfiguration, EcsTaskDefinition);
rows!(region: false, tags: true, InstanceProfile);
rows!(
    region: false, tags: false,
    UserData, VpcAttributes, SubnetRoutes, LoadBalancerAttributes, Listener, Rule, TargetGroupAttributes, TargetHealth,
    ClassicHealth, ScalingPolicy, ScalingActivity, Object, Metric, StackResource,
);
