"""What the emulator always answers alike: a stack records what is to be said, and its reply says that instead."""

import re

# What IAM counts of the account, by name.
COUNTED = {}
# Topics whose subscriptions nobody has confirmed.
PENDING = set()


def clear():
    """Forgets what the stack before recorded."""
    COUNTED.clear()
    PENDING.clear()


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


CHANGES = {"GetAccountSummary": summary, "ListSubscriptionsByTopic": subscriptions}


def changed(request, reply):
    """The reply to a request of the query protocol as the stack records it."""
    action = re.search(rb"(?:^|&)Action=(\w+)", request or b"")
    change = CHANGES.get(action[1].decode()) if action else None
    return change(reply.decode()).encode() if change else reply
