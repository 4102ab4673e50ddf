"""Whether this machine's operator lets a world reach beyond its own folder, and ask servers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from shlex import quote
from typing import NamedTuple

from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.control.observer import Observer
from wasm_engine.policy.grants import SHARED_KINDS, Grant, missing, outside
from wasm_engine.policy.operator import parse_allow
from wasm_engine.world import operator_policy, require_values

_FORMS = (
    "mount:/folder, source:/file, or with /* at the end for everything below a folder; "
    "a server as https://host, http://127.0.0.1:8080, https://*.host or redis://host:6379; "
    "a database as sqlite:/file or postgresql://host:5432/name; "
    "where its name may lead inside as address:10.0.0.0/8; secret:NAME"
)


class Permission(NamedTuple):
    """What a world wants of this machine, and which of it nobody has given."""

    needs: list[Grant]
    missing: list[Grant]


def permission(manifest: Manifest, allow: Sequence[str]) -> Permission:
    """Compares what a world wants with what `--allow` and the operator's policy file give.

    Raises:
        Misuse: One of `allow` is no grant, or the policy file has mistakes.
    """
    given = [*operator_policy().allow, *(_grant(text) for text in allow)]
    needs = manifest.needs()
    return Permission(needs, missing(needs, given))


def require(
    manifest: Manifest, allow: Sequence[str], observer: Observer, remembered: Sequence[str] = ()
) -> list[str]:
    """Lets a world pass, or not; a person at the terminal is asked.

    Args:
        manifest: The world's; that of a run wants no files, for it has them in itself.
        allow: What the operator gives it now.
        observer: Who may be asked.
        remembered: What the operator gave this very run before.

    Returns:
        The servers that it may ask, where their names may lead, and the secrets that it may use,
        by the operator's word about this world, and not by the policy of this machine: what a run
        that goes on later may have again.

    Raises:
        Refused: Something is missing, and nobody gave it when asked; or this machine does not have
            a secret that was given.
    """
    wanted = permission(manifest, allow)
    before = []
    for text in remembered:
        with contextlib.suppress(Wrong):
            before.append(parse_allow(text))
    lacking = [str(grant) for grant in missing(wanted.missing, before)]
    _require_given(lacking, observer)
    require_values(manifest)
    return [str(grant) for grant in missing(outside(wanted.needs), operator_policy().allow)]


def require_paths(manifest: Manifest, allow: Sequence[str], observer: Observer) -> None:
    """Lets a world's files and folders be read, or not; servers and secrets are none of them.

    Raises:
        Refused: Something is missing, and nobody gave it when asked.
    """
    wanted = permission(manifest, allow).missing
    _require_given([str(it) for it in wanted if it.kind not in SHARED_KINDS], observer)


def _require_given(lacking: list[str], observer: Observer) -> None:
    if lacking and not observer.allows(lacking):
        listed = "\n".join(f"  {grant}" for grant in lacking)
        raise Refused(
            f"this world wants more of this machine than its own folder:\n{listed}",
            hint="give it: " + " ".join(f"--allow {quote(grant)}" for grant in lacking),
        )


def _grant(text: str) -> Grant:
    try:
        return parse_allow(text)
    except Wrong as wrong:
        raise Misuse(f"--allow: {wrong}", code="usage", hint=_FORMS) from None
