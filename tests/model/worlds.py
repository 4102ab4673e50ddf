"""Random worlds of scripted agents: kinds, inputs, and scripts that send each other scripts."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from tests.model.parts import Kind
from tests.model.script_language import quoted

KINDS = ("a", "b", "c")
TOPICS = ("news", "alarm")
SPANS = (0, 1, 999_999, 1_000_000, 2_500_000, 10_000_000, 2**64 - 1)
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


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A world of one to three kinds, and up to six inputs."""
    chance: Random = draw(st.randoms(use_true_random=False))
    names = KINDS[: chance.choice([2, 1, 3])]
    kinds = tuple(_kind(chance, name, names) for name in names)
    addresses = [address for kind in kinds for address in kind.addresses()]
    author = _Author(chance, addresses, names)
    steps = sorted(chance.choice([0, 0, 0, 1, 2, 3, 5, 8]) for _ in range(chance.randint(1, 6)))
    inputs = [
        (after, chance.choice(addresses), "script", author.script(DEEPEST)) for after in steps
    ]
    return Case(kinds, chance.choice([3, 2, 1, 8]), tuple(inputs))


def _kind(chance: Random, name: str, names: tuple[str, ...]) -> Kind:
    grants = [f"spawn:{kind}" for kind in names if chance.random() < 0.7]
    grants += [grant for grant in sorted(set(STOPS)) if chance.random() < 0.4]
    patterns = [f"{kind}{rest}" for kind in names for rest in ("", "/*") if chance.random() < 0.7]
    return Kind(
        name,
        count=chance.choice([1, 2, 2, 3]),
        config=chance.choice(["{}", '{"x":1}']),
        subscribe=tuple(topic for topic in sorted(TOPICS) if chance.random() < 0.5),
        resident=chance.random() < 0.5,
        batch=chance.choice([2, 1, 3, 64]),
        retries=chance.randint(0, 2),
        restart=chance.random() < 0.4,
        grants=tuple(grants),
        send_to=tuple(patterns) if chance.random() < 0.15 else None,
    )


