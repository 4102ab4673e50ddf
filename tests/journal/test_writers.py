"""Writers that meet, that are killed, and that the machine fails."""

import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.journal import independent_reader, sample_run
from tests.journal.sample_run import append_step
from wasm_engine.concepts.errors import BadRunFile, HostFault
from wasm_engine.host import locks
from wasm_engine.journal.runfile import RunFile

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.run"


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    paths = f"import sys; sys.path[:0] = [{str(ROOT / 'src')!r}, {str(ROOT)!r}]\n"
    return subprocess.Popen(
        [sys.executable, "-B", "-c", paths + code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


WRITER = """
from pathlib import Path
from tests.journal import sample_run
from wasm_engine.journal.runfile import RunFile
path = Path(sys.argv[1])
run = RunFile.open(path, write=True) if path.exists() else sample_run.begin(path)
last = run.verify().steps
for step in range(last + 1, last + 6):
    sample_run.append_step(run, step, durable=True)
sample_run.append_step(run, step + 1)
print(run.count - 1, flush=True)
sys.stdin.read()
"""


def killed_writer(path: Path) -> int:
    """Leaves what a writer leaves that was killed with an entry in its buffer."""
    with python(WRITER, path) as process:
        durable = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    return durable


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def test_a_second_writer_is_refused_and_readers_are_not(path):
    sample_run.write(path)
    with RunFile.open(path, write=True) as run:
        with pytest.raises(BadRunFile, match=r"a\.run: in use by another process"):
            RunFile.open(path, write=True)
        with RunFile.open(path, verify="all") as reader:
            assert reader.count == sample_run.COUNT
        append_step(run, 4, durable=True)
    with RunFile.open(path, write=True, verify="all") as run:
        assert run.count == sample_run.COUNT + 1


def test_a_writer_in_another_process_is_in_the_way_until_it_dies(path):
    with python(WRITER, path) as process:
        durable = int(process.stdout.readline())
        with pytest.raises(BadRunFile, match="in use by another process"):
            RunFile.open(path, write=True)
        with RunFile.open(path, verify="all") as reader:
            assert reader.count == durable
        process.send_signal(signal.SIGKILL)
        process.wait()
        with RunFile.open(path, write=True, verify="all") as run:
            assert run.count == durable
    assert beside(path) == ["a.run"]


def test_a_file_that_was_refused_can_be_opened_afterwards(path):
    path.write_text("not a run")
    with pytest.raises(BadRunFile):
        RunFile.open(path, write=True)
    path.unlink()
    with sample_run.begin(path) as run:
        assert run.count == 1


def test_closing_while_a_reader_is_there_keeps_everything(path):
    run = sample_run.begin(path)
    sample_run.fill(run)
    with RunFile.open(path) as reader:
        run.close()
        assert reader.verify().entries == sample_run.COUNT
    with RunFile.open(path, write=True, verify="all") as again:
        assert again.count == sample_run.COUNT
    assert beside(path) == ["a.run"]


def test_a_killed_writer_leaves_what_was_durable(path):
    durable = killed_writer(path)
    assert "a.run-wal" in beside(path)
    with RunFile.open(path, verify="all") as run:
        assert run.count == durable
    assert independent_reader.read(path)["chain"]
    with RunFile.open(path, write=True, verify="all") as run:
        assert run.count == durable
        append_step(run, durable)
    assert beside(path) == ["a.run"]
    with RunFile.open(path, verify="all") as run:
        assert run.count == durable + 1


def test_runs_survive_being_killed_again_and_again(path):
    counts = [killed_writer(path) for _ in range(4)]
    assert counts == sorted(counts)
    with RunFile.open(path, verify="all") as run:
        assert run.count == counts[-1]


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone", "foreign"])
def test_a_damaged_log_of_a_killed_writer_is_a_shorter_run_or_refused(path, damage):
    durable = killed_writer(path)
    path.with_name("a.run-shm").unlink()
    log = path.with_name("a.run-wal")
    data = log.read_bytes()
    changed = {
        "cut": data[: len(data) * 2 // 3],
        "flipped": data[:9000] + bytes([data[9000] ^ 1]) + data[9001:],
        "gone": b"",
        "foreign": os.urandom(len(data)),
    }
    log.write_bytes(changed[damage])
    try:
        with RunFile.open(path, verify="all") as run:
            assert 1 <= run.count < durable
    except BadRunFile:
        pass


READER = """
import os
from pathlib import Path
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.runfile import RunFile
Path("/").as_uri()  # imports what it needs
if os.geteuid() == 0:  # who may do everything; after the imports, which another may not
    os.setresuid(65534, 65534, 65534)
try:
    run = RunFile.open(Path(sys.argv[1]), write=sys.argv[2] == "write", verify="all")
except BadRunFile as error:
    sys.exit(print(error))
with run:
    print(run.count, len(list(run.entries())))
"""


@pytest.fixture
def read_only_folder():
    """A folder that a reader who is not root can enter and cannot write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield folder
        folder.chmod(0o700)


def said_by_a_stranger(path: Path, to: str) -> str:
    """What a process says that may read the folder and its files, and write neither."""
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.parent.chmod(0o555)
    with python(READER, path, to) as process:
        return process.stdout.read()


@pytest.mark.parametrize("left", ["everything", "no index", "no log", "closed"])
def test_a_run_in_a_folder_that_cannot_be_written_is_read(read_only_folder, left):
    path = read_only_folder / "a.run"
    if left == "closed":
        sample_run.write(path)
        expected = sample_run.COUNT
    else:
        expected = killed_writer(path)
    if left in ("no index", "no log"):
        path.with_name("a.run-shm").unlink()
    if left == "no log":
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = beside(path)
    assert said_by_a_stranger(path, "read") == f"{expected} {expected}\n"
    assert beside(path) == before


def test_a_file_that_may_not_be_written_is_the_callers_mistake(read_only_folder):
    path = sample_run.write(read_only_folder / "a.run")
    said = said_by_a_stranger(path, "write")
    assert said == "a.run: cannot be opened: permission denied\n"


FULL_DISK = """
import resource, signal
from pathlib import Path
from tests.journal import sample_run
from wasm_engine.concepts.errors import HostFault
from wasm_engine.journal import entries
run = sample_run.begin(Path(sys.argv[1]))
sample_run.append_step(run, 1, durable=True)
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
big = entries.encode(entries.Control("note", [bytes(100_000)]))
stored = run.count
try:
    while True:
        run.append(*big, durable=True)
        stored = run.count
except HostFault as error:
    print(error)
try:
    run.flush()
except HostFault as error:
    print("again")
if sys.argv[2] == "room":
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    run.flush()
    stored = run.count
try:
    run.close()
except HostFault as error:
    print("closed")
print(stored)
"""


@pytest.mark.parametrize("then", ["room", "none"])
def test_a_full_disk_is_a_fault_of_the_machine_and_loses_nothing(path, then):
    with python(FULL_DISK, path, then) as process:
        said = process.stdout.read().splitlines()
    assert said[0].startswith("a.run: cannot be written: ")
    assert said[1:-1] == (["again"] if then == "room" else ["again", "closed"])
    with RunFile.open(path, verify="all") as run:
        assert run.count == int(said[-1])


def test_a_fault_while_creating_leaves_nothing(path, monkeypatch):
    def full(_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(locks, "sync_folder", full)
    with pytest.raises(HostFault, match="cannot be created: no space left on device"):
        sample_run.begin(path)
    assert beside(path) == []


def test_running_out_of_memory_is_a_fault_of_the_machine(path, monkeypatch):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        with monkeypatch.context() as patch:
            patch.setattr("wasm_engine.journal.rows.insert_blocks", raise_memory_error)
            with pytest.raises(HostFault, match="out of memory"):
                run.flush()
        run.flush()
        assert run.verify().entries == 2


def raise_memory_error(*_arguments):
    raise MemoryError


def test_an_interrupt_after_the_commit_repeats_nothing(path, monkeypatch):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        original = type(run._writer)._advance
        interrupted = []

        def interrupt_once(writer, stored):
            if not interrupted:
                interrupted.append(True)
                raise KeyboardInterrupt
            original(writer, stored)

        monkeypatch.setattr(type(run._writer), "_advance", interrupt_once)
        with pytest.raises(KeyboardInterrupt):
            run.flush()
        append_step(run, 2)
    with RunFile.open(path, verify="all") as run:
        assert run.count == 3


def test_too_many_open_files_is_a_fault_of_the_machine(path):
    sample_run.write(path)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        with pytest.raises(HostFault, match="too many open files"):
            RunFile.open(path, write=True)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_pipe_or_a_folder_is_not_waited_for(path):
    os.mkfifo(path)
    for write in (False, True):
        with pytest.raises(BadRunFile, match="not a file"):
            RunFile.open(path, write=write)


def test_a_pipe_that_appears_in_between_is_not_waited_for(path):
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        locks.hold(path)


def test_a_hold_ends_once_and_knows_its_file(path):
    hold = locks.create_held(path)
    assert hold.is_of(path)
    with pytest.raises(BlockingIOError):
        locks.hold(path)
    hold.release()
    hold.release()
    locks.hold(path).release()
