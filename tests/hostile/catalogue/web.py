"""Servers: who may be asked is asked, under one spelling of its name, with nothing smuggled along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.effects.server import Server, running
from tests.hostile.attack import MIB
from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Attack, Control, Scene
from wasm_engine.host import http_client
from wasm_engine.host.resolver import NoSuchHost

EVIL, MAY, NAMED, LED, RULED = "evil", "may", "named", "led", "ruled"
_NAMES = {
    "loopback.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "zero.example": ["0.0.0.0"],
    "cloud.example": ["169.254.169.254"],
    "private.example": ["10.0.0.1", "192.168.0.1"],
    "mixed.example": ["10.0.0.1", "127.0.0.1"],
}


def _resolve(name: str) -> Sequence[str]:
    if name not in _NAMES:
        raise NoSuchHost
    return _NAMES[name]


class Outside(dict[str, str]):
    """Words for two servers: `<granted>`, and `<inside>`, which is not; and what they were asked."""

    def __init__(self, granted: Server, inside: Server) -> None:
        super().__init__(
            granted=granted.origin, inside=inside.origin, port=str(granted.server_port),
            other=str(inside.server_port),
        )  # fmt: skip
        self.servers = granted, inside

    def wrong(self) -> list[str]:
        """What got to them that should not."""
        granted, inside = self.servers
        found = [f"{it.method} {it.path} got to where it may not" for it in inside.seen
                 if "evil" in it.path]  # fmt: skip
        smuggled = [it for it in granted.seen if "smuggled" in it.path]
        return found + [f"{it.method} {it.path} was smuggled along" for it in smuggled]


@contextmanager
def servers(_folder: Path) -> Iterator[Outside]:
    """Two servers of this machine, and names that lead there."""
    made = http_client.HttpClient

    def client(**more: Any) -> http_client.HttpClient:
        return made(resolve=_resolve, **more)

    with running() as granted, running() as inside, patch.object(http_client, "HttpClient", client):
        yield Outside(granted, inside)


def _get(url: str, kind: str = EVIL, **more: Any) -> Any:
    arguments = "".join(f", {name}={value!r}" for name, value in more.items())
    return python(kind, f"http.fetch('GET', {url!r}{arguments}).status")


# By spelling: a URL that leads to the server inside for somebody who reads it wrongly.
_SPELLINGS = {
    "plainly": "<inside>/evil",
    "other-port": "http://127.0.0.1:<other>/evil",
    "no-port": "http://127.0.0.1/evil",
    "two-ports": "http://127.0.0.1:<port>:<other>/evil",
    "zero-port": "http://127.0.0.1:0<other>/evil",
    "signed-port": "http://127.0.0.1:+<other>/evil",
    "empty-port": "http://127.0.0.1:/evil",
    "wide-port": "http://127.0.0.1:6553600<other>/evil",
    "decimal": "http://2130706433:<other>/evil",
    "octal": "http://0177.0.0.1:<other>/evil",
    "hexadecimal": "http://0x7f.0.0.1:<other>/evil",
    "hexadecimal-number": "http://0x7f000001:<other>/evil",
    "short": "http://127.1:<other>/evil",
    "zero": "http://0:<other>/evil",
    "padded": "http://127.000.000.001:<other>/evil",
    "five-parts": "http://127.0.0.1.0:<other>/evil",
    "trailing-dot": "http://127.0.0.1.:<other>/evil",
    "mapped": "http://[::ffff:127.0.0.1]:<other>/evil",
    "mapped-hexadecimal": "http://[::ffff:7f00:1]:<other>/evil",
    "compatible": "http://[::127.0.0.1]:<other>/evil",
    "six": "http://[::1]:<other>/evil",
    "zone": "http://[::1%25lo]:<other>/evil",
    "brackets": "http://[127.0.0.1]:<other>/evil",
    "localhost": "http://localhost:<other>/evil",
    "localhost-dot": "http://LOCALHOST.:<other>/evil",
    "user": "http://127.0.0.1:<port>@127.0.0.1:<other>/evil",
    "user-and-password": "http://127.0.0.1:x@127.0.0.1:<other>/evil",
    "escaped-user": "http://127.0.0.1:<port>%40127.0.0.1:<other>/evil",
    "back-slash": "http://127.0.0.1:<port>\\@127.0.0.1:<other>/evil",
    "fragment": "http://127.0.0.1:<port>#@127.0.0.1:<other>/evil",
    "tab": "http://127.0.0.1:<port>\t@127.0.0.1:<other>/evil",
    "newline": "http://127.0.0.1:<other>\n/evil",
    "leading-space": " http://127.0.0.1:<other>/evil",
    "nul": "http://127.0.0.1:<other>\0/evil",
    "one-slash": "http:/127.0.0.1:<other>/evil",
    "three-slashes": "http:///127.0.0.1:<other>/evil",
    "no-scheme": "//127.0.0.1:<other>/evil",
    "full-width": "http://\uff11\uff12\uff17.0.0.1:<other>/evil",
    "ideographic-stop": "http://127\u30020\u30020\u30021:<other>/evil",
    "circled": "http://\u2460\u2461\u2466.0.0.1:<other>/evil",
    "soft-hyphen": "http://127.0.0\u00ad.1:<other>/evil",
    "punycode": "http://xn--127-0-0-1.example:<other>/evil",
    "letters-beyond": "http://lo\u0441alhost:<other>/evil",
    "percent": "http://127.0.0.%31:<other>/evil",
    "https": "https://127.0.0.1:<port>/evil",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:<other>/_GET%20/evil",
    "script": "javascript://127.0.0.1:<other>/%0aevil",
    "data": "data:text/plain,evil",
    "web-socket": "ws://127.0.0.1:<other>/evil",
    "huge": "http://127.0.0.1:<other>/" + "evil" * 3000,
}


def _spelled(name: str) -> Attack:
    url = _SPELLINGS[name]
    return Attack(
        f"url-{name}",
        f"asks {ascii(url)[1:60].rstrip(chr(39))}",
        _get(url),
        "not-granted | invalid-request",
        Control("its origin", _get("<inside>/may", MAY), "200"),
    )


# Names that were granted, and lead inside.
_LEADS = {
    name.partition(".")[0]: f"http://{name}:<other>/evil" for name in _NAMES
}  # fmt: skip


def _leading(name: str) -> Attack:
    reachable = "127.0.0.1" in _NAMES[f"{name}.example"] or name == "mapped"
    url = f"http://{name if reachable else 'loopback'}.example:<other>/may"
    return Attack(
        f"dns-{name}",
        f"asks a name that means {_NAMES[name + '.example'][0]} today",
        _get(_LEADS[name]),
        "address-refused",
        Control("address:127.0.0.0/8", _get(url, NAMED), "200"),
    )


_SMUGGLED = "\r\nX: y\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
# By name: how a request is made that carries another one, or says two things of itself.
_REQUESTS = {
    "value": f"http.get('<granted>/x', headers={{'x': {_SMUGGLED!r}}})",
    "value-newline": "http.get('<granted>/x', headers={'x': 'a\\nHost: b'})",
    "value-return": "http.get('<granted>/x', headers={'x': 'a\\rb'})",
    "value-nul": "http.get('<granted>/x', headers={'x': 'a\\0b'})",
    "value-letters": "http.get('<granted>/x', headers={'x': '\\u010d\\u010aHost: b'})",
    "folded": "http.get('<granted>/x', headers={'x': 'a\\r\\n b'})",
    "name": f"http.get('<granted>/x', headers={{{'x: y' + _SMUGGLED!r}: 'z'}})",
    "name-colon": "http.get('<granted>/x', headers={'x:': 'z'})",
    "name-space": "http.get('<granted>/x', headers={'Content-Length ': '3'})",
    "host": "http.get('<granted>/x', headers={'Host': 'inside.example'})",
    "host-upper": "http.get('<granted>/x', headers={'HOST': 'inside.example'})",
    "length": "http.post('<granted>/x', 'abc', headers={'Content-Length': '1'})",
    "chunked": "http.post('<granted>/x', '0', headers={'Transfer-Encoding': 'chunked'})",
    "upgrade": "http.get('<granted>/x', headers={'Upgrade': 'h2c'})",
    "connection": "http.get('<granted>/x', headers={'Connection': 'x-secret'})",
    "proxy": "http.get('<granted>/x', headers={'Proxy-Authorization': 'Basic x'})",
    "trailer": "http.get('<granted>/x', headers={'TE': 'trailers'})",
    "expect": "http.post('<granted>/x', 'abc', headers={'Expect': '100-continue'})",
    "method": "http.fetch('GET /smuggled HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET', '<granted>/x')",
    "method-space": "http.fetch('GET /smuggled', '<granted>/x')",
    "connect": "http.fetch('CONNECT', '<granted>/x')",
    "path": "http.get('<granted>/x HTTP/1.1\\r\\nHost: y\\r\\n\\r\\nGET /smuggled')",
    "path-space": "http.get('<granted>/x HTTP/1.0')",
    "path-letters": "http.get('<granted>/\\u0120smuggled')",
    "many-headers": "http.get('<granted>/x', headers={f'x-{n}': 'y' for n in range(101)})",
    "large-headers": "http.get('<granted>/x', headers={'x': 'y' * 70_000})",
}


def _requested(name: str) -> Attack:
    return Attack(
        f"header-{name}",
        f"sends {_REQUESTS[name].removeprefix('http.')[:70]}",
        python(EVIL, f"{_REQUESTS[name]}.status"),
        "invalid-request | too-large",
        Control("in order", python(MAY, "http.post('<granted>/x', 'abc', headers={'x': 'y'}).status"), "200"),
    )  # fmt: skip


_HEAD = "HTTP/1.1 200 OK\\r\\n"
_OK = f"{_HEAD}Content-Length: 2\\r\\n\\r\\nok"


def _raw(answer: str) -> str:
    return f"http.post('<granted>/raw', '{answer}').text"


# What a server answers that the agent itself may have put up; what the agent gets; what it may.
_ANSWERS = {
    "two-lengths": (_raw(f"{_HEAD}Content-Length: 2\\r\\nContent-Length: 5\\r\\n\\r\\nok"), "bad-response"),
    "length-and-chunks": (_raw(f"{_HEAD}Content-Length: 2\\r\\nTransfer-Encoding: xchunked\\r\\n\\r\\nok"), "bad-response"),
    "signed-length": (_raw(f"{_HEAD}Content-Length: +2\\r\\n\\r\\nok"), "bad-response"),
    "no-http": ("http.get('<granted>/garbage').text", "bad-response"),
    "huge": ("len(http.get('<granted>/huge?mib=3').text)", "too-large"),
    "endless-headers": ("http.get('<granted>/many-headers').text", "too-large | bad-response"),
    "endless-chunk-line": ("http.get('<granted>/endless-chunk-line').text", "too-large | bad-response"),
    "drip": ("http.get('<granted>/drip').text", "timeout"),
    "hang": ("http.get('<granted>/hang').text", "timeout"),
    "bomb": (
        "import zlib\nz = zlib.compress(bytes(1 << 20))\n"
        "r = http.post('<granted>/raw', b'HTTP/1.1 200 OK\\r\\nContent-Encoding: deflate\\r\\n\\r\\n' + z)\n"
        "got = 'packed' if r.bytes == z else len(r.bytes)", "packed",
    ),
    "negative-status": (_raw("HTTP/1.1 -200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"), "bad-response"),
}  # fmt: skip


def _answered(name: str) -> Attack:
    code, must = _ANSWERS[name]
    return Attack(
        f"answer-{name}", "is answered by an accomplice, who tries the host", python(EVIL, code),
        must, Control("in order", python(MAY, _raw(_OK)), "ok"),
    )  # fmt: skip


def _redirected(name: str, to: str, must: str, may: str, gets: str = "200") -> Attack:
    code = "http.get('<granted>/redirect/302', params={'to': '%s'}, headers={'authorization': 's'})"
    return Attack(
        f"redirect-{name}",
        f"is led on to {to[:50]}",
        python(LED, f"{code % to}.status"),
        must,
        Control("where it may go", python("led-may", f"{code % may}.status"), gets),
    )


_REDIRECTS = [
    _redirected("inside", "<inside>/evil", "not-granted", "<inside>/may"),
    _redirected("loopback", "http://127.0.0.1:1/evil", "not-granted", "<inside>/may"),
    _redirected("file", "file:///etc/passwd", "bad-response", "/may"),
    _redirected("user", "http://x@127.0.0.1:<other>/evil", "bad-response", "/may"),
    _redirected("decimal", "http://2130706433:<other>/evil", "bad-response", "/may"),
    _redirected("name", "http://loopback.example:<other>/evil", "not-granted", "<inside>/may"),
    _redirected("back-slash", "/\\\\127.0.0.1:<other>/evil", "bad-response", "/may"),
    _redirected("no-scheme", "//127.0.0.1:<other>/evil", "not-granted", "<inside>/may"),
    _redirected("circle", "/circle", "302", "/may"),
    Attack(
        "redirect-secret",
        "lets its secret be led on to another server",
        python("led-may", "http.get('<granted>/redirect/307?to=<inside>/may', "
                          "headers={'authorization': 's'}).json()['headers'].get('authorization')"),
        "None",
        Control("to the same one", python("led-may", "http.get('<granted>/redirect/307?to=/may', "
                "headers={'authorization': 's'}).json()['headers'].get('authorization')"), "s"),
    ),
]  # fmt: skip
_RULED = {
    "above": ("http.get('<granted>/admin')", "another path"),
    "dot-dot": ("http.get('<granted>/v1/../admin')", "one that leads out"),
    "escaped-dots": ("http.get('<granted>/v1/%2e%2e/admin')", "one that leads out, escaped"),
    "twice-escaped": ("http.get('<granted>/v1/%252e%252e/admin')", "escaped twice"),
    "escaped-slash": ("http.get('<granted>/v1%2f..%2fadmin')", "with slashes escaped"),
    "doubled-slash": ("http.get('<granted>//v1/x')", "with an empty part"),
    "parameter": ("http.get('<granted>/v1/..;/admin')", "with a parameter"),
    "back-slash": ("http.get('<granted>/v1/..\\\\admin')", "with a backslash"),
    "method": ("http.post('<granted>/v1/x', '')", "another method"),
    "small-method": ("http.fetch('delete', '<granted>/v1/x')", "another method"),
    "override": (
        "http.get('<granted>/v1/x', headers={'X-HTTP-Method-Override': 'DELETE'})",
        "another method, by a header",
    ),
    "rewrite": (
        "http.get('<granted>/v1/x', headers={'X_Original_URL': '/admin'})",
        "another path, by a header",
    ),
}


def _ruled(name: str) -> Attack:
    code, what = _RULED[name]
    return Attack(
        f"rule-{name}", f"asks for {what}, where a rule gives GET /v1/*",
        python(RULED, f"{code}.status"), "not-granted",
        Control("below /v1", python(RULED, "http.get('<granted>/v1/x').status"), "200"),
    )  # fmt: skip


# By spelling: a path that the operator forbids.
_FORBIDDEN = {
    "plainly": "<granted>/admin",
    "below": "<granted>/admin/users",
    "query": "<granted>/admin?x=/open",
    "scheme": "HTTP://127.0.0.1:<port>/admin",
    "escaped": "<granted>/%61dmin",
    "escaped-upper": "<granted>/%41dmin/../admin",
    "twice-escaped": "<granted>/%2561dmin",
    "dot": "<granted>/./admin",
    "dot-dot": "<granted>/open/../admin",
    "escaped-dots": "<granted>/open/%2e%2e/admin",
    "doubled-slash": "<granted>//admin",
    "escaped-slash": "<granted>/%2fadmin",
    "parameter": "<granted>/open/..;/admin",
    "back-slash": "<granted>/open\\..\\admin",
}
POLICY = """
[[forbid]]
name = "no-admin"
actions = ["http"]
targets = ["<granted>/admin*"]
"""


def _forbidden(name: str) -> Attack:
    url = _FORBIDDEN[name]
    return Attack(
        f"forbidden-{name}",
        f"asks {url}, which the operator forbids",
        _get(url),
        "forbidden",
        Control("another path", _get("<granted>/open", MAY), "200"),
    )


_TERMS: Mapping[str, Any] = {"timeout": "2 s", "max-response": "64 KiB"}
_AGENT: Mapping[str, Any] = {**PYTHON, "memory": 64 * MIB, "http": {**_TERMS}}
_LED = {**_TERMS, "redirects": 5}
_BOTH = ["<granted>", "<inside>"]
_NAME_GRANTS = [f"http://{name}:<other>" for name in _NAMES]
KINDS = {
    EVIL: {**_AGENT, "grants": ["<granted>", *_NAME_GRANTS]},
    MAY: {**_AGENT, "grants": _BOTH},
    NAMED: {**_AGENT, "grants": [*_NAME_GRANTS, "address:127.0.0.0/8"]},
    LED: {**_AGENT, "grants": ["<granted>"], "http": _LED},
    "led-may": {**_AGENT, "grants": _BOTH, "http": _LED},
    RULED: {**_AGENT, "grants": ["<granted>"], "http": {**_TERMS, "allow": ["GET <granted>/v1/*"]}},
}


def _scene(boundary: str, attacks: list[Attack], policy: str = "") -> Scene:
    used = {act.kind for it in attacks for act in (it.act, it.control.act)}
    return Scene(
        boundary,
        attacks,
        {name: table for name, table in KINDS.items() if name in used},
        around=servers,
        wrong=Outside.wrong,
        policy=policy,
        most=1 << 30,
    )


SCENES = [
    _scene("urls", [*map(_spelled, _SPELLINGS), *map(_leading, _LEADS)]),
    _scene("requests", [*map(_requested, _REQUESTS), *map(_ruled, _RULED)]),
    _scene("responses", [*map(_answered, _ANSWERS), *_REDIRECTS]),
    _scene("policy", [*map(_forbidden, _FORBIDDEN)], POLICY),
]
