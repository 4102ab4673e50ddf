"""A decoder with faults: what the fuzzer must notice, and survive."""

import os
import signal

FORMS = ("text",)


def check(data: bytes) -> None:
    if data.startswith(b"die"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"3" in data:
        message = "a three"
        raise KeyError(message)


def seeds() -> list[bytes]:
    return [b"1 2 3 4"]


def lethal_seeds() -> list[bytes]:
    return [b"die"]
