"""The databases of a world, made as its manifest says, and what they were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.manifest_stores import SqlDatabase
from wasm_engine.agents.stored_material import DATABASES
from wasm_engine.concepts.errors import BadManifest, Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_address import POSTGRESQL, SqlAddress
from wasm_engine.concepts.sql_rights import EVERYTHING, READING, SqlRights
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control
from wasm_engine.journal.runfile import RunFile
from wasm_engine.policy.grants import may_use

if TYPE_CHECKING:
    from wasm_engine.capabilities.sql.database import Database
    from wasm_engine.capabilities.sql.outside import Declared
    from wasm_engine.capabilities.sql.service import Databases


def databases_of(manifest: Manifest) -> Databases:
    """The databases at the world's beginning.

    Raises:
        Misuse: This machine lacks what they need.
        BadManifest: A schema cannot be executed, or rules name what is not in it.
    """
    service = _library()
    mistakes: list[str] = []
    made = {it.name: _made(it, mistakes) for it in manifest.sql}
    rights = rights_of(manifest)
    for (kind, name), given in sorted(rights.items()):
        database = made[name]
        if database is None:
            continue
        try:
            database.schema.check(given)
        except Wrong as wrong:
            mistakes.append(f"agents.{kind}.sql.{name}: {wrong}")
    if mistakes:
        raise BadManifest(mistakes)
    there = {name: database for name, database in made.items() if database is not None}
    outside = {
        it.name: declared_of(it, there.pop(it.name))
        for it in manifest.sql
        if it.address is not None
    }
    return service.Databases(there, rights, outside)  # type: ignore[no-any-return]


def declared_of(it: SqlDatabase, made: Database | None = None) -> Declared:
    """What a manifest declares of a database outside.

    Args:
        it: What it says of it; without a mistake.
        made: The database that the schema makes, where that was made already.
    """
    from wasm_engine.capabilities.sql.outside import Declared  # noqa: PLC0415

    found = _made(it, []) if made is None else made
    assert found is not None
    assert it.address is not None
    return Declared(found.schema, SqlAddress.parse(it.address).kind == POSTGRESQL)


def made_with() -> list[list[Any]]:
    """What the answers of databases depend on beside the engine: see `capabilities.sql.service`."""
    found: list[list[Any]] = _library().made_with()
    return found


def made_otherwise(file: RunFile, manifest: Manifest) -> str:
    """How what executes SQL here differs from what did when a run began; empty where it does not.

    Raises:
        Misuse: There is nothing here that executes SQL.
    """
    if not manifest.sql:
        return ""
    then = {}
    for entry in file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        if not isinstance(body, Control):
            break
        if body.op == DATABASES:
            then = {str(row[0]): row[1] for row in body.args}
    here = {str(name): value for name, value in made_with()}
    other = [name for name in here if name in then and then[name] != here[name]]
    if not other:
        return ""
    names = {"options": "another build of SQLite", "rules": "other rules for SQL"}
    told = [
        names.get(name) or f"{name} {then[name]} (here is {here[name]})" for name in sorted(other)
    ]
    return f"its SQL was executed by {', '.join(told)}, and may come out otherwise"


def _library() -> Any:
    """What executes SQL; loaded where a world has databases, for it takes long.

    Raises:
        Misuse: It is not there, or of another version.
    """
    try:
        from wasm_engine.capabilities.sql import service  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = "this world has databases, and the package sqlglot, which they need, is missing"
        raise Misuse(
            message, code="no-sql-parser", hint="pip install 'wasm-engine[sql]'"
        ) from error
    service.require_fitting()
    return service


def _made(it: SqlDatabase, mistakes: list[str]) -> Database | None:
    from wasm_engine.capabilities.sql.database import Database  # noqa: PLC0415
    from wasm_engine.capabilities.sql.outside import check_declared  # noqa: PLC0415
    from wasm_engine.capabilities.sql.statement import check_views  # noqa: PLC0415

    try:
        made = Database(it.schema, max_size=it.max_size, max_value=it.max_value)
        check_views(made.schema)
        if it.address is not None:
            check_declared(made)
    except Wrong as wrong:
        mistakes.append(f"sql.{it.name}.schema: {wrong}")
        return None
    return made


def rights_of(manifest: Manifest) -> dict[tuple[str, str], SqlRights]:
    """What each kind may do in each database: what its rules say, else its grant."""
    found = {}
    for kind in manifest.agents:
        rules = dict(kind.sql)
        for database in manifest.sql:
            name = database.name
            if may_use(kind.grants, "sql", name):
                found[kind.name, name] = rules.get(name, EVERYTHING)
            elif may_use(kind.grants, "sql-read", name):
                found[kind.name, name] = rules.get(name, READING)
    return found
