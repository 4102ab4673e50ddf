"""Connections that can be cut at any moment: while a name is looked up, dialled, or in use."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
import threading
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from wasm_engine.concepts.errors import HostFault

MOST_ADDRESSES = 8
"""Addresses of one name that are tried."""
PATIENCE = 10.0
"""Seconds that one of them may take to answer at all."""
_POOR = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What a socket fails with where this machine, and nobody out there, lacks something."""


class Cut(Exception):
    """The line was cut meanwhile."""


class NoSuchHost(Exception):
    """Nobody knows an address for the name."""


class Line:
    """One connection, with a time by which it ends.

    Attributes:
        why: Why it was cut: the word given first; empty where it was not.
    """

    def __init__(self, seconds: float) -> None:
        self.why = ""
        self._end = monotonic() + seconds
        self._lock = threading.Lock()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        # A descriptor of our own of the same connection: whoever wraps or closes the other one
        # meanwhile, this one still leads to it, and to nothing else.
        self._switch: socket.socket | None = None

    @property
    def left(self) -> float:
        """Seconds that are left; a little, where none is."""
        return max(self._end - monotonic(), 0.001)

    def cut(self, why: str) -> None:
        """Ends it, from any thread: whoever waits on it is woken."""
        with self._lock:
            self.why = self.why or why
            self._answers.put(Cut())
            if self._switch is not None:
                with contextlib.suppress(OSError):
                    self._switch.shutdown(socket.SHUT_RDWR)

    def dial(self, host: str, port: int) -> socket.socket:
        """A connection to a machine, by name or address.

        Raises:
            Cut: It was cut.
            NoSuchHost: The name has no address.
            OSError: None of the addresses answers.
            HostFault: This machine has no descriptor or no memory left.
        """
        failure: OSError = ConnectionRefusedError()
        for family, address in self._addresses(host, port)[:MOST_ADDRESSES]:
            try:
                return self._connected(family, address)
            except TimeoutError:
                failure = ConnectionAbortedError()  # not the time of the whole: nothing was sent
            except OSError as error:
                failure = error
            if self.why:
                raise Cut
        raise failure

    def close(self) -> None:
        """Gives the descriptor back."""
        with self._lock:
            switch, self._switch = self._switch, None
        if switch is not None:
            switch.close()

    def _connected(self, family: int, address: Any) -> socket.socket:
        connection, switch = self._socket(family)
        try:
            self._hold(switch)
            connection.settimeout(min(self.left, PATIENCE))
            connection.connect(address)
            connection.settimeout(self.left)
        except BaseException:
            connection.close()
            self.close()
            raise
        return connection

    def _hold(self, switch: socket.socket) -> None:
        with self._lock:
            self._switch = switch
            if self.why:
                raise Cut

    def _socket(self, family: int) -> tuple[socket.socket, socket.socket]:
        try:
            made = socket.socket(family, socket.SOCK_STREAM)
            try:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return made, made.dup()
            except BaseException:
                made.close()
                raise
        except OSError as error:
            if error.errno in _POOR:
                message = f"this machine has no room for another connection: {error.strerror}"
                raise HostFault(message) from error
            raise

    def _addresses(self, host: str, port: int) -> list[tuple[int, Any]]:
        with contextlib.suppress(ValueError):
            literal = ipaddress.ip_address(host)
            family = socket.AF_INET if literal.version == 4 else socket.AF_INET6
            return [(family, (host, port))]
        # The system's resolver cannot be interrupted, and may take a minute: whoever waits can.
        thread = threading.Thread(target=self._look_up, args=(host, port), daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            message = f"no thread could be started ({error})"
            raise HostFault(message) from error
        try:
            found = self._answers.get(timeout=self.left)
        except Empty:
            raise TimeoutError from None
        if isinstance(found, Exception):
            raise found
        return [(row[0], row[4]) for row in found]

    def _look_up(self, host: str, port: int) -> None:
        try:
            found: Any = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = NoSuchHost()
        self._answers.put(found)
