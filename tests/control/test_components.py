"""What a component is, needs and offers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wasm_engine.concepts.errors import BadComponent
from wasm_engine.control.checks import check
from wasm_engine.control.components import Command, run, show


def test_a_component_is_shown_with_its_types(world):
    report = show(world.parent / "ping.wasm")
    assert report.roles == ("handler",)
    sends = {row.name: row for row in report.imports}["wasm-engine:agent/messaging@0.1.0"]
    assert sends.known == "provided"
    assert sends.functions[0].startswith("send: func(to: string, topic: string, ")
    assert [row.name for row in report.exports] == ["wasm-engine:agent/handler@0.1.0"]


def test_what_every_call_is_refused_to_is_not_called_provided():
    report = show(Path(__file__).parents[2] / "guests/testing/probe/sockets.wasm")
    known = {row.name: row.known for row in report.imports}
    assert known["wasi:sockets/tcp-create-socket@0.2.0"] == "refused"


def test_what_is_no_component_is_refused_by_name(world):
    for path in (world, world.parent / "nothing.wasm", world.parent, Path("/dev/zero")):
        with pytest.raises(BadComponent, match=path.name):
            show(path)


def test_what_is_too_large_is_not_even_read(tmp_path):
    huge = tmp_path / "huge.wasm"
    with huge.open("wb") as file:
        file.truncate(1 << 34)
    with pytest.raises(BadComponent, match="too large"):
        show(huge)


def test_an_agent_is_no_command(world):
    with pytest.raises(BadComponent, match="no command"):
        run(world.parent / "ping.wasm", Command())


def test_a_world_without_mistakes_is_reported(world):
    report = check(world)
    assert (report.world, report.agents) == ("pingpong", ("a", "b"))
    assert (report.needs, report.missing) == ((), ())


def test_a_check_says_what_is_not_given(world, tmp_path):
    outside = tmp_path / "documents"
    outside.mkdir()
    mount = f"[mounts.docs]\npath = '{outside}'\nat = '/docs'\n"
    world.write_text(world.read_text() + "mounts = ['docs']\n" + mount)
    assert check(world).missing == (f"mount:{outside}",)
    given = check(world, allow=[f"mount:{outside}"])
    assert (given.needs, given.missing) == ((f"mount:{outside}",), ())


def test_a_check_begins_each_kind_once_and_says_what_failed(world):
    probe = Path(__file__).parents[2] / "guests/testing/probe/init-trap.wasm"
    shutil.copyfile(probe, world.parent / "broken.wasm")
    world.write_text(world.read_text() + '\n[agents.c]\nsource = "broken.wasm"\n')
    with pytest.raises(BadComponent, match=r"c \(broken.wasm\) fails as it begins: unreachable"):
        check(world)
