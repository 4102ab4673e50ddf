"""Whether a `.js` agent is JavaScript: its interpreter says so, in the sandbox, before a build."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.concepts.errors import BadComponent, Bug, Misuse
from wasm_engine.control.observer import Observer
from wasm_engine.host.staging import staging_folder
from wasm_engine.world import World

_MARK = "the end of the file"
"""No module's name: an import of it fails once the whole file was read, before any of it runs."""
_FAILURE = " fails as it begins: "
_RAISED = "error: "


def require_script(source: Path, text: bytes, observer: Observer) -> None:
    """Has the interpreter read the text of an agent's file, and run nothing of it.

    Raises:
        Misuse: It is no module of JavaScript, or imports what no agent can, in QuickJS's words; or
            it is too much for the fuel or memory that an agent begins with.
        HostFault: The machine failed.
    """
    with staging_folder() as folder:
        (folder / "agent.js").write_bytes(text + f'\nimport "{_MARK}";\n'.encode())
        agents = {"agent": {"source": "agent.js"}}
        described = {"world": {"name": "script"}, "agents": agents}
        try:
            World.from_mapping(described, folder, note=observer.note).try_out()
        except BadComponent as error:
            words = str(error).partition(_FAILURE)[2]
            if not words:
                raise
        else:
            raise Bug("a module that imports nothing was found")
    if not words.startswith(_RAISED):
        # Fuel or memory: the rest is where in the interpreter that was.
        why = words.partition(":")[0]
        raise Misuse(f"{source}: too much for the interpreter to read ({why})", code="does-not-fit")
    if f"cannot import '{_MARK}'" not in words:
        words = words.removeprefix(_RAISED).replace("agent.js:", f"{source.name}:")
        message = f"{source}: this JavaScript does not compile:\n{words}"
        raise Misuse(message, code="does-not-compile")
