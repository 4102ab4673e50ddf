"""The operator's secrets on this machine: kept, listed by name, removed. Never told again."""

from __future__ import annotations

from dataclasses import dataclass

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.names import is_name
from wasm_engine.control.reports import Report
from wasm_engine.host import secret_store
from wasm_engine.world import operator_policy


@dataclass(frozen=True, slots=True)
class SecretRow(Report):
    """A secret that this machine has.

    Attributes:
        name: What it is called.
        world: The world that it is for; null: for all that have none of their own.
        variable: The environment variable that it is in, by the policy file; null: it is kept here.
    """

    name: str
    world: str | None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class SecretsReport(Report):
    """The secrets that this machine has, by name."""

    secrets: tuple[SecretRow, ...]


def set_secret(name: str, value: str, *, world: str | None = None) -> SecretRow:
    """Keeps a secret for worlds whose agents may use it.

    Args:
        name: What manifests call it.
        value: The secret.
        world: For one world only; else for all that have none of their own.

    Raises:
        Misuse: The name is none, or the value can be no secret.
        HostFault: The disk failed.
    """
    _check(name, world)
    secret_store.keep(name, world, value)
    return SecretRow(name, world)


def list_secrets() -> SecretsReport:
    """The secrets that this machine has; never what they are."""
    rows = [SecretRow(name, world) for name, world in secret_store.kept()]
    rows += [SecretRow(name, None, variable) for name, variable in operator_policy().secrets]
    return SecretsReport(tuple(rows))


def remove_secret(name: str, *, world: str | None = None) -> SecretRow:
    """Removes a secret from this machine.

    Raises:
        Misuse: There is none of that name.
    """
    _check(name, world)
    if not secret_store.forget(name, world):
        of = "" if world is None else f" for the world {world!r}"
        raise Misuse(
            f"this machine keeps no secret {name!r}{of}",
            code="no-secret-kept",
            hint="wasm-engine secret list shows what there is",
        )
    return SecretRow(name, world)


def _check(name: str, world: str | None) -> None:
    for what, text in (("a secret", name), ("a world", world)):
        if text is not None and (not is_name(text) or "/" in text):
            raise Misuse(f"{text!r} names no {what[2:]}: small letters, digits and . _ -")
