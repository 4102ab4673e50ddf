"""Names of the WIT as Go writes them."""

from __future__ import annotations

from bindings.layout import PRIMITIVES, Type

_KINDS = {"u": "uint", "s": "int", "f": "float"}
PRIMITIVE_NAMES = {
    name: "bool" if name == "bool" else _KINDS[name[0]] + name[1:] for name in PRIMITIVES
}
_NAMES = {
    ("http", "request"): "HTTPRequest",
    ("http", "response"): "HTTPResponse",
}
"""Of types whose own name the kit needs."""
_INITIALISMS = {"id": "ID", "url": "URL"}


def camel(name: str, *, public: bool) -> str:
    """A name of the WIT as Go writes it."""
    parts = name.split("-")
    text = "".join(_INITIALISMS.get(part, part[0].upper() + part[1:]) for part in parts)
    return text if public else parts[0] + text[len(parts[0]) :]


def type_name(it: Type) -> str:
    """A type."""
    if it.form in PRIMITIVE_NAMES:
        return PRIMITIVE_NAMES[it.form]
    if it.form == "string":
        return "string"
    if it.form == "list":
        return f"[]{type_name(it.item)}"
    if it.form == "option":
        return f"*{type_name(it.item)}"
    if it.form == "tuple":
        names = {type_name(part) for _, part in it.parts if part}
        if len(names) != 1:
            raise NotImplementedError("a tuple of different types")
        return f"[{len(it.parts)}]{names.pop()}"
    return named(it)


def named(it: Type) -> str:
    """The name of a record, variant or enum."""
    return _NAMES.get((it.home, it.name)) or camel(it.name, public=True)
