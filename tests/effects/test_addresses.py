"""Where names may lead: what the resolver of a machine answers is looked at before it is used."""

from __future__ import annotations

import json

import pytest

from tests.effects.server import running
from tests.effects.test_http_client import ask, code
from tests.effects.worlds import Asking
from wasm_engine.concepts.addresses import read_network
from wasm_engine.concepts.errors import Refused
from wasm_engine.control import runs
from wasm_engine.host import http_client, resolver
from wasm_engine.host.http_client import HttpClient
from wasm_engine.host.reach import Reach
from wasm_engine.host.resolver import NoSuchHost, system_resolver


class Names:
    """A resolver that knows names: each look-up takes the next of a name's answers, or the last."""

    def __init__(self, **answers):
        self.answers = {name: list(rows) for name, rows in answers.items()}
        self.asked = []

    def __call__(self, name):
        self.asked.append(name)
        rows = self.answers.get(name.partition(".")[0])
        if rows is None:
            raise NoSuchHost
        return rows.pop(0) if len(rows) > 1 else rows[0]


def reaching(names, *networks, **more):
    """A client that knows names, and the networks where they may lead."""
    reach = Reach([read_network(text) for text in networks], **more)
    return HttpClient(resolve=names, reach=lambda issued: reach)


LOOPBACK = "127.0.0.0/8"


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1"])
def test_a_name_leads_to_no_address_inside_unless_it_is_named(server, address):
    names, url = Names(it=[[address]]), server.named("it.example")
    assert code(ask(url, client=reaching(names))) == "address-refused"
    assert code(ask(url, client=reaching(names, "10.0.0.0/8", "::/0"))) == "address-refused"
    assert server.seen == []
    assert ask(url, client=reaching(names, LOOPBACK))[0] == 200
    assert server.seen[0].headers["Host"] == server.named("it.example").removeprefix("http://")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "::1", "127.0.0.2"])
def test_other_ways_to_this_machine_lead_to_it_and_are_refused(address):
    with running(address="::" if ":" in address else "0.0.0.0") as server:
        names, url = Names(it=[[address]]), server.named("it.example")
        assert code(ask(url, client=reaching(names))) == "address-refused"
        assert server.seen == []
        named = f"{address}/{128 if ':' in address else 32}"
        assert ask(url, client=reaching(names, named))[0] == 200


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "10.0.0.1", "100.64.0.1", "fd00:ec2::254", "fe80::1%2", "::1%1"]
)
def test_what_is_refused_is_not_dialled(address, monkeypatch):
    monkeypatch.setattr("wasm_engine.host.lines.Line._connected", None)  # nobody gets there
    client = reaching(Names(it=[[address]]))
    outcome = ask("http://it.example/", client=client)
    assert code(outcome) == "address-refused"
    assert address not in outcome.payload[1]


def test_an_address_with_a_zone_is_refused_whoever_names_it(server):
    client = reaching(Names(it=[["::1%1", "fe80::1%lo"]]), "::/0", "0.0.0.0/0")
    assert code(ask(server.named("it.example"), client=client)) == "address-refused"


def test_of_many_answers_only_those_count_that_are_allowed():
    with running(address="127.0.0.2") as allowed, running(port=allowed.server_port) as other:
        answers = [["127.0.0.1", "10.0.0.1", "::1", "127.0.0.2", "127.0.0.1"]]
        url = allowed.named("it.example")
        assert ask(url, client=reaching(Names(it=answers), "127.0.0.2/32"))[0] == 200
        assert (len(allowed.seen), other.seen) == (1, [])
        assert ask(url, client=reaching(Names(it=answers), "127.0.0.1/32"))[0] == 200
        assert (len(allowed.seen), len(other.seen)) == (1, 1)


def test_more_answers_than_are_tried_hide_none_that_is_allowed(server):
    answers = [[*(f"10.0.0.{n}" for n in range(1, 30)), "127.0.0.1"]]
    client = reaching(Names(it=answers), "127.0.0.1/32")
    assert ask(server.named("it.example"), client=client)[0] == 200


def test_a_name_is_looked_up_once_for_a_connection(server):
    """Whoever answers an allowed address first and another one then wins nothing by it."""
    with running(address="127.0.0.2", port=server.server_port) as inside:
        names = Names(it=[["127.0.0.1"], ["127.0.0.2"]])
        client = reaching(names, "127.0.0.1/32")
        url = server.named("it.example")
        assert ask(url, client=client)[0] == 200
        assert names.asked == ["it.example"]
        assert code(ask(url, client=client)) == "address-refused"  # the next request asks anew
        assert (len(server.seen), inside.seen) == (1, [])
        assert ask(url, client=reaching(names, LOOPBACK))[0] == 200
        assert len(inside.seen) == 1


