"""Random worlds of scripted agents: kinds, inputs, and scripts that send each other scripts."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from tests.model.parts import Kind
from tests.model.script_language import quoted

KINDS = ("a", "b", "c")
TOPICS = (*["script"] * 8, "news", "alarm", "t", "Bad Topic")
SPANS = ("0", "1", "999999", "1000000", "2500000", "10000000", "18446744073709551615")
NAMES = ("p", "q", "r")
KEYS = ("k", "l", "n")
STOPS = ("stop:a", "stop:a/*", "stop:*", "stop:*")
LOST = ("nobody", "No!", "a/", "b/9")
DEEPEST = 3


class Case(NamedTuple):
    """A world and what happens to it from outside: `(after this step, to, topic, text)`."""

    kinds: tuple[Kind, ...]
    mailbox: int = 1024
    inputs: tuple[tuple[int, str, str, str], ...] = ()


def kinds(name: str, names: tuple[str, ...]) -> st.SearchStrategy[Kind]:
    """A kind of agents of this name, in a world of kinds of these names."""
    grants = (*(f"spawn:{kind}" for kind in names), *STOPS)
    return st.builds(
        Kind,
        name=st.just(name),
        count=st.integers(1, 3),
        config=st.sampled_from(["{}", '{"x":1}']),
        subscribe=st.lists(st.sampled_from(["alarm", "news"]), unique=True).map(
            lambda topics: tuple(sorted(topics))
        ),
        resident=st.booleans(),
        batch=st.integers(1, 3),
        retries=st.integers(0, 2),
        restart=st.booleans(),
        grants=st.lists(st.sampled_from(grants), max_size=6).map(
            lambda given: tuple(sorted(set(given)))
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A world of one to three kinds, and up to five inputs."""
    names = KINDS[: draw(st.integers(1, 3))]
    made = tuple(draw(kinds(name, names)) for name in names)
    addresses = [address for kind in made for address in kind.addresses()]
    everybody = [*addresses, *addresses, *(f"{name}/x" for name in names)]
    steps = sorted(draw(st.lists(st.integers(0, 8), min_size=1, max_size=5)))
    texts = scripts(everybody, names, DEEPEST)
    inputs = [
        (0 if not index else step, draw(st.sampled_from(addresses)), "script", draw(texts))
        for index, step in enumerate(steps)
    ]
    return Case(made, draw(st.sampled_from([3, 2, 1, 8])), tuple(inputs))


def scripts(
    everybody: list[str], names: tuple[str, ...], depth: int, most: int = 7
) -> st.SearchStrategy[str]:
    """A script; what it sends are scripts again, less deep, or plain text."""
    return st.lists(operations(everybody, names, depth), min_size=most // 2, max_size=most).map(
        ";".join
    )


