"""A machine of its own for each test: its keys, its policy, its runs; and a key that is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.control.conftest import kept, world
from wasm_engine.control import keyring

__all__ = ["kept", "world"]

KNOWN = """\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
"""
"""The key whose 32 bytes are 0, 1, 2, ..., 31."""
KNOWN_ID = "56475aa75463474c"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """What this machine keeps beyond a run."""
    place = tmp_path / "home"
    monkeypatch.setenv("WASM_ENGINE_HOME", str(place))
    return place


@pytest.fixture
def ada(home):
    """The name of a key that this user signs with, and that the operator trusts as `ada`."""
    made = keyring.new("ada")
    keyring.trust(made.file, "ada")
    return made


@pytest.fixture
def bob(home):
    """A key that this user signs with, and that nobody trusts."""
    return keyring.new("bob")


@pytest.fixture
def known(tmp_path) -> Path:
    """The file of a private key that is the same in every test."""
    file = tmp_path / "known.key"
    file.write_text(KNOWN)
    file.chmod(0o600)
    return file


@pytest.fixture
def policy(home):
    """Writes the operator's policy."""

    def write(text: str) -> None:
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "config/policy.toml").write_text(text)

    return write
