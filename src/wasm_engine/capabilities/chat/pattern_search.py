"""Whether a regular expression is found in a text, in time that both of their sizes bound.

Thompson's way: all ways to go on are followed at once, so none is ever gone back to. A set of them
that was met before, with the same character behind it, is not worked out again.
"""

from __future__ import annotations

from typing import Final

from wasm_engine.capabilities.chat.pattern_syntax import At, Chain, Choice, Node, One, is_word

LOOKED_AT: Final = 16
"""What a way that is followed costs, where a character that is read costs 1."""
_MOST_KEPT = 100_000
"""Steps from one set to the next that are kept at a time."""


class TooMuch(Exception):
    """It takes more than there is left."""


class Purse:
    """What matching may cost, in steps that are the same on every machine.

    Attributes:
        left: What is left of it.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, cost: int) -> None:
        """Takes what something costs.

        Raises:
            TooMuch: There is not so much left.
        """
        self.left -= cost
        if self.left < 0:
            raise TooMuch


def found(tree: Node, text: str, purse: Purse) -> bool:
    """Whether a pattern is found anywhere in a text.

    Raises:
        TooMuch: The purse is empty.
    """
    return _Search(tree, purse).run(text)


class _State:
    """A set of ways, before one looks what comes next; and what followed whichever came."""

    __slots__ = ("after", "onward", "ways")

    def __init__(self, ways: frozenset[int], after: str) -> None:
        self.ways = ways
        self.after = after
        self.onward: dict[str, _State] = {}


class _Search:
    """A program of ways: each a character that it takes, a place, or where else to go on."""

    def __init__(self, tree: Node, purse: Purse) -> None:
        self._purse = purse
        self._takes: list[One | At | None] = []
        self._then: list[list[int]] = []
        self._end = self._way(None, [])
        self._start = self._build(tree, self._end)
        self._known: dict[tuple[frozenset[int], str], _State] = {}
        self._hit = _State(frozenset(), "")
        self._kept = 0

    def _way(self, takes: One | At | None, then: list[int]) -> int:
        self._purse.spend(LOOKED_AT)
        self._takes.append(takes)
        self._then.append(then)
        return len(self._then) - 1

    def _build(self, node: Node, then: int) -> int:
        """The way into a part, out of which it goes on at `then`."""
        if isinstance(node, One | At):
            return self._way(node, [then])
        if isinstance(node, Chain):
            for part in reversed(node.parts):
                then = self._build(part, then)
            return then
        if isinstance(node, Choice):
            return self._way(None, [self._build(part, then) for part in node.parts])
        if node.most is None:
            again = self._way(None, [])
            self._then[again] += [self._build(node.part, again), then]
            then = again
        else:
            after = then
            for _ in range(node.most - node.least):
                then = self._way(None, [self._build(node.part, then), after])
        for _ in range(node.least):
            then = self._build(node.part, then)
        return then

    def run(self, text: str) -> bool:
        """Whether it is found."""
        state, purse = self._state(frozenset((self._start,)), ""), self._purse
        purse.spend(len(text))
        last = len(text) - 1
        for place, character in enumerate(text):
            if character == "\n" and place == last:
                character = "\n\0"  # noqa: PLW2901 - the last line may end before it
            onward = state.onward.get(character)
            if onward is None:
                if self._kept == _MOST_KEPT:
                    state = self._forgotten(state)
                self._kept += 1
                onward = state.onward[character] = self._step(state, character)
            if onward is self._hit:
                return True
            state = onward
        return self._step(state, "") is self._hit

    def _forgotten(self, state: _State) -> _State:
        """The same set, when all that was worked out is forgotten."""
        self._known.clear()
        self._kept = 0
        return self._state(state.ways, state.after)

    def _state(self, ways: frozenset[int], after: str) -> _State:
        key = (ways, _kind(after))
        if key not in self._known:
            self._known[key] = _State(ways, after)
        return self._known[key]

    def _step(self, state: _State, character: str) -> _State:
        """Where all ways lead with this character; it ends where one is at the end."""
        seen, todo = set(state.ways), list(state.ways)
        onward = {self._start}
        while todo:
            way = todo.pop()
            self._purse.spend(LOOKED_AT)
            takes = self._takes[way]
            if way == self._end:
                return self._hit
            if isinstance(takes, One):
                if character and takes.takes(character[0]):
                    onward.add(self._then[way][0])
            elif takes is None or _is_at(takes, state.after, character):
                new = [it for it in self._then[way] if it not in seen]
                seen.update(new)
                todo += new
        return self._state(frozenset(onward), character[:1])


def _kind(after: str) -> str:
    """What a place has to know of the character before it."""
    if not after:
        return "begin"
    return "line" if after == "\n" else "word" if is_word(after) else "other"


def _is_at(at: At, before: str, after: str) -> bool:
    """Whether a place is between two characters; after the last line's end stands a zero."""
    match at.place:
        case "begin":
            return not before
        case "line begin":
            return before in ("", "\n")
        case "end":
            return not after
        case "line end":
            return after[:1] in ("", "\n")
        case "last end":
            return after in ("", "\n\0")
    if not before and not after:
        return False  # nothing has neither edges nor what lies between them, as Python has it
    edge = (bool(before) and is_word(before)) != (bool(after) and is_word(after[0]))
    return edge == (at.place == "edge")
