"""The Rust glue: types of the contract, its imports as safe functions, its exports as a macro."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bindings.layout import PRIMITIVES, Resolved, Signature, Type

HEAD = """\
// Written by guests/bindings from wit/wasm-engine-agent@0.1.0/agent.wit; do not edit.
//! The contract as the host sees it, by the canonical ABI.
#![allow(clippy::all)]
"""
_PRIMITIVES = {name: name.replace("s", "i") for name in PRIMITIVES}
_DERIVES = "#[derive(Clone, Debug, PartialEq, Eq)]"
_CORE = {"i32": "usize", "i64": "u64"}


def snake(name: str) -> str:
    """A name of the WIT as a function's or a field's."""
    return name.replace("-", "_")


def pascal(name: str) -> str:
    """A name of the WIT as a type's or a case's."""
    return "".join(part.capitalize() for part in name.split("-"))


def owned(it: Type) -> str:
    """The type of a value that one has."""
    if it.form in _PRIMITIVES:
        return _PRIMITIVES[it.form]
    if it.form == "string":
        return "String"
    if it.form == "list":
        return f"Vec<{owned(it.item)}>"
    if it.form == "option":
        return f"Option<{owned(it.item)}>"
    if it.form == "tuple":
        return f"({', '.join(owned(part) for _, part in it.parts if part)})"
    if it.form == "result":
        ok, error = (owned(part) if part else "()" for _, part in it.parts)
        return f"Result<{ok}, {error}>"
    return pascal(it.name)


def borrowed(it: Type) -> str:
    """The type of an argument."""
    if it.form in _PRIMITIVES or it.form == "enum":
        return owned(it)
    if it.form == "string":
        return "&str"
    if it.form == "list":
        return "&[&str]" if it.item.form == "string" else f"&[{owned(it.item)}]"
    return f"&{owned(it)}"


def generate(resolved: Resolved, world: str) -> str:
    """The whole file."""
    shape = resolved.contract.worlds[world]
    lines = [HEAD, _SUPPORT]
    for interface in resolved.contract.interfaces:
        if interface == "types" or interface in (*shape.imports, *shape.exports):
            for it in resolved.own_types(interface):
                lines += type_text(it)
    for interface in shape.imports:
        lines += imports(resolved, interface)
    for interface in shape.exports:
        lines += _exports(resolved, interface)
    return "\n".join([*lines, _BESIDE])


_BESIDE = """
pub mod beside;
"""
_SUPPORT = """\
#[inline]
unsafe fn bytes_at(at: *const u8) -> Vec<u8> {
    let (start, size) = (word_at(at), word_at(at.add(4)));
    bytes_of(start, size)
}
#[inline]
unsafe fn bytes_of(start: usize, size: usize) -> Vec<u8> {
    if size == 0 { Vec::new() } else { Vec::from_raw_parts(start as *mut u8, size, size) }
}
#[inline]
unsafe fn text_of(start: usize, size: usize) -> String {
    // The host gives Unicode text only: the canonical ABI says so.
    String::from_utf8_unchecked(bytes_of(start, size))
}
#[inline]
unsafe fn text_at(at: *const u8) -> String {
    String::from_utf8_unchecked(bytes_at(at))
}
#[inline]
unsafe fn word_at(at: *const u8) -> usize {
    *(at as *const usize)
}
#[inline]
unsafe fn free_list(start: usize, size: usize, align: usize) {
    if size > 0 {
        let layout = std::alloc::Layout::from_size_align_unchecked(size, align);
        std::alloc::dealloc(start as *mut u8, layout);
    }
}
/// Eight-byte words, so that whatever lies in it is aligned.
#[repr(C, align(8))]
struct Area<const N: usize>([u8; N]);

#[export_name = "cabi_realloc"]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    size: usize,
) -> *mut u8 {
    use std::alloc::{alloc, realloc, Layout};
    let at = if old_size > 0 {
        realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
    } else if size == 0 {
        return align as *mut u8;
    } else {
        alloc(Layout::from_size_align_unchecked(size, align))
    };
    if at.is_null() {
        core::arch::wasm32::unreachable()
    }
    at
}
"""


def type_text(it: Type) -> list[str]:
    """A type's definition."""
    name = pascal(it.name)
    if it.form == "record":
        fields = [f"    pub {snake(n)}: {owned(part)}," for n, part in it.parts if part]
        return [_derives(it), f"pub struct {name} {{", *fields, "}", ""]
    derive = _derives(it) if it.form == "variant" else _DERIVES.replace("Clone", "Clone, Copy")
    cases = [f"    {pascal(n)}({owned(p)})," if p else f"    {pascal(n)}," for n, p in it.parts]
    return [derive, f"pub enum {name} {{", *cases, "}", ""]


