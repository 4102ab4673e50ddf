"""`compact`, `export` and `import`."""

from __future__ import annotations

import json


def test_compact_tells_what_it_left_out(command, values, kept, tmp_path):
    short = tmp_path / "short.run"
    status, out, _ = command("compact", kept, "--out", short)
    assert (status, "entries left out" in out, "bytes before" in out) == (0, True, True)
    assert command("replay", short)[0] == 0
    report = values("compact", kept, "--out", tmp_path / "other.run")[1]
    assert report["chain"] == values("inspect", short)[1]["chain"]
    assert command("compact", kept, "--out", short)[0] == 2


def test_export_and_import(command, values, kept, tmp_path):
    lines, again = tmp_path / "kept.jsonl", tmp_path / "again.run"
    status, out, _ = command("export", kept, "--out", lines)
    assert (status, out.startswith("exported: ")) == (0, True)
    assert json.loads(lines.read_bytes().splitlines()[0])["format"] == "wasm-engine export"
    status, out, _ = command("import", lines, "--out", again)
    assert (status, out.startswith("imported: ")) == (0, True)
    assert command("diff", kept, again)[:2] == (0, "the same history\n")


def test_a_redacted_export_is_verified(command, values, kept, tmp_path):
    lines = tmp_path / "kept.jsonl"
    status, report = values("export", kept, "--redact", "--out", lines)
    assert (status, report["redacted"]) == (0, True)
    status, out, _ = command("import", lines, "--verify")
    assert (status, out.startswith("verified (redacted): ")) == (0, True)
    assert report["chain"] in out
    assert command("import", lines, "--out", tmp_path / "again.run")[0] == 2
    assert command("import", lines)[0] == 2
