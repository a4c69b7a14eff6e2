"""Clients of one emulated account, and the parts that several stacks are made of."""

import functools

import boto3


@functools.cache
def client(endpoint, region, service):
    """Clients are costly to make and hold nothing of the account."""
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def pairs(tags):
    """Tags as EC2 and most others take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def spec(kind, tags):
    """Tags as EC2 takes them where it creates; nothing where there are none."""
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": pairs(tags)}]} if tags else {}


class Account:
    """Clients by service: `account.ec2.create_vpc(…)`."""

    def __init__(self, endpoint, region):
        self.endpoint = endpoint
        self.region = region

    def __getattr__(self, service):
        return client(self.endpoint, self.region, service.replace("_", "-"))

    def default_network(self):
        """The VPC that every account has, and its subnets by zone."""
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        return vpc, {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}

    def image(self, pattern):
        """An image of AWS's whose name fits the pattern."""
        images = self.ec2.describe_images(Filters=[{"Name": "name", "Values": [pattern]}])["Images"]
        return sorted(image["ImageId"] for image in images)[0]

    def own_image(self, name, base, state="available"):
        """An image of the account's own, made from an instance that is then removed."""
        instance = self.ec2.run_instances(ImageId=base, InstanceType="t2.micro", MinCount=1, MaxCount=1)["Instances"][0]
        image = self.ec2.create_image(InstanceId=instance["InstanceId"], Name=name)["ImageId"]
        self.ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        return image

    def network(self, cidr, subnets, tags=None, name="net", gateway=True, route=True, associate=True, dns=True,
                public=True, names=None):
        """A VPC with subnets {zone: CIDR block}, a gateway and a route table; names are tags of the parts."""
        names, base = names or {}, dict(tags or {})

        def tagged(part):
            return {**base, **({"Name": names[part]} if names.get(part) else {})}

        vpc = self.ec2.create_vpc(CidrBlock=cidr, **spec("vpc", tagged("vpc")))["Vpc"]["VpcId"]
        if dns:
            self.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        ids = []
        for number, (zone, block) in enumerate(subnets, start=1):
            made = self.ec2.create_subnet(
                VpcId=vpc, CidrBlock=block, AvailabilityZone=zone, **spec("subnet", tagged(f"subnet{number}"))
            )
            ids.append(made["Subnet"]["SubnetId"])
            if public:
                self.ec2.modify_subnet_attribute(SubnetId=ids[-1], MapPublicIpOnLaunch={"Value": True})
        table = self.ec2.create_route_table(VpcId=vpc, **spec("route-table", tagged("table")))
        table = table["RouteTable"]["RouteTableId"]
        if gateway:
            made = self.ec2.create_internet_gateway(**spec("internet-gateway", tagged("gateway")))
            made = made["InternetGateway"]["InternetGatewayId"]
            self.ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=vpc)
            if route:
                self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=made)
        if associate:
            for subnet in ids:
                self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return vpc, ids

    def group(self, vpc, name, rules, tags=None):
        """A security group with rules [(port, CIDR block or group id)]."""
        made = self.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=vpc, **spec("security-group", tags)
        )["GroupId"]
        for port, source in rules:
            permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
            if source.startswith("sg-"):
                permission["UserIdGroupPairs"] = [{"GroupId": source}]
            else:
                permission["IpRanges"] = [{"CidrIp": source}]
            self.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
        return made

    def balancer(self, name, subnets, group, vpc, port, check, target_port=None, target_type="instance", tags=None,
                 scheme="internet-facing", listener=True, protocol="HTTP"):
        """An application load balancer with one target group; returns the ARNs of both and of the listener."""
        extra = {"Tags": pairs(tags)} if tags else {}
        arn = self.elbv2.create_load_balancer(
            Name=name, Subnets=subnets, SecurityGroups=[group], Scheme=scheme, **extra
        )["LoadBalancers"][0]["LoadBalancerArn"]
        target = self.elbv2.create_target_group(
            Name=name + "-targets",
            Protocol="HTTP",
            Port=target_port or port,
            VpcId=vpc,
            TargetType=target_type,
            **check,
            **extra,
        )["TargetGroups"][0]["TargetGroupArn"]
        if listener:
            self.elbv2.create_listener(
                LoadBalancerArn=arn,
                Protocol=protocol,
                Port=port,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": target}],
            )
        return arn, target

    def scaling_group(self, name, sizes, subnets, tags=None, propagate=True, **arguments):
        """An Auto Scaling group with sizes (min, max, desired)."""
        low, high, desired = sizes
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=low,
            MaxSize=high,
            DesiredCapacity=desired,
            VPCZoneIdentifier=",".join(subnets),
            Tags=[
                dict(tag, ResourceId=name, ResourceType="auto-scaling-group", PropagateAtLaunch=propagate)
                for tag in pairs(tags or {})
            ],
            **arguments,
        )

    def target_tracking(self, group, metric, value):
        """A policy that keeps a metric at a value."""
        self.autoscaling.put_scaling_policy(
            AutoScalingGroupName=group,
            PolicyName=group + "-tracking",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
                "TargetValue": value,
            },
        )

    def user(self, name, policy, group=""):
        """An IAM user with one managed policy, which a group gives where one is named."""
        self.iam.create_user(UserName=name)
        document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        arn = self.iam.create_policy(PolicyName=policy, PolicyDocument=document)["Policy"]["Arn"]
        if group:
            self.iam.create_group(GroupName=group)
            self.iam.add_user_to_group(GroupName=group, UserName=name)
            self.iam.attach_group_policy(GroupName=group, PolicyArn=arn)
        else:
            self.iam.attach_user_policy(UserName=name, PolicyArn=arn)

    def by_hand(self, count, image, tags=None, **arguments):
        """Instances that no group knows."""
        if count:
            self.ec2.run_instances(
                ImageId=image, InstanceType="t2.micro", MinCount=count, MaxCount=count, **spec("instance", tags), **arguments
            )

    def role(self, name, policies, profile=None):
        """A role for EC2 with managed policies, and its instance profile, of the same name where none is given."""
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        for policy in policies:
            arn = self.iam.create_policy(
                PolicyName=policy,
                PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
            )["Policy"]["Arn"]
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        profile = profile or name
        self.iam.create_instance_profile(InstanceProfileName=profile)
        self.iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=name)
        return profile
