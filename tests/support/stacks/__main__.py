"""Builds the reference stack of a rubric in an emulator, good or with one thing changed.

Started as `python tests/support/stacks ENDPOINT`; the first line of its output is {"door": ADDRESS}, where the stacks
are to be read. Each line of standard input is {"stack": NAME, "change": {…}}: the emulator is emptied, the stack is
built, and one line of JSON comes back, {} or {"error": …}. One process builds them all, because importing boto3 takes
longer than building a stack.
"""

import json
import sys
import traceback
import urllib.request

import cloud_control
import compute
import courses
import day02
import delivery
import ensai
import lacking
import log8415
import photogallery
import services
from account import Account
from front import open_door

STACKS = {
    "log8415-a1": log8415,
    "log8415-slides": log8415,
    "day02": day02,
    "day02-alb": day02,
    "ensai-tp1": ensai,
    "photogallery": photogallery,
    "containers-fargate": compute,
    "containers-ecs": compute,
    "serverless-api": compute,
    "cloudformation-stack": delivery,
    "beanstalk-app": delivery,
    "delivery-pipeline": delivery,
    "aws-services": services,
    "rds-nginx": courses,
    "static-site": courses,
}


def build(endpoint, name, change):
    """Empties the emulator and builds the stack."""
    urllib.request.urlopen(urllib.request.Request(endpoint + "/moto-api/reset", method="POST")).read()
    cloud_control.RECORDED.clear()
    cloud_control.REFUSED.clear()
    lacking.clear()
    module = STACKS[name]
    good = dict(module.GOOD[name])
    unknown = sorted(set(change) - set(good))
    if unknown:
        raise KeyError(f"{name} has no setting {', '.join(unknown)}")
    module.BUILD[name](Account(endpoint, good["region"]), {**good, **change})


def main():
    """Answers one line after the other."""
    (endpoint,) = sys.argv[1:]
    print(json.dumps({"door": open_door(endpoint)}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            build(endpoint, order["stack"], order["change"])
            print("{}", flush=True)
        except Exception:  # The test has to learn of whatever went wrong, and goes on.
            print(json.dumps({"error": traceback.format_exc()}), flush=True)


if __name__ == "__main__":
    main()
