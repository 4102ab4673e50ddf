"""The operator's policy file: what worlds may reach on this machine, whoever wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.names import is_kind, is_name
from wasm_engine.concepts.toml_source import KeyPath, NotToml, parse
from wasm_engine.policy.bounds import Bound, read_bounds
from wasm_engine.policy.forbidding import Forbid, read_forbids
from wasm_engine.policy.grants import MACHINE_KINDS, Grant
from wasm_engine.policy.model_servers import ModelServer, read_servers
from wasm_engine.policy.sources import check_source

_KEYS = ("allow", "bounds", "forbid", "labels", "require-signers", "secrets", "servers")
_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)


class BadPolicy(Misuse):
    """A policy file with mistakes; `mistakes` holds them all, each `file:line: text`."""

    code = "bad-policy"

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class OperatorPolicy:
    """What the operator allows on this machine.

    Attributes:
        allow: Grants of `mount` and `source`, exact or `/folder/*`, origins, networks and
            secrets.
        forbid: What agents may not do, whatever manifests grant.
        labels: What carries a label from the start: names of sources, by label.
        signers: Names of trusted keys, one of which must have signed each component; empty: nobody
            need have.
        secrets: Names of secrets, and the environment variables that they are in.
        bounds: The most that a manifest may ask for.
        servers: Where language models are asked, by the names that manifests have for it.
    """

    allow: tuple[Grant, ...] = ()
    forbid: tuple[Forbid, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signers: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    bounds: tuple[Bound, ...] = ()
    servers: tuple[ModelServer, ...] = ()


def parse_policy(text: str, file: str) -> OperatorPolicy:
    """Reads the text of a policy file: `allow = ["mount:/usr/share/doc/*"]`, and `[secrets]`.

    Or `require-signers = ["ada"]`, and `[bounds]`.

    Raises:
        BadPolicy: With every mistake, each as `file:line: text`.
    """
    try:
        source = parse(text)
    except NotToml as error:
        raise BadPolicy([f"{file}:{error.line}: is not TOML: {error}"]) from None
    mistakes = Mistakes(file, source.line)
    mistakes.unknown_keys((), source.data, _KEYS)
    policy = OperatorPolicy(
        _allow(source.data, mistakes),
        read_forbids(source.data.get("forbid", []), mistakes),
        _labels(source.data.get("labels", {}), mistakes),
        _signers(source.data, mistakes),
        _secrets(source.data, mistakes),
        read_bounds(source.data.get("bounds", {}), mistakes),
        read_servers(source.data, mistakes),
    )
    if mistakes.texts():
        raise BadPolicy(mistakes.texts())
    return policy


def parse_allow(text: object) -> Grant:
    """Reads one grant of the operator, as `--allow` takes it.

    Raises:
        Wrong: It is not one; the text says why.
    """
    if not isinstance(text, str):
        raise Wrong(f"must be a grant, not {shown(text)}")
    grant = Grant.parse(text)
    if grant.kind not in MACHINE_KINDS:
        raise Wrong(f"{shown(text)}: `{grant.kind}` is given by a manifest to an agent, not here")
    return grant


def _labels(table: object, mistakes: Mistakes) -> dict[str, tuple[str, ...]]:
    """`[labels.private]`, with `sources = [...]`, as in manifests."""
    if not isinstance(table, Mapping):
        mistakes.add(("labels",), f"must be a table of tables, not {shown(table)}")
        return {}
    found = {}
    for name, inner in table.items():
        place = ("labels", name)
        sources = inner.get("sources", []) if isinstance(inner, Mapping) else None
        if not is_name(name) or "/" in name:
            mistakes.add(place, f"{shown(name)} cannot name a label")
        elif not isinstance(inner, Mapping) or not isinstance(sources, list):
            mistakes.add(place, 'must be a table such as { sources = ["mount:private"] }')
        else:
            mistakes.unknown_keys(place, inner, ("sources",))
            found[name] = _sources(sources, place, mistakes)
    return found


def _sources(entries: list[object], place: KeyPath, mistakes: Mistakes) -> tuple[str, ...]:
    sources = set()
    for number, entry in enumerate(entries):
        try:
            sources.add(check_source(entry))
        except Wrong as wrong:
            mistakes.add((*place, "sources", number), str(wrong))
    return tuple(sorted(sources))


def _allow(data: Mapping[str, object], mistakes: Mistakes) -> tuple[Grant, ...]:
    entries = data.get("allow", [])
    if not isinstance(entries, list):
        mistakes.add(("allow",), f"must be an array of grants, not {shown(entries)}")
        return ()
    grants = []
    for number, entry in enumerate(entries):
        try:
            grants.append(parse_allow(entry))
        except Wrong as wrong:
            mistakes.add(("allow", number), str(wrong))
    return tuple(grants)


def _signers(data: Mapping[str, object], mistakes: Mistakes) -> tuple[str, ...]:
    if "require-signers" not in data:
        return ()
    entries = data["require-signers"]
    if not isinstance(entries, list) or not entries:
        text = "must be an array of names of trusted keys (`wasm-engine keys list`)"
        mistakes.add(("require-signers",), f"{text}, not {shown(entries)}")
        return ()
    names = []
    for number, entry in enumerate(entries):
        if isinstance(entry, str) and is_kind(entry):
            names.append(entry)
        else:
            mistakes.add(("require-signers", number), f"{shown(entry)} cannot name a key")
    return tuple(names)


def _secrets(data: Mapping[str, object], mistakes: Mistakes) -> tuple[tuple[str, str], ...]:
    """Where secrets are that this machine has no file of: `api-key = "env:API_KEY"`."""
    table = data.get("secrets", {})
    if not isinstance(table, Mapping):
        mistakes.add(("secrets",), f"must be a table of secrets, not {shown(table)}")
        return ()
    found = []
    for name, source in table.items():
        match = _VARIABLE.fullmatch(source) if isinstance(source, str) else None
        if not is_name(name) or "/" in name:
            mistakes.add(("secrets", name), f"{shown(name)} names no secret")
        elif match is None:
            # Not what it is: somebody may have written the secret itself.
            mistakes.add(("secrets", name), 'must be "env:" and the name of a variable')
        else:
            found.append((name, match[1]))
    return tuple(sorted(found))
