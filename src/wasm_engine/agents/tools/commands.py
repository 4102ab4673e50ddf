"""Commands as tools: `wasi:cli/run` with arguments, input and files, and what it printed back."""

from __future__ import annotations

from typing import Any, Final

from wasm_engine.agents.contract import COMMAND
from wasm_engine.agents.manifest import Tool
from wasm_engine.agents.program import command_line
from wasm_engine.agents.tools.json_values import Unfit
from wasm_engine.concepts.errors import GuestFailure, Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Body, body_bytes
from wasm_engine.runtime import wit
from wasm_engine.runtime.component import Component, bare
from wasm_engine.runtime.instance import Instance, Polled
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.tree import Tree

MAX_PATH = 1000
"""Characters of a file's path."""
_BODY = wit.Variant((("text", wit.String()), ("bytes", wit.List(wit.U8()))))
_FILE = wit.Record((("path", wit.String()), ("content", _BODY)))
TYPE: Final = wit.FuncType(
    (
        ("arguments", wit.Option(wit.List(wit.String()))),
        ("input", wit.Option(_BODY)),
        ("files", wit.Option(wit.List(_FILE))),
    ),
    wit.Record((("output", _BODY), ("status", wit.U8()))),
)
"""What a program takes, and gives. WIT has no name for it: the host hands it over."""
DESCRIPTION: Final = (
    "Runs the program once, with these arguments, this standard input, and these files in its "
    "folder. Answers what it printed, and its exit status: 0 where all went well."
)

Given = tuple[list[str] | None, Body | None, list[tuple[str, Body]] | None]
Outcome = tuple[Body, int]


def interface_of(component: Component) -> str:
    """The interface by which a component is run, with its version; empty if it is no command."""
    return next((name for name in component.exports if bare(name) == COMMAND), "")


def checked(given: Given) -> Given:
    """Lets through what can be handed to a program.

    Raises:
        Unfit: It cannot; says where.
    """
    arguments, _, files = given
    for number, text in enumerate(arguments or ()):
        if "\0" in text:
            raise Unfit("must have no character U+0000").within(number).within("arguments")
    known: set[str] = set()
    for number, (path, _) in enumerate(files or ()):
        what = f"must be a path such as `data/in.txt`, of at most {MAX_PATH} characters"
        if path in known or not _is_path(path):
            what = "is there twice" if path in known else what
            raise Unfit(what).within("path").within(number).within("files")
        known.add(path)
    return given


def _is_path(text: str) -> bool:
    names = text.split("/")
    return len(text) <= MAX_PATH and "\0" not in text and not {"", ".", ".."} & set(names)


def begin(instance: Instance, tool: Tool, given: Given) -> Polled:
    """Runs a program, with the arguments and environment of its configuration.

    Raises:
        GuestFailure: Its files do not fit into its folder.
    """
    guest: Any = instance.guest
    arguments, data, files = given
    args, env = command_line(tool.name, tool.config)
    stdin = b"" if data is None else body_bytes(data)
    guest.touched = True  # what is given to it here is not there for the next call
    guest.wasi.start_command(args=[*args, *(arguments or ())], env=env, stdin=stdin)
    guest.output = bytearray()
    for path, content in files or ():
        _put(guest.wasi.tree, path, body_bytes(content), guest.epoch)
    return instance.call(COMMAND, "run", ())


def _put(tree: Tree, path: str, data: bytes, time: int) -> None:
    above, _, name = path.rpartition("/")
    try:
        folder = tree.directory_at(above)
        file = tree.make_file(time)
        tree.add(folder, name, file, time)
        tree.write(file, 0, data, time)
    except FsError as error:
        raise GuestFailure(error.code) from None
    except Misuse:
        code = "not-directory"
        raise GuestFailure(code) from None


def outcome(guest: Any, status: int) -> Outcome:
    """What it came to."""
    output = bytes(guest.output or b"")
    try:
        return ("text", output.decode()), status
    except UnicodeDecodeError:
        return ("bytes", output), status


def status_of(value: Any) -> int:
    """The exit status of a program that returned: WIT knows only that all went well, or not."""
    return int(isinstance(value, Err))
