"""Memory as pages: every byte that differs is in exactly one of them, at its own address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.control.pages import PAGE, changed_pages, texts, used_pages


def _put_back(pages, size, address, field):
    memory = bytearray(size)
    for page in pages:
        data = getattr(page, field)
        memory[page.address - address : page.address - address + len(data)] = data
    return bytes(memory)


def _memory(size, writes):
    memory = bytearray(size)
    for at, byte in writes:
        memory[at % size] = byte
    return bytes(memory)


WRITES = st.lists(st.tuples(st.integers(0, 5 * PAGE), st.integers(0, 255)), max_size=20)


@given(st.integers(1, 4 * PAGE), st.integers(0, 3 * PAGE), WRITES)
def test_pages_with_something_in_them_are_all_there_is(size, address, writes):
    memory = _memory(size, writes)
    pages = list(used_pages(memory, address))
    assert _put_back(pages, size, address, "data") == memory
    assert all(any(page.data) for page in pages)
    assert all(
        page.address // PAGE == (page.address + len(page.data) - 1) // PAGE for page in pages
    )


@given(st.integers(1, 3 * PAGE), st.integers(0, PAGE), WRITES, WRITES)
def test_pages_that_differ_are_the_whole_difference(size, grown, first, second):
    before = _memory(size, first)
    after = bytearray(before.ljust(size + grown, b"\0"))
    for at, byte in second:
        after[at % len(after)] = byte
    pages = list(changed_pages(before, bytes(after)))
    changed = {page.address // PAGE for page in pages}
    old = before.ljust(len(after), b"\0")
    assert changed == {i // PAGE for i in range(len(after)) if old[i] != after[i]}
    assert all(page.before == old[page.address : page.address + PAGE] for page in pages)


def test_a_memory_that_only_grew_differs_nowhere():
    assert list(changed_pages(b"x" * PAGE, b"x" * PAGE + bytes(PAGE))) == []


def test_text_is_found_where_it_begins():
    memory = b"\0short\0long enough\0\xff\x80tabs\tand more\0"
    assert list(texts(memory, 6, 0x100)) == [(0x107, "long enough"), (0x115, "tabs\tand more")]
    assert [found.text for found in texts(memory, 5)] == ["short", "long enough", "tabs\tand more"]
