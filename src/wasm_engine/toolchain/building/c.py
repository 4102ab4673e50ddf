"""C and C++: compiled by `zig cc`, which is a wheel, with the kits that need no other library."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from wasm_engine.toolchain.building.compiler import Task, missing, run, unsupported
from wasm_engine.toolchain.kits import kit

ZIG = "0.17.0"
_HOW = f"pip install ziglang=={ZIG}"
_STACK = "-Wl,-z,stack-size={}"
_AGENT_STACK, _COMMAND_STACK = 65536, 1 << 20
_EXPORTS = {"agent": "agent.c", "pure-agent": "reducer.c"}
_BARE = [
    *("-target", "wasm32-freestanding", "-nostdlib", "-ffreestanding", "-Os", "-s", "-std=c11"),
    *("-Wall", "-Wextra"),
    *("-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--export=__heap_base", "-Wl,--gc-sections"),
]
_HOSTED = ["-target", "wasm32-wasi", "-Os", "-s", "-Wall", "-Wextra"]
_CPP_KIT = ("agent", "models", "chat", "human", "swap")
_CPP = ["-std=c++23", "-fno-exceptions", "-fno-rtti"]


def build_c(task: Task) -> bytes:
    """The core module of C sources: agents with the kit and no libc, commands with a libc."""
    if task.world == "command":
        flags = [*_HOSTED, _STACK.format(_COMMAND_STACK)]
        return _compiled("C", "cc", flags, list(task.sources), task)
    bare = [*_BARE, _STACK.format(_AGENT_STACK), f"-I{kit('c')}"]
    sources = [*task.sources, kit("c") / _EXPORTS[task.world], kit("c/text.c")]
    return _compiled("C", "cc", bare, sources, task)


def build_cpp(task: Task) -> bytes:
    """The core module of C++ sources, with the standard library."""
    flags = [*_HOSTED, *_CPP]
    if task.world == "command":
        return _compiled(
            "C++", "c++", [*flags, _STACK.format(_COMMAND_STACK)], list(task.sources), task
        )
    if task.world != "agent":
        raise unsupported("C++", task.world)
    flags += ["-mexec-model=reactor", _STACK.format(_AGENT_STACK)]
    flags += [f"-I{kit('c')}", f"-I{kit('cpp')}"]
    # All of it: what an agent does not call is left out when they are linked.
    own = [kit("cpp") / f"{name}.cpp" for name in _CPP_KIT]
    return _compiled("C++", "c++", flags, [*task.sources, *own], task)


def _compiled(
    language: str, driver: str, flags: list[str], sources: list[Path], task: Task
) -> bytes:
    if importlib.util.find_spec("ziglang") is None:
        raise missing(language, f"ziglang {ZIG}", _HOW)
    out = task.folder / "core.wasm"
    command = [sys.executable, "-m", "ziglang", driver, *flags]
    # In the folder of the sources, by name: what a message says of a place is what its author sees.
    folder = task.sources[0].resolve().parent
    names = [str(path.resolve()) for path in sources]
    task.note(f"compiling {language}: the first time builds the compiler's libraries, for minutes")
    run(language, [*command, f"-I{folder}", *names, "-o", str(out)], task.folder)
    return out.read_bytes()
