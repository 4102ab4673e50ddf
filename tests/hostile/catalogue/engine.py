"""Memory, stack, tables, instances, handles, the canonical ABI: what Wasmtime and we hold."""

from __future__ import annotations

from tests.hostile import commands
from tests.hostile.attack import MIB, PROBE, SCRIPTED
from tests.hostile.catalogue.acts import probe, script, wasm
from tests.hostile.catalogue.entry import Attack, Control, Scene
from tests.hostile.catalogue.wat import Written, deputy, kinds, plain, timed

_TABLE = """(memory 1) (data $d "once") (type $none (func)) (type $number (func (param i32)))
  (func $f) (table $t 4 8 funcref) (elem (i32.const 0) $f) (elem $e func $f)"""
_WITHIN = "the same within its bounds"
# By name: what is tried, how it must end, the command that tries, the one that may, what it may.
_PAIRS: dict[str, tuple[str, str, bytes, str, bytes]] = {
    "read": (
        "reads one byte behind its memory",
        "out-of-bounds-memory",
        plain("(drop (i32.load8_u (i32.const 65536)))"),
        _WITHIN,
        plain("(drop (i32.load8_u (i32.const 65535)))"),
    ),
    "offset": (
        "reads where address and offset overflow 32 bits",
        "out-of-bounds-memory",
        plain("(drop (i32.load offset=0xffffffff (i32.const 0xffffffff)))"),
        _WITHIN,
        plain("(drop (i32.load offset=0xfff0 (i32.const 0xc)))"),
    ),
    "wide": (
        "writes 16 bytes of which the last lies behind its memory",
        "out-of-bounds-memory",
        plain("(v128.store (i32.const 65521) (v128.const i64x2 1 1))"),
        _WITHIN,
        plain("(v128.store (i32.const 65520) (v128.const i64x2 1 1))"),
    ),
    "fill": (
        "fills its memory and 4 GiB behind it",
        "out-of-bounds-memory",
        plain("(memory.fill (i32.const 1) (i32.const 7) (i32.const -1))"),
        _WITHIN,
        plain("(memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))"),
    ),
    "copy": (
        "copies from behind its memory to itself",
        "out-of-bounds-memory",
        plain("(memory.copy (i32.const 0) (i32.const 65530) (i32.const 8))"),
        _WITHIN,
        plain("(memory.copy (i32.const 0) (i32.const 65528) (i32.const 8))"),
    ),
    "data": (
        "copies more of a data segment than there is",
        "out-of-bounds-memory",
        plain("(memory.init $d (i32.const 0) (i32.const 2) (i32.const 3))", _TABLE),
        _WITHIN,
        plain("(memory.init $d (i32.const 0) (i32.const 2) (i32.const 2))", _TABLE),
    ),
    "element": (
        "takes a function from behind its table",
        "out-of-bounds-table",
        plain("(drop (table.get $t (i32.const 4)))", _TABLE),
        _WITHIN,
        plain("(drop (table.get $t (i32.const 3)))", _TABLE),
    ),
    "elements": (
        "copies functions to behind its table",
        "out-of-bounds-table",
        plain("(table.init $t $e (i32.const 4) (i32.const 0) (i32.const 1))", _TABLE),
        _WITHIN,
        plain("(table.init $t $e (i32.const 3) (i32.const 0) (i32.const 1))", _TABLE),
    ),
    "no-function": (
        "calls an entry of its table that is empty",
        "indirect-call",
        plain("(call_indirect $t (type $none) (i32.const 2))", _TABLE),
        "the entry that is a function",
        plain("(call_indirect $t (type $none) (i32.const 0))", _TABLE),
    ),
    "other-type": (
        "calls a function as if it had a parameter",
        "indirect-call",
        plain("(call_indirect $t (type $number) (i32.const 1) (i32.const 0))", _TABLE),
        "with its own type",
        plain("(call_indirect $t (type $none) (i32.const 0))", _TABLE),
    ),
    "division": (
        "divides by zero, which ends a process",
        "integer-divide-by-zero",
        plain("(drop (i32.div_s (i32.const 1) (i32.const 0)))"),
        "by one",
        plain("(drop (i32.div_s (i32.const 1) (i32.const 1)))"),
    ),
    "quotient": (
        "divides the smallest number by -1, which ends a process",
        "integer-overflow",
        plain("(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))"),
        "the next one",
        plain("(drop (i64.div_s (i64.const 0x8000000000000001) (i64.const -1)))"),
    ),
    "conversion": (
        "makes an integer of what is no number",
        "invalid-conversion",
        plain("(drop (i32.trunc_f64_u (f64.const nan)))"),
        "of a number",
        plain("(drop (i32.trunc_f64_u (f64.const 1)))"),
    ),
    "recursion": (
        "calls itself until the stack is gone",
        "stack-exhausted",
        plain("(call $f)", "(func $f (call $f) (call $f))"),
        "once",
        plain("(call $f)", "(func $f)"),
    ),
    "wide-frames": (
        "calls itself with a thousand locals, to jump over the guard page",
        "stack-exhausted",
        plain(
            "(call $f (i64.const 0))",
            f"(memory 1) (func $f (param i64) (local {'i64 ' * 1000})"
            + "".join(f"(local.set {n} (i64.load (i32.const {8 * n})))" for n in range(1, 1001))
            + "(call $f (i64.add (local.get 0) (i64.const 1)))"
            + "".join(f"(i64.store (i32.const {8 * n}) (local.get {n}))" for n in range(1, 1001))
            + ")",
        ),
        "with as many, once",
        plain("(call $f)", f"(func $f (local {'i64 ' * 1000}))"),
    ),
    "huge-memory": (
        "asks for 4 GiB of memory to begin with",
        "memory",
        commands.HUGE_MEMORY,
        "64 KiB",
        plain(""),
    ),
    "growth": (
        "grows its memory by more than it may have, and uses that",
        "out-of-bounds-memory",
        plain("(drop (memory.grow (i32.const 60000))) (i32.store (i32.const 3000000000) (i32.const 1))"),
        "by one page",
        plain("(drop (memory.grow (i32.const 1))) (i32.store (i32.const 65536) (i32.const 1))"),
    ),
    "memories": (
        "has 17 memories, each of which grows as far as it can",
        "memory",
        commands.TOO_MANY_MEMORIES,
        "16, which share the limit of one",
        commands.MANY_MEMORIES,
    ),
    "huge-table": (
        "asks for a table of 4 thousand million entries",
        "table",
        commands.HUGE_TABLE,
        "of 4",
        plain("", _TABLE),
    ),
    "tables": (
        "has 65 tables, each of which grows as far as it can",
        "table",
        commands.TOO_MANY_TABLES,
        "60, one entry each",
        commands.many(60, '(table 1 funcref) (func (export "f") (result i32) (table.size))', "(i32.const 0)"),
    ),
    "instances": (
        "is made of 300 instances",
        "instances",
        commands.MANY_INSTANCES,
        "of 30",
        commands.many(30, '(func (export "f") (result i32) (i32.const 0))', "(i32.const 0)"),
    ),
    "handles": (
        "makes timers and keeps every handle, without end",
        "handles | host-work",
        commands.HANDLES,
        "a hundred",
        timed("""(loop $again (drop (call $subscribe (i64.const 1)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 100))))"""),
    ),
    "forged-handle": (
        "polls a handle that nobody gave it",
        "trap",
        commands.FORGED_HANDLES,
        "one that it was given",
        timed("""(i32.store (i32.const 0) (call $subscribe (i64.const 1)))
          (call $poll (i32.const 0) (i32.const 1) (i32.const 64))"""),
    ),
    "dropped-handle": (
        "drops a handle twice, so that the next one would be freed",
        "trap",
        commands.DROPPED_TWICE,
        "once",
        timed("(call $drop (call $subscribe (i64.const 1)))"),
    ),
    "other-handle": (
        "passes its standard input off as a timer (confused deputy)",
        "trap",
        deputy("""(i32.store (i32.const 0) (local.get $i))
          (call $poll (i32.const 0) (i32.const 1) (i32.const 64))"""),
        "passes what it is",
        deputy("""(i32.store (i32.const 0) (local.get $p))
          (call $poll (i32.const 0) (i32.const 1) (i32.const 64))"""),
    ),
    "other-drop": (
        "drops its standard input as if it were a timer",
        "trap",
        deputy("(call $drop-pollable (local.get $i))"),
        "as what it is",
        deputy("(call $drop-pollable (local.get $p)) (call $drop-input (local.get $i))"),
    ),
    "long-poll": (
        "waits for the same timer 200,000 times, with one call",
        "trap | host-work",
        commands.POLL_SAME,
        "twice",
        timed("""(i32.store (i32.const 0) (call $subscribe (i64.const 1)))
          (i32.store (i32.const 4) (i32.load (i32.const 0)))
          (call $poll (i32.const 0) (i32.const 2) (i32.const 64))"""),
    ),
    "poll-nothing": (
        "waits for nothing at all, for ever",
        "empty-poll",
        timed("(call $poll (i32.const 0) (i32.const 0) (i32.const 64))"),
        "for a nanosecond",
        timed("""(i32.store (i32.const 0) (call $subscribe (i64.const 1)))
          (call $poll (i32.const 0) (i32.const 1) (i32.const 64))"""),
    ),
    "sleep": (
        "sleeps until the end of time, again and again",
        "stuck",
        commands.SLEEP,
        "a microsecond, fifty times",
        commands.NAP,
    ),
    "entropy": (
        "asks for 100 GB of entropy with one call",
        "entropy",
        commands.RANDOM_AT_ONCE,
        "for 16 bytes",
        timed("(call $random (i64.const 16) (i32.const 0))"),
    ),
    "more-entropy": (
        "asks for entropy without end",
        "host-work",
        commands.RANDOM_AGAIN,
        "for 16 bytes",
        timed("(call $random (i64.const 16) (i32.const 0))"),
    ),
}  # fmt: skip
_COMPONENTS = {
    **{name: pair[2] for name, pair in _PAIRS.items()},
    **{f"may-{name}": pair[4] for name, pair in _PAIRS.items()},
}
_COMMANDS = Scene(
    "engine",
    [
        Attack(name, tries, wasm(name), must, Control(given, wasm(f"may-{name}"), "done"))
        for name, (tries, must, _, given, _) in _PAIRS.items()
    ],
    kinds(_COMPONENTS, memory=16 * MIB),
    around=Written(_COMPONENTS),
)

