"""Pulls a component from an OCI registry (distribution-spec v1.1), without credentials of ours.

Registries that give whoever asks a token (`WWW-Authenticate: Bearer`) are asked for one. What comes
is believed as far as its digests go: from the manifest's, which the caller may have named.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import urllib3

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.oci import (
    ACCEPTED,
    INDEX,
    MOST_JSON,
    Descriptor,
    Remote,
    check,
    chosen,
    layer_of,
    manifests_of,
)

_DEEP = 4
_TIMEOUT = urllib3.Timeout(connect=10, read=60)
_RETRIES = urllib3.Retry(2, redirect=5)
_CHALLENGE = re.compile(r'([a-z]+)="([^"]*)"', re.ASCII)
_LOOPBACK = re.compile(r"(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?", re.ASCII)


class Registry:
    """One registry, as far as one repository in it goes.

    Args:
        remote: What is pulled.
    """

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        scheme = "http" if _LOOPBACK.fullmatch(remote.host) else "https"
        self._base = f"{scheme}://{remote.host}/v2/{remote.path}"
        self._token = ""

    def pull(self, most: int) -> bytes:
        """The component, every digest on the way to it verified.

        Args:
            most: Bytes that it may have.

        Raises:
            Misuse: There is none, or the registry refuses to give it.
            HostFault: The registry cannot be reached.
        """
        try:
            with urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES) as pool:
                return self._component(pool, most)
        except Wrong as wrong:
            raise Misuse(f"{self._base}: {wrong}", code="bad-registry") from None
        except urllib3.exceptions.HTTPError as error:
            message = f"{self._base}: cannot be reached: {type(error).__name__}"
            raise HostFault(message, code="registry-unreachable") from None

    def _component(self, pool: Any, most: int) -> bytes:
        version = self._remote.version
        for _ in range(_DEEP):
            data, kind = self._get(pool, f"/manifests/{version}", MOST_JSON)
            if version.startswith("sha256:"):
                check(data, Descriptor(kind, version, len(data)))
            if kind != INDEX:
                layer = layer_of(data)
                if not 0 <= layer.size <= most:
                    raise Wrong(f"a component of {layer.size} bytes; it may have {most}")
                found, _ = self._get(pool, f"/blobs/sha256:{layer.sha256}", layer.size)
                check(found, layer)
                return found
            version = f"sha256:{chosen(manifests_of(data), '').sha256}"
        raise Wrong(f"more than {_DEEP} indexes within each other")

    def _get(self, pool: Any, path: str, most: int) -> tuple[bytes, str]:
        """A body, and its type."""
        status, headers, body = self._ask(pool, self._base + path, most)
        if status == 401 and not self._token:
            self._token = self._new_token(pool, headers.get("WWW-Authenticate", ""))
            status, headers, body = self._ask(pool, self._base + path, most)
        if status == 404:
            raise Wrong(f"there is no {path.removeprefix('/')}")
        if status in {401, 403}:
            raise Wrong("the registry gives this to nobody without credentials")
        if status != 200:
            raise Wrong(f"the registry answers with status {status}")
        return body, headers.get("Content-Type", "").partition(";")[0].strip()

    def _ask(self, pool: Any, url: str, most: int) -> tuple[int, Any, bytes]:
        headers = {"Accept": ACCEPTED if "/manifests/" in url else "*/*"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        answer = pool.request("GET", url, headers=headers, preload_content=False)
        try:
            body = answer.read(most + 1, decode_content=False)
        finally:
            answer.close()
        if answer.status == 200 and len(body) > most:
            raise Wrong(f"{shown(url)} has more than {most} bytes")
        return answer.status, answer.headers, body

    def _new_token(self, pool: Any, challenge: str) -> str:
        asked = dict(_CHALLENGE.findall(challenge))
        realm = urlsplit(asked.get("realm", ""))
        plain = realm.scheme == "http" and _LOOPBACK.fullmatch(realm.netloc) is not None
        if not challenge.startswith("Bearer ") or not (realm.scheme == "https" or plain):
            raise Wrong("the registry gives this to nobody without credentials")
        query = urlencode({key: asked[key] for key in ("service", "scope") if key in asked})
        status, _, body = self._ask(pool, f"{asked['realm']}?{query}", MOST_JSON)
        try:
            said = msgspec.json.decode(body, type=dict[str, Any]) if status == 200 else {}
        except (msgspec.MsgspecError, RecursionError):
            said = {}
        token = said.get("token") or said.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Wrong("the registry gives no token to whoever asks")
        return token
