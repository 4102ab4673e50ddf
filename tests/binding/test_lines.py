"""Source lines of a guest that is halted for a look; and no environment decides anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.binding.components import HostGuest
from wasm_engine.runtime._wasmtime.looking import Halted, has_lines, lines_of, memories_of

GUESTS = Path(__file__).parents[2] / "guests/testing"


def test_a_component_with_debug_information_is_known():
    assert has_lines((GUESTS / "lined/lined.wasm").read_bytes())
    assert not has_lines((GUESTS / "ping/ping.wasm").read_bytes())


def test_a_backtrace_is_read_innermost_first():
    halted = Halted()
    halted.backtrace = """error while executing at wasm backtrace:
    0:    0x6a3 - messaging_send
                    at guests/sdk/c/agent.h:68:18
                - send_number
                    at ping.c:17:10
    1:    0x5f9 - <unknown>!<wasm function 4>
    2:    0x7ae - export_handle
                    at guests/sdk/c/agent.c:26:13

Caused by:
    a host function failed"""
    assert lines_of(halted) == [
        ("agent.h", 68, "messaging_send"),
        ("ping.c", 17, "send_number"),
        ("agent.c", 26, "export_handle"),
    ]
    assert lines_of(Halted()) == []


def test_a_guest_that_has_no_instance_has_no_memory():
    assert memories_of(HostGuest()) == []


@pytest.mark.parametrize("value", ["0", "1", "yes"])
def test_the_environment_does_not_decide_how_code_is_made(tmp_path, value):
    words = ["component", "show", str(GUESTS / "lined/lined.wasm")]
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "WASMTIME_BACKTRACE_DETAILS": value,
            "WASM_ENGINE_HOME": str(tmp_path),
        },
    )
    assert done.returncode == 0, done.stderr