def operations(everybody: list[str], names: tuple[str, ...], depth: int) -> st.SearchStrategy[str]:
    """One operation with its arguments."""
    inner = scripts(everybody, names, depth - 1, 4) if depth else st.sampled_from(["x", "#!touch"])
    body = st.one_of(inner, inner, st.sampled_from(["hello", "", "#!reply hi"]))
    to = st.sampled_from([*everybody * 4, *LOST])
    topic, span = st.sampled_from(TOPICS), st.sampled_from(SPANS)
    name, key = st.sampled_from(NAMES), st.sampled_from(KEYS)
    several = st.lists(name, max_size=3, unique=True).map(",".join)
    kind = st.sampled_from([*names, *names, "ghost"])
    child = st.sampled_from(["x", "x", "y/z", "1", "Bad"])
    plain = [
        ("send", to, topic, body),
        ("send", to, topic, body),
        ("send-bytes", to, topic, body),
        ("flood", to, topic, st.sampled_from(["x", "#!reply no"]), st.integers(1, 6)),
        ("publish", st.sampled_from(["news", "alarm", "quiet", "Bad"]), body),
        ("reply", st.sampled_from(["yes", "no"])),
        ("reply", st.sampled_from(["yes", "no"])),
        ("defer", name),
        ("reply-to", st.one_of(name, st.sampled_from(["#1", "#4294967297"])), st.just("late")),
        ("start", name, to, topic, body),
        ("start-timeout", name, span, to, topic, body),
        ("take", name),
        ("cancel-request", name),
        ("schedule", name, span, topic, body),
        ("cancel", name),
        ("header", key, st.just("v")),
    ]
    waiting = [
        ("ask", to, topic, body),
        ("ask", to, topic, body),
        ("ask-timeout", span, to, topic, body),
        ("wait-any", several),
        ("wait-any", name),
        ("spawn", kind, child, st.sampled_from(["", "{}", '{"y":[1,2]}', "{"])),
        ("spawn", kind, child, st.just("")),
        ("stop", to),
        ("watch", to),
    ]
    own = [
        ("set", key, st.sampled_from(["0", "1"])),
        ("append", key, st.just("+")),
        ("incr", key),
        ("delete", key),
        ("get", key),
        ("keys", st.sampled_from(["", "request/", "k"])),
        ("log", st.just("line")),
        ("random",),
        ("now",),
        ("step",),
        ("self",),
        ("config",),
        ("touch",),
    ]
    ends = [
        ("fail", st.sampled_from(["broken", "odd"]), st.just("because")),
        ("trap",),
        ("loop",),
        ("nonsense",),
    ]
    nested = [
        ("when", key, st.sampled_from(["0", "1", "2"]), inner),
        ("repeat", st.integers(0, 3), inner),
    ]
    groups = [plain, plain, plain, waiting, waiting, own, nested if depth else own, plain, waiting]
    choice = [st.tuples(*parts) for group in groups for parts in map(_just_name, group)]
    rare = [st.tuples(*_just_name(parts)) for parts in ends]
    single = st.one_of(*choice, *rare).map(lambda parts: quoted(*parts))
    return st.one_of(single, single, _idioms(to, inner, name, span))


def _idioms(
    to: st.SearchStrategy[str],
    inner: st.SearchStrategy[str],
    name: st.SearchStrategy[str],
    span: st.SearchStrategy[str],
) -> st.SearchStrategy[str]:
    """What agents do together, that operations drawn one by one would seldom be."""
    answering = st.one_of(inner, st.just("")).map(lambda script: f"{script};reply yes")
    holding = name.map(
        lambda n: f"defer {n};{quoted('schedule', n, 1, 't', f'#!reply-to {n} late')}"
    )
    asked = st.one_of(answering, answering, holding, name.map(lambda n: f"defer {n}"), inner)
    asking = st.tuples(to, asked).map(lambda drawn: quoted("ask", drawn[0], "script", drawn[1]))
    starting = st.tuples(name, to, asked).map(
        lambda drawn: quoted("start", drawn[0], drawn[1], "script", drawn[2])
    )
    timed = st.tuples(name, span, to, asked).map(
        lambda drawn: quoted("start-timeout", drawn[0], drawn[1], drawn[2], "script", drawn[3])
    )
    gathering = st.tuples(st.one_of(starting, timed), starting, name, name).map(
        lambda drawn: (
            f"{drawn[0]};{drawn[1]};wait-any p,q,r;wait-any {drawn[2]};take any;"
            f"cancel-request {drawn[3]};take {drawn[3]};take {drawn[2]}"
        )
    )
    later = st.tuples(name, span, inner).map(
        lambda drawn: quoted("schedule", drawn[0], drawn[1], "t", "#!" + drawn[2])
    )
    raising = st.tuples(st.sampled_from(KINDS), inner).map(
        lambda drawn: (
            f"spawn {drawn[0]} x 0:;watch {drawn[0]}/x;"
            f"{quoted('send', f'{drawn[0]}/x', 'script', drawn[1])};stop {drawn[0]}/x"
        )
    )
    failing = st.sampled_from(["now;fail odd again", "random;trap", "get k;now;trap"])
    return st.one_of(asking, asking, starting, gathering, later, raising, failing)


def _just_name(parts: tuple[object, ...]) -> list[st.SearchStrategy[object]]:
    return [p if isinstance(p, st.SearchStrategy) else st.just(p) for p in parts]