class _Author:
    """Writes scripts. What they do mostly makes sense: they take what they started."""

    def __init__(self, chance: Random, addresses: list[str], names: tuple[str, ...]) -> None:
        self.chance, self.addresses, self.names = chance, addresses, names
        self.children = [f"{name}/x" for name in names]
        self.does = [
            *[self.send] * 8,
            *[self.ask] * 8,
            *[self.start] * 5,
            *[self.gather] * 5,
            *[self.schedule] * 3,
            *[self.answer] * 3,
            *[self.raising] * 3,
            *[self.own] * 6,
            *[self.flood] * 2,
            *[self.publish] * 2,
            *[self.nest] * 2,
            self.wild,
            self.end,
        ]

    def script(self, depth: int, *, asked: bool = False) -> str:
        """A script whose messages carry scripts, so many levels deep."""
        most = 5 if depth == DEEPEST else 3
        lines = [self.chance.choice(self.does)(depth) for _ in range(self.chance.randint(1, most))]
        if asked:
            lines.append(self.chance.choice([self.reply, self.reply, self.hold, str])())
        return ";".join(line for line in lines if line)

    def body(self, depth: int, *, asked: bool = False) -> str:
        if depth == 0 or self.chance.random() < 0.1:
            last = ["reply yes", "", "incr n", f"defer {self.name()}"]
            return self.chance.choice(last if asked else last[1:3])
        return self.script(depth - 1, asked=asked)

    def to(self) -> str:
        where = self.chance.random()
        if where < 0.04:
            return self.chance.choice(LOST)
        return self.chance.choice(self.children if where < 0.14 else self.addresses)

    def name(self) -> str:
        return self.chance.choice(NAMES)

    def span(self) -> int:
        return self.chance.choice(SPANS)

    def send(self, depth: int) -> str:
        verb = self.chance.choice(["send"] * 6 + ["send-bytes", "header h v;send"])
        topic = self.chance.choice(["script"] * 6 + ["t", "Bad Topic"])
        return quoted(verb, self.to(), topic, self.body(depth))

    def flood(self, depth: int) -> str:
        text = self.chance.choice(["incr n", "x", "ask a t x"])
        return quoted("flood", self.to(), "script", text, self.chance.randint(1, 6))

    def publish(self, depth: int) -> str:
        return quoted("publish", self.chance.choice(TOPICS), "#!" + self.body(depth))

    def ask(self, depth: int) -> str:
        body = self.body(depth, asked=True)
        if self.chance.random() < 0.3:
            return quoted("ask-timeout", self.span(), self.to(), "script", body)
        return quoted("ask", self.to(), "script", body)

    def start(self, depth: int) -> str:
        body = self.body(depth, asked=True)
        if self.chance.random() < 0.3:
            return quoted("start-timeout", self.name(), self.span(), self.to(), "script", body)
        return quoted("start", self.name(), self.to(), "script", body)

    def gather(self, depth: int) -> str:
        """Starts requests, and does with them what can be done."""
        names = self.chance.sample(NAMES, self.chance.randint(1, 3))
        lines = [
            quoted("start", name, self.to(), "script", self.body(depth, asked=True))
            for name in names
            if self.chance.random() < 0.8
        ]
        then = [
            f"wait-any {','.join(names)};take any",
            f"wait-any {names[0]};take {names[-1]}",
            f"cancel-request {names[0]}",
            f"cancel-request {names[0]};take {names[0]}",
            f"take {names[0]}",
            f"wait-any {names[0]};take {names[0]};watch a;incr n;take {names[0]};watch b;incr n",
            f"wait-any {','.join(names)}",
        ]
        lines += [self.chance.choice(then) for _ in range(self.chance.randint(1, 3))]
        return ";".join(lines)

    def reply(self) -> str:
        return self.chance.choice(["reply yes", "reply yes;reply no"])

    def hold(self) -> str:
        """Defers the request, and may answer it later."""
        name = self.name()
        later = quoted(
            "schedule", "z", self.chance.choice([1, 2_000_000]), "t", f"#!reply-to {name} late"
        )
        return f"defer {name}" + self.chance.choice(["", f";{later}", f";reply-to {name} now"])

    def answer(self, depth: int) -> str:
        name = self.name()
        return self.chance.choice([f"reply-to {name} late", "reply soon", f"defer {name}"])

    def schedule(self, depth: int) -> str:
        name = self.name()
        line = quoted("schedule", name, self.span(), "t", "#!" + self.body(depth))
        return line + self.chance.choice(
            ["", "", f";cancel {name}", f";cancel {name};cancel {name}"]
        )

    def raising(self, depth: int) -> str:
        kind = self.chance.choice(self.names)
        child, other = f"{kind}/x", self.to()
        lines = [
            f"spawn {kind} x {self.chance.choice(['0:', '0:', '2:{}', '1:{'])}",
            f"watch {self.chance.choice([child, other])}",
            quoted("send", child, "script", self.body(depth)),
            quoted("start", "p", child, "script", self.body(depth, asked=True)),
            f"stop {self.chance.choice([child, child, other])}",
        ]
        return ";".join(line for line in lines if self.chance.random() < 0.7)

    def own(self, depth: int) -> str:
        key = self.chance.choice(KEYS)
        lines = [f"set {key} 1", f"append {key} +", f"incr {key}", f"delete {key}", f"get {key}"]
        lines += ["keys 0:", "keys r", "log x", "random", "now", "now", "step", "self", "config"]
        return self.chance.choice([*lines, "touch"])

    def nest(self, depth: int) -> str:
        inner = self.body(depth)
        if self.chance.random() < 0.5:
            return quoted("when", self.chance.choice(KEYS), 1, inner)
        return quoted("repeat", self.chance.randint(0, 3), inner)

    def wild(self, depth: int) -> str:
        wild = ["wait-any 0:", "wait-any #9", "take #9", "reply-to #1 x", "cancel #1", "nonsense"]
        wild += ["spawn ghost x 0:", "spawn a Bad 0:", "publish Bad x", "schedule z 1 Bad x"]
        return self.chance.choice([*wild, f"reply-to #{1 << 32 | 1} x", "ask"])

    def end(self, depth: int) -> str:
        ends = ["fail odd x", "trap", "loop", "now;fail odd x", "random;trap", "get k;now;trap"]
        return self.chance.choice([*ends, "now;fail odd x", "random;fail odd x"])
