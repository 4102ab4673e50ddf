"""The deterministic adapter: `wasi_snapshot_preview1` out of the world, as component text.

A core module gets the functions that it imports, and what those need; so a component wants no more
of the host than its program may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.kits import kit

PREVIEW1 = "wasi_snapshot_preview1"
_TOKEN = re.compile(r';;[^\n]*|"[^"]*"|[()]')
_NAMED = re.compile(r"\$[\w-]+")
_EXPORT = re.compile(r'\(func \(export "(\w+)"\)')
_HOST = {"$now": ("context", "now"), "$random": ("context", "random"), "$put": ("log", "write")}


class Adapter:
    """The part of the adapter that one core module needs.

    Args:
        wanted: Names of the functions that it imports.
        contract: The WIT.

    Raises:
        ValueError: It imports what preview 1 does not have.
    """

    LIVE = "$adapter.live"
    """Called after `init`: the world begins."""

    def __init__(self, wanted: list[str], contract: Contract) -> None:
        forms = _forms(kit("adapter/preview1.wat").read_text(encoding="utf-8"))
        by_export = {m[1]: form for form in forms if (m := _EXPORT.match(form))}
        unknown = [name for name in wanted if name not in by_export]
        if unknown:
            raise ValueError(f"{PREVIEW1} has no function {unknown[0]!r}")
        self._exports = [*dict.fromkeys(wanted), "live"]
        defined = {_own_name(form): form for form in forms if _own_name(form)}
        waiting = [by_export[name] for name in self._exports]
        kept = set(waiting)
        while waiting:
            for name in _NAMED.findall(waiting.pop()):
                form = defined.get(name)
                if form and form not in kept:
                    kept.add(form)
                    waiting.append(form)
        self._forms = [it for it in forms if it in kept or it.startswith('(import "env"')]
        self._host = [name for name in _HOST if defined[name] in kept]
        self._full = contract.full_name

    def host_functions(self) -> Iterator[tuple[str, str]]:
        """Interface and name of what it calls."""
        for name in self._host:
            yield _HOST[name]

    def text(self) -> Iterator[str]:
        """The adapter instantiated, its functions named `$adapter.NAME`."""
        yield f"(core module $adapter {' '.join(self._forms)})"
        yield '(core instance $env (export "memory" (memory $memory)))'
        withs = ['(with "env" (instance $env))']
        calls = [_HOST[name] for name in self._host if name != "$put"]
        if calls:
            items = " ".join(f'(export "{name}" (func ${face}.{name}))' for face, name in calls)
            yield f"(core instance $host {items})"
            withs.append('(with "host" (instance $host))')
        if "$put" in self._host:
            yield from self._console()
            withs.append('(with "console" (instance $console))')
        yield f"(core instance $adapter (instantiate $adapter {' '.join(withs)}))"
        for name in self._exports:
            yield f'(alias core export $adapter "{name}" (core func $adapter.{name}))'

    @staticmethod
    def _console() -> Iterator[str]:
        """Lines on their way to the log lie in a memory of their own."""
        text = kit("adapter/console.wat").read_text(encoding="utf-8")
        yield '(core module $lines (memory (export "memory") 1))'
        yield "(core instance $lines (instantiate $lines))"
        yield '(alias core export $lines "memory" (core memory $lines))'
        yield "(core func $write-line (canon lower (func $log.write) (memory $lines)))"
        yield '(core instance $to-log (export "write" (func $write-line)))'
        yield text[text.index("(module") :].replace("(module", "(core module $console", 1)
        yield "(core instance $console (instantiate $console"
        yield '(with "lines" (instance $lines)) (with "log" (instance $to-log))))'


def _own_name(form: str) -> str:
    """The identifier that a form defines, or nothing."""
    found = re.match(r'\((?:func|global) (\$[\w-]+)|\(import "\w+" "\w+" \(func (\$[\w-]+)', form)
    return (found[1] or found[2]) if found else ""


def _forms(text: str) -> list[str]:
    """What stands in a module, piece by piece, without comments."""
    found, depth, start = [], 0, 0
    pieces = _TOKEN.sub(lambda m: "" if m[0].startswith(";;") else m[0], text)
    for token in _TOKEN.finditer(pieces):
        if token[0] == "(":
            depth += 1
            if depth == 2:
                start = token.start()
        elif token[0] == ")":
            depth -= 1
            if depth == 1:
                found.append(pieces[start : token.end()])
    return found
