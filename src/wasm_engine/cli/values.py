"""What may stand behind an option: checked as it is read, with a message that says what may."""

from __future__ import annotations

import argparse
import re

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.names import is_kind, is_name
from wasm_engine.concepts.statement import is_digest
from wasm_engine.control.moment import Moment
from wasm_engine.control.orders import MAX_SEED, MAX_WORKERS, Outside
from wasm_engine.control.pages import MAX_TEXT, MIN_TEXT

_REGION = re.compile(
    r"(?:(\d{1,9}):)?(0x[0-9a-f]{1,15}|\d{1,17}):(0x[0-9a-f]{1,15}|\d{1,17})?",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)


def seed(text: str) -> int:
    """A seed: 0 to 2^63-1."""
    return _whole(text, 0, MAX_SEED)


def workers(text: str) -> int:
    """A number of workers."""
    return _whole(text, 1, MAX_WORKERS)


def count(text: str) -> int:
    """A number from 1."""
    return _whole(text, 1, MAX_SEED)


def step(text: str) -> int:
    """The number of a step; 0 is the beginning, before anything ran."""
    return _whole(text, 0, MAX_SEED)


def least(text: str) -> int:
    """The fewest characters of a text that is looked for."""
    return _whole(text, MIN_TEXT, MAX_TEXT)


def region(text: str) -> tuple[int, int, int | None]:
    """A part of a memory: `ADDRESS:LENGTH`, hexadecimal after 0x; `MEMORY:` may stand before."""
    found = _REGION.fullmatch(text)
    if found is None:
        message = "must be ADDRESS:LENGTH such as 0x1000:256, or MEMORY:ADDRESS:LENGTH"
        raise argparse.ArgumentTypeError(message)
    memory, address, length = found.groups()
    return int(memory or 0), _number(address), None if length is None else _number(length)


def moment(text: str) -> Moment:
    """World time: `2025-01-01T00:10:00Z`, or `+10m` after the world's epoch."""
    try:
        return Moment.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def digest(text: str) -> str:
    """The head of a chain: 64 hexadecimal digits."""
    if not is_digest(text.lower()):
        raise argparse.ArgumentTypeError("must be 64 hexadecimal digits, as `chain` shows them")
    return text.lower()


def address(text: str) -> str:
    """An address."""
    return _name(text, "an address")


def topic(text: str) -> str:
    """A topic."""
    return _name(text, "a topic")


def body(text: str) -> str:
    """The text of a message."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("must be UTF-8 text") from None
    return text


def _name(text: str, what: str) -> str:
    if not is_name(text):
        message = f"{text!r} is not {what}: small letters, digits and . _ - in parts divided by /"
        raise argparse.ArgumentTypeError(message)
    return text


def _number(text: str) -> int:
    return int(text, 16 if text[:2].lower() == "0x" else 10)


def _whole(text: str, low: int, high: int) -> int:
    if not _DIGITS.fullmatch(text) or not low <= int(text) <= high:
        message = f"must be a whole number from {low} to {high}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def message(to: str, about: str, text: str) -> Outside:
    """The three words after `--send`."""
    try:
        return Outside(address(to), topic(about), body(text))
    except argparse.ArgumentTypeError as error:
        raise Misuse(f"--send: {error}", code="usage") from None


def keeping(agent: str, key: str, text: str) -> tuple[str, str, str]:
    """The three words after `--set`."""
    try:
        return address(agent), body(key), body(text)
    except argparse.ArgumentTypeError as error:
        raise Misuse(f"--set: {error}", code="usage") from None


def component(text: str) -> tuple[str, str]:
    """`KIND=FILE`."""
    kind, equals, file = text.partition("=")
    if not equals or not is_kind(kind) or not file:
        message = "must be KIND=FILE: a kind of agent of the world, and a component or .py file"
        raise argparse.ArgumentTypeError(message)
    return kind, file


def edited(text: str) -> tuple[str, str]:
    """`KIND=FILE` or `TOOL=FILE`; `tools/` before its name says that it is a tool's."""
    name, equals, file = text.partition("=")
    if not equals or not is_kind(name.removeprefix("tools/")) or not file:
        message = "must be NAME=FILE: a kind of agent or a tool of the world, and what it is to run"
        raise argparse.ArgumentTypeError(message)
    return name, file


def model(text: str) -> tuple[str, str]:
    """`NAME=OTHER`."""
    name, equals, other = text.partition("=")
    if not equals or not is_kind(name) or not other:
        message = "must be NAME=OTHER: a language model of the world, and what answers for it"
        raise argparse.ArgumentTypeError(message)
    return name, other


def mapping(text: str) -> tuple[str, str]:
    """`HOST::GUEST`, or one path for both."""
    host, colons, guest = text.partition("::")
    guest = guest if colons else host
    if not host or not guest:
        message = "must be a folder here, `::`, and where the program sees it"
        raise argparse.ArgumentTypeError(message)
    return host, guest


def setting(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    name, equals, value = body(text).partition("=")
    if not name or not equals:
        message = "must be NAME=VALUE"
        raise argparse.ArgumentTypeError(message)
    return name, value
