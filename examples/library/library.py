"""Asks a folder of documents, and replays the run without the model.

python3 examples/library/library.py [QUESTION...] [--documents FOLDER] [--model FOLDER] [--run FILE]

Without a folder it is the Python language reference of this very Python.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from pydoc_data.topics import topics

import wasm_engine

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / ".venv/models/minilm"
QUESTION = "When are default parameter values evaluated?"


def main(arguments: list[str] | None = None) -> int:
    """Prints the answers, and what the replay found."""
    parser = argparse.ArgumentParser(description="Asks a folder of documents.")
    parser.add_argument("questions", nargs="*", default=[QUESTION], metavar="QUESTION")
    parser.add_argument("--documents", type=Path, metavar="FOLDER")
    parser.add_argument("--model", type=Path, default=MODEL, metavar="FOLDER")
    parser.add_argument("--run", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    if given.documents and not given.documents.is_dir():
        parser.error(f"there is no folder {given.documents}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            return ask(given, Path(folder))
        except wasm_engine.EngineError as error:
            print(f"library: {error}", file=sys.stderr)
            return 1


def ask(given: argparse.Namespace, folder: Path) -> int:
    """Has the documents read, asks, and executes all of it again."""
    documents = given.documents or lay_out_reference(folder / "reference")
    file = given.run or folder / "library.run"
    print(f"reading {given.documents or 'the Python language reference'}", flush=True)
    allow = [f"mount:{documents.resolve()}", f"source:{given.model.resolve()}"]
    report = wasm_engine.run(manifest(folder, documents, given.model), file=file, allow=allow)
    for letter in report.letters:
        print(f"a document was not read to its end: {letter.error or letter.code}", file=sys.stderr)
    for question in given.questions:
        wasm_engine.send(file, ("librarian", "question", question))
        wasm_engine.resume(file)
    kept = wasm_engine.inspect(file, agent="librarian", wanted=wasm_engine.Wanted(state=True))
    answers = {
        it: json.loads((kept.state or {})["librarian"].get(it, "[]")) for it in given.questions
    }
    for question, sentences in answers.items():
        print(f"\n{question}")
        if not sentences:
            print("  nothing was found: is there a .md, .rst or .txt with sentences of English?")
        for found in sentences:
            print(f"  {found['text']}\n    {found['document']}, from character {found['at']} on")
    again = wasm_engine.replay(file)
    how = "identical" if again.identical else "not the same"
    print(f"\nreplay, without the model: {how} ({again.steps} steps), chain {again.chain}")
    return 0 if again.identical and all(answers.values()) else 1


def manifest(folder: Path, documents: Path, model: Path) -> Path:
    """This world with other documents and another model, in a folder of its own."""
    text = (HERE / "world.toml").read_text(encoding="utf-8")
    for named, path in (("documents", documents), ("sentences", model)):
        text = text.replace(f' = "{named}"', f" = {json.dumps(str(path.resolve()))}")
    (folder / "librarian.py").write_bytes((HERE / "librarian.py").read_bytes())
    (folder / "world.toml").write_text(text, encoding="utf-8")
    return folder / "world.toml"


def lay_out_reference(folder: Path) -> Path:
    """The Python language reference as files."""
    folder.mkdir()
    for name, text in topics.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
