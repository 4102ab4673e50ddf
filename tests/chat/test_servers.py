"""Servers of language models: what goes out, what may come back, and when they are asked again."""

from __future__ import annotations

import json

import pytest

from tests.chat.model_server import TOO_LONG, WORDS, serving
from tests.chat.talking import TALKER
from wasm_engine.concepts.chat import CHAT, Answer, Question
from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.errors import Refused
from wasm_engine.concepts.hostcall import Err
from wasm_engine.control import checks, runs
from wasm_engine.host.chat_server import ServerModel
from wasm_engine.host.outside import Cancellation
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.operator import BadPolicy, parse_policy
from wasm_engine.testing import chats

ASKER = TALKER.parents[1] / "asker/asker.wasm"

LOOK = ["shop.look", "Looks.", '{"type":"object"}']


@pytest.fixture(scope="module")
def server():
    with serving() as it:
        yield it


def asked(server, *turns, secret=None, retries=2, cancellation=None, hears=None, **given):
    said = {
        "model": "m", "instead": "", "turns": list(turns), "tools": [], "choice": ("free", None),
        "schema": None, "most": 100, "temperature": None, "top_p": None, "top_k": None, "seed": 7,
        "stop": [], "timeout": 20 * 10**9, "context": 1000, **given,
    }  # fmt: skip
    issued = Issued(1, "a", 1, 0, 0, CHAT, tuple(said.values()), "k" * 64)
    model = ServerModel(server.url, "llama", lambda: secret, retries, pause=0.001)
    question = Question.of(issued.arguments)
    return model.answer(
        question, issued, cancellation or Cancellation(), hears or (lambda _piece: None)
    )


def user(text):
    return ["user", text, [], None]


def code_of(found):
    assert isinstance(found, Err)
    return found.payload[0]


def test_what_goes_out_is_what_such_servers_take(server):
    calls = [["c1", "shop.look", '{"a":1}']]
    turns = [["system", "s", [], None], user("x"), ["assistant", "", calls, None],
             ["tool", "seen", [], "c1"]]  # fmt: skip
    found = asked(
        server, *turns, tools=[LOOK], choice=("named", "shop.look"), temperature=0.5, top_p=0.9,
        top_k=3, stop=["END"], secret="s3cret",
    )  # fmt: skip
    assert found == Answer(WORDS, (), "stop", 7, 5)
    seen = server.seen[-1]
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["Authorization"] == "Bearer s3cret"
    function = {"name": "shop_look", "description": "Looks.", "parameters": {"type": "object"}}
    assert seen.body == {
        "model": "llama",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "x"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "c1", "type": "function",
                        "function": {"name": "shop_look", "arguments": '{"a":1}'},
                    }
                ],
            },
            {"role": "tool", "content": "seen", "tool_call_id": "c1"},
        ],
        "max_tokens": 100, "seed": 7, "stream": True, "stream_options": {"include_usage": True},
        "temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop": ["END"],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": "shop_look"}},
    }  # fmt: skip


def test_a_call_that_comes_in_pieces_is_one(server):
    found = asked(server, user("look"), tools=[LOOK])
    assert [tuple(getattr(call, it) for it in ("id", "name", "arguments")) for call in found.calls]
    assert found.calls[0].name == "shop.look"
    assert json.loads(found.calls[0].arguments) == {"city": "Ulm"}
    assert server.seen[-1].body["tool_choice"] == "auto"


def test_a_schema_goes_out_as_a_form_of_response(server):
    found = asked(server, user("x"), schema='{"type":"object","x-guidance":{}}')
    assert found.content == '{"n":3}'
    form = server.seen[-1].body["response_format"]
    assert form["json_schema"]["schema"] == {"type": "object"}


def test_pieces_are_heard_as_they_come(server):
    heard = []
    asked(server, user("x"), hears=heard.append)
    assert len(heard) == 5
    assert "".join(heard) == WORDS


def test_a_server_that_does_not_stream_is_understood(server):
    assert asked(server, user("whole")) == Answer(WORDS, (), "stop", 7, 4)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_who_is_busy_is_asked_again(server, status):
    server.status, server.busy, before = status, 2, len(server.seen)
    assert asked(server, user("x")).content == WORDS
    assert len(server.seen) - before == 3
    server.busy = 3
    found = asked(server, user("x"))
    assert found == Err(("model-failed", f"the server answered {status}: busy"))
    server.busy = 0


def test_who_says_how_long_is_waited_for_unless_there_is_no_time(server):
    server.busy, server.retry_after, before = 1, "3600", len(server.seen)
    found = asked(server, user("x"))
    server.retry_after = ""
    assert code_of(found) == "model-failed"
    assert len(server.seen) - before == 1


def test_with_no_retries_nobody_is_asked_again(server):
    server.busy = 1
    assert code_of(asked(server, user("x"), retries=0)) == "model-failed"
    assert asked(server, user("x"), retries=0).content == WORDS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "what came is not JSON"),
        ("no object", "what came is no JSON object"),
        ("no end", "the stream ended before the answer did"),
        ("error", "the stream ended with an error: out of memory"),
        ("many calls", "more than 256 calls"),
        ("endless", "an event of more than 4 MiB"),
    ],
)
def test_what_is_not_of_the_protocol_is_a_fault(server, text, says):
    assert asked(server, user(text), retries=0) == Err(("bad-response", says))


