"""The operator's policy file on this machine."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.host import places
from wasm_engine.policy.operator import OperatorPolicy, parse_policy


def policy_file() -> Path:
    """Where it lies, if there is one."""
    return places.config_folder() / "policy.toml"


def operator_policy() -> OperatorPolicy:
    """What the operator's policy file says; where there is none, nothing is allowed.

    Raises:
        Misuse: It cannot be read, or has mistakes.
    """
    path = policy_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return OperatorPolicy()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{path}: cannot be read: {error}", code="bad-policy") from None
    return parse_policy(text, str(path))
