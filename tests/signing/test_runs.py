"""Signed runs, in one file: what was changed, cut, grown or signed by a stranger is told apart."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.journal import independent_reader
from tests.replay.forger import forge
from tests.signing.conftest import KNOWN_ID
from wasm_engine.concepts.canonical import encode
from wasm_engine.concepts.envelope import Envelope
from wasm_engine.concepts.errors import BadRunFile, Misuse, Refused
from wasm_engine.control import keyring
from wasm_engine.control.forks import fork
from wasm_engine.control.keeping import compact, export, import_run
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import resume, run, send
from wasm_engine.control.signing import sign, verify
from wasm_engine.journal.entries import Input, decode
from wasm_engine.journal.runfile import RunFile

GOLDENS = Path(__file__).parents[1] / "goldens"
SAMPLE = GOLDENS / "journal/v2/sample.sqlite"


@pytest.fixture
def signed(ada, kept) -> Path:
    """The run, signed by a key that is trusted here."""
    sign(kept, key="ada")
    return kept


def edit_input(kind: int, body: bytes) -> bytes:
    """What a forger does: another input."""
    value = decode(kind, body)
    if not isinstance(value, Input):
        return body
    return encode([value.id, value.to, value.topic, ["text", "18 b"], value.headers])


def signatures(file: Path) -> list[Envelope]:
    with RunFile.open(file) as run:
        return run.signatures()


def test_a_signed_run_says_by_whom(command, values, signed, ada):
    status, out, _ = command("replay", signed)
    assert status == 0
    assert f"(consistent, signed by ada ({ada.key}))" in out
    status, report = values("replay", signed)
    row = {"key": ada.key, "signer": "ada", "step": 22, "whole": True, "checked": True}
    assert (report["signed"], report["signatures"], report["head"]) == ("ada", [row], None)
    assert values("verify", signed)[1]["digest"] == report["chain"]


def test_the_signature_is_in_the_one_file_and_changes_nothing_else(kept, ada, tmp_path):
    before = RunFile.open(kept)
    entries, chain = list(before.entries()), before.chain
    before.close()
    sign(kept, key="ada")
    copy = Path(shutil.copyfile(kept, tmp_path / "mailed.run"))
    assert replay(copy).signed == "ada"
    with RunFile.open(copy, verify="all") as run:
        assert (list(run.entries()), run.chain) == (entries, chain)
    assert independent_reader.read(copy)["chain"] == chain
    assert not kept.with_name("kept.run.sig").exists()


def test_the_signature_of_a_run_is_the_golden_one(tmp_path, known):
    file = Path(shutil.copyfile(SAMPLE, tmp_path / "sample.run"))
    assert sign(file, key=known).key == KNOWN_ID
    (envelope,) = signatures(file)
    assert envelope.encode() == (GOLDENS / "signing/sample.run.sig").read_bytes().rstrip()
    says = json.loads(envelope.payload)
    assert says["predicateType"] == "wasm-engine:run/v1"
    expected = json.loads((GOLDENS / "journal/v2/sample.json").read_text())
    assert says["subject"] == [{"name": "sample", "digest": {"chain": expected["chain"]}}]
    assert says["predicate"]["run"] == expected["run"]
    assert says["predicate"]["entries"] == expected["entries"]


def test_an_unsigned_run_is_consistent_and_nothing_more(command, values, kept):
    assert "(consistent, unsigned)" in command("replay", kept)[1]
    assert values("replay", kept)[1]["signed"] is None
    status, report = values("verify", kept)
    assert (status, report["error"]["code"]) == (4, "unsigned")
    with sqlite3.connect(kept) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    db.close()
    assert tables == {"head", "block", "content", "checkpoint", "part"}


def test_a_forger_who_recomputes_the_chain_does_not_keep_the_signature(
    command, values, signed, ada
):
    honest = replay(signed).chain
    assert forge(signed, edit_input) == 1
    with RunFile.open(signed) as run:
        forged = run.chain
    assert forged != honest
    for verb in ("replay", "verify"):
        status, out, err = command(verb, signed)
        assert (status, out) == (4, "")
        assert f"what {ada.key} signed is not what it holds" in err
        assert honest in err
        assert forged in err
    assert values("replay", signed)[1]["error"]["code"] == "bad-signature"


def test_a_forger_who_edits_the_signed_statement_too_is_found(signed, ada):
    forge(signed, edit_input)
    with RunFile.open(signed) as run:
        (envelope,) = run.signatures()
        payload = json.loads(envelope.payload)
        payload["subject"][0]["digest"]["chain"] = run.chain
    text = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
    put(signed, envelope._replace(payload=text).encode())
    with pytest.raises(Refused, match=rf"the signature is not that of ada \({ada.key}\)"):
        replay(signed)


def test_a_forger_who_takes_the_signature_out_has_an_unsigned_run(command, signed):
    forge(signed, edit_input)
    with sqlite3.connect(signed) as db:
        db.execute("DROP TABLE signature")
    db.close()
    assert "unsigned" in command("replay", signed)[1]
    assert command("verify", signed)[0] == 4


def test_a_forger_who_signs_with_a_key_of_his_own_is_a_stranger(command, values, kept, ada, bob):
    sign(kept, key="bob")
    status, out, _ = command("replay", kept)
    assert (status, f"signed by {bob.key}, a key nobody trusts here" in out) == (0, True)
    status, report = values("replay", kept)
    assert report["signed"] is None
    assert report["signatures"][0] == {
        "key": bob.key, "signer": None, "step": 22, "whole": True, "checked": False
    }  # fmt: skip
    status, report = values("verify", kept)
    assert (status, report["error"]["code"]) == (4, "untrusted-signer")


def test_a_run_that_went_on_is_signed_up_to_a_step(command, values, signed, ada):
    send(signed, ("a", "start", "3 b"))
    resume(signed)
    status, out, _ = command("replay", signed)
    assert (status, f"signed up to step 22 by ada ({ada.key})" in out) == (0, True)
    _, report = values("replay", signed)
    assert (report["signed"], report["signatures"][0]["whole"]) == (None, False)
    status, _, err = command("verify", signed)
    assert (status, "up to step 22, and has gone on since" in err) == (4, True)
    sign(signed, key="ada")
    assert len(signatures(signed)) == 1
    assert replay(signed).signed == "ada"


def test_two_people_sign_one_run(signed, bob):
    sign(signed, key="bob")
    assert [row.signer for row in replay(signed).signatures] == ["ada", None]
    keyring.trust(bob.file, "bob")
    assert verify(signed).signers == ("ada", "bob")
    assert verify(signed, key=bob.file).signers == ("bob",)


def test_a_signature_of_another_run_of_the_same_world_is_none_of_this_one(signed, world, tmp_path):
    twin = tmp_path / "twin.run"
    assert run(world, file=twin, send=[("a", "start", "20 b")]).chain == replay(signed).chain
    put(twin, signatures(signed)[0].encode())
    with pytest.raises(Refused, match="signed is another run: its run was"):
        replay(twin)


def test_a_run_that_was_cut_is_not_what_was_signed(signed, tmp_path):
    short = tmp_path / "short.run"
    with RunFile.open(signed) as whole:
        whole.fork_to(short, whole.count - 3).close()
    assert signatures(short) == []
    put(short, signatures(signed)[0].encode())
    with pytest.raises(Refused, match="it was cut"):
        verify(short)


def test_a_head_that_was_kept_elsewhere_is_compared(command, values, kept):
    head = replay(kept).chain
    status, out, _ = command("replay", kept, "--head", head.upper())
    assert (status, "it is the head you gave" in out) == (0, True)
    send(kept, ("a", "start", "3 b"))
    resume(kept)
    status, out, _ = command("replay", kept, "--head", head)
    assert (status, "the head you gave is that of step 22; it has gone on since" in out) == (
        0,
        True,
    )
    assert values("replay", kept, "--head", head)[1]["head"] == 22
    forge(kept, edit_input)
    status, _, err = command("replay", kept, "--head", head)
    assert (status, "which differs from the head you gave" in err, head in err) == (4, True, True)
    assert values("replay", kept, "--head", head)[1]["error"]["code"] == "other-head"


@pytest.mark.parametrize("head", ["", "abc", "g" * 64, "0" * 63])
def test_a_head_that_is_none_is_bad_usage(command, kept, head):
    assert command("replay", kept, "--head", head)[0] == 2
    with pytest.raises(Misuse, match="64 hexadecimal digits"):
        replay(kept, head=head)


def test_a_part_that_is_replayed_is_of_a_chain_that_was_computed(signed):
    assert replay(signed, start=9, to=12).signed == "ada"
    forge(signed, edit_input)
    with pytest.raises(Refused):
        replay(signed, start=9, to=12)


def test_an_export_takes_the_signature_along(signed, tmp_path):
    lines, again = tmp_path / "x.jsonl", tmp_path / "again.run"
    export(signed, lines)
    import_run(lines, again)
    assert replay(again).signed == "ada"


def test_a_fork_and_a_compacted_run_are_not_signed_until_somebody_does(signed, ada, tmp_path):
    fork(signed, at=5, out=tmp_path / "fork.run")
    compact(signed, tmp_path / "short.run")
    for name in ("fork.run", "short.run"):
        file = tmp_path / name
        assert replay(file).signatures == ()
        sign(file, key="ada")
        assert replay(file).signed == "ada"


def test_a_compacted_run_is_signed_with_the_checkpoint_that_it_begins_with(signed, tmp_path):
    short = tmp_path / "short.run"
    compact(signed, short)
    sign(short, key="ada")
    (envelope,) = signatures(short)
    with RunFile.open(short) as run:
        expected = run.checkpoints()[0].digest.hex()
    assert json.loads(envelope.payload)["predicate"]["checkpoint"] == expected
    put(signed, envelope.encode())
    with pytest.raises(Refused, match="its checkpoint was"):
        replay(signed)


def test_a_replay_needs_no_package_and_says_what_it_did_not_verify(
    signed, ada, command, monkeypatch
):
    def missing(*_args):
        raise Misuse("not installed", code="no-signing")

    monkeypatch.setattr("wasm_engine.control.verdicts.is_signature", missing)
    status, out, _ = command("replay", signed)
    assert (status, f"signed as ada ({ada.key}), not verified: pip install" in out) == (0, True)
    assert replay(signed).signed is None


def put(file: Path, *rows: object) -> None:
    """Puts rows in the place of a run's signatures, with nothing checked."""
    with sqlite3.connect(file) as db:
        if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'signature'").fetchone():
            db.execute("DELETE FROM signature")
        else:
            db.execute(
                "CREATE TABLE signature (\n  n INTEGER PRIMARY KEY,\n  data BLOB NOT NULL\n)"
            )
        db.executemany("INSERT INTO signature VALUES (?, ?)", enumerate(rows, 1))
    db.close()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: [], "it has 0 signatures"),
        (lambda data: [data] * 17, "it has 17 signatures"),
        (lambda data: ["text"], "signature 1 is damaged"),
        (lambda data: [b"{}"], "signature 1: it has no `payloadType`"),
        (lambda data: [data + b"\n"], "signature 1: it is not in its canonical form"),
        (lambda data: [data.replace(b"{", b'{"a":1,', 1)], "not in its canonical form"),
        (lambda data: [data, data + b" " * 70_000], "signature 2 is damaged"),
        (lambda data: [Envelope("x", b"", Envelope.decode(data).signatures).encode()], "is none"),
    ],
)
def test_what_is_no_signature_makes_it_no_run_file(command, signed, change, why):
    put(signed, *change(signatures(signed)[0].encode()))
    for verb in ("replay", "verify"):
        status, _, err = command(verb, signed)
        assert (status, why in err, "Traceback" in err) == (2, True, False)


