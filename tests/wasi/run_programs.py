"""Runs the programs of `programs/`, built as components: see the README there."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.wasi.activations import EPOCH, FUNCTIONS, PlainGuest, run_command
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.component import Import
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.types import FuncType
from wasm_engine.runtime.wasi import Tree, WasiState, deny


def define(interface: str, function: str, ty: FuncType) -> Import:
    """Links an import, whatever its version."""
    name = f"{interface.partition('@')[0]}#{function}"
    found = FUNCTIONS.get(name) or deny(name, ty)
    return Import(found.call, found.suspends)


def tree_for_libc() -> Tree:
    """What `libc.c` expects to find."""
    tree = Tree(time=EPOCH)
    contents = {"greeting": b"hello, world\n", "folder/a": b"a", "folder/b": b"b"}
    for path, data in contents.items():
        above, _, name = path.rpartition("/")
        file = tree.make_file(EPOCH)
        tree.add(tree.directory_at(above), name, file, EPOCH)
        tree.write(file, 0, data, EPOCH)
    return tree


def main(folder: Path) -> int:
    """Runs every component of a folder; answers how many failed."""
    files = sorted(folder.glob("*.wasm"))
    failed = 0
    loaded = Compiler(Engine()).load_many([(file.name, file.read_bytes()) for file in files])
    for file, component in zip(files, loaded, strict=True):
        guest = PlainGuest(
            WasiState(
                args=[file.stem, "one", "two words"],
                env=[("B", "2"), ("A", "1")],
                stdin=b"typed",
                tree=tree_for_libc() if file.stem == "libc" else Tree(time=EPOCH),
            )
        )
        try:
            status = run_command(component.link(define), guest)
        except GuestFailure as failure:
            status = 1
            sys.stdout.write(f"{failure}\n")
        failed += status != 0
        sys.stdout.write(f"{file.name}: {'failed' if status else 'ok'}\n")
        sys.stdout.write("".join(text.decode() for text in guest.printed.values() if status))
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
