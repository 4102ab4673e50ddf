"""Another language model in the place of one that a run asked: from a step on, in a fork of it."""

from __future__ import annotations

from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.names import is_kind
from wasm_engine.journal.entries import Control
from wasm_engine.world.language_models import (
    SCRIPT,
    SERVER,
    TABLE,
    asked_in_words,
    known_of,
    require_script,
)
from wasm_engine.world.run import Run


def replace_model(run: Run, name: str, other: str, data: bytes | None) -> None:
    """From here on another language model answers where one was asked.

    Args:
        run: The run.
        name: The model's name in its manifest.
        other: The name of another table, or `server:NAME`, or `server:NAME=MODEL`.
        data: Instead: a script.

    Raises:
        Misuse: There is no such model, or nothing that could be in its place.
    """
    there = {it.name: it for it in asked_in_words(run.manifest, run.other_models)}
    if name not in there:
        listed = ", ".join(sorted(there)) or "none"
        raise Misuse(f"there is no language model {name!r} in this run (there are: {listed})")
    model = known_of(there[name])
    if data is not None:
        require_script(data, other)
        digest = sha256(data)
        run.file.put_content(digest, data)
        model = model._replace(instead=f"{SCRIPT}{digest.hex()}")
    elif other.startswith(SERVER):
        if not is_kind(other.removeprefix(SERVER).partition("=")[0]):
            raise Misuse(f"{other!r} names no server")
        model = model._replace(instead=other)
    elif other in there:
        model = known_of(there[other])._replace(instead=f"{TABLE}{other}")
    else:
        listed = ", ".join(sorted(there))
        raise Misuse(
            f"there is no language model {other!r} in this run (there are: {listed})",
            hint="or a script: a .toml file; a run, as a cassette: a .run file; or server:NAME",
        )
    run.change(Control("edit", ["model", name, *model]))
