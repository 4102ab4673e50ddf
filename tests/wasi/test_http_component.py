"""wasi:http as a real component meets it: resources, large variants, two borrows in one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.wasi.activations import FUNCTIONS, PlainGuest, run_command
from wasm_engine.concepts import faults
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.component import Import
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.linked import Linked
from wasm_engine.runtime._wasmtime.types import FuncType
from wasm_engine.runtime.wasi import WasiState, deny

FETCH = Path(__file__).parent.parent.parent / "guests" / "testing" / "fetch" / "fetch.wasm"
# Places in the variant `error-code`.
DNS_ERROR, REFUSED, DENIED, BODY_SIZE, TIMEOUT, INTERNAL = 1, 6, 15, 17, 33, 38


@pytest.fixture(scope="module")
def fetch() -> Linked:
    def define(interface: str, function: str, ty: FuncType) -> Import:
        name = f"{interface.partition('@')[0]}#{function}"
        found = FUNCTIONS.get(name) or deny(name, ty)
        return Import(found.call, found.suspends)

    (component,) = Compiler(Engine(), None).load_many([("fetch", FETCH.read_bytes())])
    return component.link(define)


def asks(
    fetch: Linked, *args: str, stdin: bytes = b"", serve: Callable[..., Any] | None = None
) -> PlainGuest:
    guest = PlainGuest(WasiState(args=("fetch", *args), stdin=stdin))
    if serve is not None:
        guest.serve = serve
    assert run_command(fetch, guest) == 0
    assert len(guest.resources) == 0
    assert guest.wasi.room.held == 0
    return guest


def printed(guest: PlainGuest) -> str:
    return guest.printed["stdout"].decode()


def test_a_response_with_headers_and_a_body(fetch: Linked) -> None:
    def serve(*asked: Any) -> Any:
        return 200, [("x-one", "caf\xe9"), ("Other", "1"), ("x-two", "")], b"hello " * 20_000

    guest = asks(fetch, "GET", "http", "server", "/path?q", serve=serve)
    assert guest.printed["stdout"] == (
        b"0 200\nx-one: caf\xe9\nx-two: \n" + b"hello " * 20_000 + b"\n"
    )
    assert guest.issued[1][:4] == ("GET", "http://server/path?q", [], None)


def test_a_request_with_headers_and_a_body(fetch: Linked) -> None:
    asked = ("-h", "X-A", "1", "-h", "x-b", "2", "POST", "http", "server", "/")
    guest = asks(fetch, *asked, stdin=b"what is sent", serve=lambda *it: (201, [], it[3]))
    assert printed(guest) == "0 201\nwhat is sent\n"
    assert guest.issued[1][:4] == (
        "POST",
        "http://server/",
        [("X-A", "1"), ("x-b", "2")],
        b"what is sent",
    )


def test_many_at_once_each_as_it_ends(fetch: Linked) -> None:
    asked = [("GET", "http", "server", f"/{n}") for n in range(5)]
    asked[2] = ("GET", "http", "other", "/")

    def serve(_method: str, url: str, *_: Any) -> Any:
        return 200, [], url.encode()

    guest = asks(fetch, *(part for one in asked for part in one), serve=serve)
    lines = printed(guest).splitlines()
    assert lines[:1] == [f"2 error {DENIED}"]
    assert lines[1:] == [text for n in (0, 1, 3, 4) for text in (f"{n} 200", f"http://server/{n}")]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (faults.UNKNOWN_HOST, f"0 error {DNS_ERROR}\n"),
        (faults.CONNECTION_FAILED, f"0 error {REFUSED}\n"),
        (faults.TIMEOUT, f"0 error {TIMEOUT}\n"),
        (faults.OUTCOME_UNKNOWN, f"0 error {INTERNAL}\noutcome-unknown\n"),
    ],
)
def test_a_code_and_its_payload(fetch: Linked, end: str, said: str) -> None:
    guest = asks(fetch, "GET", "http", "server", "/", serve=lambda *_: faults.refusal(end))
    assert printed(guest) == said


def test_a_code_behind_a_streams_failure(fetch: Linked) -> None:
    asked = ("-h", "content-length", "3", "PUT", "http", "server", "/")
    guest = asks(fetch, *asked, stdin=b"four")
    assert printed(guest).splitlines() == [
        *(f"0 error {BODY_SIZE}", "4", "not finished"),
        *(f"0 error {BODY_SIZE}", "0"),
    ]
    assert guest.issued == {}


def test_a_header_error(fetch: Linked) -> None:
    asked = ("-h", "Host", "x", "GET", "http", "server", "/")
    assert printed(asks(fetch, *asked)) == "0 header-error 1\n"


def test_a_timer_beside_a_request(fetch: Linked) -> None:
    guest = PlainGuest(WasiState(args=("fetch", "-w", "5", "GET", "http", "server", "/")))
    guest.serve = lambda *_: None  # it stays out
    wait = guest.wait

    def only_time(requests: dict[int, None], deadline: int | None, answer: Any) -> Any:
        assert list(requests) == [1]
        return wait({}, deadline, answer)

    guest.wait = only_time  # type: ignore[method-assign]
    assert run_command(fetch, guest) == 0
    assert printed(guest) == "out of patience\n"
    assert guest.abandoned == [1]
    assert len(guest.resources) == 0
