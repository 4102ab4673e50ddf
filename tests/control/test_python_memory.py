"""All of a Python guest's memory as of a step is what the guest itself read there.

The agent `mirror.py` copies its memory, all 28 MB of it, at one stroke, from within the request
that suspends it. No Python can do so in the very moment in which it is suspended: on the way there
it still writes (references are counted, frames end, arguments are lowered). So it copies once more
before, and once more after, and says which pages of 4096 bytes differ then: some 60 of 6,900. All
others have to be equal, to the byte. Of those 60 only bytes that differ are counted: below 200.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from wasm_engine.control import runs
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.pages import PAGE

HOME = os.environ.get("WASM_ENGINE_HOME")
MIRROR = Path(__file__).parent / "agents/mirror.py"
WORLD = """\
[world]
name = "mirrors"

[agents.mirror]
source = "mirror.py"
lifecycle = "resident"

[agents.witness]
source = "mirror.py"

[limits]
step-fuel = 5_000_000_000
"""
MOST_CHANGING = 100
"""Pages that the agent's own copies may show to be different before, during and after."""
MOST_BYTES = 500
"""Bytes, in all of these together, that may differ."""
MOST_BEFORE = 2_000
"""Bytes that may differ from the copy that was made before the request."""
HEADING = 16
"""What the allocator writes beside a block that it gives."""


@pytest.fixture
def mirrored(tmp_path, monkeypatch):
    """A run in which an agent in Python showed its memory in step 1, and waited."""
    # The home from before the tests: there the interpreter is built already.
    monkeypatch.delenv("WASM_ENGINE_HOME", raising=False)
    if HOME is not None:
        monkeypatch.setenv("WASM_ENGINE_HOME", HOME)
    shutil.copyfile(MIRROR, tmp_path / "mirror.py")
    (tmp_path / "world.toml").write_text(WORLD)
    file = tmp_path / "mirrors.run"
    report = runs.run(tmp_path / "world.toml", file=file, send=[("mirror", "show", "")])
    assert report.letters == ()
    return file


def _told(file):
    """What the agent said: the numbers, and of each page the digest."""
    said = {row.topic: row.body for row in inspect(file, wanted=Wanted(messages=True)).messages}
    return json.loads(said["places"]["text"]), base64.b64decode(said["digests"]["base64"])


def _pages(data):
    return [data[start : start + PAGE] for start in range(0, len(data), PAGE)]


def _digest(page):
    return hashlib.blake2b(page, digest_size=32).digest()


def _differing(pages, others):
    """How many bytes differ, by the number of the page."""
    return {
        number: sum(a != b for a, b in zip(*pair, strict=True))
        for number, pair in enumerate(zip(pages, others, strict=True))
        if pair[0] != pair[1]
    }


def test_it_is_what_the_guest_read_of_itself(mirrored):
    places, digests = _told(mirrored)
    found = inspect(mirrored, step=1, agent="mirror", wanted=Wanted(memory=True)).memory
    (memory,) = [row.data for row in found if row.memory == 0]
    shown = _pages(memory[: places["end"]])
    assert sum(any(page) for page in shown) > 4_000
    before, during, after = [_pages(memory[it:][: places["end"]]) for it in places["copies"]]
    # The copy that the agent made lies in its memory too: it is what the agent said it was.
    assert b"".join(map(_digest, during)) == digests
    differing = _differing(shown, during)
    assert differing.keys() <= set(places["changing"])
    assert len(places["changing"]) <= MOST_CHANGING
    assert sum(differing.values()) <= MOST_BYTES
    # What is above is the copies, of which the last is not made yet, and nothing else.
    assert sum(_differing(shown, before).values()) <= MOST_BEFORE
    assert not any(map(any, after))
    assert places["end"] == min(places["copies"])
    ends = [*places["copies"][1:], len(memory)]
    for start, end in zip(places["copies"], ends, strict=True):
        rest = memory[start + places["end"] : end]
        assert len(rest) - rest.count(0) <= HEADING
