"""Addresses of Redis servers, in the one spelling that they have here."""

from __future__ import annotations

import re
from typing import NamedTuple

from wasm_engine.concepts.mistakes import Wrong, shown

REDIS_RULE = (
    'an address such as "redis://127.0.0.1:6379/0": host, port and number of the database, '
    "without user or password"
)
_HOST = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])"
_SERVER = rf"redis://{_HOST}:[1-9][0-9]{{0,4}}"
REDIS_PATTERN = rf"^{_SERVER}/(0|[1-9][0-9]{{0,3}})$"
_whole = re.compile(REDIS_PATTERN, re.ASCII)
_server = re.compile(_SERVER, re.ASCII)
_MOST_PORT = 65_535


class RedisAddress(NamedTuple):
    """Where a Redis server is, and which of its databases is meant."""

    host: str
    port: int
    database: int

    @classmethod
    def parse(cls, text: str) -> RedisAddress:
        """Reads `redis://host:port/number`.

        Raises:
            Wrong: It is none; the text says why.
        """
        match = _whole.fullmatch(text)
        if match is None:
            raise Wrong(f"{shown(text)}: must be {REDIS_RULE}")
        server, _, database = text.rpartition("/")
        check_server(server)
        host, _, port = server.removeprefix("redis://").rpartition(":")
        return cls(host.strip("[]"), int(port), int(database))


def server_of(address: str) -> str:
    """The server of an address: what the operator allows, `redis://host:port`."""
    return address.rpartition("/")[0]


def check_server(text: str) -> None:
    """Lets a server pass: `redis://host:port`.

    Raises:
        Wrong: It is none; the text says why.
    """
    if _server.fullmatch(text) is None or int(text.rpartition(":")[2]) > _MOST_PORT:
        raise Wrong(f"{shown(text)}: a server is redis://host:port, in small letters")
