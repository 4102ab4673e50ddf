"""All databases of a world: what agents share, changed by their turn calls alone."""

from __future__ import annotations

import importlib.metadata
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from wasm_engine.capabilities.sql.database import OLDEST, Database, Statement
from wasm_engine.capabilities.sql.outside import Declared
from wasm_engine.capabilities.sql.statement import Footprint, footprint
from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.names import kind_of
from wasm_engine.concepts.sql_rights import SqlRights
from wasm_engine.concepts.sql_values import batch_text

SQLGLOT = "30.30.0"
"""The version of the parser; another one may find other things in a statement."""
RULES = 1
"""Raised when the prices, limits or functions of databases change."""
KEPT = 1_000
"""Statements whose footprint is remembered."""


def made_with() -> list[list[Any]]:
    """What the answers of databases depend on beside the engine, as canonical values."""
    with sqlite3.connect(":memory:") as connection:
        options = sorted(row[0] for row in connection.execute("PRAGMA compile_options"))
    connection.close()
    built = [option for option in options if not option.startswith("COMPILER")]
    return [
        ["sqlite", sqlite3.sqlite_version],
        ["options", sha256_hex(encode(built))],
        ["sqlglot", importlib.metadata.version("sqlglot")],
        ["rules", RULES],
    ]


class Databases:
    """The databases of a world. Implements `orchestrator.services.Service`.

    Args:
        databases: By name.
        rights: What each kind of agent may do, by kind and database.
        outside: What is declared of those that lie outside, by name; nothing of these is kept here.
    """

    def __init__(
        self,
        databases: Mapping[str, Database],
        rights: Mapping[tuple[str, str], SqlRights],
        outside: Mapping[str, Declared] = MappingProxyType({}),
    ) -> None:
        self._databases = databases
        self._rights = rights
        self._outside = outside
        self._footprint = lru_cache(maxsize=KEPT)(self._found)

    def has(self, name: str) -> bool:
        """Whether there is a database of that name."""
        return name in self._databases or name in self._outside

    def is_outside(self, name: str) -> bool:
        """Whether the database of that name lies outside."""
        return name in self._outside

    def rights(self, address: str, name: str) -> SqlRights:
        """What an agent may do in a database."""
        return self._rights.get((kind_of(address), name), SqlRights())

    def footprint(self, name: str, text: str) -> Footprint:
        """What a statement touches; may be asked from any thread.

        Raises:
            Wrong: It may not be executed; the text says why.
        """
        found = self._footprint(name, text)
        if isinstance(found, Wrong):
            raise Wrong(str(found))
        return found

    def _found(self, name: str, text: str) -> Footprint | Wrong:
        try:
            if name in self._outside:
                return self._outside[name].footprint(text)
            return footprint(self._databases[name].schema, text)
        except Wrong as wrong:
            return wrong

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any | Err:
        """Executes a turn call: `query`, `execute` or `batch`."""
        name, statements, time = arguments
        wanted = [Statement(text, parameters) for text, parameters in statements]
        # Half of what its message may still cost: the rest is for what it makes of the answer.
        outcome, cost = self._databases[name].run(
            wanted, self.rights(agent.address, name), work=agent.work_left // 2, time=time
        )
        agent.spend(cost)
        if isinstance(outcome, Err):
            return outcome
        if operation == "query":
            return outcome[0].rows
        if operation == "execute":
            return outcome[0].changed
        return batch_text(outcome)

    def freeze(self) -> Any:
        """Name and bytes of each."""
        return [[name, self._databases[name].image()] for name in sorted(self._databases)]

    def thaw(self, frozen: Any) -> None:
        """Each becomes what was frozen.

        Raises:
            ValueError, TypeError, LookupError: Nobody froze that.
        """
        images = {str(name): bytes(image) for name, image in frozen}
        if images.keys() != self._databases.keys():
            message = "other databases than the world has"
            raise ValueError(message)
        for name, database in self._databases.items():
            database.replace(images[name])


def require_fitting() -> None:
    """Looks whether this machine has what databases need.

    Raises:
        Misuse: It has not.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        message = (
            f"this Python has SQLite {sqlite3.sqlite_version}; databases of worlds need {oldest}"
        )
        raise Misuse(message, code="unfit-sqlite", hint="use a Python with a newer one")
    installed = importlib.metadata.version("sqlglot")
    if installed != SQLGLOT:
        message = f"databases need sqlglot {SQLGLOT}; {installed} is installed"
        raise Misuse(message, code="no-sql-parser", hint="pip install 'wasm-engine[sql]'")
