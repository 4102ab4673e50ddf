"""Signatures beside files: of whom, of what, and every way in which one can be none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.signing import golden_world
from tests.signing.conftest import KNOWN_ID
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.envelope import Envelope
from wasm_engine.concepts.errors import Refused
from wasm_engine.control import keyring
from wasm_engine.control.signing import sign, verify
from wasm_engine.journal.runfile import RunFile

GOLDENS = Path(__file__).parents[1] / "goldens/signing"


@pytest.fixture
def component(world):
    """A component."""
    return world.parent / "ping.wasm"


def test_the_signature_of_a_file_is_the_golden_one(tmp_path, known):
    golden_world.write(tmp_path)
    report = sign(tmp_path / "reader.py", key=known)
    assert (report.what, report.key) == ("agent", KNOWN_ID)
    written = (tmp_path / "reader.py.sig").read_text()
    assert written == (GOLDENS / "reader.py.sig").read_text()
    assert json.loads(Envelope.decode(written.encode()).payload) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "reader.py", "digest": {"sha256": sha256_hex(golden_world.AGENT)}}],
        "predicateType": "wasm-engine:file/v1",
        "predicate": {"kind": "agent"},
    }


def test_a_signed_file_is_verified_wherever_the_key_is_trusted(command, values, ada, component):
    status, out, _ = command("sign", component, "--key", "ada")
    assert (status, f"signed with {ada.key}: component sha256:" in out) == (0, True)
    status, out, _ = command("verify", component)
    assert (status, f"signed by ada ({ada.key})" in out) == (0, True)
    status, report = values("verify", component)
    assert (report["signers"], report["keys"], report["what"]) == (["ada"], [ada.key], "component")
    keyring.distrust("ada")
    status, report = values("verify", component)
    assert (status, report["error"]["code"]) == (4, "untrusted-signer")
    assert f"signed by {ada.key}, a key nobody trusts here" in report["error"]["message"]
    assert command("verify", component, "--key", ada.file)[0] == 0


def test_a_lock_and_an_agent_are_signed_the_same_way(command, values, ada, world):
    assert command("lock", world)[0] == 0
    lock = world.with_suffix(".lock")
    assert values("sign", lock, "--key", "ada")[1]["what"] == "lock"
    assert values("verify", lock)[1]["what"] == "lock"
    agent = world.parent / "a.py"
    agent.write_text("x = 1\n")
    assert values("sign", agent, "--key", "ada")[1]["what"] == "agent"
    world.write_text(world.read_text().replace("pingpong", "other"))
    _, _, err = command("lock", world)
    assert "was of another lock: sign it again" in err
    assert command("verify", lock)[0] == 4


def test_a_file_that_was_changed_is_named_with_both_digests(values, ada, component):
    sign(component, key="ada")
    old = sha256_hex(component.read_bytes())
    component.write_bytes(component.read_bytes() + b"\0")
    now = sha256_hex(component.read_bytes())
    status, report = values("verify", component)
    assert (status, report["error"]["code"]) == (4, "bad-signature")
    assert report["error"]["message"] == (
        f"ping.wasm (sha256:{now}) is not what was signed, which is sha256:{old}"
    )


def test_two_people_sign_one_file(ada, bob, component):
    sign(component, key="ada")
    sign(component, key="bob")
    sign(component, key="ada")
    assert verify(component).signers == ("ada",)
    keyring.trust(bob.file, "bob")
    assert set(verify(component).signers) == {"ada", "bob"}
    component.write_bytes(component.read_bytes() + b"\0")
    sign(component, key="bob")
    assert verify(component).signers == ("bob",)


def test_a_signature_by_one_key_in_the_name_of_another_is_none(ada, bob, component):
    sign(component, key="bob")
    beside = component.with_name("ping.wasm.sig")
    beside.write_text(beside.read_text().replace(bob.key, ada.key))
    with pytest.raises(Refused, match=rf"the signature is not that of ada \({ada.key}\)") as caught:
        verify(component)
    assert caught.value.code == "bad-signature"


def test_a_signature_does_not_pass_from_one_payload_to_another(ada, bob, component):
    sign(component, key="ada")
    other = component.with_name("other.wasm")
    other.write_bytes(component.read_bytes() + b"\0")
    sign(other, key="bob")
    mine, theirs = (Envelope.decode(f.with_name(f.name + ".sig").read_bytes())
                    for f in (component, other))  # fmt: skip
    forged = theirs._replace(signatures=mine.signatures)
    other.with_name("other.wasm.sig").write_bytes(forged.encode())
    with pytest.raises(Refused, match="the signature is not that of ada"):
        verify(other)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is not JSON"),
        (b"{}", "no `payloadType`"),
        (b'{"payloadType":"x","payload":"","signatures":[{"sig":""}]}', "not a statement"),
        (b"\xff" * 100_000, "more than 65536 bytes"),
    ],
)
def test_something_else_beside_a_file_is_no_signature(command, values, ada, component, data, why):
    beside = component.with_name("ping.wasm.sig")
    beside.write_bytes(data)
    status, report = values("verify", component)
    assert (status, report["error"]["code"]) == (4, "bad-signature")
    assert why in report["error"]["message"]
    status, _, err = command("sign", component, "--key", "ada")
    assert (status, "something else than a signature" in err) == (2, True)
    assert beside.read_bytes() == data


def test_the_signature_of_a_run_is_none_of_a_file(ada, kept, component):
    sign(kept, key="ada")
    with RunFile.open(kept) as run:
        (envelope,) = run.signatures()
    component.with_name("ping.wasm.sig").write_bytes(envelope.encode())
    with pytest.raises(Refused, match="it says nothing about a file"):
        verify(component)


@pytest.mark.parametrize("verb", ["sign", "verify"])
def test_what_cannot_be_signed_is_named(command, ada, tmp_path, verb):
    more = ["--key", "ada"] if verb == "sign" else []
    text = tmp_path / "notes.txt"
    text.write_text("x")
    status, _, err = command(verb, text, *more)
    assert (status, "neither a component, a .py agent, a lock, nor a run" in err) == (2, True)
    for odd in (tmp_path, tmp_path / "none.wasm"):
        status, _, err = command(verb, odd, *more)
        assert (status, "Traceback" in err) == (2, False)
    broken = tmp_path / "x.lock"
    broken.write_text("version = 3")
    assert command(verb, broken, *more)[0] == 2
    database = tmp_path / "x.run"
    database.write_bytes(b"SQLite format 3\0" + bytes(200))
    assert command(verb, database, *more)[0] == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "notes.txt", "x.lock", "x.run"]


def test_a_signature_is_of_the_bytes_and_not_of_the_name(ada, component):
    sign(component, key="ada")
    for suffix in ("", ".sig"):
        shutil.copyfile(f"{component}{suffix}", f"{component.parent / 'other.wasm'}{suffix}")
    assert verify(component.parent / "other.wasm").signers == ("ada",)
