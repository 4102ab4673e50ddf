"""What a call of a tool may do: what the tool was given, as far as its caller may do it, too."""

from __future__ import annotations

from typing import Any, NamedTuple

from wasm_engine.agents.manifest import Kind, Tool
from wasm_engine.concepts.web import covers
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.policy.grants import ORIGIN_KINDS, Grant, GrantKind


class Authority(NamedTuple):
    """What somebody may do, and how much memory it may have.

    Attributes:
        grants: Its grants.
        mounts: Names of the folders that it sees.
        memory: Bytes of linear memory.
    """

    grants: frozenset[Grant]
    mounts: frozenset[str]
    memory: int

    @classmethod
    def of(cls, kind: Kind) -> Authority:
        """That of the agents of a kind."""
        return cls(frozenset(kind.grants), frozenset(kind.mounts), kind.memory)

    def lent(self, tool: Tool) -> Authority:
        """That of a tool which somebody with this one calls."""
        memory = min(tool.memory, self.memory)
        if tool.own_authority:
            return Authority(frozenset(tool.grants), frozenset(tool.mounts), memory)
        both = {
            common
            for wanted in tool.grants
            for held in self.grants
            if (common := _common(wanted, held)) is not None
        }
        return Authority(frozenset(both), self.mounts & set(tool.mounts), memory)

    def may_use(self, kind: GrantKind, name: str) -> bool:
        """Whether it has a grant for what the world has by a name."""
        return Grant(kind, name) in self.grants

    def http(self, terms: HttpTerms) -> HttpTerms:
        """The terms of an agent on which servers may be asked, for these servers alone."""
        allowed = sorted(str(it) for it in self.grants if it.kind in ORIGIN_KINDS)
        return terms._replace(origins=tuple(allowed))


def _common(one: Grant, other: Grant) -> Grant | None:
    """What both of two grants allow; None where that is nothing."""
    if one == other:
        return one
    if one.kind in ORIGIN_KINDS and other.kind in ORIGIN_KINDS:
        if covers(str(one), str(other)):
            return other
        return one if covers(str(other), str(one)) else None
    for wide, narrow in ((one, other), (other, one)):
        if narrow == (f"{wide.kind}-read", wide.target):
            return narrow
    return None


class LentAgent:
    """An agent as a tool sees it that acts for it: with the tool's authority and configuration."""

    __slots__ = ("_authority", "agent", "config")

    def __init__(self, agent: Any, authority: Authority, config: str) -> None:
        self.agent = agent
        self._authority = authority
        self.config = config

    def __getattr__(self, name: str) -> Any:
        return getattr(self.agent, name)

    @property
    def http(self) -> HttpTerms:
        """On what terms it may ask servers."""
        return self._authority.http(self.agent.http)

    def may_use(self, kind: GrantKind, name: str) -> bool:
        """Whether it may use what the world has by a name."""
        return self._authority.may_use(kind, name)

    def may_send(self, _address: str) -> bool:
        """Whether it may send there: a tool sends nothing."""
        return False
