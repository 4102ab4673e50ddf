"""The languages that components are built from, by the names of their files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.staging import staging_folder
from wasm_engine.toolchain.building.c import build_c, build_cpp
from wasm_engine.toolchain.building.compiler import Note, Task
from wasm_engine.toolchain.building.golang import build_go
from wasm_engine.toolchain.building.javascript_source import build_javascript
from wasm_engine.toolchain.building.modules import read_module, read_text
from wasm_engine.toolchain.building.python_source import build_python
from wasm_engine.toolchain.building.rust import build_rust
from wasm_engine.toolchain.componentize.outer import component
from wasm_engine.toolchain.componentize.preview1 import command_component
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.kits import beside_texts, contract_text
from wasm_engine.toolchain.labels import is_component

WORLDS = ("agent", "pure-agent", "command")


class Language(NamedTuple):
    """How sources of a language become a component.

    Attributes:
        name: As `--lang` has it.
        title: As people write it.
        suffixes: Of its files.
        build: Makes a core module of them, or the component itself.
        same: Whether the same sources give the same bytes.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    build: Callable[[Task], bytes]
    same: bool = True


LANGUAGES = (
    Language("python", "Python", (".py",), build_python, same=False),
    Language("javascript", "JavaScript", (".js",), build_javascript),
    Language("c", "C", (".c",), build_c),
    Language("cpp", "C++", (".cpp", ".cc", ".cxx"), build_cpp),
    Language("rust", "Rust", (".rs",), build_rust),
    Language("go", "Go", (".go",), build_go),
    Language("module", "a core module", (".wasm",), read_module),
    Language("text", "the text format", (".wat",), read_text),
)
_TYPED = frozenset({".ts", ".mts", ".tsx"})


def language_of(sources: Sequence[Path]) -> Language:
    """The language of the files: the one that all of them are of.

    Raises:
        Misuse: There is none, or one of them is not there.
    """
    for source in sources:
        if not source.is_file():
            message = f"{source}: {'not a file' if source.exists() else 'there is no such file'}"
            raise Misuse(message)
    found = {language_by_suffix(source) for source in sources}
    if len(found) > 1:
        raise Misuse("one component is built from files of one language")
    return found.pop()


def language_by_suffix(source: Path) -> Language:
    """The language that a file's name says.

    Raises:
        Misuse: None.
    """
    for language in LANGUAGES:
        if source.suffix in language.suffixes:
            return language
    if source.suffix in _TYPED:
        message = f"{source}: TypeScript is made JavaScript first, without its types"
        script = source.with_suffix(".js").name
        strip = f"esbuild {source.name} --bundle --format=esm --external:wasm-agent"
        hint = (
            f"{strip} --outfile={script}; then `component build {script}`, "
            f'or source = "{script}" without any build'
        )
        raise Misuse(message, hint=hint)
    known = ", ".join(suffix for it in LANGUAGES for suffix in it.suffixes)
    hint = f"it is told by the file's name: {known}"
    raise Misuse(f"{source}: no language that components are built from", hint=hint)


def build(sources: Sequence[Path], world: str, note: Note) -> bytes:
    """The component of sources of one language.

    Args:
        sources: The files.
        world: `agent`, `pure-agent` or `command`.
        note: Told what takes a while.

    Raises:
        Misuse: The sources cannot be built, or what builds them is not here.
        HostFault: The machine failed.
    """
    language = language_of(sources)
    with staging_folder() as folder:
        try:
            built = language.build(Task(tuple(sources), world, folder, note))
        except OSError as error:
            message = f"{error.filename or sources[0]}: {error.strerror}"
            raise Misuse(message) from None
    if is_component(built):
        return built
    try:
        if world == "command":
            return command_component(built)
        contract = Contract(contract_text())
        for text in beside_texts():
            contract.add(text, imported=True)
        return component(built, contract, world)
    except (ValueError, KeyError, IndexError) as error:
        message = f"{sources[0]}: no component can be made of this module: {error}"
        raise Misuse(message, code="does-not-fit") from None
