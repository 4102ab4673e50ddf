"""Components in OCI layouts: which one is meant, and that it is what its digests say."""

from __future__ import annotations

import json

import pytest

from tests.components.conftest import INDEX, TAG, Artifact, write_layout
from tests.control.conftest import PING, SCRIPTED
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import store


def test_the_only_component_of_a_layout_is_kept(tmp_path, ping):
    layout = write_layout(tmp_path / "my-ping", ping, index=[ping.manifest])
    kept = store.add(layout)
    assert (kept.name, kept.digest) == ("my-ping", sha256_hex(PING.read_bytes()))


def test_of_several_the_one_with_the_tag(tmp_path, ping):
    other = Artifact(SCRIPTED.read_bytes())
    index = [
        {**it.manifest, "annotations": {TAG: tag}} for it, tag in ((ping, "1.0"), (other, "2.0"))
    ]
    layout = write_layout(tmp_path / "it", ping, other, index=index)
    assert store.add(layout, tag="2.0").digest == sha256_hex(SCRIPTED.read_bytes())
    with pytest.raises(Misuse, match=r"it holds several; name a tag: 1\.0, 2\.0"):
        store.add(layout)
    with pytest.raises(Misuse, match=r'nothing is tagged "3\.0": 1\.0, 2\.0'):
        store.add(layout, tag="3.0")


def test_an_index_within_the_index_is_followed(tmp_path, ping):
    inner = ping.put_json({"manifests": [ping.manifest]}, INDEX)
    layout = write_layout(tmp_path / "it", ping, index=[inner])
    assert store.add(layout).digest == sha256_hex(PING.read_bytes())


def test_indexes_without_end_are_not(tmp_path, ping):
    inner = ping.manifest
    for _ in range(5):
        inner = ping.put_json({"manifests": [inner]}, INDEX)
    layout = write_layout(tmp_path / "it", ping, index=[inner])
    with pytest.raises(Misuse, match="more than 4 indexes within each other"):
        store.add(layout)


def test_contents_are_held_against_their_digests(tmp_path, ping):
    layout = write_layout(tmp_path / "it", ping, index=[ping.manifest])
    for digest in ping.blobs:
        path = layout / "blobs/sha256" / digest.partition(":")[2]
        if path.read_bytes() == b"{}":  # nothing is made of the configuration
            continue
        whole = path.read_bytes()
        for wrong in (whole[:-1], whole + b" ", bytes([whole[0] ^ 1]) + whole[1:]):
            path.write_bytes(wrong)
            with pytest.raises(Misuse, match="should be there, and is not") as refused:
                store.add(layout)
            assert refused.value.code == "bad-oci-layout"
        path.write_bytes(whole)
    assert store.add(layout).size == PING.stat().st_size


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda it: (it / "index.json").write_text("[]"), "it is not an index of OCI"),
        (lambda it: (it / "index.json").write_text("[" * 100_000), "it is not an index of OCI"),
        (lambda it: (it / "index.json").unlink(), "index.json: cannot be read"),
        (lambda it: (it / "oci-layout").write_text("{}"), 'a layout of version ""'),
        (lambda it: (it / "oci-layout").unlink(), "a folder that is no OCI layout"),
        (lambda it: (it / "index.json").write_text('{"manifests": []}'), "name a tag: nothing"),
        (
            lambda it: (it / "index.json").write_text(
                json.dumps(
                    {"manifests": [{"mediaType": "", "digest": "sha256:../../x", "size": 1}]}
                )
            ),
            "is none of SHA-256",
        ),
    ],
    ids=["text", "deep", "index-less", "version-less", "mark-less", "empty", "other-digests"],
)
def test_what_is_no_layout_is_refused(damage, says, tmp_path, ping):
    layout = write_layout(tmp_path / "it", ping, index=[ping.manifest])
    damage(layout)
    with pytest.raises(Misuse, match=says):
        store.add(layout)


def test_an_image_is_no_component(tmp_path):
    image = Artifact(b"a layer", "application/vnd.oci.image.layer.v1.tar+gzip")
    layout = write_layout(tmp_path / "it", image, index=[image.manifest])
    with pytest.raises(Misuse, match="it has 0 layers of type application/wasm"):
        store.add(layout)


def test_sizes_that_nobody_has_are_refused(tmp_path, ping):
    for size in (-1, 1 << 40):
        manifest = {**ping.manifest, "size": size}
        layout = write_layout(tmp_path / str(size), ping, index=[manifest])
        with pytest.raises(Misuse, match=f"has {size} bytes"):
            store.add(layout)
