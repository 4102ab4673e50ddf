"""The packages beside the contract: what of them the kits call, and what of it lies in memory."""

from __future__ import annotations

from bindings.layout import Resolved, Type

_EXPORTED = "wasm-engine:migration/"
"""What agents export; only C has a header for it."""


def called(resolved: Resolved) -> list[str]:
    """The interfaces that agents call."""
    return [
        interface
        for interface, full in resolved.contract.beside.items()
        if not full.startswith(_EXPORTED)
    ]


def in_memory(resolved: Resolved, interface: str) -> list[Type]:
    """The types of an interface that arguments have in memory: those in lists, or of too many."""
    found: set[str] = set()

    def walk(it: Type, *, inside: bool) -> None:
        if inside and it.home == interface:
            found.add(it.name)
        for _, part in it.parts:
            if part is not None:
                walk(part, inside=inside or it.form == "list")

    for it in resolved.signatures(interface):
        for _, part in it.parameters:
            walk(part, inside=it.spilled is not None)
    return [
        it
        for it in resolved.own_types(interface)
        if it.name in found and it.form in ("record", "variant")
    ]
