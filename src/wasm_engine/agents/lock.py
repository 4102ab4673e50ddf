"""`world.lock`: what a world was made of when its operator looked, digest by digest, as TOML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from wasm_engine.agents.alternatives import key_of, variants_of
from wasm_engine.agents.manifest import Kind, Model
from wasm_engine.agents.material import Material, Source
from wasm_engine.concepts.canonical import encode, sha256_hex

VERSION = 2
"""The version before, which said nothing of models, is read."""
_T = TypeVar("_T")
Functions = Mapping[str, Mapping[str, str]]
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_HEAD = """\
# What this world is made of: written by `wasm-engine lock`, not by hand. `run` and `check` refuse
# a world that is made of anything else.
"""


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


class LockedModel(NamedTuple):
    """A model: where it comes from, and SHA-256 of its bytes.

    Attributes:
        source: Its file, folder or script as the manifest names it; or `server:NAME=MODEL`, or
            `guest`, of which there is nothing else to lock: None is their digest.
        sha256: Hexadecimal; of a folder that of its listing.
    """

    source: str
    sha256: str | None


class LockedFile(NamedTuple):
    """A file of an assistant's instructions: as the manifest names it, and its SHA-256."""

    path: str
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
        models: Its models, by name; None in a lock of version 1, which holds nobody to them.
        instructions: Files of assistants' instructions, by kind; none in one of version 1.
    """

    world: str
    kinds: Mapping[str, LockedKind]
    interpreter: str | None
    mounts: Mapping[str, LockedMount] | None
    javascript: str | None = None
    tools: Mapping[str, LockedTool] = MappingProxyType({})
    alternatives: Mapping[str, LockedKind] = MappingProxyType({})
    models: Mapping[str, LockedModel] | None = None
    instructions: Mapping[str, LockedFile] = MappingProxyType({})

    @classmethod
    def of(
        cls,
        material: Material,
        models: Mapping[str, str] | None = None,
        *,
        mounts: bool = True,
        functions: Functions = MappingProxyType({}),
    ) -> Lock:
        """The lock of a world as it is here and now.

        Args:
            material: What it is made of.
            models: By the names of models that lie on this machine the digests of their bytes;
                None: models are not locked.
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
            None if models is None else _models(material, models),
            {it.kind: LockedFile(it.path, it.sha256) for it in manifest.instructions},
        )

    def text(self) -> str:
        """The lock as TOML: the same text for the same lock."""
        covers = ["kinds", "interpreter"] + ["mounts"] * (self.mounts is not None)
        covers += ["tools"] * bool(self.tools)
        covers += ["alternatives"] * bool(self.alternatives)
        covers += ["models"] * (self.models is not None)
        covers += ["instructions"] * bool(self.instructions)
        version = VERSION if self.models is not None else 1
        parts = [
            f"{_HEAD}version = {version}\nworld = {_quoted(self.world)}\n"
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
        parts += [_model_table(name, it) for name, it in sorted((self.models or {}).items())]
        for name, file in sorted(self.instructions.items()):
            head = f"[instructions.{_key(name)}]"
            parts.append(f'{head}\npath = {_quoted(file.path)}\nsha256 = "{file.sha256}"\n')
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
        if self.models is not None:
            found += _compared("model ", self.models, now.models or {}, _model_text)
        files_of = "instructions of "
        found += _compared(files_of, self.instructions, now.instructions, _file_text)
        return found


def _locked(kind: Kind, source: Source, interpreters: dict[str, str]) -> LockedKind:
    """What a kind runs; notes the interpreter that it needs, if it does."""
    if kind.language is not None:
        interpreters[kind.language] = source.digests[0].hex()
    return LockedKind(kind.source, source.digests[-1].hex())


def _models(material: Material, digests: Mapping[str, str]) -> dict[str, LockedModel]:
    found = {}
    for model in material.manifest.models:
        digest = digests.get(model.name)
        if model.script:
            digest = sha256_hex(material.scripts[model.name])
        found[model.name] = LockedModel(_source(model), digest)
    return found


def _source(model: Model) -> str:
    if model.server:
        return f"server:{model.server}={model.model or model.name}"
    return model.place or "guest"


def _model_table(name: str, model: LockedModel) -> str:
    head = f"[models.{_key(name)}]\nsource = {_quoted(model.source)}\n"
    return head if model.sha256 is None else f'{head}sha256 = "{model.sha256}"\n'


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


def _model_text(model: LockedModel) -> str:
    return model.source if model.sha256 is None else f"{model.source} sha256:{model.sha256}"


def _file_text(file: LockedFile) -> str:
    return f"{file.path} sha256:{file.sha256}"


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
