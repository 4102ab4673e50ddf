"""The example `snippets`: code that is wrong at first, and right once its author hears why."""

from __future__ import annotations

import json
from pathlib import Path

from wasm_engine.control import inspection, replays, runs

WORLD = Path(__file__).parents[2] / "examples/snippets/world.toml"


def test_code_is_written_run_and_repaired(tmp_path: Path) -> None:
    file = tmp_path / "snippets.run"
    report = runs.run(WORLD, file=file)
    assert (report.status, report.dead_letters) == ("idle", 0)
    wanted = inspection.Wanted(log=True, state=True, calls=True)
    history = inspection.inspect(file, wanted=wanted)
    assert [line.text for line in history.log or ()] == [
        "median: syntax-error: line 2: '(' was never closed",
        "median: 3.5",
        "weekday: raised: NameError: name 'date' is not defined",
        "weekday: Thursday",
        "primes: tool-failed: python.run: fuel",
        f"primes: {PRIMES}",
        *["the server's password: raised: FileNotFoundError: [Errno 44] No such file or directory: "
          "'/etc/shadow'"] * 3,
    ]  # fmt: skip
    assert history.state is not None
    assert json.loads(history.state["worker"]["primes"]) == PRIMES
    names = [row.name for row in history.calls or () if row.agent == "worker"]
    assert names.count("python.run answers") == 8
    assert names.count("python.run fails") == 1
    assert replays.replay(file).identical


PRIMES = [n for n in range(2, 230) if all(n % it for it in range(2, n))]