def test_half_a_character_is_replaced(server):
    assert asked(server, user("half")).content == "\ufffd"


def test_what_is_refused_says_why_and_never_the_secret(server):
    assert asked(server, user("long x")) == Err(
        ("context-overflow", f"the server says: {TOO_LONG}")
    )
    assert asked(server, user("refuse")) == Err(
        ("model-failed", "the server answered 401: not for None")
    )
    assert code_of(asked(server, user("plain error"), retries=0)) == "model-failed"
    for text in ("refuse", "who"):
        found = asked(server, user(text), secret="s3cret")
        assert found == Err(("model-failed", "what came back has the server's secret in it"))


def test_who_takes_too_long_is_left(server):
    assert code_of(asked(server, user("hang"), timeout=10**8)) == "timeout"


def test_who_is_not_there_is_told(server):
    class Nowhere:
        url = "http://127.0.0.1:1/v1"

    assert code_of(asked(Nowhere, user("x"))) == "connection-failed"


def test_nobody_is_asked_whom_the_operator_did_not_name(talk, tmp_path):
    talk.models["m"] = {"server": "local", "model": "llama"}
    (talk.folder / "world.toml").write_text(
        f"[world]\n[agents.a]\nsource = '{talk.agents['a']['source']}'\ngrants = ['model:m']\n"
        "[models.m]\nserver = 'local'\n"
    )
    allow = [f"source:{talk.agents['a']['source']}"]
    with pytest.raises(Refused, match="the server 'local'") as refused:
        runs.run(talk.folder / "world.toml", file=talk.file, allow=allow)
    assert refused.value.code == "no-server"
    assert str(tmp_path / "home/config/policy.toml") in refused.value.hint
    assert not talk.file.exists()
    with pytest.raises(Refused, match="the server 'local'"):
        checks.check(talk.folder / "world.toml", allow=allow)
    config = tmp_path / "home/config"
    config.mkdir(parents=True)
    (config / "policy.toml").write_text(
        '[servers.local]\nurl = "http://127.0.0.1:1/v1"\nsecret = "key"\n'
    )
    with pytest.raises(Refused, match="does not have the secret key"):
        runs.run(talk.folder / "world.toml", file=talk.file, allow=allow)
    with pytest.raises(Refused, match="does not have the secret key"):
        checks.check(talk.folder / "world.toml", allow=allow)


def test_a_world_asks_a_server_and_replays_without_it(talk, tmp_path):
    talk.models["m"] = {"server": "local", "model": "llama", "concurrency": 2}
    config = tmp_path / "home/config"
    config.mkdir(parents=True)
    with serving() as server:
        (config / "policy.toml").write_text(f'[servers.local]\nurl = "{server.url}/"\n')
        talk.run(("look", "m weather"), ("json", "m x"), ("both", "m y"))
    assert talk.log() == [
        '> look {"city":"Ulm"}', f"= {WORDS}", '= {"n":3}', f"= {WORDS}", f"= {WORDS}",
    ]  # fmt: skip
    assert talk.replays()


def test_questions_that_wait_for_their_turn_keep_nothing_else_from_going_out(talk, tmp_path):
    talk.models["m"] = {"server": "local", "concurrency": 1, "timeout": "20 s", "retries": 0}
    config = tmp_path / "home/config"
    config.mkdir(parents=True)
    with serving() as server:
        origin = server.url.removesuffix("/v1")
        (config / "policy.toml").write_text(f'[servers.local]\nurl = "{server.url}"\n')
        talk.agents["a"]["count"] = 200
        talk.agents["b"] = {"source": str(ASKER), "grants": [origin]}
        inputs = [(f"a/{it}", "say", ("text", "m wait")) for it in range(1, 201)]
        inputs.append(("b", "get", ("text", f"1 {origin}/release?")))
        with talk.world().begin(talk.file, inputs=inputs) as run:
            status = run.execution.go(Until())
            assert run.execution.exchange.outside is not None
            assert len(run.execution.exchange.outside._threads) <= 2
    # The first one waits until the server is asked for something else, and would not for ever.
    assert status == "idle"
    assert [it.content for it in chats(talk.file)] == [WORDS] * 200
    assert talk.replays()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("servers = 3", "must be a table of tables"),
        ("[servers.Local]\nurl = 'http://a/v1'", "cannot name a server"),
        ("[servers]\nlocal = 'http://a'", "must be a table such as"),
        ("[servers.local]", "url: must be a URL, not nothing"),
        ("[servers.local]\nurl = 'ftp://a'", "url:"),
        ("[servers.local]\nurl = 'http://a/?x=1'", "neither a query nor a fragment"),
        ("[servers.local]\nurl = 'http://a'\nsecret = 3", "must be the name of a secret"),
        ("[servers.local]\nurl = 'http://a'\nkey = 3", "unknown key"),
    ],
)
def test_a_policy_with_mistakes_says_where(text, says):
    with pytest.raises(BadPolicy, match=says):
        parse_policy(text, "policy.toml")


def test_a_policy_names_servers():
    (server,) = parse_policy("[servers.local]\nurl = 'http://a:1/v1/'\n", "p").servers
    assert server == ("local", "http://a:1/v1", None)
