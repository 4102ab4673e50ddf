"""Grants: what a manifest gives an agent, and what a manifest wants from this machine.

A grant is `kind:target`. A manifest gives its agents `spawn:KIND`, `swap:KIND` and `stop:PATTERN`;
the operator of the machine gives a world `mount:/folder` and `source:/file`, or everything below a
folder with `/*` at the end, a Redis server, `redis://host:port`, and databases, `sqlite:/file` (or
`/folder/*`) and `postgresql://host:port/name`. Both must give an origin, whose text is the grant
itself (`https://api.example.com`), `address:NETWORK`, where the names of origins may lead to beside
the public addresses, and `secret:NAME`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, TypeAlias, get_args

from wasm_engine.concepts.addresses import is_within, read_network
from wasm_engine.concepts.mistakes import Wrong, nearest, shown
from wasm_engine.concepts.names import is_kind, is_name
from wasm_engine.concepts.redis_address import check_server, server_of
from wasm_engine.concepts.sql_address import SqlAddress, is_host_path
from wasm_engine.concepts.web import check_origin, covers

GrantKind: TypeAlias = Literal[
    "spawn", "stop", "mount", "source", "http", "https", "keyvalue", "keyvalue-read", "blobstore",
    "blobstore-read", "sql", "sql-read", "secret", "human", "declassify", "address",
    "redis", "sqlite", "postgresql", "mount-write", "model", "swap",
]  # fmt: skip
ORIGIN_KINDS: tuple[GrantKind, ...] = ("http", "https")
"""Servers that may be asked."""
OUTSIDE_KINDS: tuple[GrantKind, ...] = (*ORIGIN_KINDS, "address")
"""What a manifest gives to an agent, and the operator to its world."""
NAMED_KINDS: tuple[GrantKind, ...] = (
    "keyvalue", "keyvalue-read", "blobstore", "blobstore-read", "sql", "sql-read", "secret",
    "human", "declassify", "mount-write", "model",
)  # fmt: skip
"""What a manifest gives to an agent of what its world has by name."""
AGENT_KINDS: tuple[GrantKind, ...] = ("spawn", "swap", "stop", *OUTSIDE_KINDS, *NAMED_KINDS)
"""What a manifest gives to an agent."""
DATABASE_KINDS: tuple[GrantKind, ...] = ("sqlite", "postgresql")
"""Databases that lie outside a world."""
TOOL_KINDS: tuple[GrantKind, ...] = (
    *ORIGIN_KINDS,
    *(kind for kind in NAMED_KINDS if kind != "mount-write"),
)
"""What a manifest gives to a tool."""
OWN_KINDS: tuple[GrantKind, ...] = ("keyvalue", "keyvalue-read", "blobstore", "blobstore-read")
"""What a tool can have that its caller has not: nobody but the tool is asked for it."""
SHARED_KINDS: tuple[GrantKind, ...] = (*OUTSIDE_KINDS, "redis", *DATABASE_KINDS, "secret")
"""What the operator gives, wherever a world lies: servers, networks they may be in, secrets."""
MACHINE_KINDS: tuple[GrantKind, ...] = ("mount", "source", *SHARED_KINDS)
"""What the operator of the machine gives to a world."""
_PATH_KINDS: tuple[GrantKind, ...] = ("mount", "source", "sqlite")
_KINDS: tuple[GrantKind, ...] = get_args(GrantKind)


class Grant(NamedTuple):
    """One grant; `str()` is its text."""

    kind: GrantKind
    target: str

    @classmethod
    def parse(cls, text: str) -> Grant:
        """Reads `kind:target`.

        Raises:
            Wrong: It is not a grant; the text says why.
        """
        word, colon, target = text.partition(":")
        if not colon:
            raise Wrong(f'{shown(text)} is not a grant; write "kind:target", e.g. "spawn:worker"')
        for kind in _KINDS:
            if kind == word:
                break
        else:
            raise Wrong(f"{shown(text)}: no grant is called {shown(word)}{nearest(word, _KINDS)}")
        if kind in {"spawn", "swap"} and not is_kind(target):
            raise Wrong(f"{shown(text)}: after `{kind}:` goes the name of a kind of agent")
        if kind == "stop" and not is_pattern(target):
            raise Wrong(f"{shown(text)}: after `stop:` goes {PATTERN_RULE}")
        if kind in NAMED_KINDS and not (is_name(target) and "/" not in target):
            raise Wrong(f"{shown(text)}: after `{kind}:` goes a name")
        if kind in _PATH_KINDS and not is_host_path(target):
            raise Wrong(f"{shown(text)}: after `{kind}:` goes an absolute path, without `..`")
        if kind in ORIGIN_KINDS:
            check_origin(text)
        if kind == "address":
            read_network(target)
        if kind == "redis":
            check_server(text)
        if kind == "postgresql":
            SqlAddress.parse(text)
        return cls(kind, target)

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}"


PATTERN_RULE = 'an address, "kind/*" for all agents below it, or "*" for all'


def is_pattern(text: str) -> bool:
    """Whether the text may be a pattern of addresses."""
    return text == "*" or is_name(text.removesuffix("/*"))


def matches(pattern: str, address: str) -> bool:
    """Whether a pattern covers an address: it is the address, `kind/*` above it, or `*`."""
    if pattern.endswith("/*"):
        return address.startswith(pattern[:-1]) and len(address) >= len(pattern)
    return pattern in {"*", address}


def may_spawn(grants: Iterable[Grant], kind: str) -> bool:
    """Whether the grants let an agent spawn agents of a kind."""
    return Grant("spawn", kind) in grants


def may_use(grants: Iterable[Grant], kind: GrantKind, name: str) -> bool:
    """Whether the grants let an agent use what the world has by a name."""
    return Grant(kind, name) in grants


def may_stop(grants: Iterable[Grant], address: str) -> bool:
    """Whether the grants let an agent stop another (itself and its own it always may)."""
    return any(grant.kind == "stop" and matches(grant.target, address) for grant in grants)


def may_send(send_to: Sequence[str] | None, address: str) -> bool:
    """Whether an agent may send to an address; None means to anyone in its world."""
    return send_to is None or any(matches(pattern, address) for pattern in send_to)


def reaches_beyond(folder: str, paths: Iterable[tuple[GrantKind, str]]) -> list[Grant]:
    """The grants that a world needs from the operator of this machine.

    Args:
        folder: The manifest's folder, resolved.
        paths: What the manifest reads: `("mount" | "source", resolved path)`. Resolved, or a link
            inside the folder would lead out of it unseen.
    """
    home = PurePosixPath(folder)
    beyond = {
        Grant(kind, path) for kind, path in paths if not PurePosixPath(path).is_relative_to(home)
    }
    return sorted(beyond)


def missing(needed: Iterable[Grant], allow: Iterable[Grant]) -> list[Grant]:
    """Those of the needed grants that nothing in `allow` covers."""
    given = list(allow)
    return [need for need in needed if not any(_covers(grant, need) for grant in given)]


def origins(grants: Iterable[Grant]) -> list[Grant]:
    """Those of the grants that are origins, sorted, each once."""
    return sorted({grant for grant in grants if grant.kind in ORIGIN_KINDS})


def addresses(grants: Iterable[Grant]) -> list[Grant]:
    """Those of the grants that name networks, sorted, each once."""
    return sorted({grant for grant in grants if grant.kind == "address"})


def outside(grants: Iterable[Grant]) -> list[Grant]:
    """Those of the grants that the operator must give, too, wherever the world lies."""
    return sorted({grant for grant in grants if grant.kind in SHARED_KINDS})


def redis_of(addresses: Iterable[str]) -> list[Grant]:
    """The grants for the servers of addresses in Redis, sorted, each once."""
    return sorted({Grant.parse(server_of(address)) for address in addresses})


def databases_of(addresses: Iterable[str]) -> list[Grant]:
    """The grants for databases at addresses, sorted, each once."""
    return sorted({Grant.parse(address) for address in addresses})


def _covers(grant: Grant, need: Grant) -> bool:
    if need.kind in {"redis", "postgresql"}:
        return grant == need
    if need.kind in ORIGIN_KINDS:
        return covers(str(grant), str(need))
    if need.kind == "address":
        return grant.kind == "address" and is_within(
            read_network(need.target), read_network(grant.target)
        )
    if need.kind == "secret":
        return grant == need
    if grant.kind != need.kind or not is_host_path(need.target) or "*" in need.target:
        # A real folder called `*` is never covered: what is said of it reads like a pattern.
        return False
    if grant.target.endswith("/*"):
        return PurePosixPath(need.target).is_relative_to(grant.target[:-1])
    return grant.target == need.target
