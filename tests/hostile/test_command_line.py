"""Files that somebody sent, opened by the command line: one message, status 2, nothing written."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest

from tests.hostile.attack import GUESTS
from wasm_engine.cli.main import main

WORLD = '[world]\nname = "sent"\n\n[agents.a]\nsource = "ping.wasm"\n'
PING = GUESTS / "testing/ping/ping.wasm"
PROBES = GUESTS / "testing/probe"


@pytest.fixture
def folder(tmp_path):
    """A folder with a world in it."""
    made = tmp_path / "sent"
    made.mkdir()
    shutil.copyfile(PING, made / "ping.wasm")
    (made / "world.toml").write_text(WORLD)
    return made


@pytest.fixture
def refused(capsys, tmp_path):
    """Runs a command that must be refused as bad input; answers the message."""

    def run(*words):
        before = listing(tmp_path)
        status = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert (status, out) == (2, "")
        err = err.removeprefix("compiling ping.wasm\n")
        assert err.startswith("wasm-engine: ")
        assert err.count("wasm-engine: ") == 1
        assert "Traceback" not in err
        assert err.isascii() or all(c.isprintable() or c == "\n" for c in err)
        assert "\x1b" not in err
        assert len(err) < 4_000
        assert listing(tmp_path) == before
        return err

    return run


def listing(folder):
    return sorted(str(path) for path in folder.rglob("*"))


MANIFESTS = {
    "empty": b"",
    "not text": b"\xff\xfe\x00world",
    "a component": PING.read_bytes(),
    "deep arrays": b"a = " + b"[" * 100_000,
    "deep tables": b"a = " + b"{a=" * 50_000,
    "deep names": b".".join([b"a"] * 100_000) + b" = 1",
    "many digits": b"[world]\nname = 'x'\nseed = " + b"9" * 100_000,
    "many tables": b"".join(b"[agents.a%d]\nsource='ping.wasm'\n" % n for n in range(101)) * 2,
    "escape codes": b'[world]\nname = "\\u001b[2J\\u0007"\n[agents."\\u001b]0;x"]\nsource = 1\n',
    "turned round": '[world]\nname = "\u202eevil"\n[agents.a]\nsource = "ping.wasm"'.encode(),
    "nul in a path": b"[agents.a]\nsource = \"ping\\u0000.wasm\"\n[world]\nname = 'x'\n",
    "long path": b"[world]\nname = 'x'\n[agents.a]\nsource = '" + b"a/" * 5000 + b"x.wasm'\n",
    "itself": b"[world]\nname = 'x'\n[agents.a]\nsource = 'world.toml'\n",
    "a folder": b"[world]\nname = 'x'\n[agents.a]\nsource = '.'\n",
    "too many agents": WORLD.encode() + b"count = 100001\n",
    "too much memory": WORLD.encode() + b"memory = '9999999 GiB'\n",
    "config too deep": WORLD.encode() + b"config = " + b"[" * 300 + b"]" * 300,
    "huge message": WORLD.encode()
    + b"[[messages]]\nto='a'\ntopic='t'\nbody='"
    + b"x" * (2 << 20)
    + b"'",
    "operator as agent": b"[world]\nname='x'\n[agents.operator]\nsource='ping.wasm'\n",
    "grant of everything": WORLD.encode() + b"grants = ['*', 'mount:/', 'stop:']\n",
}


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS)
def test_a_hostile_manifest(folder, refused, text, verb):
    (folder / "world.toml").write_bytes(text)
    words = ["--run", folder / "new.run"] if verb == "run" else []
    refused(verb, folder / "world.toml", *words)


COMPONENTS = {
    "zero bytes": (b"", "empty"),
    "one byte": (b"\0", "cut short"),
    "a core module": (PROBES / "core-module.wasm", "core WebAssembly module"),
    "cut short": (PING.read_bytes()[:700], "cut short"),
    "cut in its head": (PING.read_bytes()[:10], "cut short"),
    "text": (b'(component (import "x" (func)))', "WebAssembly text"),
    "noise": (bytes(range(256)) * 50, "not a WebAssembly component"),
    "noise after a head": (PING.read_bytes()[:8] + bytes(range(256)) * 9, ""),
    "another version": (b"\0asm\x63\0\1\0" + bytes(20), "unknown version"),
    "an unknown import": (PROBES / "unknown-import.wasm", "evil:host/door"),
    "no exports": (PROBES / "no-exports.wasm", "no agent"),
    "other exports": (PROBES / "other-export.wasm", "no agent"),
    "exports of other types": (PROBES / "wrong-type.wasm", "the contract says"),
    "64-bit memory": (PROBES / "feature-memory64.wasm", "memory64"),
    "shared memory": (PROBES / "feature-shared-memory.wasm", "threads"),
    "two memories": (PROBES / "feature-two-memories.wasm", "multi-memory"),
    "exceptions": (PROBES / "feature-exceptions.wasm", "exceptions"),
    "garbage collection": (PROBES / "feature-garbage-collection.wasm", "garbage collection"),
}


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize(("wasm", "says"), COMPONENTS.values(), ids=COMPONENTS)
def test_a_component_that_is_none_or_does_not_fit_is_refused_by_name(
    folder, refused, wasm, says, verb
):
    (folder / "ping.wasm").write_bytes(wasm if isinstance(wasm, bytes) else wasm.read_bytes())
    words = ["--run", folder / "new.run"] if verb == "run" else []
    message = refused(verb, folder / "world.toml", *words)
    assert says in message
    assert "ping.wasm" in message


def test_a_name_that_writes_to_the_terminal_is_shown_and_not_obeyed(folder, refused):
    evil = folder / "\x1b[2J\u202e.wasm"
    evil.write_bytes(b"nonsense")
    assert "\\x1b[2J\\u202e" in refused("component", "show", evil)


def special(folder, kind):
    """What is no regular file, under a name that promises one."""
    path = folder / "special"
    match kind:
        case "nothing":
            pass
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path)
        case "text":
            path.write_text("SQLite format 3\0 not at all")
        case "empty":
            path.write_bytes(b"")
        case "another database":
            with sqlite3.connect(path) as database:
                database.execute("create table entry (n, kind, body, chain)")
            database.close()
    return path


SPECIAL = ["nothing", "folder", "pipe", "device", "loop", "text", "empty", "another database"]


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("verb", ["replay", "inspect", "resume", "send", "diff"])
def test_what_is_no_run(tmp_path, refused, kind, verb):
    path = special(tmp_path, kind)
    more = {"send": ["a", "t", "x"], "diff": [path]}.get(verb, [])
    refused(verb, path, *more)


@pytest.mark.parametrize("kind", SPECIAL[:6])
@pytest.mark.parametrize("verb", ["run", "check"])
def test_what_is_no_manifest(tmp_path, refused, kind, verb):
    refused(verb, special(tmp_path, kind))


@pytest.mark.parametrize("kind", [*SPECIAL[:6], "empty"])
def test_what_is_no_component(tmp_path, refused, kind):
    refused("component", "show", special(tmp_path, kind))


@pytest.mark.parametrize("kind", SPECIAL[:5])
def test_what_is_no_source_of_an_agent(folder, refused, kind):
    path = special(folder, kind)
    for name in ("ping.wasm", "ping.py"):
        source = folder / name
        source.unlink(missing_ok=True)
        source.symlink_to(path.name)
        (folder / "world.toml").write_text(WORLD.replace("ping.wasm", name))
        refused("run", folder / "world.toml")


def test_a_run_is_not_written_through_a_link_or_over_anything(folder, refused, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("precious")
    link = tmp_path / "link.run"
    link.symlink_to(tmp_path / "elsewhere.run")
    for target in (kept, link, folder, tmp_path / "no" / "such" / "folder.run", "/dev/null"):
        refused("run", folder / "world.toml", "--run", target)
    assert kept.read_text() == "precious"
