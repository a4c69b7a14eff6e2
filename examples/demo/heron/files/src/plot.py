import datetime
import os

import boto3
import matplotlib.pyplot as plt

from aws import REGION

METRICS = ['RequestCount', 'TargetResponseTime', 'HealthyHostCount']


def plot(state, result):
    os.makedirs('out', exist_ok=True)
    watch = boto3.client('cloudwatch', region_name=REGION)
    start = datetime.datetime.utcfromtimestamp(result['from'])
    end = datetime.datetime.utcfromtimestamp(result['to']) + datetime.timedelta(minutes=2)
    lb = state['lb'].split('loadbalancer/')[1]
    for metric in METRICS:
        plt.figure()
        for cluster, group in state['targets'].items():
            points = watch.get_metric_statistics(
                Namespace='AWS/ApplicationELB',
                MetricName=metric,
                Dimensions=[
                    {'Name': 'LoadBalancer', 'Value': lb},
                    {'Name': 'TargetGroup', 'Value': group.split(':')[-1]},
                ],
                StartTime=start,
                EndTime=end,
                Period=60,
                Statistics=['Average', 'Sum'],
            )['Datapoints']
            points.sort(key=lambda point: point['Timestamp'])
            key = 'Sum' if metric == 'RequestCount' else 'Average'
            xs = [point['Timestamp'] for point in points]
            ys = [point[key] for point in points]
            plt.plot(xs, ys, label=cluster)
            print('%-20s %-9s max %.3f' % (metric, cluster, max(ys, default=0)))
        plt.title(metric)
        plt.legend()
        plt.savefig('out/%s.png' % metric)
