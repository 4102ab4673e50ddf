"""Linear memories lie where we mapped them, and what the machine refuses no guest is told."""

from __future__ import annotations

import errno
import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.binding.components import MIB, PLENTY, RUN, HostGuest, call, component_of, guest, link
from wasm_engine.concepts.errors import Bug, GuestTrap, HostFault
from wasm_engine.host import mappings
from wasm_engine.host.written_pages import PageMap
from wasm_engine.runtime._wasmtime.memory_creator import by_address

GROWS = """(component
  (core module $m (memory (export "memory") 1 100)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func (export "grow") (param "n" u32) (result s32) (canon lift (core func $i "grow")))
  (func (export "poke") (param "a" u32) (param "v" u32) (canon lift (core func $i "poke"))))"""


def grows(limits=PLENTY):
    return link(component_of(GROWS), {}, set()).instantiate(HostGuest(), limits)


def test_what_the_guest_writes_is_read():
    instance = grows()
    call(instance, "", "poke", 5000, 0x04030201)
    (memory,) = instance.memories()
    assert len(memory) == 65536
    assert memory[4999:5005] == b"\0\1\2\3\4\0"


def test_memory_grows_in_place_to_its_limit_and_no_further():
    instance = grows(PLENTY._replace(memory=4 * 65536))
    call(instance, "", "poke", 0, 7)
    assert [call(instance, "", "grow", 1) for _ in range(5)] == [1, 2, 3, -1, -1]
    assert instance.memory_sizes() == [4 * 65536]
    call(instance, "", "poke", 4 * 65536 - 4, 9)
    (memory,) = instance.memories()
    assert (memory[0], memory[-4]) == (7, 9)
    with pytest.raises(GuestTrap) as trap:
        call(instance, "", "poke", 4 * 65536 - 3, 9)
    assert trap.value.code == "out-of-bounds-memory"


def test_memories_of_a_suspended_instance_are_read():
    instance = guest()
    instance.begin(RUN, "wait", (1,))
    instance.poll()
    assert instance.memories()[0][512:528] == b"0123456789abcdef"
    assert instance.memory_sizes() == [2 * 65536]


def test_a_dead_instance_has_no_memories():
    instance = grows()
    instance.close()
    with pytest.raises(Bug, match="closed"):
        instance.memories()
    with pytest.raises(Bug, match="closed"):
        instance.memory_sizes()


@pytest.mark.parametrize("end", ["close", "trap", "forgotten"])
def test_mappings_are_given_back(end):
    grows()
    gc.collect()
    before = len(by_address)
    instance = grows()
    assert len(by_address) == before + 1
    address = next(reversed(by_address))
    assert f"{address:x}-" in Path("/proc/self/maps").read_text()
    if end == "close":
        instance.close()
    elif end == "trap":
        with pytest.raises(GuestTrap):
            call(instance, "", "poke", 1 << 31, 1)
    else:
        del instance
        gc.collect()
    assert len(by_address) == before
    assert f"{address:x}-" not in Path("/proc/self/maps").read_text()


def no_memory(*_):
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


def test_growth_that_the_machine_refuses_is_a_fault_of_the_machine(monkeypatch):
    instance = grows()
    with monkeypatch.context() as poor:
        poor.setattr(mappings, "allow", no_memory)
        with pytest.raises(HostFault, match="memory that it was promised") as fault:
            call(instance, "", "grow", 1)
    assert (fault.value.code, fault.value.exit_status) == ("no-memory", 5)
    with pytest.raises(Bug, match="died"):
        call(instance, "", "grow", 1)


def test_so_is_a_growth_in_a_call_at_once(monkeypatch):
    instance = grows()
    monkeypatch.setattr(mappings, "allow", no_memory)
    with pytest.raises(HostFault, match="memory that it was promised"):
        instance.call("", "grow", (1,))
    assert not instance.alive


@pytest.mark.parametrize("step", ["reserve", "allow"])
def test_so_is_a_first_memory(monkeypatch, step):
    linked = link(component_of(GROWS), {}, set())
    before = len(by_address)
    monkeypatch.setattr(mappings, step, no_memory)
    with pytest.raises(HostFault, match="memory that it was promised"):
        linked.instantiate(HostGuest(), PLENTY)
    assert len(by_address) == before


def test_so_is_an_image_that_cannot_be_laid(monkeypatch):
    instance = grows()
    image = instance.capture()
    before = len(by_address)
    monkeypatch.setattr(mappings, "lay_over", no_memory)
    with pytest.raises(HostFault, match="memory that it was promised"):
        instance._linked.restore(HostGuest(), PLENTY, image)
    assert len(by_address) == before


REALLY_POOR = """
import json, resource, sys
sys.path[:0] = json.loads(sys.argv[1])
from tests.binding.components import MIB, call
from tests.binding.test_memories import grows
from wasm_engine.concepts.errors import HostFault
instance = grows()
pages = int(open("/proc/self/status").read().split("VmData:")[1].split()[0]) >> 2
resource.setrlimit(resource.RLIMIT_DATA, ((pages << 12) + 2 * MIB, -1))
try:
    told = call(instance, "", "grow", 90)
except HostFault as fault:
    told = fault.code
print(told)
"""


def test_a_limit_of_the_process_is_seen_at_the_growth():
    words = [sys.executable, "-c", REALLY_POOR, json.dumps(sys.path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert (done.stdout.strip(), done.stderr) == ("no-memory", "")


def test_what_was_written_is_known_page_by_page():
    instance = grows(PLENTY._replace(memory=64 * MIB))
    instance.capture()
    call(instance, "", "grow", 90)
    for page in (0, 3, 4, 5, 15, 16, 700, 1455):
        call(instance, "", "poke", page * 4096 + 8, 1)
    memory = instance._slot.memories[0]
    words = PageMap()
    words.scans = False
    expected = [(0, 1), (3, 3), (15, 2), (700, 1), (1455, 1)]
    assert words.written(memory.address, memory.size) == expected
    scanned = PageMap().written(memory.address, memory.size)
    # Runs may end where mappings do.
    pages = [page for first, count in scanned for page in range(first, first + count)]
    assert pages == [0, 3, 4, 5, 15, 16, 700, 1455]


GROWS_AT_START = """(component
  (core module $m (memory 1 100)
    (func $start (drop (memory.grow (i32.const 1)))) (start $start))
  (core instance $i (instantiate $m)))"""


def test_so_is_a_growth_by_a_start_function(monkeypatch):
    linked = link(component_of(GROWS_AT_START), {}, set())
    linked.instantiate(HostGuest(), PLENTY)
    before, allow = len(by_address), mappings.allow
    monkeypatch.setattr(
        mappings, "allow", lambda at, size: no_memory() if size > 65536 else allow(at, size)
    )
    with pytest.raises(HostFault, match="memory that it was promised"):
        linked.instantiate(HostGuest(), PLENTY)
    gc.collect()
    assert len(by_address) == before - 1
