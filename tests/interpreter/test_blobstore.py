"""The SDK's `blobstore`, where the host answers what a small world does not."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any, Self

import pytest

from tests.interpreter.fake_host import Err, FakeHost


class Stream:
    """Takes so many bytes, in pieces that it notes."""

    def __init__(self, room: int) -> None:
        self.room, self.closed = room, False
        self.pieces: list[int] = []

    def check_write(self) -> int:
        return 1 << 16

    def write(self, data: bytes) -> None:
        self.room -= len(data)
        self.pieces.append(len(data))
        if self.room < 0:
            raise Err("last-operation-failed")

    def flush(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.closed = True


def container(sdk: ModuleType, stream: Stream) -> Any:
    """A container whose next object goes into the stream; what was finished is in `.finished`."""
    module = sdk.blobstore
    finished: list[Any] = []
    value = SimpleNamespace(outgoing_value_write_body=lambda: stream)
    module.wasi_blobstore_types.OutgoingValue = SimpleNamespace(
        new_outgoing_value=lambda: value, finish=finished.append
    )
    made = module.Container("papers", SimpleNamespace(write_data=lambda name, value: None))
    made.finished = finished
    return made


def test_an_object_goes_in_pieces_that_a_stream_takes(host: FakeHost, sdk: ModuleType) -> None:
    stream = Stream(room=200_000)
    papers = container(sdk, stream)
    papers["a"] = bytes(150_000)
    assert stream.pieces == [65536, 65536, 150_000 - 2 * 65536]
    assert stream.closed
    assert len(papers.finished) == 1


def test_an_object_that_is_too_large_is_put_nowhere(host: FakeHost, sdk: ModuleType) -> None:
    stream = Stream(room=100_000)
    papers = container(sdk, stream)
    with pytest.raises(sdk.TooLarge, match="150000 bytes"):
        papers["a"] = bytes(150_000)
    assert stream.closed
    assert papers.finished == []


@pytest.mark.parametrize("name", ["open", "create"])
def test_a_container_that_another_made_in_the_same_step_is_opened(
    host: FakeHost, sdk: ModuleType, name: str
) -> None:
    answers = iter([Err("no-such-container: papers"), "handle"])
    host.answers["blobstore.get_container"] = lambda _: next(answers)
    host.answers["blobstore.create_container"] = Err("already-exists: papers")
    if name == "create":
        assert sdk.blobstore.open("papers", create=True).name == "papers"
        return
    with pytest.raises(sdk.Fault, match="no-such-container: papers"):
        sdk.blobstore.open("papers")
    assert host.called("blobstore.create_container") == []
