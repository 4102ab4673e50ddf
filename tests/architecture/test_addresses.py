"""The repository names no package registry: where packages come from is the machine's setting."""

from __future__ import annotations

import subprocess

from tests.architecture.conftest import ROOT

# Written in halves, so that this file does not name them either.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "crates" + ".io",
    "index" + "-url",
    "proxy." + "golang",
    "ghcr" + ".io",
    "docker" + ".io",
]


def test_no_tracked_file_names_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    named = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        named += [f"{name}: {registry}" for registry in REGISTRIES if registry in text]
    named = [n for n in named if not n.startswith("requirements/lock: index")]
    assert named == []
