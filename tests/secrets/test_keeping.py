"""What the operator keeps: for us alone, listed by name, given by no argument."""

from __future__ import annotations

import io
import json
import stat
import sys

import pytest

from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.secrets import SecretRow, list_secrets, remove_secret, set_secret
from wasm_engine.host import places, secret_store
from wasm_engine.policy.operator import BadPolicy, parse_policy


@pytest.fixture
def command(capsys, monkeypatch):
    """Runs a command with something on its standard input."""

    def run(*words, given=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        status = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_secret_is_kept_for_us_alone(command):
    assert command("secret", "set", "api-key", given=b"the-secret-itself\n") == (
        0, "api-key: kept\n", "",
    )  # fmt: skip
    folder = places.config_folder() / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "api-key").stat().st_mode) == 0o600
    assert secret_store.find("api-key", "any") == "the-secret-itself"


def test_from_a_file_and_for_one_world(command, tmp_path):
    (tmp_path / "key").write_bytes(b"the-other-one\r\n")
    command("secret", "set", "api-key", given=b"the-secret-itself")
    status, out, _ = command(
        "secret", "set", "api-key", "--world", "shop", "--file", tmp_path / "key", "--json"
    )
    assert (status, json.loads(out)) == (
        0, {"name": "api-key", "world": "shop", "variable": None},
    )  # fmt: skip
    assert secret_store.find("api-key", "shop") == "the-other-one"
    assert secret_store.find("api-key", "other") == "the-secret-itself"
    status, out, _ = command("secret", "list")
    assert out == "api-key\napi-key for shop\n"
    assert command("secret", "remove", "api-key", "--world", "shop")[1] == (
        "api-key for shop: removed\n"
    )
    assert list_secrets().secrets == (SecretRow("api-key", None),)
    assert secret_store.find("api-key", "shop") == "the-secret-itself"


def test_no_list_and_no_message_tells_what_it_is(command):
    command("secret", "set", "api-key", given=b"the-secret-itself")
    for words in (["list"], ["list", "--json"], ["set", "--help"], ["remove", "api-key"]):
        try:
            _, out, err = command("secret", *words)
        except SystemExit:
            continue
        assert "the-secret" not in out + err


@pytest.mark.parametrize(
    "given",
    [b"short", b"", b"with\nlines-in-it", b"x" * 4097, b"\xc3\xbcmlaut-key", b" padded-key"],
)
def test_what_can_be_no_secret(command, given):
    status, out, err = command("secret", "set", "api-key", given=given)
    assert (status, out) == (2, "")
    assert "a secret is 8 to 4096 printable characters" in err
    assert given.decode()[:8].strip() not in err or not given.strip()
    assert list_secrets().secrets == ()


def test_bytes_that_are_no_text(command):
    status, _, err = command("secret", "set", "api-key", given=b"\xff" * 10)
    assert (status, "not UTF-8" in err) == (2, True)


def test_names_that_are_none():
    for name, world in (("A", None), ("a/b", None), ("a", "B"), ("../x", None)):
        with pytest.raises(Misuse, match="small letters"):
            set_secret(name, "x" * 8, world=world)
    with pytest.raises(Misuse, match="200 characters together"):
        set_secret("a" * 120, "x" * 8, world="b" * 120)


def test_what_is_not_there_cannot_be_removed():
    with pytest.raises(Misuse, match="keeps no secret 'api-key'") as refused:
        remove_secret("api-key")
    assert refused.value.code == "no-secret-kept"


def test_a_folder_that_others_may_enter_is_refused():
    set_secret("api-key", "the-secret-itself")
    (places.config_folder() / "secrets").chmod(0o755)
    with pytest.raises(Misuse, match="must be ours alone"):
        secret_store.find("api-key", "any")


def test_the_policy_names_variables():
    policy = parse_policy("[secrets]\nb = 'env:B_KEY'\na = 'env:A'", "p.toml")
    assert policy.secrets == (("a", "A"), ("b", "B_KEY"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secrets = 1", "p.toml:1: secrets: must be a table of secrets, not 1"),
        ("[secrets]\nA = 'env:B'", 'p.toml:2: secrets.A: "A" names no secret'),
        ("[secrets]\na = 'sk-live'", 'p.toml:2: secrets.a: must be "env:" and the name of a vari'),
    ],
)
def test_a_policy_that_is_wrong_does_not_repeat_what_it_says(text, said):
    with pytest.raises(BadPolicy) as caught:
        parse_policy(text, "p.toml")
    assert caught.value.mistakes[0].startswith(said)
    assert "sk-live" not in str(caught.value)
