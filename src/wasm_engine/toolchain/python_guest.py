"""Builds the component that runs `.py` agents: CPython, the guest SDK and what loads an agent."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host.staging import staging_folder
from wasm_engine.toolchain.guest_sources import GuestSources

COMPONENTIZE_PY = "0.25.1"
"""The version of the builder; another one may build something that behaves otherwise."""
BUILDER = f"componentize-py {COMPONENTIZE_PY}"

_WORLD = "python-agent"
_MODULE = "app"
_EMBEDDED = "embedded_agent"
_RUN = "import sys; from componentize_py import script; sys.exit(script())"
_LAST_LINES = 12


def build_python_guest(
    sources: GuestSources, note: Callable[[str], None], embedding: str = ""
) -> bytes:
    """The interpreter component, built in a folder of its own, without network.

    Args:
        sources: What it is built from.
        note: Told what takes a while.
        embedding: Text of a module that takes the interpreter's place as what is exported.

    Raises:
        Misuse: The builder is not installed, or another version of it is.
        HostFault: It failed.
    """
    _require_builder()
    note("building the Python interpreter component: about 10 seconds, once")
    with staging_folder() as folder:
        _stage(sources, folder)
        if embedding:
            (folder / "modules" / f"{_EMBEDDED}.py").write_text(embedding, encoding="utf-8")
        target = folder / "python.wasm"
        _run(folder, target, _EMBEDDED if embedding else _MODULE)
        return target.read_bytes()


def _require_builder() -> None:
    try:
        version = importlib.metadata.version("componentize-py")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    if version == COMPONENTIZE_PY:
        return
    message = "running .py agents needs componentize-py once, to build their interpreter, " + (
        f"in version {COMPONENTIZE_PY}; {version} is installed"
        if version
        else "and it is not installed"
    )
    hint = (
        "pip install 'wasm-engine[python]', or `wasm-engine interpreter import FILE` "
        "with an interpreter that was exported elsewhere"
    )
    raise Misuse(message, code="no-interpreter", hint=hint)


def _stage(sources: GuestSources, folder: Path) -> None:
    """Copies the sources together: the builder sees these files alone, and writes beside them."""
    for name, path in sources.files():
        part, _, rest = name.partition("/")
        place = "wit/deps" if part == "wit" else "wit" if rest.endswith(".wit") else "modules"
        copy = folder / place / rest
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _run(folder: Path, target: Path, module: str) -> None:
    command = [sys.executable, "-I", "-c", _RUN, "--quiet"]
    command += ["--wit-path", str(folder / "wit"), "--world", _WORLD]
    command += ["componentize", "--python-path", str(folder / "modules"), module]
    command += ["--output", str(target)]
    # An environment of its own: the builder would take the packages of an active virtual
    # environment, or of a Python that it finds in PATH, into the component.
    environment = {"PATH": str(folder / "nothing"), "TMPDIR": str(folder)}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        message = f"cannot start componentize-py: {error}"
        raise HostFault(message) from error
    if done.returncode != 0 or not target.is_file():
        lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
        message = "building the Python interpreter component failed:\n" + "\n".join(
            lines[-_LAST_LINES:]
        )
        raise HostFault(message, code="interpreter-build")
