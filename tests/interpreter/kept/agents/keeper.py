"""Keeps open files, places in them and what was written, from one message to the next."""

import os
import time

from wasm_agent import log, on

held = {}


@on("open")
def open_files(message):
    held["log"] = open("/log.txt", "w+", buffering=1)  # noqa: SIM115 - it is to stay open
    held["gone"] = open("/gone.bin", "w+b", buffering=0)  # noqa: SIM115
    held["gone"].write(b"still here")
    os.remove("/gone.bin")
    held["own"] = open("/agent/keeper.py")  # noqa: SIM115
    log.info(held["own"].readline())
    print("an unfinished line", end="")


@on("write")
def write(message):
    held["log"].write(message.text + "\n")
    os.makedirs(f"/folder/{message.text}", exist_ok=True)
    time.sleep(0.5)
    print("written", message.text)


@on("read")
def read(message):
    held["log"].seek(0)
    lines = held["log"].read().split()
    held["gone"].seek(6)
    listed = sorted(os.listdir("/folder"))
    log.info(repr((lines, held["gone"].read(), held["own"].readline(), listed)))


@on("close")
def close(message):
    for file in held.values():
        file.close()
    held.clear()


@on("fail")
def fail(message):
    held["log"].write("never\n")
    raise SystemExit(message.text)
