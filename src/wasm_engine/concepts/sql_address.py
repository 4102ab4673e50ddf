"""Addresses of databases outside a world, in the one spelling that they have here."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from wasm_engine.concepts.mistakes import Wrong, shown

SQL_ADDRESS_RULE = (
    'an address such as "sqlite:/data/shop.db", an absolute path, or '
    '"postgresql://127.0.0.1:5432/shop": host, port and name, without user or password'
)
_HOST = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])"
_SERVER = rf"postgresql://(?P<host>{_HOST}):(?P<port>[1-9][0-9]{{0,4}})/(?P<name>[A-Za-z0-9_.-]+)"
SQL_ADDRESS_PATTERN = "^(sqlite:/.*|postgresql://.*:[1-9][0-9]{0,4}/[A-Za-z0-9_.-]+)$"
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
MARKS: Final = "wasm_engine_done"
"""The table that says which changes were made: see `host.sql_outside`."""
_server = re.compile(_SERVER, re.ASCII)
_MOST_PORT = 65_535


class SqlAddress(NamedTuple):
    """Where a database is.

    Attributes:
        kind: `sqlite` or `postgresql`.
        name: Of a file its path, else the name of the database.
        host, port: Of a server; empty and 0 for a file.
    """

    kind: str
    name: str
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> SqlAddress:
        """Reads `sqlite:/path` or `postgresql://host:port/name`.

        Raises:
            Wrong: It is none; the text says why.
        """
        path = text.removeprefix(f"{SQLITE}:")
        if path != text and is_host_path(path) and not path.endswith("/*"):
            return cls(SQLITE, path)
        match = _server.fullmatch(text)
        if match is None or int(match["port"]) > _MOST_PORT:
            raise Wrong(f"{shown(text)}: must be {SQL_ADDRESS_RULE}")
        return cls(POSTGRESQL, match["name"], match["host"].strip("[]"), int(match["port"]))


def is_host_path(path: str) -> bool:
    """Whether a path is absolute, printable, without `..`, and spelled in the one way it has.

    `PurePosixPath` folds `//` and `/./`. At the end `/*` may stand for everything below a folder.
    """
    pure = PurePosixPath(path)
    stars = "*" in path.removesuffix("/*")
    return (
        pure.is_absolute()
        and str(pure) == path
        and not path.startswith("//")
        and ".." not in pure.parts
        and path.isprintable()
        and not stars
    )
