"""The component store: what is kept is what its digest says, and manifests can name it."""

from __future__ import annotations

import pytest

from tests.control.conftest import PING, SCRIPTED, WORLD
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import BadComponent, BadManifest, Misuse, Refused
from wasm_engine.concepts.references import Reference
from wasm_engine.control import store
from wasm_engine.control.checks import check
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import run
from wasm_engine.control.signing import sign
from wasm_engine.host import component_store

DIGEST = sha256_hex(PING.read_bytes())
REFERENCE = f"ping@sha256:{DIGEST}"


@pytest.fixture
def by_reference(world):
    """The same world, whose kinds run a kept component; its own copy is gone."""
    world.write_text(WORLD.replace("ping.wasm", REFERENCE))
    (world.parent / "ping.wasm").unlink()
    return world


def test_a_world_runs_what_its_manifest_names_by_digest(by_reference, tmp_path):
    assert store.add(PING).reference == REFERENCE
    file = tmp_path / "it.run"
    first = run(by_reference, file=file, send=[("a", "start", "2 b")])
    assert (first.status, first.messages) == ("idle", 4)
    assert check(by_reference).missing == ()
    store.remove(REFERENCE)
    assert replay(file).identical


def test_what_is_not_kept_is_a_mistake_of_the_manifest(command, by_reference):
    status, _, err = command("check", by_reference)
    assert status == 2
    said = f"world.toml:5: agents.a.source: {REFERENCE} is not kept on this machine"
    assert said in err
    assert "wasm-engine component add FILE" in err
    store.add(SCRIPTED, "ping")
    assert "kept under this name: ping@sha256:" in command("check", by_reference)[2]


@pytest.mark.parametrize(
    "source",
    ["ping@sha256:12", f"Ping@sha256:{DIGEST}", f"ping@sha256:{DIGEST.upper()}",
     f"@sha256:{DIGEST}",
     f"ping@md5:{DIGEST}", f"a/b@sha256:{DIGEST}", f"world@sha256:{DIGEST}"],
)  # fmt: skip
def test_what_is_no_reference_is_taken_for_a_path(source, world):
    assert Reference.parse(source) is None
    world.write_text(WORLD.replace("ping.wasm", source))
    with pytest.raises(BadManifest):
        run(world)


def test_bytes_that_were_changed_in_the_store_are_refused(by_reference):
    store.add(PING)
    component_store.path_of(Reference("ping", DIGEST)).write_bytes(SCRIPTED.read_bytes())
    with pytest.raises(Misuse) as refused:
        run(by_reference)
    assert refused.value.code == "unreadable-source"
    assert REFERENCE in str(refused.value)
    assert sha256_hex(SCRIPTED.read_bytes()) in str(refused.value)


def test_a_kept_component_comes_with_its_signature(by_reference, tmp_path, ada, policy):
    mine = tmp_path / "mine.wasm"
    mine.write_bytes(PING.read_bytes())
    policy('require-signers = ["ada"]\n')
    store.add(mine, "ping")
    with pytest.raises(Refused):
        run(by_reference)
    sign(mine, key="ada")
    assert store.add(mine, "ping").signed
    assert run(by_reference).status == "idle"


def test_one_content_can_have_several_names_and_goes_with_the_last(tmp_path):
    store.add(PING)
    store.add(PING, "pong")
    path = component_store.path_of(Reference("ping", DIGEST))
    assert [it.name for it in store.listed().components] == ["ping", "pong"]
    store.remove("ping")
    assert path.is_file()
    store.remove("pong")
    assert (path.exists(), store.listed().components) == (False, ())


def test_a_name_alone_is_enough_where_it_stands_for_one(tmp_path):
    store.add(PING, "it")
    store.add(SCRIPTED, "it")
    with pytest.raises(Misuse, match=r"2 components are called .it.; say which"):
        store.remove("it")
    store.remove(f"it@sha256:{DIGEST}")
    assert store.remove("it").digest == sha256_hex(SCRIPTED.read_bytes())
    with pytest.raises(Misuse, match=r"no component .it. is kept here"):
        store.remove("it")


def test_what_is_no_component_is_not_kept(tmp_path):
    text = tmp_path / "text.wasm"
    text.write_text("no component")
    with pytest.raises(BadComponent):
        store.add(text)
    with pytest.raises(Misuse, match="cannot name a component"):
        store.add(PING, "Not A Name")
    with pytest.raises(BadComponent, match="cannot be read"):
        store.add(tmp_path / "missing.wasm")
    with pytest.raises(Misuse, match="only what is in an OCI layout has a tag"):
        store.add(PING, tag="1")
    assert store.listed().components == ()


def test_the_files_of_the_store_are_as_they_ever_were(home):
    store.add(PING)
    folder = home / "data/components"
    entry = folder / f"ping@{DIGEST}.json"
    assert entry.read_text() == f'{{"version":1,"origin":"{PING}"}}'
    assert (folder / f"{DIGEST}.wasm").read_bytes() == PING.read_bytes()
    entry.write_text('{"version":2,"origin":""}')
    with pytest.raises(Misuse, match="of version 2; this program reads 1"):
        store.listed()
    entry.write_text("{")
    with pytest.raises(Misuse, match="is no entry of the component store"):
        store.listed()


def test_the_verbs_say_what_is_kept(command, values):
    assert command("component", "list")[1].startswith("no components yet")
    assert command("component", "add", PING)[1] == f"{REFERENCE}\n"
    assert values("component", "list")[1]["components"][0]["reference"] == REFERENCE
    assert values("component", "show", REFERENCE)[1]["digest"] == DIGEST
    assert command("component", "remove", "ping")[0] == 0
    status, _, err = command("component", "show", REFERENCE)
    assert (status, f"no component {REFERENCE} is kept here" in err) == (2, True)
