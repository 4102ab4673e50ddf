"""Folders of the host that are not what they seem, or do not stay what they were."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.hostile.attack import GUESTS
from wasm_engine.cli.main import main

PING = GUESTS / "testing/ping/ping.wasm"
WORLD = """\
[world]
name = "mounted"

[mounts.docs]
path = "{path}"
at = "/docs"

[agents.a]
source = "ping.wasm"
mounts = ["docs"]
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "world"
    (made / "docs").mkdir(parents=True)
    shutil.copyfile(PING, made / "ping.wasm")
    return made


@pytest.fixture
def run(capsys, folder):
    """Runs the world with a mount; answers status and message."""

    def play(path, *words):
        manifest = folder / "world.toml"
        manifest.write_text(WORLD.format(path=path))
        status = main(["run", str(manifest), "--run", str(folder / "new.run"), *words])
        _, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "\x1b" not in err
        return status, err

    return play


def deep(docs):
    for _ in range(80):
        docs = docs / "d"
        docs.mkdir()


def wide(docs):
    for number in range(10_001):
        (docs / str(number)).symlink_to("x")


REFUSED = {
    "a pipe": lambda docs: os.mkfifo(docs / "pipe"),
    "too deep": deep,
    "too many": wide,
    "not UTF-8": lambda docs: (docs / os.fsdecode(b"\xff")).mkdir(),
    "a name that orders": lambda docs: os.mkfifo(docs / "\x1b[2J"),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_no_guest_should_see_is_refused_before_anything_is_written(run, folder, make):
    make(folder / "docs")
    status, err = run("docs")
    assert (status, err.count("\n")) == (2, 1)
    assert "cannot mount" in err
    assert not (folder / "new.run").exists()


@pytest.mark.parametrize("path", ["/proc/self/fd", "/dev", "/sys/kernel", "/", "..", "/proc/self"])
def test_the_machine_itself_is_not_mounted_for_the_asking(run, folder, path):
    status, err = run(path)
    assert (status, "--allow" in err) == (4, True)
    assert not (folder / "new.run").exists()


def test_and_devices_not_when_they_are_given_either(run, folder):
    status, err = run("/dev", "--allow", "mount:/dev")
    assert (status, "neither a file, a folder nor a link" in err) == (2, True)
    assert not (folder / "new.run").exists()


@pytest.mark.parametrize("target", ["loop", "/etc", "../../..", "/proc/self/root", "."])
def test_links_lead_nowhere_on_the_host(run, folder, target):
    (folder / "docs" / "loop").symlink_to(target)
    assert run("docs")[0] == 0


@pytest.mark.parametrize("target", ["/etc", ".."])
def test_a_mount_that_is_itself_a_link_is_what_the_link_leads_to(run, folder, target):
    """And that is beyond the folder, so the operator has to give it."""
    (folder / "link").symlink_to(target)
    assert run("link")[0] == 4
