"""Paths: what leads out of a guest's own tree leads nowhere, and what it was shown it cannot change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Attack, Control, Scene, Words

EVIL = "evil"
NOT_THERE = "FileNotFoundError"
KEPT_OUT = "FileNotFoundError | PermissionError"
_OWN = "the file that it was shown"
# By name: a path that leads to something that is not the guest's, and what it must come to.
_PATHS = {
    "absolute": ("/etc/passwd", NOT_THERE),
    "upwards": ("/docs/../../../../../../etc/passwd", KEPT_OUT),
    "from-here": ("../../../../../../etc/passwd", KEPT_OUT),
    "through-itself": ("/docs/./../agent/../../etc/passwd", KEPT_OUT),
    "process": ("/proc/self/environ", NOT_THERE),
    "process-root": ("/proc/1/root/etc/passwd", NOT_THERE),
    "descriptor": ("/dev/fd/0", NOT_THERE),
    "device": ("/dev/urandom", NOT_THERE),
    "other-mount": ("/papers/secret.txt", NOT_THERE),
    "beside-the-mount": ("/docs/../docs-not-mounted/x", NOT_THERE),
    "link-absolute": ("/docs/out", KEPT_OUT),
    "link-upwards": ("/docs/up", KEPT_OUT),
    "link-to-itself": ("/docs/loop", "OSError"),
    "link-to-folder": ("/docs/folder/passwd", KEPT_OUT),
    "link-to-other-mount": ("/docs/other", KEPT_OUT),
    "case": ("/DOCS/A.TXT", NOT_THERE),
    "decomposed": ("/docs/e\u0301.txt", NOT_THERE),
    "full-width-dots": ("/docs/\uff0e\uff0e/etc/passwd", NOT_THERE),
    "full-width-slash": ("/docs\uff0fa.txt", NOT_THERE),
    "percent": ("/docs/%2e%2e/etc/passwd", NOT_THERE),
    "back-slash": ("\\docs\\..\\etc\\passwd", NOT_THERE),
    "drive": ("C:/docs/a.txt", NOT_THERE),
    "url": ("file:///etc/passwd", NOT_THERE),
    "nul": ("/docs/a.txt\0.jpg", "ValueError"),
    "trailing-slash": ("/docs/a.txt/", "NotADirectoryError"),
    "trailing-dot": ("/docs/a.txt/.", "NotADirectoryError"),
    "trailing-space": ("/docs/a.txt ", NOT_THERE),
    "newline": ("/docs/a.txt\n", NOT_THERE),
    "surrogate": ("/docs/\udcff", NOT_THERE + " | UnicodeEncodeError | OSError"),
    "empty": ("", "IsADirectoryError"),
    "long-name": ("/docs/" + "a" * 256, "OSError"),
    "long-path": ("/docs/" + "./" * 3000 + "a.txt", "OSError"),
    "many-dots": ("/docs/" + "../docs/" * 400 + "../etc/passwd", KEPT_OUT),
}


def _pathed(name: str) -> Attack:
    path, must = _PATHS[name]
    return Attack(
        f"path-{name}",
        f"reads {ascii(path)[:60]}",
        python(EVIL, f"open({path!r}, 'rb').read(40)"),
        must,
        Control(_OWN, python(EVIL, "open('/docs/a.txt').read()"), "as it was"),
    )


_READ_ONLY = "OSError | PermissionError"
_IMPORT = "import os, shutil\n"
# What is tried; what it must come to; the same in the guest's own tree, and what that comes to.
_CHANGES = {
    "write": ("writes to a file that it was shown", "open('@/a.txt', 'w').write('x')", "1"),
    "append": ("appends to it", "open('@/a.txt', 'a').write('x')", "1"),
    "truncate": ("cuts it off", "os.truncate('@/a.txt', 0)", "None"),
    "create": ("makes a file beside it", "open('@/new', 'x').write('x')", "1"),
    "remove": ("removes it", "os.remove('@/b.txt')", "None"),
    "rename": ("gives it another name", "os.rename('@/c.txt', '@/d.txt')", "None"),
    "replace": ("puts a file of its own in its place",
                "open('/mine', 'w').close(); os.replace('/mine', '@/a.txt')", "None"),
    "folder": ("makes a folder", "os.mkdir('@/made')", "None"),
    "link": ("makes a link in it", "os.symlink('a.txt', '@/link')", "None"),
    "hard-link": ("gives the file a second name", "os.link('@/e.txt', '/second')", "None"),
    "times": ("sets its time", "os.utime('@/a.txt', (1, 1))", "None"),
    "open-for-writing": ("opens it for writing, and for reading too",
                         "os.close(os.open('@/a.txt', os.O_RDWR))", "None"),
    "all": ("removes the whole folder", "shutil.rmtree('@')", "None"),
}  # fmt: skip
_MAKE = (
    "os.mkdir('/own')\nfor it in 'abce': open(f'/own/{it}.txt', 'w').close()\n"
)  # fmt: skip


def _changing(name: str) -> Attack:
    tries, code, gets = _CHANGES[name]
    *first, last = code.split("; ")
    statements = "".join(f"{it}\n" for it in first) + f"got = {last}"
    own = f"{_IMPORT}{_MAKE}{statements.replace('@', '/own')}"
    return Attack(
        f"change-{name}",
        f"{tries}, in a folder that it was shown",
        python(EVIL, f"{_IMPORT}{statements.replace('@', '/docs')}"),
        _READ_ONLY,
        Control("in one of its own", python(EVIL, own), gets),
    )


_LINKS = [
    Attack(
        "own-link",
        "makes a link to the host's files, and reads through it",
        python(EVIL, f"{_IMPORT}os.symlink('/etc/passwd', '/way')\ngot = open('/way').read()"),
        KEPT_OUT,
        Control(
            "to its own",
            python(EVIL, f"{_IMPORT}os.symlink('docs/a.txt', '/way')\ngot = open('/way').read()"),
            "as it was",
        ),
    ),
    Attack(
        "own-link-upwards",
        "makes a link that climbs out",
        python(EVIL, f"{_IMPORT}os.symlink('../../etc', '/way')\ngot = os.listdir('/way')"),
        KEPT_OUT,
        Control(
            "that does not",
            python(EVIL, f"{_IMPORT}os.symlink('docs', '/way')\ngot = 'a.txt' in os.listdir('/way')"),
            "True",
        ),
    ),
    Attack(
        "long-chain",
        "follows a chain of 50 links",
        python(EVIL, f"{_IMPORT}for n in range(50): os.symlink(f'l{{n + 1}}', f'/l{{n}}')\n"
                     "open('/l50', 'w').write('end')\ngot = open('/l0').read()"),
        "OSError",
        Control("of 20", python(EVIL, f"{_IMPORT}for n in range(20): os.symlink(f'l{{n + 1}}', f'/l{{n}}')\n"
                "open('/l20', 'w').write('end')\ngot = open('/l0').read()"), "end"),
    ),
    Attack(
        "moved-mount",
        "moves the folder that it was shown",
        python(EVIL, f"{_IMPORT}os.rename('/docs', '/mine')"),
        "OSError",
        Control("one of its own", python(EVIL, f"{_IMPORT}{_MAKE}got = os.rename('/own', '/mine')"), "None"),
    ),
    Attack(
        "disk",
        "fills its disk",
        python(EVIL, "with open('/bomb', 'wb', buffering=0) as f:\n while True: f.write(bytes(1 << 16))"),
        "OSError",
        Control("64 KiB", python(EVIL, "open('/b', 'wb').write(bytes(1 << 16))"), "65536"),
    ),
    Attack(
        "sparse-disk",
        "makes a file of a tebibyte, most of it holes",
        python(EVIL, "with open('/bomb', 'wb', buffering=0) as f: f.truncate(1 << 40)"),
        "OSError",
        Control("of 1 KiB", python(EVIL, "with open('/b', 'wb') as f: got = f.truncate(1024)"), "1024"),
    ),
    Attack(
        "many-files",
        "makes files without end",
        python(EVIL, "for n in range(10**6):\n with open(f'/{n}', 'w'): pass"),
        "OSError | host-work | fuel",
        Control("ten", python(EVIL, "for n in range(10):\n with open(f'/{n}', 'w'): pass\ngot = n"), "9"),
    ),
    Attack(
        "many-descriptors",
        "opens its folder without end, and keeps it open",
        python(EVIL, f"{_IMPORT}kept = []\nwhile True: kept.append(os.open('/', os.O_RDONLY))"),
        "OSError | host-work | handles",
        Control("ten times", python(EVIL, f"{_IMPORT}got = len([os.open('/', os.O_RDONLY) for _ in 'abcdefghij'])"), "10"),
    ),
    Attack(
        "what-is-there",
        "learns by an error whether the host has a file",
        python(EVIL, "import os\nsaid = []\nfor it in ('/etc/passwd', '/etc/no-such-file'):\n"
                     " try: os.stat(it)\n except OSError as e: said.append((e.errno, e.strerror))\n"
                     "got = 'the same' if said[0] == said[1] else said"),
        "the same",
        Control("of its own", python(EVIL, "import os\ngot = [os.path.exists(it) for it in ('/docs/a.txt', '/docs/no')]"),
                "[True, False]"),
    ),
]  # fmt: skip


@contextmanager
def _folders(folder: Path) -> Iterator[Words]:
    """Folders of the host, with links out of the one that is shown."""
    for name in ("docs", "papers", "docs-not-mounted"):
        folder.joinpath(name).mkdir()
    docs = folder / "docs"
    for name in ("a.txt", "b.txt", "c.txt", "e.txt", "\u00e9.txt"):
        docs.joinpath(name).write_text("as it was")
    folder.joinpath("papers", "secret.txt").write_text("4711")
    for name, to in {
        "out": "/etc/passwd", "up": "../../../../../../etc/passwd", "loop": "loop",
        "folder": "/etc", "other": "../papers/secret.txt",
    }.items():  # fmt: skip
        docs.joinpath(name).symlink_to(to)
    yield {}


SCENES = [
    Scene(
        "files",
        [*map(_pathed, _PATHS), *map(_changing, _CHANGES), *_LINKS],
        {
            EVIL: {**PYTHON, "mounts": ["docs"]},
            "other": {**PYTHON, "count": 1, "mounts": ["papers"]},
        },
        {
            "mounts": {
                "docs": {"path": "docs", "at": "/docs"},
                "papers": {"path": "papers", "at": "/papers"},
            }
        },
        around=_folders,
        most=1 << 30,
    )
]
