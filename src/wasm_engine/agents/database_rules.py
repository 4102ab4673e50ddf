"""Whether what is said of each database goes together: inside a world, in a file, on a server."""

from __future__ import annotations

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.manifest_stores import SqlDatabase
from wasm_engine.concepts.mistakes import Mistakes
from wasm_engine.concepts.sql_address import POSTGRESQL, SqlAddress

_OF_SERVERS = ("user", "secret", "tls")
_OUTSIDE = (*_OF_SERVERS, "timeout", "connections", "marks")
_PLAIN = SqlDatabase("")


def check_databases(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes what does not go together, except what follows from a mistake already noted."""
    for database in manifest.sql:
        if not mistakes.at(("sql", database.name, "address")):
            _check(database, mistakes)


def _check(database: SqlDatabase, mistakes: Mistakes) -> None:
    name = database.name
    if database.address is None:
        for key in _said(database, _OUTSIDE):
            mistakes.add(("sql", name, key), "is for a database outside, which has an `address`")
        return
    if database.max_size != _PLAIN.max_size:
        mistakes.add(("sql", name, "max-size"), "a database outside is bounded by who has it")
    if not database.schema.strip() and not mistakes.at(("sql", name, "schema")):
        text = "needs a `schema`: its tables and columns that agents may know of"
        mistakes.add(("sql", name, "address"), text)
    if SqlAddress.parse(database.address).kind != POSTGRESQL:
        for key in _said(database, _OF_SERVERS):
            mistakes.add(("sql", name, key), "is for a server; this is a file")
    elif database.user is None and not mistakes.at(("sql", name, "user")):
        mistakes.add(("sql", name, "address"), "needs a `user`, as whom the server is asked")


def _said(database: SqlDatabase, keys: tuple[str, ...]) -> list[str]:
    return [key for key in keys if getattr(database, key) != getattr(_PLAIN, key)]
