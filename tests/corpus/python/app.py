"""Starts the cluster."""
import boto3
ec2 = boto3.client("ec2", region_name="us-east-1")
def launch(count: int = 4) -> list:
    """Starts `count` instances."""
    return [ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=n, UserData=f"#!/bin/sh\n{n}") for n in range(count)]
if __name__ == "__main__":
    launch(**{"count": 2})
