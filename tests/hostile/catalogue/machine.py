"""What a program in Python, which knows its interpreter well, finds of the machine: nothing."""

from __future__ import annotations

from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Attack, Control, Scene

EVIL, MAY = "evil", "may"

_UP = "['/etc/passwd', '/proc/self/maps', '/dev/null', *('../' * n + 'etc/passwd' for n in range(1, 12))]"
_OBJECTS = """import gc
gc.unfreeze()
got = False
for it in gc.get_objects():
    if type(it).__module__.startswith({}): got = True"""
# What is tried, in Python; what that must come to; what may be done instead, and its result.
_TRIES: dict[str, tuple[str, str, str, str, str, str]] = {
    "host-files": (
        "looks for files of the host, by absolute paths and upwards",
        f"import os\ngot = []\nfor it in {_UP}:\n if os.path.exists(it): got.append(it)",
        "[]", "its own file",
        "__import__('os').path.exists('/agent/does.py')", "True",
    ),
    "descriptors": (
        "looks behind each number that an open file could have",
        "import os\ngot = []\nfor n in range(4, 300):\n try:\n  os.fstat(n); got.append(n)\n except OSError: pass",
        "[]", "one that it opened itself",
        "import os\ngot = os.fstat(os.open('/agent/does.py', os.O_RDONLY)).st_size > 0", "True",
    ),
    "itself": (
        "writes over its own source", "open('/agent/does.py', 'w')", "OSError",
        "reads it", "open('/agent/does.py').read(3)", '"""',
    ),
    "environment": (
        "reads the environment of the host",
        "sorted(set(__import__('os').environ) - {'PWD', 'LC_CTYPE'})", "[]",
        "sets a variable of its own",
        "import os\nos.environ['A'] = 'b'\ngot = os.environ['A']", "b",
    ),
    "arguments": (
        "looks for the arguments of the process", "len(__import__('sys').argv) > 1", "False",
        "for its configuration", "config['given']", "yes",
    ),
    "socket": (
        "connects to a server of this machine",
        "__import__('socket').create_connection(('127.0.0.1', 22), timeout=1)", "PermissionError",
        "to another agent", "ask('clerk', 'do', '1 + 1') and 'told'", "told",
    ),
    "udp": (
        "sends a datagram",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))",
        "PermissionError | OSError", "a message", "send('clerk', 'do', '1')", "None",
    ),
    "unix-socket": (
        "connects to a socket in the file system",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "AttributeError | PermissionError | OSError", "a message",
        "send('clerk', 'do', '1')", "None",
    ),
    "listen": (
        "listens on a port", "__import__('socket').create_server(('127.0.0.1', 8080))",
        "PermissionError | OSError", "is told something", "message.sender", "operator",
    ),
    "resolver": (
        "asks the resolver of the host",
        "__import__('socket').getaddrinfo('localhost', 80)", "PermissionError | gaierror",
        "the world", "context.address.partition('/')[0]", MAY,
    ),
    "process": (
        "starts a process", "__import__('subprocess').run(['true'])", "OSError",
        "raises an agent", "spawn('spare', 'x')", "spare/x",
    ),
    "shell": (
        "runs a command line", "__import__('os').system('true')", "AttributeError",
        "Python", "1 + 1", "2",
    ),
    "fork": (
        "doubles the process", "__import__('os').fork()", "AttributeError",
        "raises an agent", "spawn('spare', 'y')", "spare/y",
    ),
    "kill": (
        "kills a process of the host", "__import__('os').kill(1, 9)", "AttributeError",
        "ends an agent", "stop('spare/1')", "None",
    ),
    "thread": (
        "starts a thread", "__import__('threading').Thread(target=print).start()",
        "RuntimeError", "calls by turns", "import asyncio\ngot = asyncio.run(asyncio.sleep(0, 'slept'))", "slept",
    ),
    "native-code": (
        "loads native code", "__import__('ctypes').CDLL(None)", "ModuleNotFoundError",
        "a module of its own", "__import__('json').dumps(1)", "1",
    ),
    "map-memory": (
        "maps memory of the host", "__import__('mmap').mmap(-1, 4096)", "ModuleNotFoundError",
        "takes some of its own", "len(bytearray(4096))", "4096",
    ),
    "wall-clock": (
        "reads the real clock", "__import__('time').gmtime().tm_year != 2025", "False",
        "world time", "__import__('time').gmtime().tm_year", "2025",
    ),
    "fine-clock": (
        "measures time that is finer than a call",
        "import time\na = time.perf_counter_ns()\nsum(range(10000))\ngot = (time.perf_counter_ns() - a) % 1000 > 0",
        "False", "counts its calls",
        "import time\na = time.perf_counter_ns()\ngot = time.perf_counter_ns() - a", "1000",
    ),
    "busy-wait": (
        "waits for time to pass by itself",
        "import time\na = time.monotonic_ns()\nsum(range(200000))\ngot = time.monotonic_ns() - a > 10**6",
        "False", "sleeps",
        "import time\na = time.monotonic_ns()\ntime.sleep(1)\ngot = time.monotonic_ns() - a > 10**6", "True",
    ),
    "real-entropy": (
        "draws what another run would not draw",
        "__import__('os').urandom(8).hex() == __import__('random').SystemRandom().randbytes(8).hex()",
        "False", "draws", "len(__import__('os').urandom(8))", "8",
    ),
    "zone": (
        "asks for the zone of the host", "__import__('time').tzname[0]", "UTC",
        "for its own", "__import__('time').strftime('%Z')", "UTC | GMT",
    ),
    "user": (
        "asks who runs it", "__import__('os').getuid()", "AttributeError",
        "who it is", "context.address.partition('/')[0]", MAY,
    ),
    "host-name": (
        "asks for the name of the machine", "__import__('socket').gethostname()",
        "AttributeError | OSError | PermissionError | (none)",
        "of the world", "context.world", "attacked",
    ),
    "host-objects": (
        "looks for objects of the host's Python",
        _OBJECTS.format("('wasm_engine', 'wasmtime')"), "False", "for its own",
        "class Own: __module__ = 'own'\nown = [Own()]\n" + _OBJECTS.format("'own'"), "True",
    ),
    "host-frames": (
        "walks up the stack into the host",
        "import sys\nf = sys._getframe()\nwhile f.f_back: f = f.f_back\ngot = 'wasm_engine' in f.f_code.co_filename",
        "False", "its own", "__import__('sys')._getframe().f_code.co_filename", "<order>",
    ),
    "wild-import": (
        "calls a function of the host that there is not, by its number",
        "__import__('componentize_py_runtime').call_import(100000, [], 1)",
        "TypeError | unreachable | out-of-bounds-memory | error", "one that there is", "context.step > 0", "True",
    ),
    "wild-drop": (
        "drops a resource that it has not",
        "__import__('componentize_py_runtime').drop_resource(0, 10**6)",
        "unreachable | out-of-bounds-memory | error | trap | indirect-call", "a list", "KEPT.clear()", "None",
    ),
    "byte-code": (
        "runs byte code that no compiler makes",
        "c = (lambda: 0).__code__\nexec(c.replace(co_code=bytes(range(1, 255)) * 4))",
        "out-of-bounds-memory | unreachable | error | indirect-call | fuel | SystemError",
        "code of its own", "eval(compile('1 + 1', 'x', 'eval'))", "2",
    ),
    "exit": (
        "ends the process", "__import__('os')._exit(0)", "exit", "its message", "None", "None",
    ),
    "abort": (
        "aborts the process", "__import__('os').abort()", "unreachable", "its message", "None", "None",
    ),
    "signal": (
        "raises a signal", "__import__('signal').raise_signal(15)", "unreachable",
        "an exception", "1 / 0", "ZeroDivisionError",
    ),
    "recursion": (
        "recurses without end", "f = lambda: f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()",
        "stack-exhausted | fuel | error | RecursionError | out-of-bounds-memory | unreachable", "a hundred deep",
        "f = lambda n: n and f(n - 1)\ngot = f(100)", "0",
    ),
    "deep-pickle": (
        "reads a pickle of a million levels", "__import__('pickle').loads(b'(' * 10**6)",
        "UnpicklingError | stack-exhausted | error | EOFError", "of one",
        "import pickle\ngot = pickle.loads(pickle.dumps(1))", "1",
    ),
    "deep-source": (
        "compiles source of 100,000 levels", "compile('(' * 10**5, 'x', 'eval')",
        "SyntaxError | MemoryError | stack-exhausted | error", "of one",
        "compile('(1)', 'x', 'eval') and 'made'", "made",
    ),
    "backtracking": (
        "matches a pattern that never comes to an end",
        "__import__('re').fullmatch('(a+)+b', 'a' * 60)", "fuel", "that does",
        "bool(__import__('re').fullmatch('(a+)+b', 'aab'))", "True",
    ),
    "big-number": (
        "counts to where no number fits", "str(10 ** (10 ** 8))", "fuel | MemoryError | ValueError", "to ten",
        "str(10 ** 1)", "10",
    ),
    "tebibyte": (
        "takes a tebibyte of memory", "bytearray(1 << 40)", "MemoryError | OverflowError", "a mebibyte",
        "len(bytearray(1 << 20))", "1048576",
    ),
    "zip-bomb": (
        "unpacks 10 GiB out of a few bytes, in layers",
        "import zlib\nc = zlib.compressobj(9)\nz = bytes(1 << 20)\n"
        "p = b''.join(c.compress(z) for _ in range(48)) + c.flush()\ngot = len(zlib.decompress(p * 1)) and zlib.decompress(zlib.compress(bytes(100 << 20)))",
        "MemoryError | fuel | host-work | ModuleNotFoundError", "a mebibyte",
        "import zlib\ngot = len(zlib.decompress(zlib.compress(bytes(1 << 20))))", "1048576",
    ),
}  # fmt: skip

_MACHINE = Scene(
    "machine",
    [
        Attack(name, tries, python(EVIL, code), must, Control(given, python(MAY, may), gets))
        for name, (tries, code, must, given, may, gets) in _TRIES.items()
    ],
    {
        EVIL: PYTHON,
        MAY: {
            **PYTHON,
            "config": {"given": "yes"},
            "grants": ["spawn:spare", "stop:spare/*"],
        },
        "spare": {**PYTHON, "count": 2},
        "clerk": {**PYTHON, "count": 1},
    },
    most=1 << 30,
)
SCENES = [_MACHINE]
