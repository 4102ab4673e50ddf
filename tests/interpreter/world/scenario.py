"""One handler for each thing that an agent may do; what came out goes to the log."""

import asyncio
import csv
import datetime
import io
import os
import random
import sqlite3
import statistics
import time
import unicodedata
import uuid
import xml.etree.ElementTree as ET
import zipfile
from concurrent.futures import Future
from importlib import resources
from pathlib import Path

from wasm_agent import (
    Fault,
    InvalidRequest,
    NoReply,
    Timeout,
    ask,
    ask_all,
    chat,
    config,
    context,
    log,
    now,
    on,
    send,
    start,
    state,
)


@on("raise")
def raises(message):
    return {}["missing"]


@on("refuse")
def refuses(message):
    raise Fault("my-code", "my detail")


@on("leave")
def leave(message):
    os._exit(3)


@on("identity")
def identity(message):
    log.info(context.address, context.world, config["who"], message.sender, message.text)


@on("clock")
def clock(message):
    readings = [
        now(),
        datetime.datetime.now(datetime.UTC),
        datetime.datetime.fromtimestamp(time.time(), datetime.UTC),
    ]
    log.info(" ".join(f"{reading:%Y-%m-%dT%H:%M}" for reading in readings))


@on("sleep")
def sleep(message):
    before = now()
    time.sleep(3600)
    log.info((now() - before).seconds // 60, "minutes")


@on("entropy")
def entropy(message):
    log.info(random.random(), random.randint(1, 10**9), uuid.uuid4(), os.urandom(4).hex())


@on("ask")
def asks(message):
    log.info(ask("partner", "echo", {"a": [1]}).json())
    log.info([reply.text for reply in ask_all(["partner", "partner"], "echo", "both")])
    log.info(ask("partner", "echo", b"\x00\xff", headers={"as": "bytes"}).bytes)
    for topic in ("silent", "later"):
        try:
            ask("partner", topic, timeout=5)
        except (NoReply, Timeout) as fault:
            log.info(type(fault).__name__)


@on("chat")
def chats(message):
    add = chat.tool_spec("add", "Adds.", {"type": "object", "required": ["a", "b"]})
    turns = [chat.system("Add."), chat.user("2 and 3?")]
    answer = chat.complete("oracle", turns, tools=[add], choice="required", temperature=0.5)
    turns.append(answer.turn())
    for call in answer.calls:
        given = call.json()
        turns.append(chat.tool(call.id, given["a"] + given["b"]))
    pending = chat.start("oracle", turns, tools=[add], schema={"required": ["sum"]}, most=50)
    log.info([pending.wait().json()["sum"], answer.finish, chat.describe("oracle").most])
    try:
        chat.complete("oracle", [chat.user("again"), chat.user("x")], schema={"pattern": "x"})
    except InvalidRequest as fault:
        log.info(fault.code)


@on("defer")
def defers(message):
    request = start("partner", "later")
    send("partner", "now")
    log.info(request.wait().text)


@on("remember")
def remember(message):
    state["count"] = state.get("count", 0) + 1
    state["bytes"] = b"\x00"
    log.info(state["count"], state["bytes"], list(state))


@on("print")
def prints(message):
    print("one line,", "é")
    print("no newline", end="")


@on("asyncio")
async def concurrently(message):
    async def after(seconds):
        await asyncio.sleep(seconds)
        return seconds

    before = now()
    done = await asyncio.gather(after(3), after(1), asyncio.wait_for(after(2), 10))
    log.info(done, (now() - before).seconds)


@on("library")
def library(message):
    assert datetime.datetime.strptime("2 Jan 2025 +0000", "%d %b %Y %z").month == 1
    assert "bücher".encode("idna") == b"xn--bcher-kva"
    assert list(csv.reader(io.StringIO('a,"b,c"'))) == [["a", "b,c"]]
    assert sqlite3.connect(":memory:").execute("select 1 + 1").fetchone() == (2,)
    assert statistics.stdev([1, 2, 3]) == 1
    assert unicodedata.name("é").startswith("LATIN")
    assert ET.fromstring("<a><b/></a>")[0].tag == "b"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("name", "text")
    assert zipfile.ZipFile(packed).read("name") == b"text"
    log.info(Future.__name__, resources.__name__)


@on("walls")
def walls(message):
    seen = [path for path in ("/etc/passwd", "/python", "/proc", "..") if Path(path).exists()]
    log.info(seen, dict(os.environ), [path.name for path in Path("/agent").iterdir()])
    try:
        Path("/agent/scenario.py").write_text("")
    except OSError as error:
        log.info(error.strerror)