def _derives(it: Type) -> str:
    return _DERIVES.replace(", Eq", "") if _has_floats(it) else _DERIVES


def _has_floats(it: Type) -> bool:
    return it.form in ("f32", "f64") or any(_has_floats(part) for _, part in it.parts if part)


INLINE = "#[inline]"
"""Of what is compiled into agents that call it, and changes nothing of those that do not."""


def imports(resolved: Resolved, interface: str, own: Sequence[str] | None = None) -> list[str]:
    """The module of an interface; beside the contract with what is its own before its functions."""
    full = resolved.contract.full_name(interface)
    raw, safe = [], []
    for it in resolved.signatures(interface):
        arguments = ", ".join(f"a{n}: {_CORE[core]}" for n, core in enumerate(it.flat))
        result = f" -> {_CORE[it.flat_result]}" if it.flat_result else ""
        raw.append(f'        #[link_name = "{it.name}"]')
        raw.append(f"        fn raw_{snake(it.name)}({arguments}){result};")
        lines = _import(it) if own is None else (INLINE, *_import(it))
        safe += [f"    {line}".rstrip() for line in lines]
    return [
        f"pub mod {snake(interface)} {{",
        "    use super::*;",
        *(own or ()),
        f'    #[link(wasm_import_module = "{full}")]',
        '    extern "C" {',
        *raw,
        "    }",
        *safe,
        "}",
        "",
    ]


def _import(it: Signature) -> Iterator[str]:
    writer = _Writer()
    if it.spilled:
        arguments = writer.spill(it.spilled)
    else:
        arguments = [a for name, part in it.parameters for a in writer.lower(part, snake(name))]
    parameters = ", ".join(f"{snake(name)}: {borrowed(part)}" for name, part in it.parameters)
    result = f" -> {owned(it.result)}" if it.result else ""
    yield f"pub fn {snake(it.name)}({parameters}){result} {{"
    yield "    unsafe {"
    yield from (f"        {line}" for line in writer.lines)
    call = f"raw_{snake(it.name)}"
    if it.returns_in_memory:
        assert it.result is not None
        yield f"        let mut area = Area([0u8; {it.result.size}]);"
        yield "        let out = area.0.as_mut_ptr();"
        yield f"        {call}({', '.join([*arguments, 'out as usize'])});"
        yield f"        {load(it.result, 'out', 0)}"
    elif it.result is not None:
        called = f"{call}({', '.join(arguments)})"
        yield f"        {scalar(it.result, called)}"
    else:
        yield f"        {call}({', '.join(arguments)});"
    yield "    }"
    yield "}"


def scalar(it: Type, text: str) -> str:
    """A value out of the one core value that it is."""
    return f"{text} != 0" if it.form == "bool" else f"{text} as {owned(it)}"


class _Writer:
    """Statements that make the arguments of a call out of borrowed values."""

    def __init__(self, count: int = 0) -> None:
        self.lines: list[str] = []
        self._count = count

    def lower(self, it: Type, value: str) -> list[str]:
        """The core arguments of a value."""
        if it.form == "u64":
            return [value]
        if it.form in _PRIMITIVES or it.form == "enum":
            return [f"{value} as usize"]
        if it.form == "string" or it.is_bytes:
            return [f"{value}.as_ptr() as usize", f"{value}.len()"]
        if it.form == "list":
            return self._list(it, value)
        if it.form in ("record", "tuple"):
            names = [snake(n) or str(k) for k, (n, _) in enumerate(it.parts)]
            return [
                core
                for name, (_, part) in zip(names, it.parts, strict=True)
                if part
                for core in self.lower(part, f"{value}.{name}")
            ]
        return self._cases(it, value)

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _list(self, it: Type, value: str) -> list[str]:
        if it.is_plain_list:
            return [f"{value}.as_ptr() as usize", f"{value}.len()"]
        name = self._fresh()
        inner = _Writer()
        flat = inner.lower(it.item, "item") if set(it.item.flat) == {"i32"} else []
        if inner.lines or not flat or it.item.form == "record":
            self.keep()
            self.lines.append(f"let {name} = {each(it, value)};")
            return [name, f"{value}.len()"]
        self.lines.append(f"let {name}: Vec<[usize; {len(flat)}]> =")
        self.lines.append(f"    {value}.iter().map(|item| [{', '.join(flat)}]).collect();")
        return [f"{name}.as_ptr() as usize", f"{name}.len()"]

    def keep(self) -> None:
        """A place for what has to lie in memory until the call is done."""
        if self.lines[:1] != [_KEEPS]:
            self.lines.insert(0, _KEEPS)

    def spill(self, it: Type) -> list[str]:
        """All arguments in one place in memory, by their names."""
        self.keep()
        name = self._fresh()
        self.lines.append(f"let {name} = kept.place({it.size});")
        for field, part, at in it.fields():
            self.lines += store(part, snake(field), f"{name}.add({at})", borrow=True)
        return [f"{name} as usize"]

    def _cases(self, it: Type, value: str) -> list[str]:
        """A tuple with the tag and the payload, padded with zeros."""
        name = self._fresh()
        width = len(it.flat)
        self.lines.append(f"let {name} = match &{value} {{")
        for tag, (case, part) in enumerate(it.cases):
            it.passed(part)
            inner = _Writer(self._count)
            plain = part is not None and (part.form in _PRIMITIVES or part.form == "enum")
            flat = inner.lower(part, "*item" if plain else "item") if part else []
            padded = [f"{tag}usize", *flat, *(["0"] * (width - 1 - len(flat)))]
            head = pattern(it, case) + ("(item)" if part else "")
            self.lines.append(f"    {head} => {{")
            self.lines += [f"        {line}" for line in inner.lines]
            self.lines.append(f"        ({', '.join(padded)})")
            self.lines.append("    }")
        self.lines.append("};")
        return [f"{name}.{place}" for place in range(width)]


