//! The one declaration of every AWS table.

/// Hands the tables to another macro: what is told of every table is told here, and nowhere else.
///
/// | part | tells |
/// |---|---|
/// | `/// …` | what it holds, for the field of [`AwsEvidence`](crate::aws::AwsEvidence) |
/// | `name: Row` | the name behind `aws.` in a reading's path, and the type of its rows |
/// | `table` | its variant in the collector |
/// | `holds` | what stands there, in the words of `stackmark explain --readings` |
/// | `region`, `tags` | whether its rows have these fields |
/// | `tied` | whether a row may belong through a tie to a tagged resource of another table |
/// | `from` | tables that it is made from, or whose ids are asked for |
/// | `scoped_by` | tables that tell which of its rows belong to the team; without a tag filter, all of them do |
/// | `calls` | operations that fetch it, as `ec2: DescribeVpcs`, with `as "…"` where IAM calls the right otherwise |
/// | `of` | of a table from `Resources`, the type of the resources that its rows hang on |
/// | `read` | `module::function` that reads it from the tables before it; none where it tells whose the others are |
///
/// Nothing else than these calls may be sent, and a policy for a rubric allows no more; the collector's `service!` has the
/// services' names.
#[macro_export]
macro_rules! with_tables {
    ($then:ident) => {
        $then! {
            /// EC2 instances, terminated ones left out.
            instances: Instance {
                table: Instances, holds: "list of EC2 instances",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [ec2: DescribeInstances],
            }
            /// User data of those instances.
            user_data: UserData {
                table: UserData, holds: "list of what those instances run when they first start",
                region: false, tags: false, tied: true,
                from: [Instances], scoped_by: [],
                calls: [ec2: DescribeInstanceAttribute],
            }
            /// Key pairs.
            key_pairs: KeyPair {
                table: KeyPairs, holds: "list of key pairs",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Instances, LaunchTemplates, LaunchConfigurations],
                calls: [ec2: DescribeKeyPairs],
            }
            /// Machine images: the account's own, and those that instances and templates use.
            images: Image {
                table: Images, holds: "list of machine images: the account's own, and those in use",
                region: true, tags: true, tied: true,
                from: [Instances], scoped_by: [],
                calls: [ec2: DescribeImages],
            }
            /// Launch templates.
            launch_templates: LaunchTemplate {
                table: LaunchTemplates, holds: "list of launch templates with their default and latest version, and those that a group launches from",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Instances, AutoScalingGroups],
                calls: [ec2: DescribeLaunchTemplateVersions, ec2: DescribeLaunchTemplates],
            }
            /// Launch configurations.
            launch_configurations: LaunchConfiguration {
                table: LaunchConfigurations, holds: "list of launch configurations",
                region: true, tags: false, tied: true,
                from: [], scoped_by: [AutoScalingGroups],
                calls: [autoscaling: DescribeLaunchConfigurations],
            }
            /// Block storage volumes.
            volumes: Volume {
                table: Volumes, holds: "list of block storage volumes",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Instances],
                calls: [ec2: DescribeVolumes],
            }
            /// Elastic IP addresses.
            addresses: Address {
                table: Addresses, holds: "list of elastic IP addresses",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Instances],
                calls: [ec2: DescribeAddresses],
            }
            /// Instance profiles that instances and templates use.
            instance_profiles: InstanceProfile {
                table: InstanceProfiles, holds: "list of instance profiles in use, with the policies of their roles",
                region: false, tags: true, tied: true,
                from: [Instances, LaunchTemplates], scoped_by: [],
                calls: [iam: GetInstanceProfile, iam: ListAttachedRolePolicies, iam: ListRolePolicies],
            }
            /// Security groups.
            security_groups: SecurityGroup {
                table: SecurityGroups, holds: "list of security groups with their permissions",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [ec2: DescribeSecurityGroups],
            }
            /// Virtual private clouds.
            vpcs: Vpc {
                table: Vpcs, holds: "list of virtual private clouds",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [ec2: DescribeVpcs],
            }
            /// Their settings for names.
            vpc_attributes: VpcAttributes {
                table: VpcAttributes, holds: "list of their settings for names",
                region: false, tags: false, tied: true,
                from: [Vpcs], scoped_by: [],
                calls: [ec2: DescribeVpcAttribute],
            }
            /// Subnets.
            subnets: Subnet {
                table: Subnets, holds: "list of subnets",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Vpcs],
                calls: [ec2: DescribeSubnets],
            }
            /// Where their packets go.
            subnet_routes: SubnetRoutes {
                table: SubnetRoutes, holds: "list of the route table and the gateways that hold for each subnet",
                region: false, tags: false, tied: true,
                from: [Subnets, RouteTables], scoped_by: [],
                calls: [],
            }
            /// Internet gateways.
            internet_gateways: InternetGateway {
                table: InternetGateways, holds: "list of internet gateways",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Vpcs],
                calls: [ec2: DescribeInternetGateways],
            }
            /// NAT gateways, deleted ones left out.
            nat_gateways: NatGateway {
                table: NatGateways, holds: "list of NAT gateways",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Vpcs],
                calls: [ec2: DescribeNatGateways],
            }
            /// Route tables.
            route_tables: RouteTable {
                table: RouteTables, holds: "list of route tables with their routes",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Vpcs],
                calls: [ec2: DescribeRouteTables],
            }
            /// Network ACLs.
            network_acls: NetworkAcl {
                table: NetworkAcls, holds: "list of network ACLs with their entries",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Vpcs],
                calls: [ec2: DescribeNetworkAcls],
            }
            /// Application, network and gateway load balancers.
            load_balancers: LoadBalancer {
                table: LoadBalancers, holds: "list of application, network and gateway load balancers",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [elbv2: DescribeLoadBalancers, elbv2: DescribeTags],
            }
            /// Their attributes.
            load_balancer_attributes: LoadBalancerAttributes {
                table: LoadBalancerAttributes, holds: "list of their attributes",
                region: false, tags: false, tied: true,
                from: [LoadBalancers], scoped_by: [],
                calls: [elbv2: DescribeLoadBalancerAttributes],
            }
            /// Listeners of those load balancers.
            listeners: Listener {
                table: Listeners, holds: "list of their listeners",
                region: false, tags: false, tied: true,
                from: [LoadBalancers], scoped_by: [],
                calls: [elbv2: DescribeListeners],
            }
            /// Rules of those listeners.
            rules: Rule {
                table: Rules, holds: "list of their listeners' rules",
                region: false, tags: false, tied: true,
                from: [Listeners], scoped_by: [],
                calls: [elbv2: DescribeRules],
            }
            /// Target groups.
            target_groups: TargetGroup {
                table: TargetGroups, holds: "list of target groups",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [elbv2: DescribeTags, elbv2: DescribeTargetGroups],
            }
            /// Their attributes.
            target_group_attributes: TargetGroupAttributes {
                table: TargetGroupAttributes, holds: "list of their attributes",
                region: false, tags: false, tied: true,
                from: [TargetGroups], scoped_by: [],
                calls: [elbv2: DescribeTargetGroupAttributes],
            }
            /// Health of each registered target.
            target_health: TargetHealth {
                table: TargetHealth, holds: "list of registered targets with their health",
                region: false, tags: false, tied: true,
                from: [TargetGroups], scoped_by: [],
                calls: [elbv2: DescribeTargetHealth],
            }
            /// Classic load balancers.
            classic_load_balancers: ClassicLoadBalancer {
                table: ClassicLoadBalancers, holds: "list of classic load balancers with listeners and health checks",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [
                    classic: DescribeLoadBalancerAttributes,
                    classic: DescribeLoadBalancers,
                    classic: DescribeTags
                ],
            }
            /// Health of each instance behind them.
            classic_health: ClassicHealth {
                table: ClassicHealth, holds: "list of instances behind them with their health",
                region: false, tags: false, tied: true,
                from: [ClassicLoadBalancers], scoped_by: [],
                calls: [classic: DescribeInstanceHealth],
            }
            /// Auto Scaling groups.
            auto_scaling_groups: AutoScalingGroup {
                table: AutoScalingGroups, holds: "list of Auto Scaling groups",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [],
                calls: [autoscaling: DescribeAutoScalingGroups],
            }
            /// Their scaling policies.
            scaling_policies: ScalingPolicy {
                table: ScalingPolicies, holds: "list of scaling policies",
                region: false, tags: false, tied: true,
                from: [AutoScalingGroups], scoped_by: [],
                calls: [autoscaling: DescribePolicies],
            }
            /// What they did, newest first.
            scaling_activities: ScalingActivity {
                table: ScalingActivities, holds: "list of what the Auto Scaling groups did",
                region: false, tags: false, tied: true,
                from: [AutoScalingGroups], scoped_by: [],
                calls: [autoscaling: DescribeScalingActivities],
            }
            /// What was done to instances over the last 90 days, newest first.
            instance_events: InstanceEvent {
                table: InstanceEvents, holds: "list of starts, stops, reboots and terminations of instances in 90 days",
                region: true, tags: false, tied: true,
                from: [Instances], scoped_by: [],
                calls: [cloudtrail: LookupEvents],
                read: cloudtrail::instance_events,
            }
            /// What IAM counts of the account's root user.
            root_user: RootUser {
                table: RootUser, holds: "list of one: whether the account's root user has access keys and a second factor",
                region: false, tags: false, tied: false,
                from: [], scoped_by: [],
                calls: [iam: GetAccountSummary],
                read: iam::root_user,
            }
            /// S3 buckets.
            buckets: Bucket {
                table: Buckets, holds: "list of S3 buckets",
                region: true, tags: true, tied: false,
                from: [], scoped_by: [Stacks],
                calls: [
                    s3: GetBucketLocation,
                    s3: GetBucketPolicyStatus,
                    s3: GetPublicAccessBlock as "s3:GetBucketPublicAccessBlock",
                    s3: GetBucketTagging,
                    s3: ListBuckets as "s3:ListAllMyBuckets"
                ],
            }
            /// The first thousand objects of each.
            objects: Object {
                table: Objects, holds: "list of the first 1,000 objects of each bucket",
                region: false, tags: false, tied: false,
                from: [Buckets], scoped_by: [],
                calls: [s3: ListObjectsV2 as "s3:ListBucket"],
            }
            /// CloudWatch alarms.
            alarms: Alarm {
                table: Alarms, holds: "list of CloudWatch alarms; those on AWS/Billing are read in us-east-1",
                region: true, tags: true, tied: true,
                from: [], scoped_by: [Instances, LoadBalancers, TargetGroups, AutoScalingGroups],
                calls: [cloudwatch: DescribeAlarms, cloudwatch: ListTagsForResource],
            }
            /// SNS topics that those alarms notify.
            topics: Topic {
                table: Topics, holds: "list of the SNS topics that those alarms notify, with their subscriptions",
                region: true, tags: false, tied: true,
                from: [Alarms], scoped_by: [],
                calls: [sns: ListSubscriptionsByTopic],
                read: sns::topics,
            }
            /// Traffic of the load balancers over the last three hours.
            metrics: Metric {
                table: Metrics, holds: "list of the load balancers' metrics over the last three hours",
                region: false, tags: false, tied: true,
                from: [LoadBalancers, ClassicLoadBalancers], scoped_by: [],
                calls: [cloudwatch: GetMetricData],
                read: cloudwatch::metrics,
            }
            /// CloudFormation stacks, deleted ones left out.
            stacks: CloudFormationStack {
                table: Stacks, holds: "list of CloudFormation stacks",
                region: true, tags: true, tied: false,
                from: [], scoped_by: [Instances],
                calls: [cloudformation: DescribeStacks],
            }
            /// What those stacks made.
            stack_resources: StackResource {
                table: StackResources, holds: "list of what those stacks made",
                region: false, tags: false, tied: false,
                from: [Stacks], scoped_by: [],
                calls: [cloudformation: ListStackResources],
            }
            /// Deletions over the last 90 days of stacks that are there again, newest first.
            stack_deletions: StackDeletion {
                table: StackDeletions, holds: "list of deletions in 90 days of stacks that bear the name of one that is there",
                region: true, tags: false, tied: false,
                from: [Stacks], scoped_by: [],
                calls: [cloudtrail: LookupEvents],
                read: cloudtrail::stack_deletions,
            }
            /// ECS services.
            ecs_services: EcsService {
                table: EcsServices, holds: "list of ECS services with their running counts",
                region: true, tags: true, tied: false,
                from: [], scoped_by: [TargetGroups],
                calls: [ecs: DescribeClusters, ecs: DescribeServices, ecs: ListClusters, ecs: ListServices],
            }
            /// Task definitions that those services run.
            ecs_tasks: EcsTaskDefinition {
                table: EcsTasks, holds: "list of the task definitions that those services run",
                region: true, tags: false, tied: false,
                from: [EcsServices], scoped_by: [],
                calls: [ecs: DescribeTaskDefinition],
            }
            /// Lambda functions.
            functions: Function {
                table: Functions, holds: "list of Lambda functions",
                region: true, tags: true, tied: false,
                from: [], scoped_by: [Stacks, Apis],
                calls: [lambda: GetFunctionConfiguration, lambda: ListFunctions, lambda: ListTags],
            }
            /// APIs of API Gateway.
            apis: Api {
                table: Apis, holds: "list of APIs of API Gateway with their routes",
                region: true, tags: true, tied: false,
                from: [], scoped_by: [Stacks],
                calls: [
                    apigateway: GetResources as "apigateway:GET",
                    apigateway: GetRestApis as "apigateway:GET",
                    apigateway: GetStages as "apigateway:GET",
                    apigatewayv2: GetApis as "apigateway:GET",
                    apigatewayv2: GetIntegrations as "apigateway:GET",
                    apigatewayv2: GetRoutes as "apigateway:GET",
                    apigatewayv2: GetStages as "apigateway:GET"
                ],
            }
            /// Resources of the types that checks ask for.
            resources: Resource {
                table: Resources, holds: "list of resources of the types in the checks' resource_types",
                region: true, tags: true, tied: false,
                from: [], scoped_by: [],
                calls: [tagging: GetResources],
            }
            /// What ran through the pipelines among them.
            pipelines: Pipeline {
                table: Pipelines, holds: "list of CodePipeline pipelines with what ran through them, stage by stage",
                region: true, tags: false, tied: false,
                from: [Resources], scoped_by: [],
                calls: [codepipeline: GetPipelineState, codepipeline: ListPipelineExecutions],
                of: "AWS::CodePipeline::Pipeline",
                read: codepipeline::pipelines,
            }
            /// How the Beanstalk environments among them are.
            beanstalk_environments: BeanstalkEnvironment {
                table: BeanstalkEnvironments, holds: "list of Elastic Beanstalk environments with status, health and version",
                region: true, tags: false, tied: false,
                from: [Resources], scoped_by: [],
                calls: [elasticbeanstalk: DescribeConfigurationSettings, elasticbeanstalk: DescribeEnvironments],
                of: "AWS::ElasticBeanstalk::Environment",
                read: elasticbeanstalk::environments,
            }
        }
    };
}
