"""Locks: what a world is made of, noted once, and held against what it is made of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from wasm_engine.agents.lock import Lock
from wasm_engine.agents.material import Material
from wasm_engine.agents.read_lock import BadLock, read_lock
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.permission import require_paths
from wasm_engine.control.reports import Report
from wasm_engine.control.tools import functions_of
from wasm_engine.host.key_files import replace
from wasm_engine.world import gather_material
from wasm_engine.world.models import digests_of

SUFFIX = ".lock"
MAX_BYTES = 16 << 20


class Locked(NamedTuple):
    """A lock as it was read: where, SHA-256 of its bytes (hexadecimal), and what it says."""

    path: Path
    digest: str
    lock: Lock


@dataclass(frozen=True, slots=True)
class LockReport(Report):
    """A lock that was written, or found to be what the world is made of.

    Attributes:
        world: Name of the world.
        file: Where the lock is.
        digest: SHA-256 of its bytes.
        kinds: How many kinds of agents it locks.
        interpreter: Digest of the interpreter for Python, if it locks one.
        javascript: Digest of the interpreter for JavaScript, if it locks one.
        mounts: How many mounted folders it locks; null: none of those that there may be.
        tools: How many tools it locks.
        alternatives: How many alternatives of kinds it locks.
        models: How many models it locks; null: it is of a version that knew of none.
        instructions: How many files of assistants' instructions it locks.
        written: Whether the file was changed.
    """

    world: str
    file: str
    digest: str
    kinds: int
    interpreter: str | None
    javascript: str | None
    mounts: int | None
    written: bool
    tools: int = 0
    alternatives: int = 0
    models: int | None = None
    instructions: int = 0


def lock(
    manifest: str | Path,
    *,
    check: bool = False,
    mounts: bool = True,
    allow: Sequence[str] = (),
    observer: Observer = UNOBSERVED,
) -> LockReport:
    """Writes `world.lock` beside `world.toml`, or only checks the one that is there.

    Args:
        manifest: The world's `world.toml`.
        check: Write nothing; refuse a lock that differs, or is missing.
        mounts: Whether what is in mounted folders is locked too.
        allow: What the world may reach beyond its own folder, as in `run`.
        observer: Who watches.

    Raises:
        BadManifest, Misuse: The world, or with `check` the lock, cannot be read.
        Refused: It wants more of this machine than it was given; or it differs from the lock.
    """
    described, path = read_manifest(manifest), lock_file(manifest)
    require_paths(described, allow, observer)
    material = gather_material(described, note=observer.note)
    old = read_beside(manifest)
    if check:
        if old is None:
            raise Refused(
                f"{path}: there is no lock", code="locked", hint=f"wasm-engine lock {manifest}"
            )
        hold(material, old, manifest)
        return _report(old.lock, path, old.digest, written=False)
    found = Lock.of(
        material,
        digests_of(material.manifest, material.digests),
        mounts=mounts,
        functions=functions_of(material.manifest, material.tools),
    )
    data = found.text().encode()
    changed = old is None or old.digest != sha256_hex(data)
    if changed:
        replace(path, data)
    return _report(found, path, sha256_hex(data), written=changed)


def hold(material: Material, locked: Locked | None, manifest: str | Path) -> None:
    """Lets a world pass that is made of what its lock says, or has none.

    Raises:
        Refused: It is made of something else; names each thing, with both digests.
    """
    if locked is None:
        return
    changed = {
        name: source
        for name, source in material.tools.items()
        if name in locked.lock.tools and locked.lock.tools[name].sha256 != source.digests[0].hex()
    }
    models = None
    if locked.lock.models is not None:
        models = digests_of(material.manifest, material.digests)
    differences = locked.lock.differences(
        Lock.of(material, models, functions=functions_of(material.manifest, changed))
    )
    if differences:
        listed = "\n".join(f"  {line}" for line in differences)
        raise Refused(
            f"{manifest}: this world is not made of what {locked.path.name} says:\n{listed}",
            code="locked",
            hint=f"if that is as you want it: wasm-engine lock {manifest}",
        )


def read_beside(manifest: str | Path) -> Locked | None:
    """The lock beside a manifest; None where there is none.

    Raises:
        BadLock: It has mistakes.
        Misuse: It cannot be read.
    """
    path = lock_file(manifest)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror}", code="bad-lock") from None
    return Locked(path, sha256_hex(data), parse(data, path))


def parse(data: bytes, path: Path) -> Lock:
    """The lock in some bytes.

    Raises:
        BadLock: It has mistakes.
    """
    if len(data) > MAX_BYTES:
        raise BadLock(f"{path}: is larger than {MAX_BYTES >> 20} MiB")
    try:
        return read_lock(data.decode(), str(path))
    except UnicodeDecodeError:
        raise BadLock(f"{path}: is not UTF-8") from None


def lock_file(manifest: str | Path) -> Path:
    """Where the lock of a world is kept: `world.lock` beside `world.toml`.

    Raises:
        Misuse: The manifest has the name of a lock.
    """
    path = Path(manifest)
    if path.suffix == SUFFIX:
        raise Misuse(f"{path}: is a lock, not a manifest")
    return path.with_suffix(SUFFIX)


def _report(found: Lock, path: Path, digest: str, *, written: bool) -> LockReport:
    return LockReport(
        world=found.world,
        file=str(path),
        digest=digest,
        kinds=len(found.kinds),
        interpreter=found.interpreter,
        javascript=found.javascript,
        mounts=None if found.mounts is None else len(found.mounts),
        written=written,
        tools=len(found.tools),
        alternatives=len(found.alternatives),
        models=None if found.models is None else len(found.models),
        instructions=len(found.instructions),
    )
