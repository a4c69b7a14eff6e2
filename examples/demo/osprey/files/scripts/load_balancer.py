import json
import subprocess

import boto3

ec2 = boto3.client("ec2", region_name="us-east-1")
elb = boto3.client("elbv2", region_name="us-east-1")
TAGS = [{"Key": "project", "Value": "log8415-a1"}, {"Key": "team", "Value": "osprey"}]


def terraform_outputs():
    """Lit les sorties de Terraform : les ids des instances et des sous-réseaux."""
    text = subprocess.check_output(["terraform", "output", "-json"], cwd="terraform")
    return {name: output["value"] for name, output in json.loads(text).items()}


def more_instances(outputs, instance_type, cluster):
    # Terraform fails with more than 4 instances in our account, so two of each type come from here
    script = open("app/install.sh").read().replace("${cluster}", cluster)
    response = ec2.run_instances(
        ImageId=outputs["image"],
        InstanceType=instance_type,
        MinCount=2,
        MaxCount=2,
        SubnetId=outputs["subnets"][0],
        SecurityGroupIds=[outputs["security_group"]],
        UserData=script,
    )
    return [instance["InstanceId"] for instance in response["Instances"]]


def create_target_group(name, vpc, instances, health):
    response = elb.create_target_group(
        Name="osprey-" + name,
        Protocol="HTTP",
        Port=80,
        VpcId=vpc,
        HealthCheckPath=health,
    )
    arn = response["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": i} for i in instances])
    return arn


def create_load_balancer(subnets, group):
    response = elb.create_load_balancer(
        Name="osprey-alb", Subnets=subnets, SecurityGroups=[group], Tags=TAGS
    )
    return response["LoadBalancers"][0]


def create_listener(lb, target_group):
    response = elb.create_listener(
        LoadBalancerArn=lb,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
    )
    return response["Listeners"][0]["ListenerArn"]


def create_rule(listener, path, target_group, priority):
    """Ajoute une règle qui envoie le chemin vers un target group."""
    elb.create_rule(
        ListenerArn=listener,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "Values": [path]}],
        Actions=[{"Type": "forward", "TargetGroupArn": target_group}],
    )


outputs = terraform_outputs()
ec2_instances = more_instances(outputs, "m4.large", "cluster1")
tg1 = create_target_group("1", outputs["vpc"], outputs["cluster1"] + ec2_instances, "/cluster1")
ec2_instances = more_instances(outputs, "t2.large", "cluster2")
tg2 = create_target_group("2", outputs["vpc"], outputs["cluster2"] + ec2_instances, "/")
lb = create_load_balancer(outputs["subnets"], outputs["security_group"])
listener = create_listener(lb["LoadBalancerArn"], tg1)
create_rule(listener, "/cluster1", tg1, 1)
elb.add_tags(ResourceArns=[tg1], Tags=TAGS)
# TODO rule of cluster2
print(lb["DNSName"])
