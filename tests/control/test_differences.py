"""What differs between two runs is named to the step, the agent, the call and the byte."""

from __future__ import annotations

from msgspec.structs import replace

from wasm_engine.concepts.canonical import encode, sha256
from wasm_engine.control import runs
from wasm_engine.control.differences import diff
from wasm_engine.control.orders import Outside
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Kind, StepBody
from wasm_engine.journal.runfile import RunFile


def _ran(talk, file, script, **more):
    manifest = talk.parent / "talk/world.toml"
    runs.run(manifest, file=file, send=[Outside("asker", "script", script)], **more)
    return file


def test_the_byte_of_an_input(talk, tmp_path):
    one = _ran(talk, tmp_path / "one.run", "log " + "x" * 300 + "1")
    other = _ran(talk, tmp_path / "other.run", "log " + "x" * 300 + "2")
    found = diff(one, other)
    assert (found.step, found.what, found.byte) == (1, "input.body", 304)
    assert (found.a, found.b) == ("..." + "x" * 60 + "1", "..." + "x" * 60 + "2")


def test_the_byte_of_a_call(talk, tmp_path):
    script = "set a b;random;log x"
    one = _ran(talk, tmp_path / "one.run", script, seed=1)
    other = _ran(talk, tmp_path / "other.run", script, seed=2)
    found = diff(one, other)
    assert (found.step, found.agent, found.what) == (1, "asker", "call")
    drawn = [_calls(run)[found.call] for run in (one, other)]
    texts = [call[2] for call in drawn]
    assert [call[:2] for call in drawn] == [["wasm-engine:agent/state#set", "random"]] * 2
    assert texts[0][: found.byte] == texts[1][: found.byte]
    assert texts[0][found.byte : found.byte + 1] != texts[1][found.byte : found.byte + 1]
    assert (found.a, found.b) == tuple(f"wasm-engine:agent/state#set: {text}" for text in texts)


def _calls(file):
    with RunFile.open(file) as run:
        step = next(entry for entry in run.entries() if entry.kind == Kind.STEP)
        return entries.decode_detail(step.detail, 1).calls[0]


def test_of_a_long_argument_the_byte_is_that_of_what_was_sent(talk, tmp_path):
    one = _ran(talk, tmp_path / "one.run", "send-size clerk t 5000")
    other = tmp_path / "other.run"
    with RunFile.open(one) as run:
        contents = [(digest, run.content(digest)) for digest in run.header.contents]
        with RunFile.create(other, run.header, contents) as forged:
            for entry in run.entries(2):
                body, detail = _with_another_byte(entry)
                forged.append(entry.kind, body, durable=False, detail=detail)
    found = diff(one, other)
    assert (found.step, found.agent, found.what, found.byte) == (1, "asker", "call", 4000)
    assert found.b == "wasm-engine:agent/messaging#send: ..." + "x" * 60 + "y" + "x" * 59 + "..."


def _with_another_byte(entry):
    """The same entry; one byte of what was sent in the first step is another."""
    body = entries.decode(entry.kind, entry.body)
    if not isinstance(body, StepBody) or body.step != 1:
        return entry.body, entry.detail
    (segment,) = body.segments
    (send,) = segment.sends
    text = "x" * 4000 + "y" + "x" * 999
    detail = entries.decode_detail(entry.detail, 1)
    next(call for call in detail.calls[0] if "sha256" in call)[2] = sha256(b"of another call")
    encoded = encode(detail)
    sent = replace(segment, sends=[replace(send, body=("text", text))])
    changed = {
        "segments": [sent],
        **({"detail": sha256(encoded)} if hasattr(body, "detail") else {}),
    }
    return entries.encode(replace(body, **changed))[1], encoded
