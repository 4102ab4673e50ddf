"""What a world is made of, held against its lock and the signers that the operator wants."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.agents.material import Material
from wasm_engine.control.locks import hold, read_beside
from wasm_engine.control.vouching import require_signers
from wasm_engine.world.world import Vet, Vouchers


def vetting(manifest: str | Path) -> Vet:
    """What lets a world pass, or not, before anything of it is compiled.

    Args:
        manifest: The manifest's file; beside it the lock is looked for.

    Returns:
        Answers who vouches for what the world is made of. It raises Refused where that is not what
        its lock says, or not signed as the operator wants; Misuse where the lock or the policy has
        mistakes, or signatures that are wanted cannot be verified here.
    """

    def vet(material: Material) -> Vouchers:
        locked = read_beside(manifest)
        hold(material, locked, manifest)
        return require_signers(material, locked)

    return vet
