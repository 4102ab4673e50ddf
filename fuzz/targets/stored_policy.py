"""Policies as a run holds them: rules, texts in Cedar, labels."""

from __future__ import annotations

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import Misuse
from wasm_engine.policy.actions import Asked
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy

FORMS = ("msgpack",)
REFUSES = (Misuse,)
_ASKED = Asked("a/1", "a", "00", "ada", "send", "b", frozenset({"private"}), {})


def check(data: bytes) -> None:
    """What is taken for a policy decides, and is told as the same again."""
    try:
        plain = canonical.decode(data)
    except (ValueError, RecursionError):  # read by whoever reads the entry that it is in
        return
    policy = Policy.from_plain(plain)
    policy.refuses(_ASKED)
    told = policy.plain()
    assert Policy.from_plain(canonical.decode(canonical.encode(told))).plain() == told


def seeds() -> list[bytes]:
    """One of everything."""
    rule = Forbid("r", ("http",), ("https://*",), ("a/*",), ("private",), ("ada",))
    texts = ["permit(principal, action, resource);"]
    whole = Policy([rule, Forbid("s")], texts, {"private": ["mount:papers", "https:*"]})
    return [canonical.encode(it.plain()) for it in (whole, Policy([rule]), Policy((), texts))]
