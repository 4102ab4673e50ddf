"""Keys in files: made once, private, listed; trusted by a name, and no longer."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.signing.conftest import KNOWN_ID
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.public_key import from_text, key_id, to_pem
from wasm_engine.control import keyring
from wasm_engine.host.ed25519 import SigningKey, is_signature


def mode(file):
    return stat.S_IMODE(Path(file).stat().st_mode)


def test_a_new_key_is_private_and_its_public_half_is_not(command, home):
    status, out, err = command("keys", "new", "ada")
    assert (status, out.split()[1]) == (0, str(home / "data/keys/ada.pub"))
    assert "keys trust" in err
    assert mode(home / "data/keys/ada.key") == 0o600
    assert mode(home / "data/keys") == 0o700
    assert len(out.split()[0]) == 16


def test_two_keys_are_never_the_same_and_are_made_where_one_asks(tmp_path):
    one, other = keyring.new("ada", folder=tmp_path), keyring.new("bob", folder=tmp_path)
    assert one.key != other.key
    assert mode(tmp_path / "ada.key") == 0o600
    assert keyring.listed().keys == ()


def test_a_key_is_never_written_over_another(command, ada, home):
    before = (home / "data/keys/ada.key").read_bytes()
    status, _, err = command("keys", "new", "ada")
    assert (status, "there is something already" in err) == (2, True)
    assert (home / "data/keys/ada.key").read_bytes() == before


def test_a_key_is_what_other_programs_take_it_for(known):
    key = keyring.signing_key(known)
    assert key_id(key.public) == KNOWN_ID
    assert key.pem() == known.read_bytes()
    assert key.public.hex() == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    signature = key.sign(b"x")
    assert is_signature(key.public, signature, b"x")
    assert not is_signature(key.public, signature, b"y")
    assert not is_signature(key.public, signature[:-1], b"x")


def test_trust_is_by_name_and_can_be_taken_back(command, values, bob, home):
    assert command("keys", "trust", bob.file, "--as", "rob")[0] == 0
    assert command("keys", "trust", bob.file, "--as", "rob")[0] == 0
    _, report = values("keys", "list")
    rows = [(row["name"], row["role"], row["key"]) for row in report["keys"]]
    assert rows == [("bob", "own", bob.key), ("rob", "trusted", bob.key)]
    assert command("keys", "list")[1].count(bob.key) == 2
    status, _, err = command("keys", "trust", bob.file, "--as", "bob")
    assert (status, "is trusted already, as 'rob'" in err) == (2, True)
    other = keyring.new("eve")
    status, _, err = command("keys", "trust", other.file, "--as", "rob")
    assert (status, f"trusted as 'rob' already: {bob.key}" in err) == (2, True)
    assert command("keys", "distrust", "rob")[0] == 0
    status, _, err = command("keys", "distrust", "rob")
    assert (status, 'no key is trusted as "rob"' in err) == (2, True)


def test_a_public_key_may_be_base64_alone(bob, tmp_path):
    raw = from_text(Path(bob.file).read_text())
    file = tmp_path / "key.txt"
    file.write_text(base64.b64encode(raw).decode() + "\n")
    assert keyring.trust(file, "bob").key == bob.key
    assert from_text(to_pem(raw)) == raw


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither PEM, nor 32 bytes"),
        ("AAAA", "neither PEM, nor 32 bytes"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "not one of Ed25519"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "a private key, not"),
    ],
)
def test_what_is_no_public_key_is_not_trusted(command, tmp_path, text, why):
    with pytest.raises(Wrong, match=why):
        from_text(text)
    file = tmp_path / "odd.pub"
    file.write_text(text)
    status, _, err = command("keys", "trust", file, "--as", "odd")
    assert (status, why in err, "Traceback" in err) == (2, True, False)


@pytest.mark.parametrize("name", ["", "Ada", "../x", "a/b", "operator", "a" * 300, "ä"])
def test_a_name_that_cannot_be_makes_no_key(command, name, home):
    status, _, err = command("keys", "new", name)
    assert (status, "cannot name a key" in err) == (2, True)
    assert not (home / "data/keys").exists()


def test_a_private_key_that_others_may_read_signs_nothing(command, known, kept):
    known.chmod(0o644)
    status, _, err = command("sign", kept, "--key", known)
    assert (status, "others may use this key" in err, f"chmod 600 {known}" in err) == (
        2,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a private key in PEM"),
        (b"\xff\x00", "not a private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a private key"),
        (b"x" * 70_000, "too large to be a key"),
    ],
)
def test_what_is_no_private_key_signs_nothing(command, known, kept, data, why):
    known.write_bytes(data)
    status, _, err = command("sign", kept, "--key", known)
    assert (status, why in err, "Traceback" in err) == (2, True, False)


def test_keys_of_another_kind_and_keys_with_a_passphrase_are_refused(known):
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    other = ec.generate_private_key(ec.SECP256R1())
    known.write_bytes(other.private_bytes(*form, serialization.NoEncryption()))
    with pytest.raises(Misuse, match="not one of Ed25519"):
        keyring.signing_key(known)
    secret = serialization.BestAvailableEncryption(b"pass")
    known.write_bytes(ed25519.Ed25519PrivateKey.generate().private_bytes(*form, secret))
    with pytest.raises(Misuse, match="it has a passphrase"):
        keyring.signing_key(known)


def test_a_key_that_is_not_there_is_named(command, kept, tmp_path):
    status, _, err = command("sign", kept, "--key", "nobody")
    assert (status, 'there is no key "nobody"' in err) == (2, True)
    status, _, err = command("sign", kept, "--key", tmp_path / "no.key")
    assert (status, "no such file" in err) == (2, True)


def test_a_folder_of_trusted_keys_that_others_may_write_is_not_believed(ada, home, command):
    (home / "config/keys").chmod(0o777)
    status, _, err = command("keys", "list")
    assert (status, "others may use this folder" in err) == (2, True)


def test_without_the_package_there_is_one_clear_message(tmp_path, monkeypatch, command, kept):
    for name in [n for n in sys.modules if n.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    status, _, err = command("keys", "new", "ada")
    assert (status, "pip install 'wasm-engine[signing]'" in err) == (2, True)
    with pytest.raises(Misuse) as caught:
        SigningKey.new()
    assert caught.value.code == "no-signing"


def test_nothing_of_it_is_loaded_until_it_is_used():
    code = (
        "import sys; from wasm_engine.cli.main import main; main(['keys', 'list']);"
        "from wasm_engine.control import runs, replays, signing;"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "cryptography" not in done.stdout.split()
