"""Worlds that ask real models: of a folder, of a server that hangs, in a run that was killed."""

from __future__ import annotations

import shutil

import pytest

from tests.chat.model_server import WORDS, serving
from tests.chat.tiny_llama import write_model
from wasm_engine.concepts.errors import Misuse
from wasm_engine.orchestrator.execution import Until
from wasm_engine.testing import chats
from wasm_engine.world import LATEST, Run


def test_a_world_asks_a_folder_and_replays_without_it(talk, tmp_path):
    folder = write_model(talk.folder / "tiny", template=None)
    talk.models["m"] = {"folder": "tiny", "context": 256, "most": 12}
    talk.agents["a"]["count"] = 2
    talk.run(("say", "m hello"), ("json", "m n?"), max_steps=1, to="a/1")
    assert talk.resume() == "idle"
    first, second = chats(talk.file)
    assert (first.prompt, first.finish) == (23, "length")
    assert second.content.startswith("{")
    again = tmp_path / "again.run"
    talk.file, old = again, talk.file
    talk.run(("say", "m hello"), ("json", "m n?"), to="a/1", workers=2)
    assert [it.content for it in chats(again)] == [first.content, second.content]
    shutil.rmtree(folder)
    assert talk.replays(old)
    assert talk.replays(again)


def test_a_folder_that_is_none_is_refused_before_anything_runs(talk):
    (talk.folder / "tiny").mkdir()
    (talk.folder / "tiny/genai_config.json").write_text("{}")
    talk.models["m"] = {"folder": "tiny", "device": "cuda"}
    with pytest.raises(Misuse, match="is to compute on CUDA, which is not here"):
        talk.world().require_models()
    talk.models["m"] = {"folder": "tiny", "digest": f"sha256:{'0' * 64}"}
    with pytest.raises(Misuse, match=f"the model m is not sha256:{'0' * 64}, but sha256:"):
        talk.world().require_models()
    talk.models["m"] = {"folder": "tiny"}
    talk.world().require_models()
    with pytest.raises(Misuse, match="the model m cannot be loaded"):
        talk.run(("say", "m x"))


@pytest.mark.parametrize("retries", [0, 2])
def test_what_was_out_when_the_engine_died_is_asked_again_where_it_may(talk, tmp_path, retries):
    talk.models["m"] = {"server": "local", "retries": retries}
    config = tmp_path / "home/config"
    config.mkdir(parents=True)
    copy = tmp_path / "killed.run"
    with serving() as server:
        (config / "policy.toml").write_text(f'[servers.local]\nurl = "{server.url}"\n')
        made = talk.world()
        with made.begin(talk.file, inputs=[("a", "say", ("text", "m x"))]) as run:
            # Answered by nobody: the file as it is when its intent is on the disk.
            server.busy = 10**6
            run.execution.go(Until(max_steps=0))
            run.execution.scheduler.step(run.execution.scheduler.next_time())
            scheduler = run.execution.scheduler
            run.execution.exchange.go_out(scheduler.issued, scheduler.cancelled)
            run.file.flush()
            for beside in ("", "-wal", "-shm"):
                path = talk.file.with_name(talk.file.name + beside)
                if path.exists():
                    shutil.copyfile(path, copy.with_name(copy.name + beside))
        server.busy = 0
        with Run.open(copy, write=True, at=LATEST) as again:
            again.execution.replay()
            assert again.execution.go(Until()) == "idle"
    (row,) = chats(copy)
    assert (row.content, row.code) == ((WORDS, None) if retries else (None, "outcome-unknown"))
    assert talk.replays(copy)
