"""The Rust glue of the packages beside the contract: a module for each of their interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from bindings.beside import called, in_memory
from bindings.layout import Resolved, Type
from bindings.rust import INLINE, imports, pascal, pattern, snake, store, type_text

_HEAD = """\
// Written by guests/bindings from the WIT of packages beside the contract; do not edit.
//! Packages that agents may import from beside the contract, by the canonical ABI. All of it is
//! `#[inline]`: it is compiled into agents that call it, and changes nothing of those that do not.
#![allow(dead_code, unused_unsafe, unused_variables)]
use super::*;

/// What has to lie in memory until a call is done.
struct Kept(Vec<Vec<u64>>);

impl Kept {
    /// Zeros, aligned for whatever lies in them.
    #[inline]
    fn place(&mut self, size: usize) -> *mut u8 {
        self.0.push(vec![0; (size + 7) / 8]);
        self.0.last_mut().map_or(core::ptr::null_mut(), |it| it.as_mut_ptr() as *mut u8)
    }
    /// The elements of a list, one behind the other.
    #[inline]
    unsafe fn each<T>(
        &mut self,
        list: &[T],
        size: usize,
        store: unsafe fn(&mut Kept, *mut u8, &T),
    ) -> usize {
        let start = self.place(list.len() * size);
        for (n, item) in list.iter().enumerate() {
            store(self, start.add(n * size), item);
        }
        start as usize
    }
}

#[inline]
unsafe fn store_pair(at: *mut u8, start: usize, count: usize) {
    *(at as *mut [usize; 2]) = [start, count];
}
#[inline]
unsafe fn store_text<T: AsRef<str>>(_: &mut Kept, at: *mut u8, text: &T) {
    store_pair(at, text.as_ref().as_ptr() as usize, text.as_ref().len());
}
#[inline]
unsafe fn list_at<T>(at: *const u8) -> Vec<T> {
    let (start, count) = (word_at(at), word_at(at.add(4)));
    if count == 0 { Vec::new() } else { Vec::from_raw_parts(start as *mut T, count, count) }
}
"""


def generate(resolved: Resolved) -> str:
    """The whole file."""
    lines = [_HEAD]
    for interface in called(resolved):
        own = [f"    {line}".rstrip() for line in _own(resolved, interface)]
        lines += imports(resolved, interface, own)
    return "\n".join(lines)


def _own(resolved: Resolved, interface: str) -> Iterator[str]:
    """Its types, and what puts those into memory that have to lie there."""
    for it in resolved.own_types(interface):
        yield from type_text(it)
    for it in in_memory(resolved, interface):
        yield from _storing(it)


def _storing(it: Type) -> Iterator[str]:
    yield INLINE
    name = snake(it.name)
    yield f"unsafe fn store_{name}(kept: &mut Kept, at: *mut u8, it: &{pascal(it.name)}) {{"
    if it.form == "record":
        for name, part, at in it.fields():
            place = f"at.add({at})" if at else "at"
            for line in store(part, f"it.{snake(name)}", place):
                yield f"    {line}"
    else:
        yield "    match it {"
        for tag, (case, part) in enumerate(it.cases):
            inner = store(part, "item", f"at.add({it.payload_at})", borrow=True) if part else []
            name = pattern(it, case) + ("(item)" if part else "")
            yield f"        {name} => {{ {' '.join([f'*at = {tag};', *inner])} }}"
        yield "    }"
    yield "}"
    yield ""
