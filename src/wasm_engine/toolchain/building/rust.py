"""Rust: compiled by rustc and its standard library for WebAssembly, with the kit and no crates."""

from __future__ import annotations

import subprocess
from pathlib import Path

from wasm_engine.toolchain.building.compiler import Task, missing, on_path, run, unsupported
from wasm_engine.toolchain.kits import kit

TARGETS = {"agent": "wasm32-unknown-unknown", "command": "wasm32-wasi"}
_HOW = (
    "Debian: apt-get install --no-install-recommends rustc libstd-rust-dev-wasm32 lld-14; "
    "elsewhere: rustup target add wasm32-unknown-unknown"
)
_DEBIAN = "/usr/bin/rustc"
_FLAGS = [
    *("--edition", "2021", "-C", "opt-level=s", "-C", "panic=abort", "-C", "strip=symbols"),
    *("-C", "codegen-units=1"),
]
_STACK = {"agent": 65536, "command": 1 << 20}


def build_rust(task: Task) -> bytes:
    """The core module of a Rust source; its modules are found beside it, as ever."""
    if task.world not in TARGETS:
        raise unsupported("Rust", task.world)
    compiler = rustc(TARGETS[task.world])
    source = task.sources[0].resolve()
    flags = [*_FLAGS, "--target", TARGETS[task.world]]
    # Places in messages of panics are part of the module: they are the same on every machine.
    flags += [f"--remap-path-prefix={source.parent}=.", f"--remap-path-prefix={kit('rust')}=sdk"]
    out = task.folder / "core.wasm"
    linked = ["-C", "lto", "-C", f"link-arg=-zstack-size={_STACK[task.world]}"]
    if task.world == "command":
        run("Rust", [compiler, *flags, *linked, str(source), "-o", str(out)], task.folder)
        return out.read_bytes()
    library = task.folder / "libwasm_agent.rlib"
    own = ["--crate-type", "rlib", "--crate-name", "wasm_agent", "--cap-lints", "allow"]
    lib = str(kit("rust/lib.rs"))
    run("Rust", [compiler, *flags, *own, lib, "-o", str(library)], task.folder)
    linked += ["--crate-type", "cdylib", "--extern", f"wasm_agent={library}"]
    run("Rust", [compiler, *flags, *linked, str(source), "-o", str(out)], task.folder)
    return out.read_bytes()


def rustc(target: str) -> str:
    """A compiler that has the standard library of the target: there may be several.

    Raises:
        Misuse: There is none.
    """
    for candidate in dict.fromkeys(filter(None, (on_path("rustc"), _DEBIAN))):
        if Path(candidate).is_file() and _has(candidate, target):
            return candidate
    raise missing("Rust", f"a rustc with the standard library of {target}", _HOW)


def _has(rustc: str, target: str) -> bool:
    asked = [rustc, "--print", "target-libdir", "--target", target]
    try:
        done = subprocess.run(asked, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return False
    folder = done.stdout.decode(errors="replace").strip()
    return done.returncode == 0 and bool(folder) and Path(folder).is_dir()
