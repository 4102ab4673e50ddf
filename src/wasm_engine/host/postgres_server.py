"""Databases on servers of PostgreSQL, outside of a world.

What is told them is made by `capabilities.sql.postgres`. Connections are kept and used again.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import psycopg
from psycopg import RawCursor

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import Outcome
from wasm_engine.concepts.errors import HostFault
from wasm_engine.concepts.sql_address import MARKS, SqlAddress
from wasm_engine.concepts.sql_values import Done, SqlValue, TooMuch, done_of, gathered
from wasm_engine.host.environment import variable
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.postgres_faults import code_of_loss, code_of_refusal, ended_by, is_lost
from wasm_engine.host.postgres_values import adapters, length_of, value_of
from wasm_engine.host.sql_outside import (
    KEPT,
    SAYS,
    Asked,
    Ended,
    Terms,
    Turns,
    marked,
    outcome_of,
    read_mark,
)
from wasm_engine.host.stopwatch import elapsed

_TRIES: Final = 3
_GRACE: Final = 2.0
"""Seconds that the server has, beyond the time it was given, to say itself that it is up."""
_SETTINGS = (
    # As it answers, whatever its own settings are; a commit that we note has to be on its disk.
    "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC'; "
    "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET standard_conforming_strings = on; "
    "SET synchronous_commit = on"
)
_MAKES_MARKS = (
    f"CREATE TABLE IF NOT EXISTS public.{MARKS}"
    "(key text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), answer text)"
)
_AGAIN = ("40001", "40P01")
"""Two changes were in each other's way: this one is undone, and may be made once more."""


class _Lost(Exception):
    """The connection broke; `committing`: whether the change may have been made."""

    def __init__(self, *, committing: bool) -> None:
        super().__init__()
        self.committing = committing


class PostgresServer:
    """Executes statements in one database of a server.

    Args:
        address: Where it is.
        user: As whom.
        password: Gives the password, or None; asked when a connection is made.
        terms: On what terms.
        tls: Whether the connection is encrypted, and the server must prove who it is.
    """

    def __init__(
        self,
        address: SqlAddress,
        user: str,
        password: Callable[[], str | None],
        terms: Terms,
        *,
        tls: bool,
    ) -> None:
        self._address = address
        self._user = user
        self._password = password
        self._terms = terms
        self._tls = tls
        self._turns = Turns(terms)
        self._lock = threading.Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        self._has_marks = False
        self._closed = False

    def perform(
        self, key: str, asked: Sequence[Asked], cancellation: Cancellation, *, writes: bool
    ) -> Outcome:
        """Executes statements in one transaction: all of them, or none.

        Args:
            key: The effect's idempotency key.
            asked: The statements.
            cancellation: Whether it is still wanted.
            writes: Whether they change anything.
        """
        try:
            with self._turns.turn(cancellation) as until:
                return outcome_of(self._tried(key, asked, cancellation, until, writes))
        except Ended as ended:
            return ended.fault

    def close(self) -> None:
        """Ends the connections, those that are in use when they are given back."""
        self._closed = True
        self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _tried(
        self,
        key: str,
        asked: Sequence[Asked],
        cancellation: Cancellation,
        until: float,
        writes: bool,  # noqa: FBT001 - see `perform`
    ) -> list[Done]:
        """Sends it, and once more where the connection breaks and that does no harm.

        Raises:
            Ended: It did not end well.
        """
        unknown, told = False, Ended(faults.CONNECTION_LOST)
        for number in range(_TRIES):
            try:
                connection = self._connected(until)
            except Ended as ended:
                raise (ended if number == 0 else told) from None
            try:
                with _cutting(connection, cancellation, until):
                    return self._transaction(connection, key, asked, until, writes)
            except _Lost as lost:
                self._drop_idle()  # the server may have ended all of them
                unknown = unknown or lost.committing
                told = Ended(code_of_loss(cancellation, until, unknown=unknown))
                if cancellation.cancelled or elapsed() > until:
                    break
                if lost.committing and not self._terms.marks:
                    break
            except psycopg.Error as error:
                told = Ended(faults.OUTCOME_UNKNOWN) if unknown else ended_by(error, cancellation)
                if error.sqlstate not in _AGAIN:
                    break
            finally:
                self._keep(connection)
        raise told from None

    def _transaction(
        self,
        connection: psycopg.Connection[Any],
        key: str,
        asked: Sequence[Asked],
        until: float,
        writes: bool,  # noqa: FBT001 - see `perform`
    ) -> list[Done]:
        marks = writes and self._terms.marks
        committing = False
        try:
            if marks:
                self._make_marks(connection)
            connection.execute(b"BEGIN" if writes else b"BEGIN READ ONLY")
            _bound(connection, until)
            if marks:
                found = _mark(connection, key)
                if found is not None:
                    return found
            done = [self._one(connection, each, until) for each in asked]
            if marks:
                put = f"UPDATE public.{MARKS} SET answer = $2 WHERE key = $1"  # noqa: S608
                connection.execute(put.encode(), (key, marked(done)))
            committing = writes
            connection.execute("COMMIT")
        except psycopg.Error as error:
            if is_lost(connection, error):
                raise _Lost(committing=committing) from None
            raise
        return done

    def _one(self, connection: psycopg.Connection[Any], asked: Asked, until: float) -> Done:
        """One statement.

        Raises:
            Ended: It did not end well.
            psycopg.Error: The same, as the server says it.
        """
        if any(length_of(value) > self._terms.max_value for value in asked.parameters):
            raise Ended(faults.TOO_LARGE)
        _bound(connection, until)
        cursor = RawCursor(connection)
        try:
            if not asked.answers:
                cursor.execute(asked.text.encode(), asked.parameters)
                return done_of((), (), cursor.rowcount)
            stream: Any = cursor.stream(asked.text.encode(), asked.parameters)
            with contextlib.closing(stream) as rows:
                found = gathered(self._fitting(rows))
            columns = [column.name for column in cursor.description or ()]
            return done_of(columns, found, len(found) if asked.changes else 0)
        except TooMuch as much:
            raise Ended(faults.TOO_LARGE, str(much)) from None
        except UnicodeDecodeError:
            raise Ended(faults.BAD_RESPONSE) from None
        finally:
            cursor.close()

    def _fitting(self, rows: Iterator[Any]) -> Iterator[list[SqlValue]]:
        """Rows as SQL has them here.

        Raises:
            Ended: A value is larger than one may be.
        """
        for row in rows:
            made = [value_of(value) for value in row]
            if any(length_of(value) > self._terms.max_value for value in made):
                raise Ended(faults.TOO_LARGE)
            yield made

    def _make_marks(self, connection: psycopg.Connection[Any]) -> None:
        """The table of marks, made where it is not there; old ones go.

        Raises:
            Ended: It cannot be made.
        """
        if self._has_marks:
            return
        try:
            there = connection.execute(b"SELECT to_regclass($1)", (f"public.{MARKS}",)).fetchone()
            if there is None or there[0] is None:
                connection.execute(_MAKES_MARKS.encode())
            old = f"DELETE FROM public.{MARKS} WHERE at < now() - $1::interval"  # noqa: S608
            connection.execute(old.encode(), (f"{KEPT} seconds",))
        except psycopg.errors.InsufficientPrivilege:
            says = f"{SAYS[faults.NOT_GRANTED]} make, read and change the table {MARKS}"
            raise Ended(faults.NOT_GRANTED, says) from None
        self._has_marks = True

    def _connected(self, until: float) -> psycopg.Connection[Any]:
        """A connection that is kept, or a new one.

        Raises:
            Ended: There is none to be had; nothing was sent.
        """
        with self._lock:
            if self._idle:
                return self._idle.pop()
        address = self._address
        told: dict[str, Any] = {
            "host": address.host,
            "hostaddr": "",
            "port": address.port,
            "dbname": address.name,
            "user": self._user,
            "password": self._password() or "",
            "passfile": "/dev/null/none",  # no password but the one that the manifest names
            "options": "",
            "client_encoding": "utf8",
            "application_name": "wasm-engine",
            "connect_timeout": max(math.ceil(until - elapsed()), 2),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "gssencmode": "disable",
            **self._security(),
        }
        try:
            connection = psycopg.connect(
                **told,
                autocommit=True,
                prepare_threshold=None,
                cursor_factory=RawCursor,
                context=adapters(),
            )
        except psycopg.Error as error:
            raise Ended(code_of_refusal(error)) from None
        except OSError as error:
            message = f"no connection could be begun ({error.strerror})"
            raise HostFault(message) from error
        try:
            # Where we are gone, and nobody tells it so, what we began ends all the same.
            idle = math.ceil((self._terms.timeout + _GRACE) * 1000)
            left = f"; SET idle_in_transaction_session_timeout = {idle}"
            connection.execute((_SETTINGS + left).encode())
        except psycopg.Error:
            connection.close()
            raise Ended(faults.CONNECTION_FAILED) from None
        return connection

    def _security(self) -> dict[str, str]:
        if not self._tls:
            return {"sslmode": "disable"}
        return {"sslmode": "verify-full", "sslrootcert": variable("PGSSLROOTCERT") or "system"}

    def _keep(self, connection: psycopg.Connection[Any]) -> None:
        """For another time, if nothing is left open in it."""
        with contextlib.suppress(psycopg.Error):
            connection.rollback()
        with self._lock:
            if not (connection.closed or self._closed):
                self._idle.append(connection)
                return
        connection.close()


