"""Whether this machine's operator lets a world reach beyond its own folder."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import NamedTuple

from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.control.observer import Observer
from wasm_engine.host import places
from wasm_engine.policy.grants import Grant, missing
from wasm_engine.policy.operator import OperatorPolicy, parse_allow, parse_policy

_FORMS = "mount:/folder, source:/file, or with /* at the end for everything below a folder"


class Permission(NamedTuple):
    """What a world wants of this machine, and which of it nobody has given."""

    needs: list[Grant]
    missing: list[Grant]


def permission(manifest: Manifest, allow: Sequence[str]) -> Permission:
    """Compares what a world wants with what `--allow` and the operator's policy file give.

    Raises:
        Misuse: One of `allow` is no grant, or the policy file has mistakes.
    """
    given = [*_policy().allow, *(_grant(text) for text in allow)]
    needs = manifest.needs()
    return Permission(needs, missing(needs, given))


def require(manifest: Manifest, allow: Sequence[str], observer: Observer) -> None:
    """Lets a world pass, or not; a person at the terminal is asked.

    Raises:
        Refused: Something is missing, and nobody gave it when asked.
    """
    lacking = [str(grant) for grant in permission(manifest, allow).missing]
    if lacking and not observer.allows(lacking):
        wanted = "\n".join(f"  {grant}" for grant in lacking)
        raise Refused(
            f"this world wants more of this machine than its own folder:\n{wanted}",
            hint="give it: " + " ".join(f"--allow {quote(grant)}" for grant in lacking),
        )


def _grant(text: str) -> Grant:
    try:
        return parse_allow(text)
    except Wrong as wrong:
        raise Misuse(f"--allow: {wrong}", code="usage", hint=_FORMS) from None


def _policy() -> OperatorPolicy:
    path = places.config_folder() / "policy.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return OperatorPolicy()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{path}: cannot be read: {error}", code="bad-policy") from None
    return parse_policy(text, str(path))