def test_a_statement_about_no_number_of_entries_is_none(signed):
    (envelope,) = signatures(signed)
    for entries in (0, -1, "x", None):
        payload = json.loads(envelope.payload)
        payload["predicate"]["entries"] = entries
        put(signed, envelope._replace(payload=json.dumps(payload).encode()).encode())
        with pytest.raises(BadRunFile, match="of no number of entries"):
            replay(signed)


def test_another_table_of_that_name_is_refused(command, kept):
    with sqlite3.connect(kept) as db:
        db.execute("CREATE TABLE signature (anything)")
    db.close()
    status, _, err = command("replay", kept)
    assert (status, "its tables are not those of a run file" in err) == (2, True)


def test_a_run_of_the_first_version_cannot_be_signed(command, ada, tmp_path):
    file = Path(shutil.copyfile(GOLDENS / "journal/v1/sample.sqlite", tmp_path / "old.run"))
    before = file.read_bytes()
    status, _, err = command("sign", file, "--key", "ada")
    assert (status, "no longer written" in err) == (2, True)
    assert file.read_bytes() == before
    assert command("verify", file)[0] == 4


def test_a_damaged_run_is_not_signed(command, ada, kept):
    forge(kept, lambda kind, body: body)
    with sqlite3.connect(kept) as db:
        db.execute("UPDATE block SET chain = zeroblob(32)")
    db.close()
    assert command("sign", kept, "--key", "ada")[0] == 2
    with sqlite3.connect(kept) as db:
        assert db.execute("SELECT 1 FROM sqlite_master WHERE name = 'signature'").fetchone() is None
    db.close()


def test_a_run_that_is_being_written_is_not_signed(command, ada, kept):
    with RunFile.open(kept, write=True):
        status, _, err = command("sign", kept, "--key", "ada")
    assert (status, "in use by another process" in err) == (2, True)
