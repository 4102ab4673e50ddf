"""Connections that can be cut at any moment: while a name is looked up, dialled, or in use."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from wasm_engine.concepts.addresses import LOOPBACK, Address, Network, may_reach, read_address
from wasm_engine.concepts.errors import HostFault
from wasm_engine.host.resolver import NoSuchHost, Resolve, system_resolver

MOST_ADDRESSES = 8
"""Addresses of one name that are tried."""
PATIENCE = 10.0
"""Seconds that one of them may take to answer at all."""
_POOR = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What a socket fails with where this machine, and nobody out there, lacks something."""


class Cut(Exception):
    """The line was cut meanwhile."""


class AddressRefused(Exception):
    """The name leads only to addresses that it may not lead to."""


class Line:
    """One connection after the other, with a time by which all of it ends.

    Attributes:
        why: Why it was cut: the word given first; empty where it was not.

    Args:
        seconds: How long it may take.
        resolve: Who knows the addresses of names.
    """

    def __init__(self, seconds: float, resolve: Resolve = system_resolver) -> None:
        self.why = ""
        self._end = monotonic() + seconds
        self._resolve = resolve
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

    def dial(self, host: str, port: int, named: Iterable[Network] = ()) -> socket.socket:
        """A connection to a machine, by name or address.

        A name is looked up once, and what is connected to is what was looked at. Of its addresses
        those count that it may lead to. An address in place of a name was named by whoever wrote
        it.

        Args:
            host: Name or address.
            port: Where it listens.
            named: Networks where a name may lead to beside the public ones.

        Raises:
            Cut: It was cut.
            NoSuchHost: The name has no address.
            AddressRefused: It has some, and may lead to none of them.
            OSError: None of the addresses answers.
            HostFault: This machine has no descriptor or no memory left.
        """
        failure: OSError = ConnectionRefusedError()
        for address in self._addresses(host, named)[:MOST_ADDRESSES]:
            try:
                return self._connected(address, port)
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

    def _connected(self, address: Address, port: int) -> socket.socket:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection, switch = self._socket(family)
        try:
            self._hold(switch)
            connection.settimeout(min(self.left, PATIENCE))
            connection.connect((str(address), port))
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

    def _addresses(self, host: str, named: Iterable[Network]) -> list[Address]:
        """Where it may lead to, in the resolver's order, each address once."""
        with contextlib.suppress(ValueError):
            return [read_address(host)]
        found = dict.fromkeys(map(read_address, self._looked_up(host)))
        if not found:
            raise NoSuchHost
        networks = (*named, *LOOPBACK) if host == "localhost" else tuple(named)
        allowed = [address for address in found if may_reach(address, networks)]
        if not allowed:
            raise AddressRefused
        return allowed

    def _looked_up(self, host: str) -> list[str]:
        # The system's resolver cannot be interrupted, and may take a minute: whoever waits can.
        thread = threading.Thread(target=self._look_up, args=(host,), daemon=True)
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
        return list(found)

    def _look_up(self, host: str) -> None:
        try:
            found: Any = self._resolve(host)
        except Exception as error:  # noqa: BLE001 - it goes on in the thread that waits
            found = error
        self._answers.put(found)
