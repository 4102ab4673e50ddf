"""Reads `world.lock`, and reports every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from wasm_engine.agents.lock import (
    VERSION,
    Lock,
    LockedFile,
    LockedKind,
    LockedModel,
    LockedMount,
    LockedTool,
)
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Mistakes, shown
from wasm_engine.concepts.statement import is_digest
from wasm_engine.concepts.toml_source import KeyPath, NotToml, parse


class BadLock(Misuse):
    """A lock file with mistakes, each `file:line: text`."""

    code = "bad-lock"


def read_lock(text: str, file: str) -> Lock:
    """Reads the text of a lock file.

    Raises:
        BadLock: With every mistake, each as `file:line: text`.
    """
    try:
        source = parse(text)
    except NotToml as error:
        raise BadLock(f"{file}:{error.line}: is not TOML: {error}") from None
    data, mistakes = source.data, Mistakes(file, source.line)
    version = data.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        mistakes.add(("version",), f"must be 1 to {VERSION}, the versions that this program reads")
        raise BadLock("\n".join(mistakes.texts()))
    mistakes.unknown_keys((), data, ("version", "world", "covers", *_TABLES[version]))
    reader = _Reader(data, mistakes)
    lock = reader.lock()
    if mistakes.texts():
        raise BadLock("\n".join(mistakes.texts()), hint="`wasm-engine lock` writes it anew")
    return lock


_FIRST = ("kinds", "interpreter", "mounts", "tools", "alternatives")
_TABLES = {1: _FIRST, 2: (*_FIRST, "models", "instructions")}
_ALWAYS = {1: {"kinds", "interpreter"}, 2: {"kinds", "interpreter", "models"}}


class _Reader:
    """Makes a lock of the tables of TOML, and collects mistakes."""

    def __init__(self, data: Mapping[str, Any], mistakes: Mistakes) -> None:
        self._data = data
        self._mistakes = mistakes

    def lock(self) -> Lock:
        """The lock; only to be used if there were no mistakes."""
        covers = self._covers()
        kinds = self._kinds("kinds")
        mounts = {
            name: LockedMount(
                self._text(at, row, "path"), self._count(at, row), self._digest(at, row)
            )
            for name, at, row in self._tables("mounts", ("path", "entries", "sha256"))
        }
        if mounts and "mounts" not in covers:
            self._mistakes.add(("mounts",), "is here, and `covers` does not name it")
        world = self._text((), self._data, "world")
        python, javascript = self._interpreters()
        tools, others, files = self._tools(), self._kinds("alternatives"), self._files()
        for table, rows in (("tools", tools), ("alternatives", others), ("instructions", files)):
            if bool(rows) != (table in covers):
                self._mistakes.add((table,), "must be here if, and only if, `covers` names it")
        folders = mounts if "mounts" in covers else None
        models = self._models() if "models" in covers else None
        return Lock(world, kinds, python, folders, javascript, tools, others, models, files)

    def _covers(self) -> list[str]:
        covers, version = self._data.get("covers"), self._data["version"]
        known, always = _TABLES[version], _ALWAYS[version]
        if isinstance(covers, list) and always <= {it for it in known if it in covers}:
            named = [it for it in known if it in covers]
            if covers == named:
                return named
        said = ", ".join(f'"{it}"' for it in known if it in always)
        others = ", ".join(f'"{it}"' for it in known if it not in always)
        self._mistakes.add(("covers",), f"must be [{said}], and {others} or not, in this order")
        return []

    def _models(self) -> dict[str, LockedModel]:
        return {
            name: LockedModel(
                self._text(at, row, "source"), self._digest(at, row) if "sha256" in row else None
            )
            for name, at, row in self._tables("models", ("source", "sha256"))
        }

    def _files(self) -> dict[str, LockedFile]:
        return {
            name: LockedFile(self._text(at, row, "path"), self._digest(at, row))
            for name, at, row in self._tables("instructions", ("path", "sha256"))
        }

    def _kinds(self, table: str) -> dict[str, LockedKind]:
        return {
            name: LockedKind(self._text(at, row, "source"), self._digest(at, row))
            for name, at, row in self._tables(table, ("source", "sha256"))
        }

    def _tools(self) -> dict[str, LockedTool]:
        found = {}
        for name, at, row in self._tables("tools", ("component", "sha256", "functions")):
            functions, place = row.get("functions", {}), (*at, "functions")
            if not isinstance(functions, dict):
                self._mistakes.add(place, f"must be a table, not {shown(functions)}")
                functions = {}
            digests = {it: self._digest(place, functions, it) for it in functions}
            component = self._text(at, row, "component")
            found[name] = LockedTool(component, self._digest(at, row), digests)
        return found

    def _interpreters(self) -> tuple[str | None, str | None]:
        """Digests of those for Python and JavaScript, which a world may have both."""
        row = self._data.get("interpreter")
        if row is None:
            return None, None
        keys = [key for key in ("sha256", "javascript") if isinstance(row, dict) and key in row]
        if not self._is_table(("interpreter",), row, tuple(keys) or ("sha256",)):
            return None, None
        found = {key: self._digest(("interpreter",), row, key) for key in keys or ("sha256",)}
        return found.get("sha256"), found.get("javascript")

    def _tables(
        self, name: str, keys: tuple[str, ...]
    ) -> Iterator[tuple[str, KeyPath, dict[str, Any]]]:
        tables = self._data.get(name, {})
        if not isinstance(tables, dict):
            self._mistakes.add((name,), f"must be a table, not {shown(tables)}")
            return
        for key, row in tables.items():
            if self._is_table((name, key), row, keys):
                yield key, (name, key), row

    def _is_table(
        self, path: KeyPath, row: object, keys: tuple[str, ...]
    ) -> TypeGuard[dict[str, Any]]:
        if not isinstance(row, dict):
            self._mistakes.add(path, f"must be a table, not {shown(row)}")
            return False
        self._mistakes.unknown_keys(path, row, keys)
        return True

    def _text(self, path: KeyPath, row: Mapping[str, Any], key: str) -> str:
        value = row.get(key)
        if isinstance(value, str):
            return value
        self._mistakes.add((*path, key), f"must be text, not {shown(value)}")
        return ""

    def _digest(self, path: KeyPath, row: Mapping[str, Any], key: str = "sha256") -> str:
        value = row.get(key)
        if isinstance(value, str) and is_digest(value):
            return value
        text = f"must be 64 hexadecimal digits, in small letters, not {shown(value)}"
        self._mistakes.add((*path, key), text)
        return ""

    def _count(self, path: KeyPath, row: Mapping[str, Any]) -> int:
        value = row.get("entries")
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._mistakes.add((*path, "entries"), f"must be a whole number, not {shown(value)}")
        return 0
