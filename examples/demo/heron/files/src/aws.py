import base64
import time
from pathlib import Path

import boto3

REGION = 'us-east-1'
FLEET = {'cluster1': ('m4.large', 5), 'cluster2': ('t2.large', 4)}
ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c']
TAGS = [{'Key': 'project', 'Value': 'log8415-a1'}, {'Key': 'team', 'Value': 'heron'}]


class Stack:
    def __init__(self, state=None):
        self.ec2 = boto3.resource('ec2', region_name=REGION)
        self.client = self.ec2.meta.client
        self.elb = boto3.client('elbv2', region_name=REGION)
        self.state = state or {}

    def up(self):
        self.find_network()
        self.make_security_group()
        self.make_instances()
        self.make_load_balancer()
        self.make_target_groups()
        self.wait_for_targets()
        return self.state

    def find_network(self):
        vpc = next(iter(self.ec2.vpcs.filter(Filters=[{'Name': 'isDefault', 'Values': ['true']}])))
        self.vpc = vpc
        self.subnets = {}
        for subnet in vpc.subnets.all():
            if subnet.availability_zone in ZONES:
                self.subnets[subnet.availability_zone] = subnet.id
        if len(self.subnets) < 2:
            raise SystemExit('need default subnets in two zones of %s' % ', '.join(ZONES))

    def make_security_group(self):
        group = self.vpc.create_security_group(
            GroupName='heron-web',
            Description='heron',
            TagSpecifications=[{'ResourceType': 'security-group', 'Tags': TAGS}],
        )
        rules = []
        for port in (22, 80):
            rules.append(dict(IpProtocol='tcp', FromPort=port, ToPort=port, IpRanges=[{'CidrIp': '0.0.0.0/0'}]))
        group.authorize_ingress(IpPermissions=rules)
        self.state['group'] = group.id

    def find_image(self):
        images = self.client.describe_images(
            Owners=['amazon'],
            Filters=[
                {'Name': 'name', 'Values': ['al2023-ami-2023.*-x86_64']},
                {'Name': 'state', 'Values': ['available']},
            ],
        )['Images']
        return max(images, key=lambda image: image['CreationDate'])['ImageId']

    def boot_script(self, cluster):
        # base64, so that nothing in the program upsets bash
        code = Path(__file__).with_name('app.py').read_bytes()
        return '\n'.join([
            '#!/bin/bash',
            'dnf install -y python3-pip',
            'pip3 install flask waitress',
            'mkdir -p /srv/app && cd /srv/app',
            'echo %s | base64 -d > app.py' % base64.b64encode(code).decode(),
            'export CLUSTER=%s' % cluster,
            'nohup python3 app.py > /var/log/app.log 2>&1 &',
        ])

    def make_instances(self):
        image = self.find_image()
        self.state['instances'] = {}
        for cluster, (kind, count) in FLEET.items():
            ids = []
            zone = sorted(self.subnets)[0]
            for i in range(count):
                made = self.ec2.create_instances(
                    ImageId=image,
                    InstanceType=kind,
                    MinCount=1,
                    MaxCount=1,
                    SubnetId=self.subnets[zone],
                    SecurityGroupIds=[self.state['group']],
                    UserData=self.boot_script(cluster),
                    TagSpecifications=[{
                        'ResourceType': 'instance',
                        'Tags': TAGS + [{'Key': 'Name', 'Value': '%s-%d' % (cluster, i)}],
                    }],
                )
                ids.append(made[0].id)
            self.state['instances'][cluster] = ids
        everything = sum(self.state['instances'].values(), [])
        self.client.get_waiter('instance_running').wait(InstanceIds=everything)

    def make_load_balancer(self):
        lb = self.elb.create_load_balancer(
            Name='heron-alb',
            Subnets=sorted(self.subnets.values()),
            SecurityGroups=[self.state['group']],
            Tags=TAGS,
        )['LoadBalancers'][0]
        self.state['lb'] = lb['LoadBalancerArn']
        self.state['dns'] = lb['DNSName']

    def make_target_groups(self):
        self.state['targets'] = {}
        for cluster, ids in self.state['instances'].items():
            group = self.elb.create_target_group(
                Name='heron-' + cluster[-1],
                Protocol='HTTP',
                Port=80,
                VpcId=self.vpc.id,
                HealthCheckPath='/' + cluster,
                Tags=TAGS,
            )['TargetGroups'][0]['TargetGroupArn']
            self.elb.register_targets(TargetGroupArn=group, Targets=[{'Id': i} for i in ids])
            self.state['targets'][cluster] = group

        first = self.state['targets']['cluster1']
        listener = self.elb.create_listener(
            LoadBalancerArn=self.state['lb'],
            Protocol='HTTP',
            Port=80,
            DefaultActions=[{'Type': 'forward', 'TargetGroupArn': first}],
        )['Listeners'][0]['ListenerArn']
        for priority, (cluster, group) in enumerate(self.state['targets'].items()):
            self.elb.create_rule(
                ListenerArn=listener,
                Priority=priority + 10,
                Conditions=[{'Field': 'path-pattern', 'Values': ['/' + cluster]}],
                Actions=[{'Type': 'forward', 'TargetGroupArn': group}],
            )

    def wait_for_targets(self):
        deadline = time.time() + 900
        for cluster, group in self.state['targets'].items():
            while True:
                health = self.elb.describe_target_health(TargetGroupArn=group)['TargetHealthDescriptions']
                good = sum(target['TargetHealth']['State'] == 'healthy' for target in health)
                print('%s: %d of %d healthy' % (cluster, good, len(health)))
                if good == len(health):
                    break
                if time.time() > deadline:
                    raise SystemExit('gave up waiting for ' + cluster)
                time.sleep(15)

    def down(self):
        self.elb.delete_load_balancer(LoadBalancerArn=self.state['lb'])
        self.elb.get_waiter('load_balancers_deleted').wait(LoadBalancerArns=[self.state['lb']])
        for group in self.state['targets'].values():
            self.elb.delete_target_group(TargetGroupArn=group)
        everything = sum(self.state['instances'].values(), [])
        self.client.terminate_instances(InstanceIds=everything)
        self.client.get_waiter('instance_terminated').wait(InstanceIds=everything)
        self.client.delete_security_group(GroupId=self.state['group'])
