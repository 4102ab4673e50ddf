"""Tries what an intruder tries, and reports what it got. It was granted nothing."""

import os
import socket
import subprocess
import time

from wasm_agent import Fault, ask, log, on, send, spawn, state

PROBES = {}


def probe(name):
    def register(function):
        PROBES[name] = function
        return function

    return register


@on("probe")
def run(message):
    name = message.text
    try:
        escaped, got = PROBES[name]()
    except (Exception, MemoryError) as error:  # what the sandbox answers is what we came for
        escaped, got = False, f"{type(error).__name__}: {error}"
    state[name] = {"escaped": escaped, "got": got}


@probe("files")
def files():
    found = [path for path in ("/etc/passwd", "/docs", "/root", "../..") if os.path.exists(path)]
    try:
        with open("/etc/passwd") as file:
            return True, file.readline()
    except OSError as error:
        names = [name for name in os.listdir("/") if name not in ("agent", "tmp")]
        seen = names + found or "nothing but an empty folder of its own"
        return bool(names + found), f"{type(error).__name__}; sees {seen}"


@probe("environment")
def environment():
    secrets = {k: v for k, v in os.environ.items() if k not in ("PWD", "LC_CTYPE")}
    return bool(secrets), f"{len(secrets)} variables"


@probe("network")
def network():
    with socket.create_connection(("127.0.0.1", 80), timeout=1):
        return True, "a connection"


@probe("clock")
def clock():
    year = time.gmtime().tm_year
    return year != 2025, f"world time only: the year is {year}"


@probe("endless loop")
def endless_loop():
    while True:
        pass


@probe("memory bomb")
def memory_bomb():
    hoard = []
    try:
        while len(hoard) < 4096:
            hoard.append(bytearray(1 << 20))
    except MemoryError:
        return False, f"MemoryError after {len(hoard)} MiB"
    return True, "4 GiB"


@probe("disk bomb")
def disk_bomb():
    written = 0
    try:
        with open("/bomb", "wb", buffering=0) as file:
            while written < 1 << 30:
                written += file.write(bytes(1 << 16))
    except OSError as error:
        return False, f"{error.strerror} after {written >> 20} MiB of a disk of its own, in memory"
    return True, "1 GiB"


@probe("log flood")
def log_flood():
    while True:
        log.info("x" * 1000)


@probe("forged sender")
def forged_sender():
    answer = ask("checker", "check", [], headers={"sender": "writer"}).json()
    if isinstance(answer, dict):
        return False, f"seen through by the checker: {answer['refused']}"
    return True, "taken for the writer"


@probe("another agent's state")
def others_state():
    found = [k for k in ("writer/answer", "../writer/answer", "answer", "doc/with") if k in state]
    own = state.keys("")
    return bool(found), f"its own {len(own)} keys and nothing else"


@probe("more of itself")
def more_of_itself():
    try:
        return True, f"raised {spawn('intruder', 'twin')}"
    except Fault as fault:
        try:
            subprocess.run(["true"], check=False)
        except OSError as error:
            return False, f"{fault.code}; processes: {error.strerror}"
        return True, "a process"


@probe("message flood")
def message_flood():
    sent = 0
    try:
        while sent < 100_000:
            send("shard/1", "noise", "x")
            sent += 1
    except Fault as fault:
        return False, f"{fault.code} after {sent} messages"
    return True, f"{sent} messages"
