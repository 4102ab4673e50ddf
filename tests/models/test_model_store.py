"""The model store: what is kept is what its digest says, and manifests can name it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import msgspec
import pytest

from tests.models.graphs import mlp
from tests.models.test_onnx_files import _with_weights_at
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.errors import BadManifest, HostFault, Misuse
from wasm_engine.concepts.references import Reference
from wasm_engine.control import models
from wasm_engine.host import model_store
from wasm_engine.host.model_files import digest_at, onnx_of

GOLDEN = Path(__file__).parents[1] / "goldens/models"


@pytest.fixture
def file(tmp_path):
    return mlp(tmp_path / "small.onnx")


@pytest.fixture
def folder(tmp_path):
    """A model, its weights, a tokenizer, and what only the tool that fetched it wants."""
    place = tmp_path / "Big Model"
    (place / "more").mkdir(parents=True)
    _with_weights_at(place, "it.data")
    (place / "more/tokenizer.json").write_text("{}")
    (place / ".gitattributes").write_text("x")
    return place


def _manifest(folder, key, value):
    path = folder / "world.toml"
    (folder / "a.py").write_text("")
    path.write_text(f'[agents.a]\nsource = "a.py"\n\n[models.m]\n{key} = "{value}"\n')
    return path


def test_a_file_is_kept_read_only_under_its_digest(file):
    kept = models.add(file, licence="MIT")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (kept.reference, kept.digest) == (f"small@sha256:{digest}", digest)
    place = model_store.path_of(Reference("small", digest))
    assert (str(place), place.read_bytes()) == (kept.place, file.read_bytes())
    assert place.stat().st_mode & 0o777 == 0o400
    assert (kept.licence, kept.opset, kept.portable) == ("MIT", 17, False)
    assert kept.inputs == (models.SlotRow("x", "float32", ("n", 16), optional=False),)
    assert models.listed().models == (kept,)


def test_a_folder_is_known_by_the_listing_of_its_files(folder):
    kept = models.add(folder)
    assert kept.name == "big-model"
    rows = [
        f"{hashlib.sha256((folder / it).read_bytes()).hexdigest()} {(folder / it).stat().st_size} "
        f"{it}\n"
        for it in ("it.data", "it.onnx", "more/tokenizer.json")
    ]
    listing = "wasm-engine model folder 1\n" + "".join(rows)
    assert kept.digest == hashlib.sha256(listing.encode()).hexdigest() == digest_at(folder)
    place = Path(kept.place)
    assert sorted(it.name for it in place.rglob("*")) == [
        "it.data", "it.onnx", "more", "tokenizer.json",
    ]  # fmt: skip
    assert digest_at(place) == kept.digest
    models.remove("big-model")
    assert not place.exists()


def test_a_language_model_is_known_by_its_decoder(tmp_path):
    place = tmp_path / "writer"
    place.mkdir()
    for name in ("encoder", "decoder"):
        mlp(place / f"{name}.onnx")
    config = place / "genai_config.json"
    for said, file in (("decoder.onnx", "decoder.onnx"), ("../small.onnx", None)):
        config.write_text(json.dumps({"model": {"decoder": {"filename": said}, "type": "x"}}))
        if file:
            assert onnx_of(place) == place / file
            assert models.add(place).files == 3
        else:
            with pytest.raises(Misuse, match=r"it holds several: decoder\.onnx, encoder\.onnx"):
                onnx_of(place)


def test_one_content_can_have_several_names_and_goes_with_the_last(file):
    models.add(file)
    place = Path(models.add(file, "other").place)
    models.remove("other")
    assert place.is_file()
    models.remove("small")
    assert (place.exists(), models.listed().models) == (False, ())
    with pytest.raises(Misuse) as refused:
        models.remove("small")
    assert refused.value.code == "no-such-model"


def test_a_name_alone_is_enough_where_it_stands_for_one(file, folder):
    models.add(file, "it")
    models.add(folder, "it")
    with pytest.raises(Misuse, match=r"2 models are called .it.; say which"):
        models.show("it")


def test_progress_is_told_in_bytes_and_ends_with_all_of_them(folder):
    told = []
    kept = models.add(folder, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (kept.size, kept.size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_was_changed_in_the_store_is_found_and_not_used(file):
    kept = models.add(file)
    reference = Reference.parse(kept.reference)
    told = []
    model_store.verify(reference, lambda *it: told.append(it))
    assert told == []  # it looks as when it was hashed last
    place = Path(kept.place)
    place.chmod(0o600)
    data = bytearray(place.read_bytes())
    data[-100] ^= 1
    place.write_bytes(data)
    for again in (False, True):
        with pytest.raises(Misuse, match="was changed: its digest is") as refused:
            model_store.verify(reference, again=again)
        assert refused.value.code == "changed-model"
    data[-100] ^= 1
    place.write_bytes(data)
    assert model_store.verify(reference, lambda *it: told.append(it)) == place
    assert told == [(kept.size, kept.size)]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f: f / "none.onnx", "cannot be read: No such file or dir"),
        (lambda f: f, "a folder needs a file model.onnx, or one .onnx; it holds none"),
        (lambda f: [mlp(f / "a.onnx"), mlp(f / "b.onnx"), f][2], "it holds several: a.onnx, b.onn"),
        (lambda f: _with_weights_at(f, "it.data"), "its weights are in other files"),
        (lambda f: _with_weights_at(f, "../up.data").parent, "escapes its folder"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_message(tmp_path, make, said):
    place = tmp_path / "models"
    place.mkdir()
    with pytest.raises(Misuse, match=said) as refused:
        models.add(make(place), "it")
    assert refused.value.code == "bad-model"
    assert models.listed().models == ()


def test_names_and_notes_are_looked_at(file):
    with pytest.raises(Misuse, match="cannot name a model"):
        models.add(file, "Not A Name")
    with pytest.raises(Misuse, match="a licence note is one line"):
        models.add(file, licence="a\nb")


def test_what_a_killed_process_left_is_swept_and_a_failure_leaves_nothing(home, file, monkeypatch):
    kept = models.add(file)
    left = home / "data/models/.new-1.00"
    left.mkdir()
    (left / "model.onnx").write_bytes(b"half")
    monkeypatch.setattr("wasm_engine.host.model_copy.hashlib.sha256", _full)
    with pytest.raises(HostFault, match="cannot be written: No space left on device"):
        models.add(file, "again")
    monkeypatch.undo()
    monkeypatch.setenv("WASM_ENGINE_HOME", str(home))
    names = {it.name.partition("@")[0] for it in (home / "data/models").iterdir()}
    assert names == {".lock", "small", f"{kept.digest}.onnx", f"{kept.digest}.seen"}


def test_of_blocks_that_are_shared_the_copy_is_hashed(folder, monkeypatch):
    def share(source, goal):
        os.sendfile(goal, source, 0, 1 << 20)
        os.lseek(goal, 0, os.SEEK_SET)
        return True

    monkeypatch.setattr("wasm_engine.host.model_copy._shares_blocks", share)
    assert models.add(folder).digest == digest_at(folder)


def _full():
    raise OSError(28, "No space left on device")


def test_a_manifest_names_what_is_kept(file, folder, tmp_path):
    for place, key, other in ((file, "file", "folder"), (folder, "folder", None)):
        reference = f"it@sha256:{digest_at(place)}"
        path = _manifest(tmp_path, key, reference)
        with pytest.raises(BadManifest) as refused:
            read_manifest(path)
        said = f"world.toml:5: models.m.{key}: {reference} is not kept on this machine"
        assert said in str(refused.value)
        assert "wasm-engine model add FILE" in str(refused.value)
        models.add(place, "it")
        assert read_manifest(path).needs() == []
        if other:
            with pytest.raises(BadManifest, match="is a file, and a folder belongs here"):
                read_manifest(_manifest(tmp_path, other, reference))
            models.remove("it")
            models.add(folder, "it")
            with pytest.raises(BadManifest, match="kept under this name: it@sha256:"):
                read_manifest(path)
            models.remove("it")


def test_a_model_that_lies_elsewhere_needs_the_operators_word(file, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(BadManifest, match=r"world.toml:5: models.m.file: there is no file"):
        read_manifest(_manifest(inner, "file", "none.onnx"))
    needs = read_manifest(_manifest(inner, "file", "../small.onnx")).needs()
    assert [str(it) for it in needs] == [f"source:{file}"]


def test_the_files_of_the_store_are_as_they_ever_were(home):
    """What version 1 wrote is opened, whatever is written now."""
    store = home / "data/models"
    store.mkdir(parents=True, mode=0o700)
    for it in GOLDEN.glob("v1/*"):
        (store / it.name).write_bytes(it.read_bytes())
    (row,) = models.listed().models
    assert row.reference == (
        "small@sha256:e96e6780ca2fbedab3e2df934d843b426add7b35f0da3aa8f20875622742acc5"
    )
    assert (row.licence, row.origin, row.opset) == ("MIT", "/models/small.onnx", 17)
    assert models.show("small").ops["MatMul"] == 2
    record = store / f"small@{row.digest}.json"
    held = json.loads(record.read_text())
    assert record.read_bytes() == msgspec.json.encode(model_store.record_of(
        Reference("small", row.digest)
    ).record)  # fmt: skip
    record.write_text(json.dumps(held | {"version": 2}))
    with pytest.raises(Misuse, match="of version 2; this program reads 1"):
        models.listed()
    record.write_text("{")
    with pytest.raises(Misuse, match="is no record of the model store"):
        models.listed()
