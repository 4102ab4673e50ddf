"""Rules of a policy file: what agents may not do; the simple ones, for which Cedar is too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from wasm_engine.concepts.mistakes import Mistakes, Wrong, nearest, shown
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.url_patterns import is_plain
from wasm_engine.concepts.web import Url
from wasm_engine.policy.actions import ACTIONS, Asked
from wasm_engine.policy.grants import PATTERN_RULE, is_pattern, matches

_KEYS = ("name", "actions", "targets", "agents", "labels", "unless-signed-by")


class Forbid(Struct, frozen=True, array_like=True):
    """A rule: who it is about may not do that.

    Attributes:
        name: What refusals are told under.
        actions: Which; empty for all.
        targets: To what: texts with `*` for anything; empty for all.
        agents: Patterns of addresses; empty for all.
        labels: Only while the agent knows something with one of these labels; empty: always.
        unless_signed_by: Not for components that one of these signed.
    """

    name: str
    actions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    unless_signed_by: tuple[str, ...] = ()

    def forbids(self, asked: Asked) -> bool:
        """Whether it is about that."""
        return (
            (not self.actions or asked.action in self.actions)
            and (not self.labels or not asked.labels.isdisjoint(self.labels))
            and (not self.agents or any(matches(it, asked.agent) for it in self.agents))
            and (not self.targets or any(_names(it, asked) for it in self.targets))
            and (not self.unless_signed_by or asked.signer not in self.unless_signed_by)
        )


def _names(pattern: str, asked: Asked) -> bool:
    """Whether that is the target that a pattern names, or may be to somebody.

    A path of a URL that some server reads as another one may be any path of its origin.
    """
    if _like(pattern, asked.target):
        return True
    if asked.action != "http":
        return False
    try:
        url = Url.parse(asked.target)
    except Wrong:
        return False
    if is_plain(url.target.partition("?")[0]):
        return False
    scheme, mark, rest = pattern.partition("://")
    return not mark or _like(f"{scheme}{mark}{rest.partition('/')[0]}", url.origin)


def _like(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, in which each `*` stands for anything."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    if not text.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])


def read_forbids(entries: object, mistakes: Mistakes) -> tuple[Forbid, ...]:
    """The rules of a policy file; what is wrong in them is noted."""
    if not isinstance(entries, list):
        mistakes.add(("forbid",), f"must be tables, each [[forbid]], not {shown(entries)}")
        return ()
    rules: list[Forbid] = []
    for number, entry in enumerate(entries):
        place = ("forbid", number)
        if not isinstance(entry, Mapping):
            mistakes.add(place, f"must be a table, not {shown(entry)}")
            continue
        mistakes.unknown_keys(place, entry, _KEYS)
        name = entry.get("name", f"forbid-{number + 1}")
        if not isinstance(name, str) or not is_name(name):
            mistakes.add((*place, "name"), f"{shown(name)} is no name")
            name = ""
        if any(rule.name == name for rule in rules):
            mistakes.add((*place, "name"), f"there is another rule {shown(name)}")
        rules.append(
            Forbid(
                name,
                _texts(entry, place, "actions", _action, mistakes),
                _texts(entry, place, "targets", _target, mistakes),
                _texts(entry, place, "agents", _agents, mistakes),
                _texts(entry, place, "labels", _name, mistakes),
                _texts(entry, place, "unless-signed-by", _target, mistakes),
            )
        )
    return tuple(rules)


def _texts(
    entry: Mapping[str, Any], place: tuple[Any, ...], key: str, check: Any, mistakes: Mistakes
) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list):
        mistakes.add((*place, key), f"must be an array, not {shown(values)}")
        return ()
    found = set()
    for number, value in enumerate(values):
        try:
            check(value)
        except Wrong as wrong:
            mistakes.add((*place, key, number), str(wrong))
        else:
            found.add(value)
    return tuple(sorted(found))


def _action(text: object) -> None:
    if not isinstance(text, str):
        raise Wrong(f"must be the name of an action, not {shown(text)}")
    if text not in ACTIONS:
        raise Wrong(f"no action is called {shown(text)}{nearest(text, ACTIONS)}")


def _target(text: object) -> None:
    if not isinstance(text, str) or not text or not text.isprintable():
        raise Wrong("must be text, with `*` for anything")


def _agents(text: object) -> None:
    if not isinstance(text, str) or not is_pattern(text):
        raise Wrong(f"{shown(text)} is no {PATTERN_RULE}")


def _name(text: object) -> None:
    if not isinstance(text, str) or not is_name(text):
        raise Wrong(f"{shown(text)} is no name of a label")
