"""Folders that agents share and write: nothing leads out of them, and the host's stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Attack, Control, Scene, Words

WRITER, READER, STRANGER = "writer", "reader", "stranger"
_KEPT_OUT = "FileNotFoundError | PermissionError"
_OS = "import os\n"


def _tried(
    name: str, tries: str, code: str, must: str, given: str, control: str, gets: str,
    kind: str = WRITER, by: str = WRITER,
) -> Attack:  # fmt: skip
    """An attack by statements, of which the last makes `got` where it is none itself."""
    return Attack(
        name, tries, python(kind, _got(code)), must, Control(given, python(by, _got(control)), gets)
    )


def _got(code: str) -> str:
    *first, last = code.split("; ")
    last = last if "=" in last.partition("(")[0] else f"got = {last}"
    return _OS + "\n".join([*first, last])


_WRITE = "open('/notes/@', 'w').write('x')"
_ATTACKS = [
    _tried(
        "upwards", "writes a file of the host by `..`", "open('/notes/../../../etc/passwd', 'w')", _KEPT_OUT,
        "in the folder", _WRITE.replace("@", "in"), "1",
    ),
    _tried(
        "absolute", "writes one by its absolute path", "open('/etc/passwd', 'w')", _KEPT_OUT,
        "in the folder", _WRITE.replace("@", "own"), "1",
    ),
    _tried(
        "from-a-descriptor", "opens the folder, and climbs out from there",
        "fd = os.open('/notes', os.O_RDONLY); os.open('../climbed', os.O_CREAT | os.O_WRONLY, dir_fd=fd)", _KEPT_OUT,
        "stays in it", "fd = os.open('/notes', os.O_RDONLY); os.open('stayed', os.O_CREAT | os.O_WRONLY, dir_fd=fd) > 0", "True",
    ),
    _tried(
        "link", "makes a link to the host's files in it", "os.symlink('/etc/passwd', '/notes/way')", "PermissionError",
        "in its own tree", "os.symlink('notes/seed', '/way')", "None",
    ),
    _tried(
        "hard-link", "gives a file of it a second name outside", "os.link('/notes/seed', '/mine')", "OSError | PermissionError",
        "a file of its own", "open('/one', 'w').close(); os.link('/one', '/two')", "None",
    ),
    _tried(
        "link-through", "goes through it and out again by a link of its own",
        "os.symlink('notes/../../etc', '/way'); open('/way/passwd')", _KEPT_OUT,
        "and stays", "os.symlink('notes', '/way'); open('/way/seed').read()", "as it was",
    ),
    _tried(
        "link-round", "makes a link that goes through it and leads to itself",
        "os.symlink('notes/../round', '/round'); open('/round')", "OSError",
        "to a file", "os.symlink('notes/../notes/seed', '/round'); open('/round').read()", "as it was",
    ),
    _tried(
        "rename-out", "moves a file of it into its own tree", "os.rename('/notes/seed', '/mine')", "OSError",
        "within it", "open('/notes/r1', 'w').close(); os.rename('/notes/r1', '/notes/r2')", "None",
    ),
    _tried(
        "rename-in", "moves a folder of its own, with links, into it",
        "os.mkdir('/d'); os.symlink('../etc', '/d/l'); os.rename('/d', '/notes/d')", "OSError",
        "within its tree", "os.mkdir('/d'); os.rename('/d', '/e')", "None",
    ),
    _tried(
        "into-itself", "moves a folder into itself",
        "os.makedirs('/notes/s1/s2'); os.rename('/notes/s1', '/notes/s1/s2/s3')", "OSError",
        "beside itself", "os.makedirs('/notes/t1/t2'); os.rename('/notes/t1/t2', '/notes/t3')", "None",
    ),
    _tried(
        "quota", "fills it", "f = open('/flooded/f', 'wb', buffering=0); got = [f.write(bytes(1 << 14)) for _ in range(9)]", "OSError",
        "within its bounds", "open('/spare/f', 'wb').write(bytes(1 << 14))", "16384",
    ),
    _tried(
        "many-files", "makes files without end", "got = [open(f'/crowded/{n}', 'w').close() for n in range(10**6)]", "OSError",
        "three", "len([open(f'/spare/{n}', 'w').close() for n in range(3)])", "3",
    ),
    _tried(
        "sparse", "makes a file of a tebibyte, most of it holes", "f = open('/notes/h1', 'wb'); f.truncate(1 << 40)", "OSError",
        "of 1 KiB", "f = open('/notes/h2', 'wb'); f.truncate(1024)", "1024",
    ),
    _tried(
        "far-away", "writes a byte at the end of the largest file there can be",
        "f = open('/notes/h3', 'wb', buffering=0); f.seek((1 << 63) - 2); f.write(b'x')", "OSError",
        "at the second place", "f = open('/notes/h4', 'wb', buffering=0); f.seek(1); f.write(b'x')", "1",
    ),
    _tried(
        "read-only-descriptor", "writes through a descriptor for reading",
        "fd = os.open('/notes/seed', os.O_RDONLY); os.write(fd, b'x')", "OSError",
        "for writing", "fd = os.open('/notes/w', os.O_RDWR | os.O_CREAT); os.write(fd, b'x')", "1",
    ),
    _tried(
        "without-grant", "writes without the grant", "open('/notes/seed', 'r+')", "OSError",
        "mount-write:notes", _WRITE.replace("@", "granted"), "1", kind=READER,
    ),
    _tried(
        "removes-without-grant", "removes without the grant", "os.remove('/notes/seed')", "OSError",
        "mount-write:notes", "open('/notes/x', 'w').close(); os.remove('/notes/x')", "None", kind=READER,
    ),
    _tried(
        "not-shown", "reads a folder that it was not shown", "open('/notes/seed').read()", "FileNotFoundError",
        "shown", "open('/notes/seed').read()", "as it was", kind=STRANGER, by=READER,
    ),
    _tried(
        "case", "reads it under another case", "open('/notes/SEED').read()", "FileNotFoundError",
        "its name", "open('/notes/./seed').read()", "as it was", kind=READER, by=READER,
    ),
    _tried(
        "removed", "goes on writing to a file that it removed",
        "f = open('/notes/gone', 'w', buffering=1); os.remove('/notes/gone'); f.write('x\\n')", "OSError",
        "that is there", "f = open('/notes/stays', 'w', buffering=1); f.write('x\\n')", "2",
    ),
    _tried(
        "deep", "puts folders into each other without end", "got = [os.mkdir('/notes' + '/n' * n) for n in range(1, 10**4)]", "OSError",
        "five", "len([os.mkdir('/notes' + '/m' * n) for n in range(1, 6)])", "5",
    ),
    _tried(
        "no-text", "makes a file whose name is no text", "open(b'/notes/\\xff\\xfe', 'w')", "guest-trap | OSError | UnicodeDecodeError",
        "that is", "open('/notes/ÿ'.encode(), 'w').write('x')", "1",
    ),
    _tried(
        "nul", "cuts a name off by a NUL", "open('/notes/a' + chr(0) + '.txt', 'w')", "ValueError",
        "without", "open('/notes/a.txt', 'w').write('x')", "1",
    ),
    _tried(
        "the-mount", "removes the folder itself", "os.rmdir('/flooded')", "OSError",
        "one in it", "os.mkdir('/notes/rm'); os.rmdir('/notes/rm')", "None",
    ),
]  # fmt: skip


@contextmanager
def _seeds(folder: Path) -> Iterator[Words]:
    """The folder of the host that one mount begins with."""
    folder.joinpath("seeds").mkdir()
    folder.joinpath("seeds", "seed").write_text("as it was")
    yield {"seeds": str(folder / "seeds")}


def _changed(words: Words) -> Sequence[str]:
    seeds = Path(words["seeds"])
    as_it_was = [it.name for it in seeds.iterdir()] == ["seed"]
    if as_it_was and (seeds / "seed").read_text() == "as it was":
        return []
    return ["the host's folder was changed"]


_SHOWN = {**PYTHON, "mounts": ["crowded", "flooded", "notes", "spare"]}
_SMALL = {"writable": True, "quota": 1 << 16, "max-files": 20}
SCENES = [
    Scene(
        "shared-files",
        _ATTACKS,
        {
            WRITER: {
                **_SHOWN,
                "grants": [f"mount-write:{it}" for it in ("crowded", "flooded", "notes", "spare")],
            },
            READER: _SHOWN,
            STRANGER: PYTHON,
        },
        {
            "mounts": {
                "notes": {"path": "seeds", "at": "/notes", "writable": True, "quota": 1 << 20},
                **{it: {"at": f"/{it}", **_SMALL} for it in ("crowded", "flooded", "spare")},
            }
        },
        around=_seeds,
        wrong=_changed,
        most=1 << 30,
    )
]
