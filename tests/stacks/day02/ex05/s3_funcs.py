"""What the API does with the bucket."""

import boto3

BUCKET = "day02-20240501"


def list_files():
    """Names of all files in the bucket."""
    reply = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    return [item["Key"] for item in reply.get("Contents", [])]
