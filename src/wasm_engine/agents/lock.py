"""`world.lock`: what a world was made of when its operator looked, digest by digest, as TOML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeGuard, TypeVar

from wasm_engine.agents.alternatives import key_of, variants_of
from wasm_engine.agents.manifest import Kind
from wasm_engine.agents.material import Material, Source
from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Mistakes, shown
from wasm_engine.concepts.statement import is_digest
from wasm_engine.concepts.toml_source import KeyPath, NotToml, parse

VERSION = 1
_T = TypeVar("_T")
Functions = Mapping[str, Mapping[str, str]]
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_HEAD = """\
# What this world is made of: written by `wasm-engine lock`, not by hand. `run` and `check` refuse
# a world that is made of anything else.
"""


class BadLock(Misuse):
    """A lock file with mistakes, each `file:line: text`."""

    code = "bad-lock"


class LockedKind(NamedTuple):
    """A kind of agent: its file as the manifest names it, and SHA-256 of that (hexadecimal)."""

    source: str
    sha256: str


class LockedTool(NamedTuple):
    """A tool: its file as the manifest names it, SHA-256 of that, and of what each function is."""

    component: str
    sha256: str
    functions: Mapping[str, str]


class LockedMount(NamedTuple):
    """A mounted folder: as the manifest names it, how much is in it, and `listing_digest`."""

    path: str
    entries: int
    sha256: str


class Lock(NamedTuple):
    """What a world is made of.

    Attributes:
        world: Its name.
        kinds: What each kind runs.
        interpreter: SHA-256 of the component that runs `.py` agents; None where there are none.
        mounts: What is in its mounted folders; None where that is not locked.
        javascript: SHA-256 of the component that runs `.js` agents; None where there are none.
        tools: Its tools, by name.
        alternatives: What agents may swap in, as kinds, by `alternatives.key_of`.
    """

    world: str
    kinds: Mapping[str, LockedKind]
    interpreter: str | None
    mounts: Mapping[str, LockedMount] | None
    javascript: str | None = None
    tools: Mapping[str, LockedTool] = MappingProxyType({})
    alternatives: Mapping[str, LockedKind] = MappingProxyType({})

    @classmethod
    def of(
        cls, material: Material, *, mounts: bool = True, functions: Functions = MappingProxyType({})
    ) -> Lock:
        """The lock of a world as it is here and now.

        Args:
            material: What it is made of.
            mounts: Whether what is in mounted folders is locked.
            functions: By tool and function the digest of what it is, as far as that is known.
        """
        manifest = material.manifest
        interpreters: dict[str, str] = {}
        kinds, alternatives = {}, {}
        for kind in manifest.agents:
            kinds[kind.name] = _locked(kind, material.sources[kind.name], interpreters)
            for name, variant in variants_of(kind):
                key = key_of(kind.name, name)
                other = material.alternatives[key]
                alternatives[key] = _locked(variant, other, interpreters)
        folders = {
            mount.name: LockedMount(mount.path, len(listing), listing_digest(listing))
            for mount in manifest.mounts
            if (listing := material.mounts.get(mount.name)) is not None
        }
        tools = {
            tool.name: LockedTool(
                tool.component or f"the interpreter of {tool.language}",
                material.tools[tool.name].digests[0].hex(),
                functions.get(tool.name, {}),
            )
            for tool in manifest.tools
        }
        return cls(
            manifest.world.name,
            kinds,
            interpreters.get("python"),
            folders if mounts else None,
            interpreters.get("javascript"),
            tools,
            alternatives,
        )

    def text(self) -> str:
        """The lock as TOML: the same text for the same lock."""
        covers = ["kinds", "interpreter"] + ["mounts"] * (self.mounts is not None)
        covers += ["tools"] * bool(self.tools)
        covers += ["alternatives"] * bool(self.alternatives)
        parts = [
            f"{_HEAD}version = {VERSION}\nworld = {_quoted(self.world)}\n"
            f"covers = [{', '.join(map(_quoted, covers))}]\n"
        ]
        named = {"sha256": self.interpreter, "javascript": self.javascript}
        rows = [f'{name} = "{digest}"\n' for name, digest in named.items() if digest is not None]
        if rows:
            parts.append("[interpreter]\n" + "".join(rows))
        parts += [_kind_table("kinds", name, kind) for name, kind in sorted(self.kinds.items())]
        for name, mount in sorted((self.mounts or {}).items()):
            parts.append(
                f"[mounts.{_key(name)}]\npath = {_quoted(mount.path)}\n"
                f'entries = {mount.entries}\nsha256 = "{mount.sha256}"\n'
            )
        for name, tool in sorted(self.tools.items()):
            parts.append(
                f"[tools.{_key(name)}]\ncomponent = {_quoted(tool.component)}\n"
                f'sha256 = "{tool.sha256}"\n'
                + "".join(
                    f'functions.{_quoted(function)} = "{digest}"\n'
                    for function, digest in sorted(tool.functions.items())
                )
            )
        others = sorted(self.alternatives.items())
        parts += [_kind_table("alternatives", name, kind) for name, kind in others]
        return "\n".join(parts)

    def differences(self, now: Lock) -> list[str]:
        """What is other now than this lock says, one line each, with both digests."""
        found = [] if self.world == now.world else [f"world: {self.world!r}, now {now.world!r}"]
        found += _compared("", self.kinds, now.kinds, _kind_text)
        found += _compared("", self.alternatives, now.alternatives, _kind_text)
        for name, ours, theirs in (
            ("Python", self.interpreter, now.interpreter),
            ("JavaScript", self.javascript, now.javascript),
        ):
            if ours != theirs:
                found.append(
                    f"the {name} interpreter: locked {_digest(ours)}, now {_digest(theirs)}"
                )
        if self.mounts is not None:
            found += _compared("mount ", self.mounts, now.mounts or {}, _mount_text)
        files = [{name: it[:2] for name, it in lock.tools.items()} for lock in (self, now)]
        found += _compared("tool ", files[0], files[1], _tool_text)
        for name, tool in sorted(now.tools.items()):
            known = self.tools.get(name)
            if known is not None and tool.functions:
                found += _compared("tool ", known.functions, tool.functions, _digest)
        return found


def _locked(kind: Kind, source: Source, interpreters: dict[str, str]) -> LockedKind:
    """What a kind runs; notes the interpreter that it needs, if it does."""
    if kind.language is not None:
        interpreters[kind.language] = source.digests[0].hex()
    return LockedKind(kind.source, source.digests[-1].hex())


def _kind_table(table: str, name: str, kind: LockedKind) -> str:
    head = f"[{table}.{_key(name)}]"
    return f'{head}\nsource = {_quoted(kind.source)}\nsha256 = "{kind.sha256}"\n'


def listing_digest(listing: Any) -> str:
    """SHA-256, hexadecimal, of all that agents can see of a mounted folder.

    Path, kind, size, SHA-256 of the content and target of each thing in it, in order. Not times,
    owners or rights, which agents do not see either.
    """
    rows = [[e.path, e.kind, e.size, e.digest, e.target] for e in listing]
    return sha256_hex(b"wasm-engine mount v1\n" + encode(rows))


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
    if data.get("version") != VERSION:
        mistakes.add(("version",), f"must be {VERSION}, the version that this program reads")
        raise BadLock("\n".join(mistakes.texts()))
    mistakes.unknown_keys((), data, ("version", "world", "covers", *_TABLES))
    reader = _Reader(data, mistakes)
    lock = reader.lock()
    if mistakes.texts():
        raise BadLock("\n".join(mistakes.texts()), hint="`wasm-engine lock` writes it anew")
    return lock


_TABLES = ("kinds", "interpreter", "mounts", "tools", "alternatives")
_COVERS = [
    ["kinds", "interpreter", *mounts, *tools, *others]
    for mounts in ([], ["mounts"])
    for tools in ([], ["tools"])
    for others in ([], ["alternatives"])
]


class _Reader:
    """Makes a lock of the tables of TOML, and collects mistakes."""

    def __init__(self, data: Mapping[str, Any], mistakes: Mistakes) -> None:
        self._data = data
        self._mistakes = mistakes

    def lock(self) -> Lock:
        """The lock; only to be used if there were no mistakes."""
        covers = self._data.get("covers")
        if covers not in _COVERS:
            text = 'must be ["kinds", "interpreter"], and "mounts", "tools", "alternatives" or not'
            self._mistakes.add(("covers",), text)
            covers = []
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
        tools = self._tools()
        if bool(tools) != ("tools" in covers):
            self._mistakes.add(("tools",), "must be here if, and only if, `covers` names it")
        folders = mounts if "mounts" in covers else None
        others = self._kinds("alternatives")
        if bool(others) != ("alternatives" in covers):
            text = "must be here if, and only if, `covers` names it"
            self._mistakes.add(("alternatives",), text)
        return Lock(world, kinds, python, folders, javascript, tools, others)

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


def _compared(
    word: str, locked: Mapping[str, _T], now: Mapping[str, _T], text: Callable[[_T], str]
) -> Iterator[str]:
    for name in sorted({*locked, *now}):
        before, after = locked.get(name), now.get(name)
        if before is None and after is not None:
            yield f"{word}{name}: not locked, now {text(after)}"
        elif before is not None and after is None:
            yield f"{word}{name}: locked {text(before)}, and no longer in the world"
        elif before is not None and after is not None and before != after:
            yield f"{word}{name}: locked {text(before)}, now {text(after)}"


def _kind_text(kind: LockedKind) -> str:
    return f"{kind.source} sha256:{kind.sha256}"


def _mount_text(mount: LockedMount) -> str:
    return f"{mount.path} ({mount.entries} in it) sha256:{mount.sha256}"


def _tool_text(tool: tuple[str, ...]) -> str:
    return f"{tool[0]} sha256:{tool[1]}"


def _digest(digest: str | None) -> str:
    return "none" if digest is None else f"sha256:{digest}"


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Text as TOML writes it, in ASCII."""
    escaped = (
        c if c.isascii() and c.isprintable() and c not in '"\\' else _escape(c) for c in text
    )
    return f'"{"".join(escaped)}"'


def _escape(char: str) -> str:
    number = ord(char)
    if char in '"\\':
        return f"\\{char}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
