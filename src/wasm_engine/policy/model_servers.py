"""Servers of language models, as the operator's policy names them: `[servers.local]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.names import is_kind
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.concepts.web import Url

_KEYS = ("url", "secret")


class ModelServer(NamedTuple):
    """A server that speaks the protocol of OpenAI's chat completions.

    Attributes:
        name: What manifests call it.
        url: Where the protocol begins: `http://127.0.0.1:8080/v1`, without a slash at the end.
        secret: Name of the secret that it is shown, or None.
    """

    name: str
    url: str
    secret: str | None = None


def read_servers(data: Mapping[str, object], mistakes: Mistakes) -> tuple[ModelServer, ...]:
    """The servers of a policy file; notes what is wrong with them."""
    table = data.get("servers", {})
    if not isinstance(table, Mapping):
        mistakes.add(("servers",), f"must be a table of tables, not {shown(table)}")
        return ()
    found = []
    for name, inner in table.items():
        place: KeyPath = ("servers", name)
        if not is_kind(name):
            mistakes.add(place, f"{shown(name)} cannot name a server")
        elif not isinstance(inner, Mapping):
            mistakes.add(place, 'must be a table such as { url = "http://127.0.0.1:8080/v1" }')
        else:
            server = _server(name, inner, place, mistakes)
            if server is not None:
                found.append(server)
    return tuple(sorted(found))


def _server(
    name: str, inner: Mapping[str, object], place: KeyPath, mistakes: Mistakes
) -> ModelServer | None:
    mistakes.unknown_keys(place, inner, _KEYS)
    url, secret = inner.get("url"), inner.get("secret")
    if secret is not None and not (isinstance(secret, str) and is_kind(secret)):
        mistakes.add((*place, "secret"), f"must be the name of a secret, not {shown(secret)}")
        return None
    try:
        _check_url(url)
    except Wrong as wrong:
        mistakes.add((*place, "url") if "url" in inner else place, f"url: {wrong}")
        return None
    return ModelServer(name, str(url).rstrip("/"), secret if isinstance(secret, str) else None)


def _check_url(url: object) -> None:
    if not isinstance(url, str):
        raise Wrong(f"must be a URL, not {shown(url)}")
    if "?" in Url.parse(url).text or "#" in url:
        raise Wrong("has neither a query nor a fragment")
