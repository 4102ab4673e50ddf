"""Small worlds that go on for a while, and what is done with them from beginning to end."""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple

GUESTS = Path(__file__).parents[2] / "guests/testing"
RUN = "it.run"
MS = 1_000_000


class Story(NamedTuple):
    """A world and the commands that its run is made with.

    Attributes:
        name: What it is called.
        manifest: Its manifest.
        sources: Files beside the manifest: name, and where it comes from.
        commands: Arguments; the first is `run`, and each `send` is followed by a `resume`.
        settled: Whether every undisturbed run has the same chain (else real time is in it).
        python: Whether it has Python agents, which need the interpreter.
        hurried: Whether its programs may believe that time runs faster: not with real deadlines.
    """

    name: str
    manifest: str
    sources: dict[str, Path]
    commands: tuple[tuple[str, ...], ...]
    settled: bool = True
    python: bool = False
    hurried: bool = True

    def lay_out(self, folder: Path) -> Story:
        """Writes the world into a new folder; the story of that world."""
        folder.mkdir(parents=True)
        for name, source in self.sources.items():
            shutil.copyfile(source, folder / name)
        (folder / "world.toml").write_text(self.manifest)
        (verb, *rest), *others = self.commands
        return self._replace(commands=((verb, str(folder / "world.toml"), *rest), *others))


def _kinds(**sources: str) -> str:
    return "".join(f'[agents.{name}]\nsource = "{source}"\n' for name, source in sources.items())


def _message(to: str, topic: str, body: str) -> str:
    return f'[[messages]]\nto = "{to}"\ntopic = "{topic}"\nbody = """{body}"""\n'


def _nested(script: str) -> str:
    """A script as an argument of another."""
    return f"{len(script)}:{script}"


def _asks(rounds: int) -> list[str]:
    """Scripts that ask, spawn, watch and stop, each when its time comes."""
    scripts = []
    for n in range(rounds):
        deed = (
            "#!ask clerk script 11:reply hello;incr asked;random;now",
            f"#!spawn worker w{n} 2:{{}};watch worker/w{n};send worker/w{n} script 8:set a 1",
            f"#!start r clerk script {_nested('touch;reply later')};wait-any r;take r;log taken",
            f"#!set-size large 3000;stop worker/w{n - 2};publish news {_nested('it is ' + str(n))}",
        )[n % 4]
        scripts.append(f"schedule t{n} {(n * 3 + 1) * MS} later {_nested(deed)}")
    return scripts


_STOCK = {
    "ping.wasm": GUESTS / "ping/ping.wasm",
    "scripted.wasm": GUESTS / "scripted/scripted.wasm",
}


def busy(rounds: int = 24, pings: int = 120, first: int = 60) -> Story:
    """Agents that ask, spawn, stop, watch, publish and set timers; two send to and fro."""
    manifest = (
        '[world]\nname = "busy"\nseed = 7\n'
        + _kinds(a="ping.wasm", b="ping.wasm", clerk="scripted.wasm")
        + 'subscribe = ["news"]\n[agents.asker]\nsource = "scripted.wasm"\nlifecycle = "resident"\n'
        + 'grants = ["spawn:worker", "stop:worker/*"]\n'
        + '[agents.worker]\nsource = "scripted.wasm"\ncount = 0\n'
        + _message("a", "start", f"{pings} b")
        + "".join(_message("asker", "script", script) for script in _asks(rounds))
    )
    again = "ask clerk script 5:touch;schedule t 5000000 later 7:#!touch"
    commands = (
        ("run", "--run", RUN, "--send", "asker", "script", "log begun", "--max-steps", str(first)),
        ("resume", RUN),
        ("send", RUN, "asker", "script", again),
        ("resume", RUN),
        ("send", RUN, "b", "start", f"{pings // 4} a"),
        ("resume", RUN, "--max-steps", str(pings // 8)),
        ("resume", RUN),
    )
    return Story("busy", manifest, _STOCK, commands)


def short() -> Story:
    """The same in little, for a look at every instant of it."""
    story = busy(rounds=5, pings=12, first=8)
    return story._replace(name="short", commands=(*story.commands[:3], ("resume", RUN)))


def large(messages: int = 48) -> Story:
    """Messages of 200 KB: SQLite copies its log into the file while the world runs."""
    manifest = (
        '[world]\nname = "large"\n'
        + _kinds(a="scripted.wasm", b="scripted.wasm")
        + "".join(_message("a", "script", _filler(n)) for n in range(messages))
    )
    commands = (("run", "--run", RUN), ("send", RUN, "a", "script", "touch"), ("resume", RUN))
    return Story("large", manifest, _STOCK, commands)


def _filler(n: int) -> str:
    """A script with much in it that packs badly."""
    words = (hashlib.sha512(f"{n} {k}".encode()).digest() for k in range(2300))
    return f"send-bytes b chatter {_nested(base64.b64encode(b''.join(words)).decode())}"


def timed() -> Story:
    """A world that keeps real time."""
    manifest = (
        '[world]\nname = "timed"\nclock = "recorded"\n'
        + _kinds(a="ping.wasm", b="ping.wasm", asker="scripted.wasm", clerk="scripted.wasm")
        + _message("a", "start", "100 b")
        + "".join(
            _message("asker", "script", f"now;random;ask clerk script {_nested('now;reply yes')}")
            for _ in range(8)
        )
    )
    commands = (
        ("run", "--run", RUN, "--max-steps", "50"),
        ("resume", RUN),
        ("send", RUN, "a", "start", "30 b"),
        ("resume", RUN),
    )
    return Story("timed", manifest, _STOCK, commands, settled=False)


def python() -> Story:
    """A Python agent that remembers in memory what it was told, and asks another."""
    manifest = (
        '[world]\nname = "python"\n'
        + _kinds(clerk="scripted.wasm", a="ping.wasm", b="ping.wasm")
        + '[agents.poet]\nsource = "poet.py"\nlifecycle = "resident"\n'
        + _message("a", "start", "40 b")
        + "".join(_message("poet", "line", f"line {n}") for n in range(20))
    )
    commands = (
        ("run", "--run", RUN, "--max-steps", "12"),
        ("resume", RUN),
        ("send", RUN, "poet", "line", "the last"),
        ("resume", RUN),
    )
    sources = {**_STOCK, "poet.py": Path(__file__).parent / "agents/poet.py"}
    return Story("python", manifest, sources, commands, python=True)
