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

MAX_BYTES = 4 << 30
_MAC = 32


class Cache:
    """A folder of compiled components, by digest and engine fingerprint."""

    def __init__(self, folder: Path, key_file: Path | None, fingerprint: bytes) -> None:
        self._folder = PrivateFolder(folder)
        self._key = secret(key_file or folder.with_name(folder.name + ".key"))
        self._fingerprint = fingerprint

    def find(self, digest: bytes) -> SealedFile | None:
        """The compiled code of a component; None where there is none that is whole and ours."""
        name = self._name(digest)
        found = self._folder.read_sealed(name, _MAC)
        if found is None:
            return None
        file, proof = found
        if not hmac.compare_digest(proof, self._proof(digest, file)):
            file.close()
            return None
        self._folder.touch(name)
        return file

    def keep(self, digest: bytes, file: SealedFile) -> None:
        """Keeps compiled code. A cache that cannot be written is no reason to fail."""
        with contextlib.suppress(OSError):
            with file.view() as view:
                self._folder.write(self._name(digest), view, self._proof(digest, file))
            self._trim()

    def _name(self, digest: bytes) -> str:
        return f"{digest.hex()}-{self._fingerprint.hex()[:16]}.cwasm"

    def _proof(self, digest: bytes, file: SealedFile) -> bytes:
        code = hmac.new(self._key, digest + self._fingerprint, "sha256")
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