def _mark(connection: psycopg.Connection[Any], key: str) -> list[Done] | None:
    """What a change came to that was made before; None where it was not, and now leaves its mark.

    Who makes the same change at the same time waits here until the other has ended.
    """
    put = f"INSERT INTO public.{MARKS}(key) VALUES ($1) ON CONFLICT DO NOTHING"  # noqa: S608
    if connection.execute(put.encode(), (key,)).rowcount == 1:
        return None
    look = f"SELECT answer FROM public.{MARKS} WHERE key = $1"  # noqa: S608 - of constants
    row = connection.execute(look.encode(), (key,)).fetchone()
    return read_mark(None if row is None else row[0])


@contextlib.contextmanager
def _cutting(
    connection: psycopg.Connection[Any], cancellation: Cancellation, until: float
) -> Iterator[None]:
    """While it lasts, the connection breaks where nobody wants it any more, or time is up."""
    own = socket.socket(fileno=os.dup(connection.fileno()))
    done = threading.Event()

    def cut() -> None:
        if not done.is_set():
            with contextlib.suppress(OSError):
                own.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(max(until - elapsed(), 0.0) + _GRACE, cut)
    alarm.daemon = True
    try:
        alarm.start()
    except RuntimeError as error:
        own.close()
        message = f"no thread could be started ({error})"
        raise HostFault(message) from error
    cancellation.on_cancel(cut)
    try:
        yield
    finally:
        done.set()
        alarm.cancel()
        own.close()


def _bound(connection: psycopg.Connection[Any], until: float) -> None:
    """What follows ends when its time is up.

    Raises:
        Ended: It is.
    """
    left = math.ceil((until - elapsed()) * 1000)
    if left <= 0:
        raise Ended(faults.TIMEOUT)
    connection.execute(f"SET LOCAL statement_timeout = {left}".encode())