_KEEPS = "let kept = &mut Kept(Vec::new());"


def each(it: Type, value: str) -> str:
    """An expression for where a list lies in memory, which is kept."""
    return f"kept.each({value}, {it.item.size}, {_storing(it.item)})"


def _storing(it: Type) -> str:
    return "store_text" if it.form == "string" else f"store_{snake(it.name)}"


def store(it: Type, value: str, at: str, *, borrow: bool = False) -> list[str]:
    """Statements that put a value where zeros lie; `borrow`: the value is a borrow already."""
    if it.form in _PRIMITIVES:
        return [f"*({at} as *mut {_PRIMITIVES[it.form]}) = {value};"]
    if it.form == "enum":
        return [f"*{at} = {value} as u8;"]
    if it.form == "string":
        return [f"store_text(kept, {at}, &{value});"]
    if it.is_plain_list:
        return [f"store_pair({at}, {value}.as_ptr() as usize, {value}.len());"]
    if it.form == "list":
        borrowed_value = value if borrow else f"&{value}"
        return [
            f"let list = {each(it, borrowed_value)};",
            f"store_pair({at}, list, {value}.len());",
        ]
    if it.form == "option":
        plain = it.item.form in _PRIMITIVES
        inner = store(it.item, "*item" if plain else "item", f"{at}.add({it.payload_at})")
        inside = " ".join(inner)
        return [f"if let Some(item) = &{value} {{ *{at} = 1; {inside} }}"]
    borrowed_value = value if borrow else f"&{value}"
    return [f"{_storing(it)}(kept, {at}, {borrowed_value});"]


def pattern(it: Type, case: str) -> str:
    """A case, as it is made and matched."""
    if it.form == "option":
        return {"none": "None", "some": "Some"}[case]
    if it.form == "result":
        return {"ok": "Ok", "error": "Err"}[case]
    return f"{pascal(it.name)}::{pascal(case)}"


def load(it: Type, base: str, at: int) -> str:
    """An expression that takes a value out of memory; what it points to becomes ours."""
    place = f"{base}.add({at})" if at else base
    if it.form == "bool":
        return f"*{place} != 0"
    if it.form in _PRIMITIVES:
        return f"*({place} as *const {_PRIMITIVES[it.form]})"
    if it.form == "string":
        return f"text_at({place})"
    if it.is_bytes:
        return f"bytes_at({place})"
    if it.is_plain_list:
        return f"list_at({place})"
    if it.form == "list":
        return f"{{ let at = {place}; {lift_list(it, 'word_at(at)', 'word_at(at.add(4))')} }}"
    if it.form == "tuple":
        return f"({', '.join(load(part, base, at + o) for _, part, o in it.fields())})"
    if it.form == "record":
        fields = (f"{snake(n)}: {load(part, base, at + o)}" for n, part, o in it.fields())
        return f"{pascal(it.name)} {{ {', '.join(fields)} }}"
    arms = []
    for tag, (case, part) in enumerate(it.cases):
        payload = f"({load(part, base, at + it.payload_at)})" if part else ""
        if not payload and it.form == "result":
            payload = "(())"
        label = str(tag) if tag < len(it.cases) - 1 else "_"
        arms.append(f"{label} => {pattern(it, case)}{payload}")
    return f"match *{place} {{ {', '.join(arms)} }}"


