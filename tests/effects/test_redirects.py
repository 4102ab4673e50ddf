"""Redirects that are followed: each hop is looked at as if it were the first."""

from __future__ import annotations

import json
import ssl
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from tests.effects.server import running
from tests.effects.test_addresses import Names, reaching
from tests.effects.test_http_client import CERTIFICATE, ask, code
from tests.effects.worlds import Asking
from wasm_engine.host.http_client import HttpClient
from wasm_engine.host.reach import Reach

SECRETS = [("Authorization", "secret"), ("Cookie", "a=b"), ("X-Api-Key", "s"), ("Accept", "x/y")]


def following(redirects=10, leads=lambda onward: True, **more):
    reach = Reach((), redirects, leads)
    return HttpClient(reach=lambda issued: reach, **more)


def to(server, *places, status=302):
    """The URL at which a server leads on to a place."""
    query = "&".join(f"to={quote(place, safe='')}" for place in places)
    return f"{server.origin}/redirect/{status}?{query}"


def chain(server, length, last="/status/200"):
    """A way of so many redirects, one within the other."""
    place = server.origin + last
    for _ in range(length):
        place = to(server, place)
    return place


@pytest.fixture
def other():
    with running(address="127.0.0.2") as made:
        yield made


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_where_nothing_is_said_none_is_followed(server, status):
    found, headers, body = ask(to(server, "/echo", status=status))
    assert (found, body) == (status, b"onward")
    assert ("Location", "/echo") in headers
    assert len(server.seen) == 1
    assert ask(to(server, "/status/404", status=status), client=following())[0] == 404


def test_as_many_as_may_be_and_the_next_is_the_response(server):
    for length, redirects in ((3, 3), (3, 10), (1, 1)):
        assert ask(chain(server, length), client=following(redirects))[0] == 200
    server.seen.clear()
    found, headers, body = ask(chain(server, 3), client=following(2))
    assert (found, body, len(server.seen)) == (302, b"onward", 3)
    assert ("Location", f"{server.origin}/status/200") in headers


def test_a_circle_ends(server):
    assert ask(f"{server.origin}/circle", client=following(10))[0] == 302
    assert len(server.seen) == 11


def test_a_redirect_that_says_nothing_or_two_things(server):
    assert ask(to(server), client=following())[0] == 302
    assert code(ask(to(server, "/a", "/b"), client=following())) == "bad-response"
    assert ask(to(server, "/status/200", "/status/200"), client=following())[0] == 200
    for nonsense in ("ftp://x/", "http://u:p@a/", "/\\evil", "http://127.1/"):
        assert code(ask(to(server, nonsense), client=following())) == "bad-response"


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        *((302, "POST", "GET", ""), (303, "PUT", "GET", ""), (301, "PUT", "PUT", "data")),
        *((307, "POST", "POST", "data"), (308, "PATCH", "PATCH", "data")),
    ],
)
def test_what_is_sent_on(server, status, method, then, body):
    headers = [("Content-Type", "text/plain"), *SECRETS]
    url = to(server, "/echo", status=status)
    said = json.loads(ask(url, method, headers, b"data", client=following())[2])
    assert (said["method"], said["body"]) == (then, body)
    assert said["headers"]["authorization"] == "secret"
    assert ("content-type" in said["headers"]) == bool(body)
    assert said["headers"].get("content-length", "") == (str(len(body)) if body else "")
    # The key stands for the request that was asked for, wherever that is sent.
    assert said["headers"].get("idempotency-key") == ("0123abcd" if body else None)
    assert server.seen[0].headers["Idempotency-Key"] == "0123abcd"


def test_no_secret_goes_to_another_origin(server, other):
    url = to(server, f"{other.origin}/echo", status=307)
    said = json.loads(ask(url, "POST", SECRETS, b"data", client=following())[2])["headers"]
    assert said["accept"] == "x/y"
    assert said["host"] == other.origin.removeprefix("http://")
    assert said["idempotency-key"] == "0123abcd"
    assert not {"authorization", "cookie", "x-api-key"} & set(said)
    back = to(server, to(other, f"{server.origin}/echo"))
    said = json.loads(ask(back, headers=SECRETS, client=following())[2])["headers"]
    assert not {"authorization", "cookie", "x-api-key"} & set(said)
    stays = json.loads(ask(to(server, "/echo"), headers=SECRETS, client=following())[2])["headers"]
    assert stays["cookie"] == "a=b"


def test_a_hop_that_may_not_be_is_not_asked(server, other):
    asked = []

    def leads(onward):
        asked.append((onward.method, onward.url.text))
        return onward.url.origin == server.origin

    outcome = ask(to(server, f"{other.origin}/inside"), client=following(leads=leads))
    assert code(outcome) == "not-granted"
    assert other.seen == []
    assert "127.0.0.2" not in outcome.payload[1]
    assert asked == [("GET", f"{other.origin}/inside")]
    assert ask(to(server, f"{other.origin}/inside"), client=following())[0] == 200


