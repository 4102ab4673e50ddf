"""The shim: notes all that is done to a folder, dies when told to, and refuses what it should."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash import preload, recording
from tests.crash.disk import Disk
from tests.crash.preload import Failure
from tests.crash.recording import Kind

WRITES = """
import os, sys
fd = os.open("file", os.O_RDWR | os.O_CREAT, 0o600)
os.write(fd, b"one")
os.pwrite(fd, b"two", 10)
os.fsync(fd)
os.ftruncate(fd, 5)
os.writev(fd, [b"th", b"ree"])
os.mkdir("folder")
os.rename("file", "folder/moved")
os.link("folder/moved", "again")
os.unlink("folder/moved")
for refused, name in ((os.unlink, "missing"), (os.mkdir, "folder")):
    try:
        refused(name)
    except OSError:
        pass
with open("text", "a") as file:
    file.write("four")
with open("text", "a") as file:
    file.write("five")
os.fdatasync(fd)
print("done")
"""
DATABASE = """
import sqlite3
db = sqlite3.connect("base", isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("CREATE TABLE t (n)")
for n in range(200):
    db.execute("INSERT INTO t VALUES (?)", ("x" * 3000,))
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
db.execute("INSERT INTO t VALUES (1)")
db.close()
"""


class Program:
    """Runs Python text under the shim, in a folder that is watched."""

    def __init__(self, place: Path) -> None:
        self.root, self.log = place / "root", place / "log"
        self.root.mkdir()
        self.before = Disk(self.root)

    def run(self, text: str, **orders):
        variables = preload.environment(self.root, self.log, **orders)
        ended = subprocess.run(
            [sys.executable, "-c", text],
            cwd=self.root,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        self.records = recording.read(self.log)
        for record in self.records:
            self.before.apply(record)
        return ended

    def kinds(self):
        return [record.kind for record in self.records]

    def files(self):
        found = {"": None}
        for path in self.root.rglob("*"):
            if not path.name.endswith("-shm"):
                found[str(path.relative_to(self.root))] = path.is_file() and path.read_bytes()
        return {name: None if data is False else data for name, data in found.items()}


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


@pytest.mark.parametrize("text", [WRITES, DATABASE], ids=["calls", "sqlite"])
def test_it_misses_nothing(program, text):
    assert program.run(text).stderr == ""
    assert program.before.after_failure("kept") == program.files()


def test_it_notes_one_order(program):
    program.run(WRITES)
    assert program.kinds()[:7] == [
        *(Kind.CREATE, Kind.WRITE, Kind.WRITE, Kind.SYNC_BEGIN, Kind.SYNC_END),
        *(Kind.TRUNCATE, Kind.WRITE),
    ]
    assert b"".join(it.data for it in program.records if it.kind == Kind.SAY) == b"done\n"
    written = [record.data for record in program.records if record.kind == Kind.WRITE]
    assert written == [b"one", b"two", b"th", b"ree", b"four", b"five"]


def test_it_dies_before_each_operation(program, tmp_path):
    program.run(WRITES)
    whole = program.records
    places = recording.operations(whole)
    for number, place in enumerate(places, 1):
        (tmp_path / str(number)).mkdir()
        other = Program(tmp_path / str(number))
        assert other.run(WRITES, kill=number).returncode == -9
        assert other.kinds() == [record.kind for record in whole[:place]]
        assert other.before.after_failure("kept") == other.files()
    assert program.run(WRITES, kill=len(places) + 1).stderr != ""


@pytest.mark.parametrize("of", ["changes", "syncs", "names"])
def test_it_refuses_what_it_is_told_to(program, of):
    ended = program.run(WRITES, failure=Failure(of, 1, errno.EIO))
    assert ended.returncode == 1
    assert "[Errno 5] Input/output error" in ended.stderr
    assert program.before.after_failure("kept") == program.files()


def test_a_full_disk_takes_the_first_half(program):
    text = "import os; fd = os.open('f', 66, 0o600); print(os.write(fd, b'12345678'))"
    assert program.run(text, failure=Failure("changes", 1, errno.ENOSPC)).stdout == "4\n"
    assert program.files()["f"] == b"1234"


def test_a_lie_is_noted_as_nothing(program):
    assert program.run(WRITES, sync="lie").returncode == 0
    assert Kind.SYNC_END not in program.kinds()
    assert program.before.after_failure("lost") == {"": None}


def test_syncs_can_be_real(program):
    assert program.run(DATABASE, sync="real").returncode == 0
    assert program.before.after_failure("kept") == program.files()


def test_programs_that_it_starts_are_left_alone(program):
    text = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'open(\"f\", \"w\")'])"
    assert program.run(text).returncode == 0
    assert program.records == []


def test_the_clock_gains_what_it_should(program):
    text = "import time; a = time.monotonic(); print(int(time.monotonic() - a))"
    assert int(program.run(text, tick=5).stdout) >= 5


def test_it_notes_what_leaves_for_the_network(program):
    text = """
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
client.sendall(b"a request")
local, other = socket.socketpair()
local.sendall(b"no request")
"""
    assert program.run(text).stderr == ""
    assert program.kinds() == [Kind.CONNECT, Kind.SEND]
    assert program.records[-1].data == b"a request"
    assert program.records[0].file == program.records[1].file
