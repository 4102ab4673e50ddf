"""What a worker process is told before all else."""

from __future__ import annotations

from msgspec import Struct

from wasm_engine.agents.manifest import Kind


class Begin(Struct, array_like=True):
    """What it is to run; it comes from us, and is trusted.

    Attributes:
        kind: The kind of agent.
        code: Number of the descriptor that holds the compiled code.
        digest, size: Of the component's bytes.
        keeping: The note of what can be done with its instances.
        epoch: Where the world's clock begins (ns).
        file: The agent's own file and its digest, where an interpreter runs it.
        mounts: Where each folder is, its name, and what it holds: path, kind, size, digest, target.
        choices: What kinds could run that its agents may swap: digests by kind and name.
    """

    kind: Kind
    code: int
    digest: bytes
    size: int
    keeping: bytes
    epoch: int
    file: tuple[str, bytes, bytes] | None
    mounts: list[tuple[str, str, list[tuple[str, str, int, bytes, str]]]]
    choices: dict[str, dict[str, str]]
