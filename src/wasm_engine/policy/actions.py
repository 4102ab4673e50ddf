"""What policies speak of: actions, what they are done to, and what is known of them.

The names here are those of the Cedar schema that policies are checked against.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Action(NamedTuple):
    """One action.

    Attributes:
        resource: Type of what it is done to, as policies name it.
        context: What else is known of it: names and Cedar types.
        says: What an agent does by it, for people.
    """

    resource: str
    context: Mapping[str, str]
    says: str


ACTIONS: Mapping[str, Action] = {
    "send": Action("Address", {"topic": "String"}, "sends a message to"),
    "ask": Action("Address", {"topic": "String"}, "asks"),
    "reply": Action("Address", {}, "replies to"),
    "publish": Action("Topic", {}, "publishes on"),
    "spawn": Action("Kind", {"key": "String"}, "raises agents of kind"),
    "stop": Action("Address", {}, "stops"),
    "swap": Action("Kind", {"to": "String", "digest": "String"}, "swaps what runs of kind"),
    "http": Action("Url", {"method": "String"}, "asks the server"),
    "mount.read": Action("Mount", {}, "reads the folder"),
    "mount.write": Action("Mount", {}, "writes the folder"),
    "keyvalue.read": Action("Bucket", {"key": "String"}, "reads the bucket"),
    "keyvalue.write": Action("Bucket", {"key": "String"}, "writes the bucket"),
    "blobstore.read": Action("Container", {"object": "String"}, "reads the container"),
    "blobstore.write": Action("Container", {"object": "String"}, "writes the container"),
    "sql": Action(
        "Database",
        {"verb": "String", "tables": "Set<String>", "columns": "Set<String>"},
        "uses the database",
    ),
    "secret": Action("Secret", {}, "uses the secret"),
    "tool": Action("Tool", {}, "calls the tool"),
    "human": Action("Role", {}, "asks the person"),
    "model": Action("Model", {}, "asks the model"),
    "declassify": Action("Label", {}, "takes off the label"),
}

URL_ATTRIBUTES = {"scheme": "String", "host": "String", "port": "Long", "path": "String"}
RESOURCES = sorted({action.resource for action in ACTIONS.values()})


class Asked(NamedTuple):
    """What a policy is asked.

    Attributes:
        agent: Address of who wants to do it.
        kind: Its kind.
        component: SHA-256 of what it runs (hex).
        signer: Who signed that, as far as the operator knows; else empty.
        action: What, one of `ACTIONS`.
        target: To what: a URL, an address, a name.
        labels: Labels of what it knows.
        context: What else is known: plain values.
    """

    agent: str
    kind: str
    component: str
    signer: str
    action: str
    target: str
    labels: frozenset[str]
    context: Mapping[str, object]
