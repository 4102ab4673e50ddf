"""`make guests`: what is missing is said at once, all else is built, a difference is a failure."""

from __future__ import annotations

import importlib

import pytest

from tests.guests.stock_world import GUESTS
from wasm_engine.concepts.errors import Misuse


@pytest.fixture
def rebuild(monkeypatch, tmp_path):
    """The program, which lies here where it writes nothing that matters."""
    monkeypatch.syspath_prepend(str(GUESTS))
    module = importlib.import_module("rebuild")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for records in (module.build, module.build_kits):
        monkeypatch.setattr(records, "keep_record", lambda built: None)
    return module


def refused() -> bytes:
    raise Misuse("this C does not compile:\nno such thing", code="does-not-compile")


@pytest.fixture
def having(rebuild, monkeypatch, tmp_path):
    """Makes it find these compilers, by language, and these components, by what lies there."""

    def have(compilers: dict[str, str | None]) -> None:
        (tmp_path / "same.wasm").write_bytes(b"as ever")
        (tmp_path / "other.wasm").write_bytes(b"before")
        job, toolchain = rebuild.Job, rebuild.Toolchain
        found = [
            job(tmp_path / "same.wasm", "text", lambda: b"as ever"),
            job(tmp_path / "other.wasm", "C", lambda: b"after"),
            job(tmp_path / "rust.wasm", "Rust", lambda: b"rusty"),
            job(tmp_path / "large.wasm", "Go", lambda: b"large", kept=False),
        ]
        monkeypatch.setattr(rebuild, "jobs", lambda folder: iter(found))
        known = [toolchain((it,), lambda it=it: compilers[it], f"{it} 1", f"get {it}")
                 for it in ("C", "Go", "Rust")]  # fmt: skip
        monkeypatch.setattr(rebuild, "TOOLCHAINS", tuple(known))

    return have


def test_what_is_missing_is_said_first_and_all_else_is_built(rebuild, having, tmp_path, capsys):
    having({"C": "C 1", "Go": "Go 1", "Rust": None})
    assert rebuild.main([]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["guests: no compiler for Rust is here; it comes by", "    get Rust"]
    assert said[-6:] == [
        "file        language  built                   same digest",
        "same.wasm   text      built                   yes",
        "other.wasm  C         built                   NO",
        "rust.wasm   Rust      not built: no compiler  -",
        "large.wasm  Go        built                   none is kept",
        "guests: 1 of 4 are not what lay here; what differs was written",
    ]
    assert (tmp_path / "other.wasm").read_bytes() == b"after"
    assert rebuild.main([]) == 0  # it lies here now


def test_to_check_writes_nothing(rebuild, having, tmp_path):
    having({"C": "C 1", "Go": "Go 1", "Rust": "Rust 1"})
    assert rebuild.main(["--check"]) == 1
    assert (tmp_path / "other.wasm").read_bytes() == b"before"
    assert not (tmp_path / "large.wasm").exists()


def test_what_another_version_builds_is_neither_compared_nor_kept(
    rebuild, having, tmp_path, capsys
):
    having({"C": "C 2", "Go": "Go 1", "Rust": None})
    assert rebuild.main([]) == 0
    assert "built by C 2, not C 1   not compared" in capsys.readouterr().out
    assert (tmp_path / "other.wasm").read_bytes() == b"before"


def test_what_does_not_compile_is_a_failure(rebuild, tmp_path, capsys):
    row = rebuild.run(rebuild.Job(tmp_path / "a.wasm", "C", refused), "", write=True)
    assert (row.outcome, row.wrong) == ("does not compile", True)
    assert "no such thing" in capsys.readouterr().err


def test_every_committed_component_is_among_the_jobs(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(GUESTS))
    module = importlib.import_module("rebuild")
    there = {job.path for job in module.jobs(tmp_path) if job.kept}
    folders = (GUESTS, module.ROOT / "examples")
    lying = {path for folder in folders for path in folder.rglob("*.wasm")}
    large = {GUESTS / f"testing/{it}/{it}-go.wasm" for it in ("tour", "counsel")}
    assert there == lying - large


def test_a_record_keeps_what_was_not_built(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(GUESTS))
    kits = importlib.import_module("build_kits")
    old = kits.RECORD.read_text()
    monkeypatch.setattr(kits, "RECORD", tmp_path / "kits.txt")
    kits.RECORD.write_text(old.replace(old[:8], "00000000"))
    kits.keep_record(set())
    assert kits.RECORD.read_text().startswith("00000000")
    kits.keep_record({kits.ADAPTER.relative_to(kits.ROOT).as_posix()})
    assert kits.RECORD.read_text() == old