_SMALL, _AMPLE, _PLAIN = "small", "ample", "plain"
LOG = "log hello"
# What the hostile agent in C tries, what that must come to, and what it may, with what result.
_PROBES: dict[str, tuple[str, str, str, tuple[str, str] | str, str, str]] = {
    "endless-loop": ("never ends", "loop", "fuel", ("stack", "10"), "ends", "done"),
    "memory-by-pages": (
        "takes page by page until it is refused", "memory", "refused",
        ("memory-at-once", "16"), "sixteen pages", "done",
    ),
    "memory-at-once": (
        "takes 4 GiB at once", "memory-at-once", "refused",
        ("memory-at-once", "16"), "1 MiB", "done",
    ),
    "c-stack": (
        "recurses in C, whose stack lies in its memory", "stack", "stack-exhausted",
        ("stack", "100"), "a hundred deep", "done",
    ),
    "bad-text": (
        "logs what is no UTF-8", "bad-text", "trap", LOG, "text of its own", "ok"),
    "bad-pointer": (
        "logs text that lies beyond its memory", "bad-pointer", "trap",
        LOG, "text of its own", "ok"),
    "bad-size": (
        "logs text of 4 GiB", "bad-size", "trap", LOG, "text of its own", "ok"),
    "bad-level": (
        "logs at a level that there is not", "bad-level", "trap",
        LOG, "text of its own", "ok"),
    "bad-result": (
        "answers with text that lies beyond its memory", "bad-result", "trap",
        ("memory-at-once", "100000"), "with text that it has", "refused",
    ),
    "jump": (
        "calls a function by a number that none has", "indirect", "out-of-bounds-table",
        ("stack", "10"), "one that there is", "done",
    ),
    "wild-write": (
        "writes to the end of the address space", "bounds", "out-of-bounds-memory",
        ("memory-at-once", "1"), "to its own memory", "done",
    ),
    "abort": ("traps", "unreachable", "unreachable", ("divide", "10"), "does not", "divided"),
    "long-list": (
        "waits for 100,000 requests that there are not", "wait-list 100000", "unknown-request",
        ("nothing", ""), "for none", "done",
    ),
}  # fmt: skip


def _probed(name: str) -> Attack:
    tries, order, must, allowed, given, gets = _PROBES[name]
    topic, _, body = order.partition(" ")
    may = script(_PLAIN, allowed) if isinstance(allowed, str) else probe(_AMPLE, *allowed)
    return Attack(name, tries, probe(_SMALL, topic, body), must, Control(given, may, gets))


_IN_C = Scene(
    "engine",
    list(map(_probed, _PROBES)),
    {
        _SMALL: {"source": PROBE},
        _AMPLE: {"source": PROBE, "memory": 16 * MIB},
        _PLAIN: {"source": SCRIPTED},
    },
)
SCENES = [_COMMANDS, _IN_C]
