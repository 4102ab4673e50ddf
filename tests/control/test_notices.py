"""Whoever watches is told of an end; the journal names no such message, a look shows it."""

from __future__ import annotations

import shutil

from tests.control.conftest import SCRIPTED
from wasm_engine.control import runs
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.orders import Outside

WORLD = """\
[agents.queen]
source = "scripted.wasm"
grants = ["spawn:bee", "stop:*"]

[agents.keeper]
source = "scripted.wasm"

[agents.bee]
source = "scripted.wasm"
count = 0
"""


def test_every_message_is_shown_notices_among_them(tmp_path):
    shutil.copyfile(SCRIPTED, tmp_path / "scripted.wasm")
    (tmp_path / "world.toml").write_text(WORLD)
    file = tmp_path / "ends.run"
    runs.run(
        tmp_path / "world.toml",
        file=file,
        send=[
            Outside("queen", "script", "spawn bee x {};spawn bee y {};watch bee/x;watch bee/x"),
            Outside("keeper", "script", "send queen other z"),
            Outside("queen", "script", "send bee/y script watch%20bee/x"),
            Outside("queen", "script", "stop bee/x;watch bee/x;stop bee/y;stop keeper"),
            Outside("queen", "script", "spawn bee x {};stop bee/x"),
        ],
    )
    report = inspect(file, wanted=Wanted(messages=True))
    assert [row.id for row in report.messages] == list(range(1, len(report.messages) + 1))
    told = [(row.to, row.topic, row.body) for row in report.messages if row.sender == "world"]
    text = {"text": '{"agent":"bee/x","reason":"stopped"}'}
    assert told == [("queen", "exit", text)] * 2
    queen = next(row for row in report.agents if row.address == "queen")
    assert queen.received == queen.handled + queen.failed
    assert runs.resume(file).messages == len(report.messages)
