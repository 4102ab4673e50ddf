"""Large contents packed once and kept: an interpreter has 30 MB, and every run file holds one."""

from __future__ import annotations

import contextlib

from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import Misuse
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.journal.packing import Packed, pack

LARGE = 1 << 20
"""From this size on, bytes: compressing it takes longer than reading what was compressed."""
MOST = 8
"""How many are kept: those that were used last."""
_CHECK = 32


def packed(digest: bytes, data: bytes) -> Packed:
    """A content as a run file stores it.

    Args:
        digest: Its SHA-256.
        data: The content.
    """
    folder = _folder() if len(data) >= LARGE else None
    if folder is None:
        return pack(data)
    name = digest.hex()
    found = _kept(folder, name, digest)
    if found is not None:
        folder.touch(name)
        return Packed(len(data), found)
    made = pack(data)
    with contextlib.suppress(OSError):  # then it is packed again the next time
        folder.write(name, made.data, _check(digest, made.data))
        _trim(folder)
    return made


def _folder() -> PrivateFolder | None:
    """Where they are kept; None where there can be no such folder."""
    with contextlib.suppress(OSError, Misuse):
        return PrivateFolder(places.cache_folder() / "packed")
    return None


def _kept(folder: PrivateFolder, name: str, digest: bytes) -> bytes | None:
    """What is kept under the name, if it is whole."""
    found = folder.read_sealed(name, _CHECK)
    if found is None:
        return None
    file, check = found
    with file.view() as view:
        data = bytes(view)
    file.close()
    return data if check == _check(digest, data) else None


def _check(digest: bytes, data: bytes) -> bytes:
    """Finds accidents. What a run file holds is checked against its digest whenever it is read."""
    return sha256(digest + sha256(data))


def _trim(folder: PrivateFolder) -> None:
    """Removes those that were not used for longest, beyond what is kept."""
    names = [name for name, _, _ in sorted(folder.entries(), key=lambda row: row[2])]
    for name in names[:-MOST]:
        folder.remove(name)
