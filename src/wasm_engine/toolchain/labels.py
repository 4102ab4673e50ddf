"""A label in a component: a custom section, which changes nothing in what it does."""

from __future__ import annotations

from wasm_engine.concepts.wasm_binary import COMPONENT, custom_section, custom_sections


def is_component(data: bytes) -> bool:
    """Whether the bytes begin as a component does."""
    return data.startswith(COMPONENT)


def labelled(component: bytes, name: str, text: str) -> bytes:
    """The component with a label at its end."""
    return component + custom_section(name.encode(), text.encode())


def label(component: bytes, name: str) -> str | None:
    """What the last label of that name says; None where there is none, or it is no component."""
    if not is_component(component):
        return None
    found = None
    try:
        for named, content in custom_sections(component):
            if named == name.encode():
                found = bytes(content).decode()
    except ValueError:  # sections that reach beyond the end are those of a truncated file
        return None
    return found
