"""Orders to a terminal in everything that a guest, or the sender of a run file, can put there."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.hostile.attack import GUESTS
from wasm_engine.cli.main import main
from wasm_engine.concepts.canonical import encode
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Input, Kind
from wasm_engine.journal.runfile import RunFile

ORDER = "\x1b[2J\x1b]0;owned\x07\r\x9b31m\u202e\u200b\x7f\x00 shown"
VIEWS = ["--messages", "--state", "--calls", "--log"]


def text(value: str) -> str:
    """An argument of a script."""
    return f"{len(value.encode())}:{value}"


@pytest.fixture
def printed(capsys):
    """Runs a command; answers its status and what it printed, which orders nothing."""

    def run(*words):
        status = main([str(word) for word in words])
        out, err = capsys.readouterr()
        for stream in (out, err):
            assert all(char.isprintable() or char == "\n" for char in stream)
        return status, out, err

    return run


@pytest.fixture
def world(tmp_path):
    """A world with one agent that does what it is told."""
    shutil.copyfile(GUESTS / "testing/scripted/scripted.wasm", tmp_path / "scripted.wasm")
    manifest = tmp_path / "world.toml"
    manifest.write_text('[world]\nname = "shown"\n\n[agents.a]\nsource = "scripted.wasm"\n')
    return manifest


def test_what_a_guest_says_is_shown_and_not_obeyed(world, printed, tmp_path):
    order = text(ORDER)
    script = ";".join(
        [
            f"log {order}",
            f"set {order} {order}",
            f"header {order} {order}",
            f"send a t {order}",
            f"send {order} {order} {order}",
            f"ask {order} t {order}",
            f"spawn a {order} {order}",
            f"stop {order}",
        ]
    )
    # An argument of a command cannot hold a NUL: the guest sends the order to itself.
    file = tmp_path / "kept.run"
    safe = script.replace("\x00", "0")
    sends = [
        "--send",
        "a",
        "script",
        safe,
        "--send",
        "a",
        "script",
        f"fail {order} {order}".replace("\x00", "0"),
    ]
    status, _, _ = printed("run", world, "--run", file, *sends)
    assert status == 1
    for view in ([], *([view] for view in VIEWS), VIEWS):
        for form in ([], ["--json"]):
            status, out, _ = printed("inspect", file, *view, *form)
            assert status == 0
            assert "\x1b" not in out
            if form:
                json.loads(out)
    status, out, _ = printed("inspect", file, *VIEWS)
    assert "\\x1b[2J" in out
    assert printed("replay", file)[0] == 0


def forged(world, tmp_path, printed):
    """A run file whose maker wrote orders wherever it holds text; every digest in it is right."""
    real = tmp_path / "real.run"
    printed("run", world, "--run", real, "--send", "a", "t", "x")
    file = tmp_path / "forged.run"
    with_order = Input(1, ORDER, ORDER, ("text", ORDER), [(ORDER, ORDER)])
    source = RunFile.open(real, write=False, verify="all")
    target = RunFile.create(
        file, source.header, [(d, source.content(d)) for d in sorted(source.contents())]
    )
    for entry in source.entries(2):
        body = entries.decode(entry.kind, entry.body)
        if isinstance(body, Input):
            kind, data = entries.encode(with_order)
            target.append(kind, data, durable=False)
        elif entry.kind == Kind.STEP:
            detail = encode(([[(ORDER, ORDER)]], [[(ORDER, ORDER)]]))
            segments = [[ORDER, 1, 0, 0, f"failed:{ORDER}", 1, 1, None, []]]
            turns, dead = [(ORDER, ORDER, [ORDER], ["err", ORDER])], [(1, ORDER, ORDER, ORDER)]
            ended = [(1, ORDER, ("text", ORDER))]
            fired = [(1, ORDER, 0)]
            step = (1, body.time, segments, turns, ended, dead, fired)
            target.append(Kind.STEP, encode(step), durable=False, detail=detail)
        else:
            target.append(entry.kind, entry.body, durable=False)
    source.close()
    target.close()
    return real, file


def test_what_a_forged_run_holds_is_shown_and_not_obeyed(world, printed, tmp_path):
    real, file = forged(world, tmp_path, printed)
    for view in ([], ["--messages"], ["--calls"], ["--log"], ["--agent", ORDER]):
        for form in ([], ["--json"]):
            status, _, err = printed("inspect", file, *view, *form)
            assert status in (0, 2), err
    assert printed("replay", file)[0] in (2, 3)
    assert printed("diff", real, file)[0] in (0, 1, 2)
    assert printed("resume", file)[0] in (2, 3)
    assert printed("send", file, "a", "t", "x")[0] in (2, 3)