def test_a_hop_to_an_address_inside(server, other):
    names = Names(inside=[["127.0.0.2"]])
    url = to(server, other.named("inside.example"))
    closed = reaching(names, redirects=3, leads=lambda onward: True)
    outcome = ask(url, client=closed)
    assert (code(outcome), other.seen) == ("not-granted", [])
    assert outcome == ask(to(server, "http://elsewhere/"), client=following(leads=lambda _: False))
    opened = reaching(names, "127.0.0.2/32", redirects=3, leads=lambda onward: True)
    assert ask(url, client=opened)[0] == 200


def test_a_name_is_looked_up_again_for_each_hop(server):
    """A server that leads to itself under its own name, which means another machine by then."""
    names = Names(it=[["127.0.0.1"], ["127.0.0.2"]])
    client = reaching(names, "127.0.0.1/32", redirects=3, leads=lambda onward: True)
    url = to(server, "/echo").replace("127.0.0.1", "it.example")
    assert code(ask(url, client=client)) == "not-granted"
    assert (names.asked, len(server.seen)) == (["it.example"] * 2, 1)


def test_from_https_to_http_is_no_way():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    with ExitStack() as stack:
        sealed, plain = stack.enter_context(running(tls)), stack.enter_context(running())
        client = following(tls=trusting)
        assert code(ask(to(sealed, plain.origin), client=client)) == "not-granted"
        assert plain.seen == []
        assert ask(to(plain, f"{sealed.origin}/status/200"), client=client)[0] == 200
        assert ask(to(sealed, "/status/200"), client=client)[0] == 200


def test_after_a_redirect_it_is_not_said_that_nothing_was_sent(server):
    closed = running()
    with closed as gone:
        pass
    names = Names()
    client = reaching(names, redirects=1, leads=lambda onward: True)
    for place in (gone.origin, "http://unknown.example/", server.origin.replace("http", "https")):
        outcome = ask(to(server, place, status=303), "POST", body=b"pay", client=client)
        assert code(outcome) == "connection-lost"
    assert code(ask(gone.origin, client=client)) == "connection-failed"


def test_the_time_is_that_of_the_whole_way(server):
    assert code(ask(to(server, "/hang"), client=following(), timeout=0.3)) == "timeout"


class Following(Asking):
    """A world that follows redirects, and may ask two servers; of one of them only some things."""

    def __init__(self, folder, server, other):
        allow = [f"* {server.origin}", f"GET {other.origin}/v1/*"]
        settings = f"[agents.client.http]\nredirects = 2\nallow = {json.dumps(allow)}"
        super().__init__(folder, server.origin, client=settings)
        text = self.manifest.read_text()
        both = json.dumps([server.origin, other.origin])
        self.manifest.write_text(text.replace(f"['{server.origin}']", both))
        self.allow = [server.origin, other.origin]

    def ask(self, *orders):
        self.run(*[("client", "ask", order) for order in orders], allow=self.allow)
        return self.log()


def test_where_requests_are_judged_none_is_followed(tmp_path, server):
    """A policy that lets an agent ask one server would else be got round by way of it."""
    for name, label, expected in (("judged", "[labels.web]\n", "302 onward"), ("free", "", "200")):
        folder = tmp_path / name
        folder.mkdir()
        more = "[agents.client.http]\nredirects = 2\n"
        world = Asking(folder, server.origin, client=more)
        sources = "sources = ['http:*']\n" if label else ""
        world.manifest.write_text(world.manifest.read_text() + label + sources)
        world.run(("client", "ask", {"url": chain(server, 1)}))
        assert world.log()[0].startswith(expected)


def test_a_world_follows_as_its_manifest_says(tmp_path, server, other):
    world = Following(tmp_path, server, other)
    log = world.ask(
        {"url": to(server, f"{other.origin}/v1/status/200")},
        {"url": to(server, f"{other.origin}/status/200")},
        {"url": to(server, f"{other.origin}/v1/..%2fstatus/200")},
        {"url": to(server, f"{other.origin}/v1/status/200", status=307), "method": "DELETE"},
        {"url": to(server, f"{other.origin}/v1/status/200", status=303), "method": "POST"},
        {"url": to(server, "http://127.0.0.3:1/")},
        {"url": chain(server, 3)},
    )
    first, *_, last = log
    assert first.startswith("200 ")
    assert [line.partition(" ")[0] for line in log] == [
        *("200", "not-granted", "not-granted", "not-granted", "200", "not-granted", "302")
    ]
    assert last == "302 onward"
    assert [it.path for it in other.seen] == ["/v1/status/200"] * 2
    assert len({it.headers.get("Idempotency-Key") for it in other.seen}) == 2
    assert world.replay().identical
