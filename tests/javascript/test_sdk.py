"""The SDK's declarations name what there is, and its scripts keep what the interpreter promises."""

from __future__ import annotations

import re
from pathlib import Path

from wasm_engine.agents import contract, packages
from wasm_engine.toolchain.javascript.outer import Outer
from wasm_engine.toolchain.javascript.sources import javascript_sources
from wasm_engine.toolchain.javascript.wit import Packages

SDK = Path(__file__).parents[2] / "guests/sdk/javascript"
WORLD = "wasm-engine:javascript/javascript-agent@0.1.0"
EXPORTED = re.compile(r"^export (?:async )?(?:const|function\*?|class) (\w+)", re.MULTILINE)
NAMESPACES = {
    "chat", "code", "embeddings", "files", "flow", "human", "keyvalue", "models", "sql", "swap",
}  # fmt: skip
CLASSES = (
    ("keyvalue", "Bucket"), ("sql", "Database"), ("messages", "Message"), ("chat", "Answer"),
    ("chat", "Call"), ("tensors", "Tensor"),
)  # fmt: skip


def exports_of(name):
    """What a module of the SDK gives to others."""
    text = (SDK / name).read_text(encoding="utf-8")
    listed = re.findall(r"^export \{ ([\w, ]+) \} from", text, re.MULTILINE)
    found = {word for line in listed for word in line.split(", ")} | set(EXPORTED.findall(text))
    return found | set(re.findall(r"^export \* as (\w+) from", text, re.MULTILINE))


def declared_in(text):
    """What a piece of the declarations declares to be exported, or in a namespace."""
    return set(
        re.findall(r"^ *(?:export )?(?:function|const|class|namespace) (\w+)", text, re.MULTILINE)
    )


def test_the_declarations_name_what_the_module_exports():
    text = (SDK / "wasm-agent.d.ts").read_text(encoding="utf-8")
    outside = re.sub(
        r"export namespace (\w+) \{.*?\n  \}", r"export namespace \1 {}", text, flags=re.DOTALL
    )
    assert declared_in(outside) == exports_of("index.js")


def test_each_namespace_is_declared_as_it_is():
    text = (SDK / "wasm-agent.d.ts").read_text(encoding="utf-8")
    namespaces = dict(re.findall(r"export namespace (\w+) \{(.*?)\n  \}", text, re.DOTALL))
    assert set(namespaces) == NAMESPACES
    for name, inner in namespaces.items():
        assert declared_in(inner) == exports_of(f"{name}.js"), name


def test_methods_are_declared_as_they_are():
    text = (SDK / "wasm-agent.d.ts").read_text(encoding="utf-8")
    for module, name in CLASSES:
        script = (SDK / f"{module}.js").read_text(encoding="utf-8")
        body = script.partition(f"class {name}")[2].partition("\n}")[0]
        there = set(re.findall(r"^  \*?(\w+)\(.*\{$", body, re.MULTILINE)) - {"constructor"}
        told = re.split(rf"(?:interface|class) {name}\b", text)[1]
        told = told.partition("\n  }")[0].partition("\n    }")[0]
        found = set(re.findall(r"^ +(\w+)\(", told, re.MULTILINE)) - {"constructor"}
        assert found == there, name


def test_every_function_of_the_contract_is_called_by_the_sdk():
    """Whatever agents may call, they may call from JavaScript, too."""
    outer = Outer(Packages(javascript_sources().packages()), WORLD)
    scripts = "\n".join(javascript_sources().scripts().values())
    # What waits by itself is called by its parts, so that the agent goes on; buckets stay.
    used = {"messaging.ask", "http.fetch", "human.ask", "human.approve"}
    used |= {"chat.complete", "store.bucket.drop", "atomics.cas.drop"}
    for function in outer.functions:
        interface, name = function.interface.partition("/")[2], function.name
        if f"{interface}.{name}" not in used:
            assert re.search(rf"\.{re.escape(name)}\b|\"{re.escape(name)}\"", scripts), name
    imported = {function.interface for function in outer.functions}
    named = [name.partition(":")[2] for name in (*contract.IMPORTS, *packages.IMPORTS)]
    ours = ("agent/", "inference/")
    assert [name for name in named if name.startswith(ours) and name not in imported] == []
