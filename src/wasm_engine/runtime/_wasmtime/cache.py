"""Compiled code kept between runs: in a folder of ours, each entry proved ours by a keyed hash.

Compiled code is machine code, and loading it is trusting it. An entry is copied into a sealed
file in memory before it is checked, so what was checked is what runs; the key lies outside the
folder, so that a folder brought from elsewhere is worth nothing.
"""

from __future__ import annotations

import contextlib
import hmac
from pathlib import Path

from wasm_engine.host.disk import PrivateFolder, SealedFile, secret
from wasm_engine.runtime._wasmtime import keeping
from wasm_engine.runtime._wasmtime.keeping import Keeping

MAX_BYTES = 4 << 30
_MAC = 32


class Cache:
    """A folder of compiled components, by digest and engine fingerprint.

    An entry is the code, a note of what can be done with instances, and the proof of both.
    """

    def __init__(self, folder: Path, key_file: Path | None, fingerprint: bytes) -> None:
        self._folder = PrivateFolder(folder)
        self._key = secret(key_file or folder.with_name(folder.name + ".key"))
        self._fingerprint = fingerprint

    def find(self, digest: bytes) -> tuple[SealedFile, Keeping] | None:
        """The compiled code of a component; None where there is none that is whole and ours."""
        name = self._name(digest)
        found = self._folder.read_sealed(name, keeping.SIZE + _MAC)
        if found is None:
            return None
        file, tail = found
        note, proof = tail[: keeping.SIZE], tail[keeping.SIZE :]
        if not hmac.compare_digest(proof, self._proof(digest, file, note)):
            file.close()
            return None
        self._folder.touch(name)
        return file, keeping.read_note(note)

    def keep(self, digest: bytes, file: SealedFile, kept: Keeping) -> None:
        """Keeps compiled code. A cache that cannot be written is no reason to fail."""
        note = kept.noted()
        with contextlib.suppress(OSError):
            with file.view() as view:
                proof = self._proof(digest, file, note)
                self._folder.write(self._name(digest), view, note, proof)
            self._trim()

    def _name(self, digest: bytes) -> str:
        return f"{digest.hex()}-{self._fingerprint.hex()[:16]}.cwasm"

    def _proof(self, digest: bytes, file: SealedFile, note: bytes) -> bytes:
        code = hmac.new(self._key, digest + self._fingerprint + note, "sha256")
        with file.view() as view:
            code.update(view)
        return code.digest()

    def _trim(self) -> None:
        """Removes what was not used for longest, beyond the bound."""
        rows = sorted(self._folder.entries(), key=lambda row: row[2])
        total = sum(size for _, size, _ in rows)
        for name, size, _ in rows:
            if total <= MAX_BYTES:
                return
            self._folder.remove(name)
            total -= size
