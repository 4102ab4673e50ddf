"""Every way to fail has its exit status and one message; nobody sees a traceback by mistake."""

from __future__ import annotations

import errno
import json

import pytest

from wasm_engine.cli import main as cli
from wasm_engine.concepts.errors import (
    BadManifest,
    Bug,
    HostFault,
    Interrupted,
    Misuse,
    Refused,
    ReplayDivergence,
)


@pytest.fixture
def fail(monkeypatch):
    """Makes a verb that raises, and runs it."""

    def run(error, *extra):
        class Parser:
            def parse_args(self, argv):
                raise error

        monkeypatch.setattr(cli, "parser", Parser)
        return cli.main(list(extra))

    return run


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Misuse("m"), 2),
        (BadManifest(["w.toml:1: a", "w.toml:2: b"]), 2),
        (ReplayDivergence(step=1, agent="a", call=0, expected="x", got="y"), 3),
        (Refused("r"), 4),
        (HostFault("h"), 5),
        (MemoryError(), 5),
        (OSError(errno.ENOSPC, "No space left on device"), 5),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "w.toml"), 2),
        (Interrupted("i"), 130),
        (KeyboardInterrupt(), 130),
        (Bug("b"), 70),
        (ZeroDivisionError("z"), 70),
    ],
)
def test_exit_status(fail, capsys, error, status):
    assert fail(error) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("wasm-engine: ")
    assert "Traceback" not in err


def test_debug_shows_where(fail, capsys, monkeypatch):
    monkeypatch.setenv("WASM_ENGINE_DEBUG", "1")
    fail(ZeroDivisionError("z"))
    assert "Traceback" in capsys.readouterr().err


def test_with_json_the_error_is_the_one_object_on_stdout(fail, capsys):
    fail(Refused("mount:/etc is not given", hint="--allow mount:/etc gives it"), "--json")
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "code": "refused",
            "message": "mount:/etc is not given",
            "hint": "--allow mount:/etc gives it",
        },
        "exit": 4,
    }


def test_text_of_guests_in_a_message_is_escaped(fail, capsys):
    fail(Misuse("agent \x1b[2J\u202e said\nthis"))
    assert "\\x1b[2J\\u202e said\nthis" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nothing"],
        ["run"],
        ["run", "w.toml", "--seed", "x"],
        ["run", "w.toml", "--see", "1"],
        ["replay", "a", "b"],
        ["fork", "a", "--at", "1"],
        ["fork", "a", "--at", "1", "--out", "b", "--effects", "some"],
        ["fork", "a", "--at", "1", "--out", "b", "--component", "kind"],
        ["inspect", "a", "--range", "x"],
        ["component"],
    ],
)
def test_bad_usage_is_said_in_one_message(capsys, argv):
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--help says more" in err


@pytest.mark.parametrize(
    "verb",
    [
        ["demo"],
        ["check"],
        ["run"],
        ["resume"],
        ["send"],
        ["replay"],
        ["inspect"],
        ["bisect"],
        ["fork"],
        ["diff"],
        ["compact"],
        ["export"],
        ["import"],
        ["component", "show"],
        ["component", "run"],
        ["interpreter", "show"],
        ["interpreter", "build"],
        ["interpreter", "export"],
        ["interpreter", "import"],
    ],
)
def test_every_verb_explains_itself(capsys, verb):
    with pytest.raises(SystemExit) as end:
        cli.main([*verb, "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert len(text.splitlines()) > 5
