"""A policy: what the operator forbids, whatever manifests grant. Pure: facts in, a verdict out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.mistakes import shown
from wasm_engine.policy.actions import Asked
from wasm_engine.policy.cedar import CedarPolicy
from wasm_engine.policy.forbidding import Forbid

VERSION = 1
_Plain = tuple[int, list[Forbid], list[str], list[tuple[str, list[str]]], list[str]]
"""What `plain` gives: a run file may hold anything, and nothing but this is taken for a policy."""


class Policy:
    """All that is in force at a time.

    Args:
        forbids: The rules of policy files.
        cedar: Texts in Cedar, each of which must permit, or nothing is.
        labels: What carries a label from the start: names of sources, by label.

    Attributes:
        forbids, labels: As given.
    """

    def __init__(
        self,
        forbids: Sequence[Forbid] = (),
        cedar: Sequence[str] = (),
        labels: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.forbids = tuple(forbids)
        self.labels = {name: tuple(sorted(it)) for name, it in sorted((labels or {}).items())}
        self._cedar = [CedarPolicy(text) for text in cedar]

    @property
    def is_empty(self) -> bool:
        """Whether it forbids nothing, and labels nothing."""
        return not (self.forbids or self._cedar or self.labels)

    @property
    def decides(self) -> bool:
        """Whether it may ever forbid anything."""
        return bool(self.forbids or self._cedar)

    def refuses(self, asked: Asked) -> str | None:
        """The name of the rule by which that is refused; None where it is let pass."""
        for rule in self.forbids:
            if rule.forbids(asked):
                return rule.name
        for cedar in self._cedar:
            reason = cedar.refuses(asked)
            if reason is not None:
                return reason
        return None

    @property
    def is_native(self) -> bool:
        """Whether deciding needs a stack of the machine's own: see `host.aside`."""
        return bool(self._cedar)

    @property
    def engines(self) -> list[str]:
        """Names and versions of what decides in it besides us."""
        return sorted({cedar.engine for cedar in self._cedar})

    def plain(self) -> list[Any]:
        """The policy as a run holds it: canonical plain values."""
        rules = [
            [r.name, list(r.actions), list(r.targets), list(r.agents), list(r.labels),
             list(r.unless_signed_by)]
            for r in self.forbids
        ]  # fmt: skip
        labels = [[name, list(sources)] for name, sources in self.labels.items()]
        return [VERSION, rules, [cedar.text for cedar in self._cedar], labels, self.engines]

    @classmethod
    def from_plain(cls, plain: Any) -> Policy:
        """The policy that a run holds.

        Raises:
            BadRunFile: It is none.
        """
        version = plain[0] if isinstance(plain, list | tuple) and plain else None
        if version != VERSION:
            message = f"a policy of version {shown(version)}; this program reads {VERSION}"
            raise BadRunFile(message)
        try:
            _, forbids, cedar, labels, _ = msgspec.convert(plain, _Plain)
        except (msgspec.MsgspecError, RecursionError):
            message = "the policy of a run cannot be read"
            raise BadRunFile(message) from None
        return cls(forbids, cedar, dict(labels))

    @staticmethod
    def signers_from_plain(plain: Any) -> dict[str, str]:
        """Who signed what each kind runs, as a run holds it beside a policy.

        Raises:
            BadRunFile: It is no such thing.
        """
        try:
            return dict(msgspec.convert(plain, list[tuple[str, str]]))
        except (msgspec.MsgspecError, RecursionError):
            message = "the signers beside the policy of a run cannot be read"
            raise BadRunFile(message) from None

    def joined(self, other: Policy) -> Policy:
        """Both: what either forbids is forbidden, what either labels is labelled."""
        labels = {name: list(it) for name, it in self.labels.items()}
        for name, sources in other.labels.items():
            labels[name] = sorted({*labels.get(name, ()), *sources})
        texts = dict.fromkeys(cedar.text for cedar in [*self._cedar, *other._cedar])
        return Policy(_each_once([*self.forbids, *other.forbids]), list(texts), labels)


def _each_once(rules: Iterable[Forbid]) -> list[Forbid]:
    return list(dict.fromkeys(rules))


NOTHING_FORBIDDEN = Policy()
