"""What the emulator lacks or always answers alike: a stack records what is to be said, and the reply says that instead."""

import json
import re

from account import client

# What IAM counts of the account, by name.
COUNTED = {}
# Topics whose subscriptions nobody has confirmed.
PENDING = set()
# What was done to an instance that is gone, or to the stack `web`, oldest first.
EVENTS = []
# The health of every Beanstalk environment, one at most.
HEALTH = []
# How every environment takes new versions, one at most.
POLICIES = []
# What ran through every pipeline, newest first: (status, trigger).
RUNS = []


def clear():
    """Forgets what the stack before recorded."""
    COUNTED.clear()
    PENDING.clear()
    RUNS.clear()
    EVENTS.clear()
    HEALTH.clear()
    POLICIES.clear()


def summary(reply):
    """IAM's count of the account."""
    for name, count in COUNTED.items():
        reply = re.sub(rf"(<key>{name}</key>\s*<value>)\d+", rf"\g<1>{count}", reply)
    return reply


def subscriptions(reply):
    """Who a topic tells; the emulator confirms everybody at once."""
    for topic in PENDING:
        reply = re.sub(rf"<SubscriptionArn>{topic}:[^<]*<", "<SubscriptionArn>PendingConfirmation<", reply)
    return reply


def environments(reply):
    """Beanstalk's environments; the emulator runs none, and hears nothing of them."""
    for health in HEALTH:
        reply = re.sub(r"<Health>[^<]*</Health>", f"<Health>{health}</Health>", reply)
    return reply


CHANGES = {
    "DescribeEnvironments": environments,
    "GetAccountSummary": summary,
    "ListSubscriptionsByTopic": subscriptions,
}


def settings():
    """What Beanstalk's environments are configured with."""
    options = "".join(
        "<member><Namespace>aws:elasticbeanstalk:command</Namespace><OptionName>DeploymentPolicy</OptionName>"
        f"<Value>{policy}</Value></member>"
        for policy in POLICIES
    )
    return (
        "<DescribeConfigurationSettingsResponse><DescribeConfigurationSettingsResult><ConfigurationSettings><member>"
        f"<OptionSettings>{options}</OptionSettings></member></ConfigurationSettings>"
        "</DescribeConfigurationSettingsResult></DescribeConfigurationSettingsResponse>"
    )


# Operations of the query protocol that the emulator lacks.
QUERIES = {"DescribeConfigurationSettings": settings}


def action_of(request):
    """The operation of a request of the query protocol."""
    action = re.search(rb"(?:^|&)Action=(\w+)", request or b"")
    return action[1].decode() if action else None


def answered(request):
    """The reply to a request of the query protocol that the emulator lacks; nothing for any other."""
    query = QUERIES.get(action_of(request))
    return query().encode() if query else None


def changed(request, reply):
    """The reply to a request of the query protocol as the stack records it."""
    change = CHANGES.get(action_of(request))
    return change(reply.decode()).encode() if change else reply


def pipeline_state(endpoint, region, request):
    """Stages as the newest run left them; one that failed did so in the last stage."""
    service = client(endpoint, region, "codepipeline")
    stages = service.get_pipeline(name=request["name"])["pipeline"]["stages"]
    newest = RUNS[0][0] if RUNS else None

    def latest(stage):
        """What went through it."""
        status = newest if stage is stages[-1] else "Succeeded"
        return {"latestExecution": {"pipelineExecutionId": "run-1", "status": status}} if newest else {}

    states = [{"stageName": stage["name"], **latest(stage)} for stage in stages]
    return {"pipelineName": request["name"], "stageStates": states}


def pipeline_executions(_endpoint, _region, _request):
    """What ran through a pipeline."""
    rows = [
        {"pipelineExecutionId": f"run-{len(RUNS) - number}", "status": status, "startTime": 1795255200 - number,
         "trigger": {"triggerType": trigger}}
        for number, (status, trigger) in enumerate(RUNS)
    ]
    return {"pipelineExecutionSummaries": rows}


def instance_events(_endpoint, _region, request):
    """CloudTrail's event history of one name; a stack was deleted long before any that the emulator makes."""
    wanted = request["LookupAttributes"][0]["AttributeValue"]
    instances = {"items": [{"instanceId": "i-0123456789abcdef0"}]}
    record = {"userIdentity": {"type": "IAMUser"},
              "requestParameters": {"stackName": "web"} if wanted == "DeleteStack" else {"instancesSet": instances}}
    begin = 1700000000 if wanted == "DeleteStack" else 1795255200
    rows = [
        {"EventId": f"event-{number}", "EventName": name, "EventTime": begin + number,
         "CloudTrailEvent": json.dumps(record)}
        for number, name in enumerate(EVENTS)
        if name == wanted
    ]
    return {"Events": rows}


# By the header that names the operation.
ANSWERS = {
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents": instance_events,
    "CloudTrail_20131101.LookupEvents": instance_events,
    "CodePipeline_20150709.GetPipelineState": pipeline_state,
    "CodePipeline_20150709.ListPipelineExecutions": pipeline_executions,
}
