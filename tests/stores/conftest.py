"""A real Redis, for all tests of a process; each test has a database of its own in it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

_SETUP = "the tests need a redis-server: `make .venv/redis.stamp` brings one"


class Server:
    """A server of 127.0.0.1 that can be stopped and started again, and keeps what it has."""

    def __init__(self, folder: Path) -> None:
        found = Path(sys.prefix) / "redis" / "redis-server"
        self._program = str(found) if found.exists() else shutil.which("redis-server")
        assert self._program, _SETUP
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def origin(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def address(self, database: int = 0) -> str:
        return f"{self.origin}/{database}"

    def client(self, database: int = 0) -> Redis:
        return Redis("127.0.0.1", self.port, database)

    def start(self) -> None:
        """Returns when it takes connections."""
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self._folder, "save": '""'}
        options |= {"appendonly": "yes", "appendfsync": "no", "databases": 64, "daemonize": "no"}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen(
            [self._program, *words], stdout=subprocess.PIPE, text=True, cwd=self._folder
        )
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "eady to accept connections" in line:
                break
        else:
            raise AssertionError("".join(lines))
        threading.Thread(target=self._process.stdout.read, daemon=True).start()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all."""
    server = Server(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: Server) -> Server:
    """The server, with nothing in it."""
    with redis_server.client() as client:
        client.flushall()
    return redis_server
