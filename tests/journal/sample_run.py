"""A small run that holds an entry of every kind, details, contents and a checkpoint."""

from hashlib import sha256
from pathlib import Path

from wasm_engine.concepts import canonical
from wasm_engine.journal import entries
from wasm_engine.journal.entries import (
    Clock,
    Control,
    Header,
    Input,
    Intent,
    Kind,
    Result,
    Segment,
    Send,
    StepBody,
    Turn,
)
from wasm_engine.journal.runfile import RunFile

TEXT = b"to be or not to be, that is the question; " * 200
NOISE = b"".join(sha256(bytes([n])).digest() for n in range(40))
LATE = b"a file that was read in step 2"
CHECKPOINT = b"where the world stands after step 1"
IMAGE = b"the memory of an agent" * 30


def digest_of(data: bytes) -> bytes:
    return sha256(data).digest()


HEADER = Header(
    version=2,
    world="sample",
    seed=7,
    manifest=canonical.encode(["sample", [["pinger", 1], ["ponger", 2]]]),
    fingerprint=["wasmtime 50.0.1", 1],
    contents=[digest_of(TEXT), digest_of(NOISE)],
)
CONTENTS = [(digest_of(TEXT), TEXT), (digest_of(NOISE), NOISE)]

LONG_DETAIL = canonical.encode(
    [[[["log#write", "info", "line", n] for n in range(40)]], [[("info", "hi")]], [b"\x12\x34"]]
)
SHORT_DETAIL = canonical.encode([[[["fs#read", digest_of(LATE)]]], [[]], [b""]])


def segment(agent: str, message: int, *sends: Send, state: bytes | None = None) -> Segment:
    return Segment(agent, message, 0, 0, "done", 1000 + message, 20, state, list(sends))


def send(n: int, to: str, body: tuple[str, str | bytes], request: int | None = None) -> Send:
    return Send(n, to, "ball", body, [("trace", "x")], request)


STEPS = [
    StepBody(
        step=1,
        time=1_735_689_600_001_000_000,
        segments=[segment("pinger", 1, send(2, "ponger", ("text", "grüß"), request=4294967297))],
        turns=[Turn("pinger", "spawn", ["helper", "1", "{}"], ["ok", "helper/1"])],
        requests=[],
        dead=[],
        timers=[],
    ),
    StepBody(
        step=2,
        time=1_735_689_600_002_000_000,
        segments=[
            segment("ponger", 2, send(3, "pinger", ("bytes", b"\x00\xff")), state=digest_of(b"s")),
        ],
        turns=[],
        requests=[(4294967297, "reply", ("text", "done")), (4294967298, "timeout", None)],
        dead=[(2, "helper/1", "failed", "fuel")],
        timers=[(5, "pinger", 4), (4294967298, "pinger", 0)],
    ),
    StepBody(3, 1_735_689_600_003_000_000, [], [], [], [], []),
]
EFFECT = 4294967298
INTENT = Intent(EFFECT, 1, "pinger", 1, 0, 3, "http", ["GET", "http://a.test/", [], b"", None])
RESULT = Result(EFFECT, 2, ["ok", [200, [["age", "1"]], b"\x00\xff"]])
BODIES: list[tuple[entries.AnyBody, bytes | None]] = [
    (Input(1, "pinger", "start", ("text", "go"), []), None),
    (Control("pause", ["operator", 1]), None),
    (Clock(1, 1_735_689_600_000_000_001), None),
    (STEPS[0], LONG_DETAIL),
    (INTENT, None),
    (RESULT, None),
    (STEPS[1], SHORT_DETAIL),
    (STEPS[2], None),
]
COUNT = 1 + len(BODIES)
AT = 5
"""Entries before the checkpoint."""


def begin(path: Path | None) -> RunFile:
    return RunFile.create(path, HEADER, CONTENTS)


def fill(run: RunFile) -> None:
    run.put_content(digest_of(LATE), LATE)
    for body, detail in BODIES:
        kind, data = entries.encode(body)
        run.append(kind, data, durable=kind in (Kind.INPUT, Kind.CONTROL), detail=detail)
        if run.count == AT:
            run.put_checkpoint(1, CHECKPOINT, {digest_of(IMAGE): IMAGE})


def write(path: Path) -> Path:
    with begin(path) as run:
        fill(run)
    return path


def everything(run: RunFile) -> object:
    """All that a reader can see, to compare two files."""
    contents = {digest: run.content(digest) for digest in run.contents()}
    kept = [(row, run.checkpoint(row), *map(run.content, row.parts)) for row in run.checkpoints()]
    return run.run_id, run.chain, run.count, run.header, list(run.entries()), contents, kept


def append_step(run: RunFile, step: int, *, durable: bool = False) -> None:
    kind, data = entries.encode(StepBody(step, step * 1000, [], [], [], [], []))
    run.append(kind, data, durable=durable)