def test_an_address_in_place_of_a_name_was_named_by_whoever_wrote_it():
    names = Names()
    for address in ("127.0.0.1", "127.0.0.2", "::1"):
        with running(address=address) as server:
            assert ask(server.origin, client=reaching(names))[0] == 200
    assert names.asked == []


def test_localhost_names_loopback_and_nothing_else(server):
    url = server.named("localhost")
    assert ask(url)[0] == 200
    assert ask(url, client=reaching(Names(localhost=[["10.0.0.1", "127.0.0.1"]])))[0] == 200
    assert code(ask(url, client=reaching(Names(localhost=[["10.0.0.1"]])))) == "address-refused"
    below = reaching(Names(x=[["127.0.0.1"]]))
    assert code(ask(server.named("x.localhost"), client=below)) == "address-refused"


@pytest.mark.parametrize("answers", [None, []])
def test_a_name_without_an_address(answers):
    names = Names() if answers is None else Names(it=[answers])
    assert code(ask("http://it.example/", client=reaching(names, LOOPBACK))) == "unknown-host"


def test_the_resolver_of_this_machine():
    assert "127.0.0.1" in system_resolver("localhost")
    with pytest.raises(NoSuchHost):
        system_resolver(f"{'a' * 60}.invalid")


def test_zones_are_kept_for_whoever_looks(monkeypatch):
    row = (resolver.socket.AF_INET6, 1, 6, "", ("fe80::1", 0, 0, 3))
    other = (resolver.socket.AF_INET6, 1, 6, "", ("::1", 0, 0, 0))
    monkeypatch.setattr(resolver.socket, "getaddrinfo", lambda *_, **__: [row, other])
    assert system_resolver("x") == ["fe80::1%3", "::1"]


class Named(Asking):
    """A world whose server has a name, and which is told where that may lead."""

    def __init__(self, folder, server, monkeypatch, *networks):
        super().__init__(folder, server.named("it.example"))
        names = Names(it=[["127.0.0.1"]])
        made = http_client.HttpClient
        monkeypatch.setattr(http_client, "HttpClient", lambda **more: made(resolve=names, **more))
        self.networks = [f"address:{text}" for text in networks]
        grants = str([self.origin, *self.networks])
        self.manifest.write_text(self.manifest.read_text().replace(f"['{self.origin}']", grants))


def test_a_refused_address_is_told_recorded_and_replayed(tmp_path, server, monkeypatch):
    world = Named(tmp_path, server, monkeypatch)
    report = world.run(("client", "ask", {"url": world.url("/echo")}))
    assert (report.status, world.log(), server.seen) == ("idle", ["address-refused"], [])
    monkeypatch.undo()
    assert world.replay().identical


def test_both_the_manifest_and_the_operator_name_a_network(tmp_path, server, monkeypatch):
    world = Named(tmp_path, server, monkeypatch, "127.0.0.1/32")
    ask_it = ("client", "ask", json.dumps({"url": world.url("/status/200")}))
    with pytest.raises(Refused) as refused:
        runs.run(world.manifest, send=[ask_it], allow=[world.origin])
    assert refused.value.hint == "give it: --allow address:127.0.0.1/32"
    with pytest.raises(Refused):
        runs.run(world.manifest, send=[ask_it], allow=[world.origin, "address:10.0.0.0/8"])
    assert server.seen == []
    allow = [world.origin, "address:127.0.0.0/8"]
    report = runs.run(world.manifest, send=[ask_it], allow=allow, file=world.file)
    assert (report.status, world.log()) == ("idle", ["200 as you wish"])
    assert runs.resume(world.file).status == "idle"  # what was given is remembered


def test_what_the_operator_allows_alone_is_not_named(tmp_path, server, monkeypatch):
    world = Named(tmp_path, server, monkeypatch)
    send = [("client", "ask", json.dumps({"url": world.url("/echo")}))]
    allow = [world.origin, "address:127.0.0.0/8"]
    runs.run(world.manifest, send=send, allow=allow, file=world.file)
    assert (world.log(), server.seen) == (["address-refused"], [])
