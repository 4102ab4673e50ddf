"""Databases that lie outside of a world: how each is asked, held to the rules of its manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.manifest_stores import SqlDatabase
from wasm_engine.capabilities.sql.outside import Declared, walls
from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import Issued, Outcome
from wasm_engine.concepts.errors import Bug, EngineError, Misuse
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.names import kind_of
from wasm_engine.concepts.sql_address import SQLITE, SqlAddress
from wasm_engine.concepts.sql_rights import SqlRights
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.sql_outside import Asked, Terms
from wasm_engine.host.sqlite_file import SqliteFile
from wasm_engine.policy.scrubbing import Scrubber
from wasm_engine.world.databases import declared_of, rights_of
from wasm_engine.world.secrets import require_values, secret_value

_Ask = Callable[[Issued, list[Asked], SqlRights, Cancellation], Outcome]


class OutsideDatabases:
    """Performs effects of the capability `sql`.

    Args:
        manifest: The world's.

    Raises:
        Misuse: This machine lacks what one of them is asked with.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._rights = rights_of(manifest)
        self._declared: dict[str, Declared] = {}
        self._asks: dict[str, _Ask] = {}
        self._closing: list[Callable[[], None]] = []
        for it in manifest.sql:
            if it.address is not None:
                address = SqlAddress.parse(it.address)
                self._declared[it.name] = declared_of(it)
                made = self._file if address.kind == SQLITE else self._server
                self._asks[it.name] = made(manifest, it, address)

    def perform(self, issued: Issued, cancellation: Cancellation) -> Outcome:
        """Has statements executed, in one transaction: all of them, or none.

        Raises:
            Refused: A password was taken away since the run began.
            HostFault: This machine failed.
        """
        name, _, statements, _ = issued.arguments
        rights = self._rights.get((kind_of(issued.agent), name), SqlRights())
        asked = self._told(self._declared[name], rights, statements)
        if isinstance(asked, Err):
            return asked
        try:
            return self._asks[name](issued, asked, rights, cancellation)
        except (EngineError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text is not for logs
            message = f"a statement failed in our own code: {type(error).__name__}"
            raise Bug(message) from None

    def close(self) -> None:
        """Ends what is kept open."""
        for close in self._closing:
            close()

    def _told(
        self, declared: Declared, rights: SqlRights, statements: Sequence[Any]
    ) -> list[Asked] | Err:
        """Statements as the database is told them, looked at once more."""
        asked = []
        for text, parameters in statements:
            try:
                told = declared.told(text)
            except Wrong as wrong:
                return refusal(faults.INVALID_STATEMENT, str(wrong))
            denied = told.footprint.refusal(rights)
            if denied is not None:
                return refusal(faults.NOT_GRANTED, denied)
            if told.parameters not in {None, len(parameters)}:
                detail = f"it takes {told.parameters} parameters"
                return refusal(faults.INVALID_STATEMENT, detail)
            asked.append(
                Asked(told.text, list(parameters), told.answers, told.footprint.verb != "select")
            )
        return asked

    def _file(self, manifest: Manifest, it: SqlDatabase, address: SqlAddress) -> _Ask:
        del manifest
        file, schema = SqliteFile(address.name, _terms(it)), self._declared[it.name].schema

        def ask(
            issued: Issued, asked: list[Asked], rights: SqlRights, cancellation: Cancellation
        ) -> Outcome:
            wall, writes = walls(schema, rights), issued.arguments[3]
            return file.perform(issued.key, asked, wall, cancellation, writes=writes)

        return ask

    def _server(self, manifest: Manifest, it: SqlDatabase, address: SqlAddress) -> _Ask:
        try:
            from wasm_engine.host.postgres_server import PostgresServer  # noqa: PLC0415
        except ImportError as error:
            message = (
                "a database of this world lies in PostgreSQL, and the package psycopg is missing"
            )
            hint = "pip install 'wasm-engine[postgres]'"
            raise Misuse(message, code="no-postgres-client", hint=hint) from error
        password = _Password(manifest, it)
        user = it.user or ""
        server = PostgresServer(address, user, lambda: password.value, _terms(it), tls=it.tls)
        self._closing.append(server.close)

        def ask(
            issued: Issued, asked: list[Asked], rights: SqlRights, cancellation: Cancellation
        ) -> Outcome:
            del rights  # what is told it was made by them
            writes = issued.arguments[3]
            outcome = server.perform(issued.key, asked, cancellation, writes=writes)
            return password.without(outcome)

        return ask


def _terms(it: SqlDatabase) -> Terms:
    return Terms(it.timeout / 1e9, it.connections, it.marks, it.max_value)


class _Password:
    """The password of a database: read when it is needed, from where the operator keeps it.

    Args:
        manifest: The world's.
        it: The database.
    """

    def __init__(self, manifest: Manifest, it: SqlDatabase) -> None:
        self._manifest = manifest
        self._name = it.secret

    @cached_property
    def value(self) -> str | None:
        """The password, or None where the database wants none.

        Raises:
            Refused: This machine does not have it any more.
        """
        if self._name is None:
            return None
        require_values(self._manifest)
        return secret_value(self._name, self._manifest.world.name)

    @cached_property
    def _scrubber(self) -> Scrubber:
        return Scrubber([self.value] if self.value else [])

    def without(self, outcome: Outcome) -> Outcome:
        """What came back, unless the password is in it."""
        for _, rows in () if isinstance(outcome, Err) else outcome[0]:
            data = rows.encode()
            if self._scrubber.bytes(data) != data:
                return refusal(faults.BAD_RESPONSE, "the database's own password is in it")
        return outcome
