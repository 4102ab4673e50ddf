"""Where information comes from, as labels name it: `mount:papers`, `secret:key`, an origin."""

from __future__ import annotations

from wasm_engine.concepts.mistakes import Wrong, nearest, shown
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.web import ORIGIN_PATTERN, check_origin, covers
from wasm_engine.policy.grants import ORIGIN_KINDS

KINDS = ("agent", "mount", "keyvalue", "blobstore", "sql", "secret", "human", "model")
SOURCE_RULE = (
    '"agent:KIND", "mount:NAME", "keyvalue:NAME", "blobstore:NAME", "sql:NAME", "secret:NAME", '
    '"human:NAME", "model:NAME", an origin such as "https://api.example.com", or "https:*" for all '
    "servers"
)
SOURCE_PATTERN = rf"^(({'|'.join(KINDS)}):[a-z0-9][a-z0-9._-]*|https?:\*|{ORIGIN_PATTERN})$"


def check_source(text: object) -> str:
    """Lets the name of a source pass.

    Raises:
        Wrong: It is none; the text says why.
    """
    if not isinstance(text, str):
        raise Wrong(f"must be text, not {shown(text)}")
    kind, colon, rest = text.partition(":")
    if kind in ORIGIN_KINDS:
        if rest != "*":
            check_origin(text)
    elif not colon or kind not in KINDS:
        raise Wrong(f"{shown(text)} is no source{nearest(kind, [*KINDS, *ORIGIN_KINDS])}")
    elif not is_name(rest) or "/" in rest:
        raise Wrong(f"{shown(text)}: after `{kind}:` goes a name")
    return text


def is_of(source: str, named: str) -> bool:
    """Whether a source is the one that is named, or one of those that the name stands for."""
    if source == named:
        return True
    kind, _, rest = named.partition(":")
    if kind not in ORIGIN_KINDS:
        return False
    return source.startswith(f"{kind}://") and (rest == "*" or covers(named, source))
