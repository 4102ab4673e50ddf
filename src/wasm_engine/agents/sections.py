"""Sections of a manifest that came later, each a table of tables: what the world has by name.

Stored manifests hold them only where there are any; see `later.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from wasm_engine.agents import manifest as model
from wasm_engine.agents.manifest_stores import BlobContainer, KeyValueBucket, SqlDatabase
from wasm_engine.agents.manifest_tables import MOST, NAME, SEGMENT_PATTERN, TOOL, TOOL_NAME, Key
from wasm_engine.agents.model_tables import MODEL
from wasm_engine.concepts import shapes
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.names import is_kind
from wasm_engine.concepts.redis_address import REDIS_PATTERN, REDIS_RULE, RedisAddress
from wasm_engine.concepts.references import PATTERN as REFERENCE
from wasm_engine.concepts.references import STANDARD_PATTERN, names_component
from wasm_engine.concepts.secrets import PLACES
from wasm_engine.concepts.sql_address import (
    MARKS,
    SQL_ADDRESS_PATTERN,
    SQL_ADDRESS_RULE,
    SqlAddress,
)
from wasm_engine.concepts.web import ORIGIN_PATTERN, ORIGIN_RULE, check_origin
from wasm_engine.policy.grants import NAMED_KINDS, TOOL_KINDS, Grant
from wasm_engine.policy.sources import SOURCE_PATTERN, SOURCE_RULE, check_source


def _is_source(text: str) -> bool:
    check_source(text)
    return True


def _is_origin(text: str) -> bool:
    check_origin(text)
    return True


LABEL = (
    Key(
        "sources",
        shapes.Several(
            shapes.Text(_is_source, SOURCE_RULE, SOURCE_PATTERN),
        ),
        "What carries the label from the start: what an agent reads of it labels all that it does.",
        "[]",
    ),
)


def _is_sql_address(text: str) -> bool:
    SqlAddress.parse(text)
    return True


def _is_role(text: str) -> bool:
    return 0 < len(text) <= 63 and text.isascii() and text.isprintable() and " " not in text


SQL = (
    Key(
        "schema",
        shapes.Script(1 << 20),
        "SQL that makes its tables when the world begins, and puts rows into them. Of a database "
        "outside: its tables and columns that agents may know of.",
        '""',
    ),
    Key(
        "max-size",
        shapes.Size(64 << 10, 1 << 30),
        "The whole database. Not for one outside.",
        '"16 MiB"',
    ),
    Key(
        "max-value",
        shapes.Size(1 << 10, 1 << 20),
        "One value, and one row: SQL costs more with longer ones.",
        '"16 KiB"',
    ),
    Key(
        "address",
        shapes.Text(_is_sql_address, SQL_ADDRESS_RULE, SQL_ADDRESS_PATTERN),
        "Where it lies instead, outside of the world; the operator must allow it.",
        "none: in the world",
    ),
    Key(
        "user",
        shapes.Text(_is_role, "a name of 1 to 63 characters of ASCII without spaces"),
        "As whom a server is asked.",
        "none",
    ),
    Key(
        "secret",
        shapes.Text(is_kind, "the name of a secret", SEGMENT_PATTERN),
        "The secret that is the password; the operator must allow it, and have it.",
        "none: no password",
    ),
    Key(
        "tls",
        shapes.Flag(),
        "Whether the connection to a server is encrypted, and the server must prove who it is.",
        "true",
    ),
    Key(
        "timeout",
        shapes.Span(10**6, 3600 * 10**9),
        "Real time that a statement, or a batch, may take outside.",
        '"30 s"',
    ),
    Key(
        "connections",
        shapes.Whole(1, 32),
        "How many statements, or batches, are executed outside at a time.",
        "4",
    ),
    Key(
        "marks",
        shapes.Flag(),
        f"Whether each change outside leaves a mark there, in the table `{MARKS}`, so that it is "
        "made once.",
        "true",
    ),
)


def _is_redis(text: str) -> bool:
    RedisAddress.parse(text)
    return True


BUCKET = (
    Key(
        "max-bytes",
        shapes.Size(0, 1 << 30),
        "Bytes of keys and values, and 64 beside each. Not for a bucket in Redis.",
        '"64 MiB"',
    ),
    Key(
        "max-keys",
        shapes.Whole(0, 10_000_000),
        "How many keys. Not for a bucket in Redis.",
        "100_000",
    ),
    Key(
        "redis",
        shapes.Text(_is_redis, REDIS_RULE, REDIS_PATTERN),
        "Where the bucket lies instead, as a hash of its name; the operator must allow the server.",
        "none: in the world",
    ),
)


CONTAINER = (
    Key(
        "max-bytes",
        shapes.Size(0, 4 << 30),
        "Bytes of names and objects, and 128 beside each.",
        '"256 MiB"',
    ),
)

_ORIGIN = shapes.Text(_is_origin, ORIGIN_RULE, f"^{ORIGIN_PATTERN}$")
SECRET = (
    Key("for", shapes.Several(_ORIGIN), "The servers that it may be sent to."),
    Key(
        "in",
        shapes.Several(shapes.Choice(PLACES)),
        "Where in a request it may stand.",
        '["header"]',
    ),
)


def _bound(name: str, says: str) -> Key:
    return Key(name, shapes.Whole(1, MOST), says, "any")


BUDGET = (
    Key(
        "kinds",
        shapes.Several(shapes.Text(is_kind, "the name of a kind of agent", SEGMENT_PATTERN)),
        "The kinds of agents that it is about.",
        "all",
    ),
    Key(
        "over",
        shapes.Choice(("agent", "kind", "all")),
        "Who shares it: each agent has its own, each kind has one, or all of them have one.",
        '"agent"',
    ),
    _bound("fuel", "Instructions, those with which instances begin among them."),
    _bound("work", "Host work."),
    _bound("messages", "Messages sent, one for each receiver; replies and timers count, too."),
    _bound("effects", "Effects: requests to servers."),
    Key(
        "bytes",
        shapes.Size(1, MOST),
        "Bytes of messages, replies and timers, of what servers are asked, and of what is stored.",
        "any",
    ),
    _bound("tokens", "Tokens, as servers of language models report them."),
    _bound("agents", 'Agents that there are at a time; not with `over = "agent"`.'),
    Key(
        "per",
        shapes.Span(10**6, 8784 * 3600 * 10**9),
        "The span of world time for which it is, one after another from the epoch on.",
        "all of the run",
    ),
    Key(
        "exhausted",
        shapes.Choice(("refuse", "wait", "stop")),
        "Whether what goes beyond it is refused, waits for the next span, or ends the agent.",
        '"refuse"',
    ),
)


def _is_component(text: str) -> bool:
    if names_component(text):
        return True
    return text.isprintable() and "*" not in text and text.endswith(".wasm")


_NAMED = [kind for kind in NAMED_KINDS if kind in TOOL_KINDS]


def _is_tool_grant(text: str) -> bool:
    grant = Grant.parse(text)
    if grant.kind not in TOOL_KINDS:
        raise Wrong(f"{shown(text)}: that is given to agents; a tool has no use for it")
    return True


TOOL_TABLE = (
    Key(
        "component",
        shapes.FilePath(
            _is_component,
            "the path of a .wasm file, a kept component: name@sha256:..., or std:NAME",
            rf"^([^*]*\.wasm|{REFERENCE}|{STANDARD_PATTERN})$",
        ),
        "The component, relative to the manifest; one of this machine's store, "
        "`name@sha256:...`; or one that comes with the engine, `std:NAME`. This or `language`.",
        "none",
        later=True,
    ),
    Key(
        "language",
        shapes.Choice(model.LANGUAGES),
        "It runs code in this language that is submitted to it.",
        "none",
        later=True,
    ),
    Key("config", shapes.Json(model.MIB), "What it reads as its configuration.", "{}"),
    Key("fuel", shapes.Whole(1, MOST), "Instructions per call.", "100_000_000"),
    Key("work", shapes.Whole(1, MOST), "Host work per call.", "100_000_000"),
    Key(
        "memory",
        shapes.Size(64 << 10, 4 << 30),
        "Linear memory; never more than its caller's.",
        '"64 MiB"',
    ),
    Key("disk", shapes.Size(0, 4 << 30), "Its file system, empty at each call.", '"1 MiB"'),
    Key("mounts", shapes.Several(NAME), "Names of the folders it sees.", "[]"),
    Key(
        "grants",
        shapes.Several(
            shapes.Text(
                _is_tool_grant,
                'a grant, such as "keyvalue:NAME" or "https://api.example.com"',
                rf"^(({'|'.join(_NAMED)}):.+|{ORIGIN_PATTERN})$",
                Grant.parse,
            )
        ),
        "What it may do: as far as its caller may, too.",
        "[]",
    ),
    Key(
        "own-authority",
        shapes.Flag(),
        "What its grants and mounts give it, it may do whoever calls it.",
        "false",
    ),
    Key("tools", shapes.Several(TOOL_NAME), "Tools that it may call.", "[]"),
    Key(
        "link",
        shapes.Several(TOOL),
        "Tools whose interfaces stand in for what its component imports.",
        "[]",
    ),
)


class Section(Struct, frozen=True):
    """A section that is a table of tables.

    Attributes:
        keys: Of each inner table.
        model: What is made of it.
        one: What an inner table describes, with its article.
        says: What the section is for, in one sentence.
    """

    keys: tuple[Key, ...]
    model: Callable[..., Any]
    one: str
    says: str


LATER_SECTIONS = {
    "sql": Section(SQL, SqlDatabase, "a database", "Databases of the world, by name."),
    "budgets": Section(
        BUDGET, model.Budget, "a budget", "What agents may spend, alone or together, by name."
    ),
    "labels": Section(LABEL, model.Label, "a label", "Labels of information, by name."),
    "keyvalue": Section(
        BUCKET,
        KeyValueBucket,
        "a bucket",
        "Buckets of the key-value store that have other bounds than the default, by name.",
    ),
    "blobstore": Section(
        CONTAINER,
        BlobContainer,
        "a container",
        "Containers of large objects that have another bound than the default, by name.",
    ),
    "secrets": Section(
        SECRET, model.Secret, "a secret", "Secrets that agents may use and never see, by name."
    ),
    "tools": Section(
        TOOL_TABLE, model.Tool, "a tool", "Components whose functions agents may call, by name."
    ),
    "models": Section(MODEL, model.Model, "a model", "Models that agents may ask, by name."),
}
