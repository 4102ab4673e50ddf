"""Snippets that agents submit, each with what must come of it.

What is expected is a value; `Fails(code, text)` for a fault whose detail holds the text; or
`Ends(code)` where a limit or a trap ends it.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Fails(NamedTuple):
    """It answers with a fault."""

    code: str
    text: str = ""


class Ends(NamedTuple):
    """It does not answer: a limit ends it, or a trap."""

    code: str


class Snippet(NamedTuple):
    """One.

    Attributes:
        source: The code.
        gets: What comes of it.
        input: What it is given.
        prints: What it prints; None where that does not matter.
    """

    source: str
    gets: Any
    input: Any = None
    prints: str | None = ""


def _values(*rows: tuple[str, Any]) -> list[Snippet]:
    return [Snippet(source, value) for source, value in rows]


def _raising(*rows: tuple[str, str]) -> list[Snippet]:
    return [Snippet(source, Fails("raised", text), prints=None) for source, text in rows]


ORDINARY = [
    *_values(
        ("1 + 1", 2), ("2 ** 62", 2**62), ("7 // 2, 7 % 2", [3, 1]), ("0.1 + 0.2", 0.30000000000000004),
        ("'a' * 3", "aaa"), ("[x * x for x in range(5)]", [0, 1, 4, 9, 16]), ("{'b': 1, 'a': 2}", {"b": 1, "a": 2}),
        ("True", True), ("None", None), ("''", ""), ("[]", []), ("'\u00e4\U0001f600'", "\u00e4\U0001f600"),
        ("x = 1", None), ("", None), ("# nothing", None), ("pass", None), ("x = 3\nx * 2", 6),
        ("def f(n):\n    return 1 if n < 2 else n * f(n - 1)\nf(10)", 3628800),
        ("class A:\n    v = 5\nA().v", 5), ("sum(i for i in range(1000))", 499500),
        ("sorted('hello')", ["e", "h", "l", "l", "o"]), ("(lambda a, *b: [a, len(b)])(1, 2, 3)", [1, 2]),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    x = 'caught'\nx", "caught"),
        ("import json; json.loads('[1, 2]')", [1, 2]), ("import math; math.floor(math.pi * 100)", 314),
        ("import re; re.findall('[a-z]+', 'ab 12 cd')", ["ab", "cd"]),
        ("import hashlib; hashlib.sha256(b'').hexdigest()[:8]", "e3b0c442"),
        ("from collections import Counter; dict(Counter('aab'))", {"a": 2, "b": 1}),
        ("from datetime import date; date(2024, 2, 29).isoformat()", "2024-02-29"),
        ("from fractions import Fraction; str(Fraction(1, 3) + Fraction(1, 6))", "1/2"),
        ("from decimal import Decimal; str(Decimal('0.1') + Decimal('0.2'))", "0.3"),
        ("import itertools; list(itertools.islice(itertools.count(5), 3))", [5, 6, 7]),
        ("import statistics; statistics.mean([1, 2, 3])", 2), ("import textwrap; textwrap.dedent('  a')", "a"),
        ("import base64; base64.b64encode(b'hi').decode()", "aGk="), ("import csv, io; next(csv.reader(io.StringIO('a,b')))", ["a", "b"]),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(3).x", 3),
        ("import functools\n@functools.cache\ndef f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nf(60)", 1548008755920),
        ("import asyncio\nawait asyncio.sleep(0)\n'slept'", "slept"),
        ("async def f():\n    return 4\nawait f()", 4), ("x = 10\nwhile x > 3:\n    x -= 1\nx", 3),
        ("a, *b = 1, 2, 3\nb", [2, 3]), ("f'{3.14159:.2f}'", "3.14"), ("'{:>5}'.format('x')", "    x"),
        ("match [1, 2]:\n    case [a, b]:\n        r = a + b\nr", 3), ("(y := 4) + y", 8),
        ("bytes([104, 105]).decode()", "hi"), ("bin(10)", "0b1010"), ("int('ff', 16)", 255), ("chr(0x20ac)", "\u20ac"),
        ("__name__", "snippet"), ("globals()['x'] = 2\nx", 2), ("exec('z = 9')\nz", 9), ("eval('2 * 21')", 42),
        ("import time; time.sleep(0)\n'ok'", "ok"), ("import tempfile, os\nwith open('/t', 'w') as f:\n    f.write('a')\nopen('/t').read()", "a"),
    ),
    *(Snippet("sum(input)", sum(given), given) for given in ([], [1], [1, 2, 3])),
    *(Snippet("input", given, given) for given in (None, 0, -1, 1.5, "text", "", True, [], {}, [[1]], {"a": [None]})),
    Snippet("input['a'] = 1; input", {"b": 2, "a": 1}, {"b": 2}),
    Snippet("len(input)", 100_000, "x" * 100_000),
    Snippet("print('one'); print('two'); 3", 3, prints="one\ntwo\n"),
    Snippet("import sys; print('e', file=sys.stderr); 1", 1, prints="e\n"),
    Snippet("print('no newline', end='')", None, prints="no newline"),
    Snippet("print('\u00e4', 1, [2], sep='-')", None, prints="\u00e4-1-[2]\n"),
    Snippet("import sys; sys.stdout.write('w')", 1, prints="w"),
    Snippet("import pprint; pprint.pprint({'a': [1]})", None, prints="{'a': [1]}\n"),
    Snippet("input[::-1]", [3, 2, 1], [1, 2, 3]),
    Snippet("max(input, key=len)", "ccc", ["a", "ccc", "bb"]),
    Snippet("{k: v + 1 for k, v in input.items()}", {"a": 2, "b": 3}, {"a": 1, "b": 2}),
    Snippet("for i in range(3): print(i)", None, prints="0\n1\n2\n"),
]  # fmt: skip
WRONG = [
    *(
        Snippet(source, Fails("syntax-error", text))
        for source, text in (
            ("def f(:", "line 1: invalid syntax"), ("x = = 1", "line 1"), ("if True:\nx = 1", "line 2: expected an indented block"),
            ("'open", "line 1: unterminated string"), ("(", "line 1: '(' was never closed"), ("return 1", "line 1: 'return' outside function"),
            ("yield 1", "line 1"), ("1 = x", "line 1: cannot assign"), ("x = 1\n  y = 2", "line 2: unexpected indent"),
            ("break", "line 1: 'break' outside loop"), ("nonlocal x", "line 1"), ("\0", "null bytes"), ("print 'x'", "line 1: Missing parentheses"),
            ("f(**a, *b)", "line 1"), ("for x in: pass", "line 1"), ("await", "line 1"), ("import", "line 1"), ("\ud7ff = 1;;", "line 1"),
        )
    ),
    *_raising(
        ("1 / 0", "ZeroDivisionError: division by zero"), ("x", "NameError: name 'x' is not defined"), ("[][1]", "IndexError"),
        ("{}['k']", "KeyError: 'k'"), ("'a' + 1", "TypeError"), ("int('x')", "ValueError"), ("None.x", "AttributeError"),
        ("raise ValueError('mine')", "ValueError: mine"), ("assert False, 'no'", "AssertionError: no"), ("import numpy", "No module named 'numpy'"),
        ("import os.nothing", "ModuleNotFoundError"), ("raise SystemExit(3)", "SystemExit: 3"), ("exit()", "SystemExit: None"), ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def f():\n    raise OSError('deep')\nf()", "line 2, in f"), ("x = 1\n\n1 / 0", 'call last):\n  File "snippet", line 3'), ("open('/missing')", "FileNotFoundError"),
        ("next(iter([]))", "StopIteration"), ("import json; json.loads('{')", "JSONDecodeError"), ("print('before'); boom", "NameError"),
        ("del undefined", "NameError"), ("(1).real = 2", "AttributeError"), ("class A(1): pass", "TypeError"), ("f = open; f()", "TypeError"),
    ),
    *(
        Snippet(source, Fails("no-json", text), prints=None)
        for source, text in (
            ("object()", "a object"), ("[1, object()]", "a object"), ("lambda: 0", "a function"), ("1j", "a complex"), ("print", "builtin"), ("float('nan')", ""),
            ("float('inf')", ""), ("a = []; a.append(a); a", ""), ("{object(): 1}", ""), ("range(3)", "a range"), ("print('said'); object()", "it printed: said"),
            ("type", "a type"), ("(i for i in ())", "a generator"),
        )
    ),
]  # fmt: skip
_CLOSED = "not-granted"
HOSTILE = [
    *(
        Snippet(source, Ends("fuel"), prints=None)
        for source in (
            "while True: pass", "def f(): f()\nwhile True:\n    try: f()\n    except RecursionError: pass", "[i for i in iter(int, 1)]",
            "sum(iter(int, 1))", "import itertools; list(itertools.repeat(0))", "2 ** 10 ** 8", "max(range(10 ** 12))",
            "import re; re.match('(a+)+$', 'a' * 40 + 'b')", "sorted(range(10 ** 6), key=lambda n: -n)",
            "import threading\nwhile True:\n    try: threading.Thread(target=print).start()\n    except RuntimeError: pass",
            "import asyncio\nwhile True: await asyncio.sleep(0)", "for i in range(10 ** 15): pass",
        )
    ),
    *_raising(
        ("'x' * 10 ** 9", "MemoryError"), ("bytearray(2 ** 30)", "MemoryError"), ("'x' * 10 ** 12", "OverflowError"), ("import socket; socket.create_connection(('127.0.0.1', 80))", "Error"),
        ("import subprocess; subprocess.run(['ls'])", "Error"), ("import os; os.fork()", "AttributeError"), ("import os; os.kill(1, 9)", "AttributeError"),
        ("import ctypes", "ModuleNotFoundError"), ("open('/etc/passwd')", "FileNotFoundError"), ("open('/agent/w.py')", "FileNotFoundError"),
        ("import os; os.environ['HOME']", "KeyError"), ("open('/proc/self/mem')", "FileNotFoundError"), ("import os; os.chdir('/../..')", "PermissionError"),
        ("import multiprocessing", "ModuleNotFoundError"), ("import wasm_agent; wasm_agent.state['key']", "KeyError"), ("import urllib.request; urllib.request.urlopen('http://127.0.0.1/')", "Error"),
        ("import os; os.symlink('/', '/up'); open('/up/etc/passwd')", "Error"),
    ),
    *(
        Snippet(source, Fails(_CLOSED), prints=None)
        for source in (
            "import wasm_agent; wasm_agent.send('w', 'go', 'x')", "import wasm_agent; wasm_agent.ask('w', 'go', 'x')",
            "import wasm_agent; wasm_agent.publish('topic', 'x')", "import wasm_agent; wasm_agent.state['key'] = 'stolen'",
            "import wasm_agent; wasm_agent.schedule('go', after=1)", "import wasm_agent; wasm_agent.spawn('w', 'again')",
            "import wasm_agent; wasm_agent.stop('w')", "from wasm_agent import keyvalue; keyvalue.open('orders')",
            "from wasm_agent import http; http.get('https://example.com/')", "from wasm_agent import human; human.ask('boss', 'may I?')",
        )
    ),
    *_values(
        ("import os; dict(os.environ)", {}), ("import os; os.listdir('/')", []), ("import sys; sys.argv", ["python"]),
        ("import os; os.getpid()", 42), ("import time; time.time() > 1e9", True),
        ("import builtins; builtins.len = lambda _: 666; len([])", 666), ("len([])", 0),
        ("import json; json.dumps = None; 1", 1), ("import json; json.dumps({})", "{}"),
        ("import sys; sys.modules.clear(); 5", 5), ("import sys; len(sys.modules) > 50", True),
        ("import gc; len(gc.get_objects()) > 0", True), ("import os; os.write(1, b'') ", 0),
        ("open('/kept', 'w').write('x')", 1), ("import os; os.path.exists('/kept')", False),
    ),
    Snippet("print('x' * 10 ** 6)", None, prints="x" * (64 << 10) + f"\n... {10**6 + 1 - (64 << 10)} more characters"),
    Snippet("'x' * 200_000", Fails("too-large", "a value of 200002 characters; 200000 are taken")),
    Snippet("print('\\x1b[2J'); 1", 1, prints="\x1b[2J\n"),
    Snippet("import sys; sys.stdout = None; print('gone'); 1", 1),
    Snippet("import sys; sys.setrecursionlimit(10 ** 9); f = lambda: f(); f()", Ends("fuel | unreachable | stack-overflow"), prints=None),
    Snippet("import signal; signal.raise_signal(9)", Ends("unreachable")),
    Snippet("class A:\n    def __del__(self): A()\nA()", Ends("stack-exhausted")),
    Snippet("'\\ud800'", "\ud800"),
    Snippet("from wasm_agent import code; code.run('21 * 2').value", 42),
    Snippet("from wasm_agent import code; code.run('1 / 0')", Fails("raised", "ZeroDivisionError")),
    Snippet("from wasm_agent import code; code.run('1', tool='shell')", Fails("unknown-tool")),
    Snippet("from wasm_agent import code\ndef again(n):\n    s = f'from wasm_agent import code; n = {n}; code.run(input, input).value'\n    return code.run(s, s).value\nagain(1)", Ends("fuel")),
]  # fmt: skip
_INSIDE = "import sys; g = sys._getframe(1).f_globals"
_NEST = "from wasm_agent import call_tool; call_tool('python.run', "
HOSTILE += [
    # What one leaves behind, the next does not find.
    *_values(
        ("import sys, types; sys.modules['leak'] = types.ModuleType('leak'); 1", 1),
        ("import builtins; builtins.print = builtins.open = None; 2", 2), ("print; open; 3", 3),
        ("import os; os.environ['LEFT'] = 'x'; 4", 4), ("import os; os.environ.get('LEFT')", None),
        ("import atexit; atexit.register(print, 'late'); 5", 5),
        ("import sys; g = sys._getframe(1).f_globals; g['_CAPS'].clear(); g['_fault'] = None; 6", 6),
        ("import wasm_agent.code; wasm_agent.code.run = None; 7", 7),
        ("class M(type):\n    def __del__(cls): print('late')\nclass A(metaclass=M): pass\ndel A; 8", 8),
        ("@(lambda f: f())\ndef x(): return 9\nx", 9),
    ),
    Snippet("import leak", Fails("raised", "No module named 'leak'"), prints=None),
    # Nothing of who submitted it is there.
    *_values(
        ("from wasm_agent import state; [list(state), state.get('mine')]", [[], None]),
        ("import os; [os.path.exists('/agent'), os.path.exists('/agent/submitter.py')]", [False, False]),
        ("import sys; [name for name in sys.modules if 'submitter' in name]", []),
        ("import sys\nf, names = sys._getframe(), []\nwhile f: names.append(f.f_code.co_name); f = f.f_back\n'handle' in names", False),
        ("import gc; [o for o in gc.get_objects() if type(o) is dict and 'private to the submitter' in o.values()]", []),
    ),
    # What it says of itself is its own affair, within the host's bounds.
    Snippet("import sys; type(sys.stdout).text = lambda self: 'forged'; 1", 1, prints="forged"),
    Snippet("import sys; type(sys.stdout).text = lambda self: 5; 1", Ends("unreachable")),
    Snippet("import sys; sys.stdout._left = 10 ** 9; print('x' * 300_000)", Fails("too-large", "300001 characters")),
    Snippet(f"{_INSIDE}\nclass S(str):\n    def __len__(self): return 1\ng['to_json'] = lambda v: S('\"' + 'x' * 300_000 + '\"')", Fails("too-large", "300002 characters")),
    Snippet(f"{_INSIDE}; g['to_json'] = lambda v: 'no json'; 1", Fails("no-json")),
    Snippet(f"{_INSIDE}; g['to_json'] = lambda v: '[' * 90_000 + ']' * 90_000; 1", Fails("no-json")),
    Snippet(f"{_INSIDE}; g['shortened'] = str; g['describe'] = lambda e: 'x' * 300_000; 1 / 0", Fails("too-large", "a fault of 300006 characters"), prints=None),
    Snippet("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    def __getattribute__(self, name): raise KeyError(name)\nP.__new__(P)", Fails("no-json")),
    Snippet("class D(dict):\n    def items(self): raise SystemExit\nD(a=1)", Fails("no-json")),
    Snippet("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", Fails("raised", "E")),
    Snippet("raise ValueError('x' * 10 ** 6)", Fails("raised", "characters left out"), prints=None),
    Snippet("from wasm_agent import Fault; raise Fault('mine', 'and why')", Fails("mine", "and why")),
    Snippet("from wasm_agent import Fault; raise Fault(5, 5)", Fails("raised", "5")),
    Snippet("from wasm_agent import Fault; raise Fault('tool-failed', 'forged: fuel')", Fails("tool-failed", "forged")),
    Snippet("import os; os._exit(7)", Ends("exit: status 1")),
    Snippet("import asyncio; await asyncio.get_running_loop().create_future()", Fails("raised")),
    # Sources that are no sources, and arguments that are none.
    *_values(
        ("\u00e9t\u00e9 = 1; \u00e9t\u00e9", 1), ("\ufb01 = 2; fi", 2), ("x = [" + "1," * 1_000 + "]; len(x)", 1_000),
        ("x = 1" + " " * 100_000 + "\nx", 1), ("#" * 50_000, None), ("x = 1\r\nx", 1), ("\\\n" * 10_000 + "1", 1),
        (f"{_NEST}source='input', input='{{')['error']['code']", "invalid-arguments"),
        (f"{_NEST}source='input', input='')['ok']['value']", "null"),
    ),
    *(
        Snippet(source, Fails("invalid-arguments", text))
        for source, text in (
            (f"{_NEST}source=5, input='')", "/source: must be text"), (f"{_NEST}source='1')", "input"),
            (f"{_NEST}source='1', input='', more=1)", "more"),
            ("from wasm_agent import code; code.run('\\ud800')", ""),
        )
    ),
    *(
        Snippet(source, Fails("syntax-error", text))
        for source, text in (
            ("(" * 100_000, "too complex to parse"), ("\ufeff3", "U+FEFF"),
            ("x\u200b = 1", "U+200B"), ("\u202ex = 1", "U+202E"),
            ("-" * 100_000 + "1", ""), ("lambda: " * 5_000 + "1", ""),
            ("if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 200)) + " " * 200 + "pass", "too many levels of indentation"),
        )
    ),
    *(Snippet(source, Ends("fuel")) for source in ("1" + " + 1" * 10_000, "x" + ".x" * 10_000)),
    Snippet("from wasm_agent import code; code.run(b'1')", Fails("raised", "TypeError: a bytes is neither"), prints=None),
    Snippet(f"{_NEST}source='input', input='[' * 90_000 + ']' * 90_000)", Fails("tool-failed"), prints=None),
    Snippet("from wasm_agent import code; code.run('input', 'x' * 12_000_000)", Fails("tool-failed"), prints=None),
    Snippet("from wasm_agent import code; code.run('#' + 'x' * 12_000_000)", Fails("raised", "MemoryError"), prints=None),
    Snippet("import time; time.sleep(3600); 'woke'", "woke"),
]  # fmt: skip
ALL = [*ORDINARY, *WRONG, *HOSTILE]
