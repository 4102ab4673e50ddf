"""The operator's `policy.toml`: grants, rules of forbidding, labels, signers, bounds."""

from __future__ import annotations

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.policy.actions import ACTIONS
from wasm_engine.policy.bounds import BOUNDED
from wasm_engine.policy.operator import BadPolicy, parse_policy
from wasm_engine.policy.policy import Policy

FORMS = ("text",)
REFUSES = (BadPolicy,)
WORDS = (
    b"allow", b"[[forbid]]", b"[labels.x]", b"sources", b"require-signers", b"actions", b"targets",
    b"agents", b"labels", b"unless-signed-by", b'"mount:/a/*"', b'"https://a.example"',
    b'"address:10.0.0.0/8"', b'"*"', b'"a/*"', *(f'"{it}"'.encode() for it in ACTIONS),
    b"[bounds]", b'"1 MiB"', b'"1 min"', *(it.encode() for it in BOUNDED),
)  # fmt: skip
_FULL = b"""\
allow = ["mount:/usr/share/doc/*", "source:/a.py", "https://api.example.com", "address:10.0.0.0/8"]
require-signers = ["ada", "bob.2"]

[[forbid]]
name = "no-leak"
actions = ["http", "send"]
targets = ["https://*.example.com/*"]
agents = ["reader", "worker/*"]
labels = ["private"]
unless-signed-by = ["ada"]

[[forbid]]
agents = ["*"]

[labels.private]
sources = ["mount:papers", "https:*", "secret:key", "agent:reader"]

[bounds]
memory = "512 MiB"
fuel = 5_000_000_000
http-timeout = "10 s"
"""


def check(data: bytes) -> None:
    """What is read comes back from what a run holds of it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    read = parse_policy(text, "policy.toml")
    policy = Policy(read.forbid, (), read.labels)
    try:
        assert Policy.from_plain(policy.plain()).plain() == policy.plain()
    except BadRunFile as error:
        raise AssertionError from error


def seeds() -> list[bytes]:
    """A policy that says everything, and parts of one."""
    return [_FULL, *_FULL.split(b"\n\n")]
