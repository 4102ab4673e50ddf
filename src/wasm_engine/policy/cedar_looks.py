"""What the policies of a text in Cedar look at: nothing else can change what they decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Looks(NamedTuple):
    """What is looked at.

    Attributes:
        resource: Attributes of what something is done to; None where its name counts, too.
        context: What is looked at in the context; None where all of it is.
    """

    resource: frozenset[str] | None
    context: frozenset[str] | None

    @classmethod
    def of(cls, policies: Iterable[Mapping[str, Any]]) -> Looks:
        """What those look at, in the JSON form of Cedar's policies."""
        found: dict[str, set[str]] = {"resource": set(), "context": set()}
        wholly: set[str] = set()
        for policy in policies:
            # A scope without an entity holds for every resource of a type, or for every one.
            if "entity" in policy["resource"] or "in" in policy["resource"]:
                wholly.add("resource")
            _walk(policy["conditions"], found, wholly)
        resource, context = (
            None if name in wholly else frozenset(attributes) for name, attributes in found.items()
        )
        return cls(resource, context)


def _walk(conditions: Any, found: Mapping[str, set[str]], wholly: set[str]) -> None:
    """Finds `resource.host`, `context has key`, and variables that stand alone."""
    stack = [conditions]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            for word, inner in value.items():
                name = _attribute_of(inner) if word in {".", "has"} else None
                if name is not None and name in found:
                    found[name].add(inner["attr"])
                elif word == "Var" and isinstance(inner, str) and inner in found:
                    wholly.add(inner)
                else:
                    stack.append(inner)


def _attribute_of(inner: Any) -> str | None:
    """The variable of which that is an attribute; None where it is one of something else."""
    left = inner.get("left") if isinstance(inner, dict) else None
    name = left.get("Var") if isinstance(left, dict) else None
    return name if isinstance(name, str) and isinstance(inner.get("attr"), str) else None
