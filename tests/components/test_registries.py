"""Components of registries: a real server that speaks the protocol, and some that lie."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.components.conftest import INDEX, MANIFEST, Artifact
from tests.control.conftest import PING
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.oci import Remote
from wasm_engine.control import store

DIGEST = sha256_hex(PING.read_bytes())


class Registry(ThreadingHTTPServer):
    """Holds one artifact, as `tools/ping:1.0`; gives whoever asks a token, if it wants one."""

    daemon_threads = True
    token = ""
    grants = True
    redirects = False

    def __init__(self, artifact: Artifact) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.blobs = dict(artifact.blobs)
        self.tags = {"1.0": artifact.manifest["digest"], "latest": artifact.manifest["digest"]}
        self.types = {artifact.manifest["digest"]: MANIFEST}
        self.address = f"127.0.0.1:{self.server_port}"


class _Requests(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        it = self.server
        path, _, query = self.path.partition("?")
        if path == "/token":
            wanted = "service=here&scope=repository%3Atools%2Fping%3Apull"
            good = it.grants and query == wanted
            return self._answer(200 if good else 403, f'{{"token": "{it.token}"}}'.encode())
        if it.token and self.headers["Authorization"] != f"Bearer {it.token}":
            challenge = (
                f'Bearer realm="http://{it.address}/token",service="here",'
                'scope="repository:tools/ping:pull"'
            )
            return self._answer(401, b"", {"WWW-Authenticate": challenge})
        kind, _, name = path.removeprefix("/v2/tools/ping/").partition("/")
        digest = it.tags.get(name, name)
        if kind == "blobs" and it.redirects:
            return self._answer(307, b"", {"Location": f"/v2/tools/ping/stored/{name}"})
        if digest not in it.blobs:
            return self._answer(404, b"{}")
        return self._answer(200, it.blobs[digest], {"Content-Type": it.types.get(digest, "")})

    def _answer(self, status, body, headers=()) -> None:
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def registry(ping):
    server = Registry(ping)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_component_is_pulled_by_tag_or_by_digest(registry, command):
    remote = f"{registry.address}/tools/ping"
    assert command("component", "pull", f"{remote}:1.0")[1] == f"ping@sha256:{DIGEST}\n"
    for version in ("", f"@{registry.tags['1.0']}", f":9@{registry.tags['1.0']}"):
        assert store.pull(remote + version, "mine").digest == DIGEST
    assert [it.name for it in store.listed().components] == ["mine", "ping"]


def test_a_token_is_asked_for_and_blobs_may_be_elsewhere(registry):
    registry.token, registry.redirects = "let-me-in", True
    assert store.pull(f"{registry.address}/tools/ping:1.0").digest == DIGEST


def test_an_index_is_followed(registry, ping):
    index = ping.put_json({"manifests": [ping.manifest]}, INDEX)
    registry.blobs.update(ping.blobs)
    registry.types[index["digest"]] = INDEX
    registry.tags["multi"] = index["digest"]
    assert store.pull(f"{registry.address}/tools/ping:multi").digest == DIGEST


@pytest.mark.parametrize(
    ("change", "version", "says"),
    [
        (lambda it: None, ":2.0", "there is no manifests/2.0"),
        (lambda it: setattr(it, "token", "t") or setattr(it, "grants", False), ":1.0", "no token"),
        (lambda it: it.blobs.update({f"sha256:{DIGEST}": b"x" * PING.stat().st_size}), ":1.0",
         "should be there, and is not"),
        (lambda it: it.blobs.update({f"sha256:{DIGEST}": PING.read_bytes() + b"x"}), ":1.0",
         "has more than"),
        (lambda it: it.blobs.update({it.tags["1.0"]: b"{}"}), "@TAG", "should be there"),
        (lambda it: it.blobs.update({it.tags["1.0"]: b"{}"}), ":1.0", "not a manifest"),
        (lambda it: it.blobs.update({it.tags["1.0"]: b" " * (2 << 20)}), ":1.0", "has more than"),
    ],
    ids=["unknown", "closed", "changed", "longer", "other-manifest", "no-manifest", "huge"],
)  # fmt: skip
def test_what_a_registry_says_is_believed_as_far_as_it_can_be_checked(
    change, version, says, registry
):
    change(registry)
    version = version.replace("TAG", registry.tags["1.0"])
    with pytest.raises(Misuse, match=says) as refused:
        store.pull(f"{registry.address}/tools/ping{version}")
    assert refused.value.code == "bad-registry"
    assert store.listed().components == ()


def test_a_registry_that_is_not_there_is_the_machines_fault(registry):
    address = registry.address
    registry.server_close()
    with pytest.raises(HostFault) as failed:
        store.pull(f"{address}/tools/ping")
    assert failed.value.code == "registry-unreachable"


@pytest.mark.parametrize("text", ["ping", "", "host/", "/path", "host/Path", "host/a b", "http://host/a",
                                  "host/a@sha256:12", "host/a:", "host/../a"])  # fmt: skip
def test_what_names_nothing_in_a_registry_is_refused(text):
    with pytest.raises(Wrong):
        Remote.parse(text)


def test_a_name_in_a_registry_has_its_parts():
    assert Remote.parse("registry.example/a/b-c") == ("registry.example", "a/b-c", "latest")
    assert Remote.parse("[::1]:5000/a:v1") == ("[::1]:5000", "a", "v1")
    digest = f"sha256:{DIGEST}"
    assert Remote.parse(f"h:1/a:v1@{digest}") == ("h:1", "a", digest)
