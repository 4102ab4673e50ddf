"""The chain after any entry is what hashing all entries up to it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journal import sample_run
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.blocks import MOST
from wasm_engine.journal.chain import START, extend_by
from wasm_engine.journal.runfile import RunFile

GOLDENS = Path(__file__).parents[1] / "goldens/runs/v1"


def test_in_every_place_of_blocks_of_all_sizes(tmp_path):
    path = tmp_path / "a.run"
    with sample_run.begin(path) as run:
        for step in range(1, 2 * MOST):
            sample_run.append_step(run, step, durable=step in (3, 4, 100))
    with RunFile.open(path) as run:
        chain = START
        for entry in run.entries():
            chain = extend_by(chain, [(entry.kind, entry.body, entry.detail)])
            if entry.n < 10 or entry.n % 101 < 3 or run.count - entry.n < 3:
                assert run.chain_after(entry.n) == chain.hex()
        assert run.chain_after(run.count) == run.chain
        with pytest.raises(BadRunFile, match="is missing"):
            run.chain_after(run.count + 1)


def test_of_the_first_version_too():
    (path,) = GOLDENS.glob("pingpong.*")
    with RunFile.open(path) as run:
        assert run.chain_after(run.count) == run.chain
        assert run.chain_after(1) != run.chain