def lift_list(it: Type, start: str, count: str) -> str:
    """Statements whose value is a list out of its place in memory, which is freed."""
    size = it.item.size
    return (
        f"let (start, count) = ({start}, {count}); "
        "let mut list = Vec::with_capacity(count); "
        f"for n in 0..count {{ let at = (start + n * {size}) as *const u8; "
        f"list.push({load(it.item, 'at', 0)}); }} "
        f"free_list(start, count * {size}, {it.item.align}); list"
    )


def _lift(it: Type, arguments: list[str]) -> str:
    """An expression that takes a value out of core arguments, which are used up."""
    if it.form in _PRIMITIVES:
        return scalar(it, arguments.pop(0)) if it.form != "u64" else arguments.pop(0)
    if it.form == "string":
        return f"text_of({arguments.pop(0)}, {arguments.pop(0)})"
    if it.is_bytes:
        return f"bytes_of({arguments.pop(0)}, {arguments.pop(0)})"
    if it.form == "list":
        return f"{{ {lift_list(it, arguments.pop(0), arguments.pop(0))} }}"
    if it.form == "record":
        fields = (f"{snake(n)}: {_lift(part, arguments)}" for n, part in it.parts if part)
        return f"{pascal(it.name)} {{ {', '.join(fields)} }}"
    own = [arguments.pop(0) for _ in it.flat]
    arms = []
    for tag, (case, part) in enumerate(it.cases):
        payload = f"({_lift(part, own[1:])})" if part else ""
        label = str(tag) if tag < len(it.cases) - 1 else "_"
        arms.append(f"{label} => {pattern(it, case)}{payload}")
    return f"match {own[0]} {{ {', '.join(arms)} }}"


def _exports(resolved: Resolved, interface: str) -> list[str]:
    """A trait of what is exported, and a macro that exports a type that has it."""
    trait, functions, macro = [], [], []
    for it in resolved.signatures(interface):
        if it.result is None or it.result.flat != _OUTCOME:
            raise NotImplementedError("an export that answers something else than a fault")
        name = snake(it.name)
        parameters = ", ".join(f"{snake(n)}: {owned(part)}" for n, part in it.parameters)
        trait.append(f"    fn {name}({parameters}) -> {owned(it.result)};")
        names = [f"a{n}" for n in range(len(it.parameters and it.flat[:-1]))]
        cores = it.flat[: len(names)]
        head = ", ".join(f"{a}: {_CORE[core]}" for a, core in zip(names, cores, strict=True))
        rest = list(names)
        lifted = ", ".join(_lift(part, rest) for _, part in it.parameters)
        functions += [
            "#[doc(hidden)]",
            f"pub unsafe fn {name}_of<T: {pascal(interface)}>({head}) -> *const u8 {{",
            f"    give(T::{name}({lifted}))",
            "}",
            "",
        ]
        macro += [
            f'#[export_name = "{resolved.contract.full_name(interface)}#{it.name}"]',
            f'unsafe extern "C" fn export_{name}({head}) -> *const u8 {{',
            f"    $crate::abi::{name}_of::<$type>({', '.join(names)})",
            "}",
        ]
    return [
        "/// What a component of this world exports.",
        f"pub trait {pascal(interface)} {{",
        *trait,
        "}",
        "",
        *functions,
        _GIVE,
        "#[doc(hidden)]",
        "#[macro_export]",
        f"macro_rules! export_{snake(interface)} {{",
        "    ($type:ty) => {",
        *(f"        {line}" for line in macro),
        "    };",
        "}",
    ]


_OUTCOME = ["i32"] * 5
_GIVE = """\
/// Where the result of the last export lies; its fault is kept until the next one.
static mut RESULT: [usize; 5] = [0; 5];
static mut FAULT: Option<Fault> = None;

unsafe fn give(result: Result<(), Fault>) -> *const u8 {
    RESULT = [0; 5];
    if let Err(fault) = result {
        RESULT = [
            1,
            fault.code.as_ptr() as usize,
            fault.code.len(),
            fault.detail.as_ptr() as usize,
            fault.detail.len(),
        ];
        FAULT = Some(fault);
    }
    core::ptr::addr_of!(RESULT) as *const u8
}
"""
