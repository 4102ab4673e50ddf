"""Submitted code: it does no more than who submits it, and leaves nothing for whoever comes after."""

from __future__ import annotations

from typing import Any

from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene

EVIL, MAY, TIGHT = "submits", "submits-more", "submits-little"
_JS = "const sdk = await import('wasm-agent');"
_INSIDE = "const inner = (name) => eval(`import('interpreter/${name}.js')`);"


def _python(*sources: str, kind: str = EVIL) -> Act:
    return _all("python", sources, kind)


def _javascript(*sources: str, kind: str = EVIL) -> Act:
    return _all("javascript", sources, kind)


def _all(tool: str, sources: tuple[str, ...], kind: str) -> Act:
    """Submits them one after another; what comes of the last, or of the first that fails."""
    return python(
        kind,
        "KEPT['secret'] = 'vault-4711'\nstate['secret'] = 'vault-4711'\n"
        f"for source in {list(sources)!r}: got = code.run(source, tool={tool!r}).value",
    )


_PY = Control("computes", _python("6 * 7"), "42")
_SCRIPT = Control("computes", _javascript("6 * 7"), "42")
_PATCH_PY = """\
import sys, json, builtins
inner = sys._getframe(1).f_globals
inner["run"] = inner["_executed"] = inner["_json"] = lambda *_: "forged"
json.loads = json.dumps = builtins.print = lambda *_: "forged"
sys.modules["kept"] = sys
1
"""
_PATCH_JS = f"""\
{_JS} {_INSIDE}
const [marshal, app, own] = await Promise.all(["marshal", "app", "snippets"].map(inner));
JSON.parse = JSON.stringify = () => "forged";
globalThis.kept = Object.prototype.kept = "forged";
Map.prototype.get = Function.prototype.call = Promise.prototype.then = () => "forged";
marshal.own.name = marshal.own.source = "forged";
1
"""
_BOMB_PY = "from wasm_agent import code\nfor _ in range(9): code.run(input, input)"
_BOMB_JS = f"{_JS} for (let n = 0; n < 9; n++) sdk.code.run(input, input)"
_DEEP_PY = "from wasm_agent import code; code.run(input, input)"
_MINE = "keyvalue.open('mine')"


def _bomb(tool: str, source: str) -> Act:
    return python(EVIL, f"code.run({source!r}, {source!r}, tool={tool!r}).value")


_ATTACKS = [
    Attack("patch-python", "changes what runs it, for the one after it", _python(_PATCH_PY, "import sys; ['kept' in sys.modules, 6 * 7]"),
           "[False, 42]", _PY),
    Attack("patch-javascript", "changes what runs it, for the one after it",
           _javascript(_PATCH_JS, "[typeof kept, ({}).kept ?? null, JSON.stringify([1]), 6 * 7]"), "['undefined', None, '[1]', 42]", _SCRIPT),
    Attack("files-python", "leaves a file for the one after it", _python("open('/left', 'w').write('x')", "import os; os.listdir('/')"),
           "[]", Control("in one run", _python("open('/left', 'w').write('x'); import os; os.listdir('/')"), "['left']")),
    Attack("clock-python", "leaves a thread of its own behind", _python("import signal, atexit; atexit.register(print); 1", "1 + 1"), "2", _PY),
    Attack("clock-javascript", "leaves timers behind", _javascript("setInterval(() => { globalThis.late = 1; }, 1); 1", "await new Promise((done) => setTimeout(done, 50)); typeof late"),
           "undefined", Control("in one run", _javascript("setInterval(() => { globalThis.late = 1; }, 1); await new Promise((done) => setTimeout(done, 50)); typeof late"), "number")),
    Attack("memory-python", "looks through all objects for what its caller holds",
           _python("import gc; len([it for it in gc.get_objects() if type(it) is dict and any(type(v) is str and v.startswith('vault-') for v in it.values() if v is not None)])"),
           "0", Control("what it holds itself", _python("import gc; a = {'k': 'vault-0'}; len([it for it in gc.get_objects() if type(it) is dict and it.get('k') == 'vault-0'])"), "1")),
    Attack("memory-javascript", "searches the memory that it runs in for what its caller holds",
           _javascript(f"{_INSIDE} const {{ host }} = await inner('host'); Object.values(globalThis).concat(Object.keys(host)).filter((it) => `${{it}}`.includes('vault-')).length"), "0", _SCRIPT),
    Attack("state-python", "reads its caller's state", _python("from wasm_agent import state; list(state)"), "[]",
           Control("the caller does", python(EVIL, "state['secret'] = 'vault-4711'; got = 'secret' in list(state)"), "True")),
    Attack("state-javascript", "reads its caller's state", _javascript(f"{_JS} sdk.state.keys()"), "[]", _SCRIPT),
    Attack("config-python", "reads its caller's configuration", _python("from wasm_agent import config; sorted(config)"), "['caps']",
           Control("the caller does", python(EVIL, "config['pin']"), "4711")),
    Attack("config-javascript", "reads its caller's configuration", _javascript(f"{_JS} Object.keys(sdk.config())"), "['caps']", _SCRIPT),
    Attack("own-file-python", "reads its caller's file", _python("import os; os.path.exists('/agent/does.py') or os.listdir('/')"), "[]", _PY),
    Attack("own-file-javascript", "reads its caller's file", _javascript(f"{_JS} sdk.files.list('/')"), "[]", _SCRIPT),
    *(
        Attack(f"{name}-{tool}", tries, act(code), "not-granted", control)
        for tool, act, control, codes in (
            ("python", _python, _PY, {
                "send": "from wasm_agent import send; send('submits/1', 't', 'x')", "spawn": "from wasm_agent import spawn; spawn('submits', 'x')",
                "store": f"from wasm_agent import keyvalue; {_MINE}", "server": "from wasm_agent import http; http.get('http://127.0.0.1:1/')",
                "person": "from wasm_agent import human; human.ask('owner', 'may I?')",
            }),
            ("javascript", _javascript, _SCRIPT, {
                "send": f"{_JS} sdk.send('submits/1', 't', 'x')", "spawn": f"{_JS} sdk.spawn('submits', 'x')", "store": f"{_JS} sdk.{_MINE}",
                "server": f"{_JS} await sdk.fetch('http://127.0.0.1:1/')", "person": f"{_JS} await sdk.human.ask('owner', 'may I?')",
            }),
        )
        for name, code in codes.items()
        for tries in [f"does in its caller's name what neither may ({name})"]
    ),
    Attack("lent", "opens a bucket that the tool may, and its caller may not", _python(f"from wasm_agent import keyvalue; {_MINE}; 1"), "not-granted",
           Control("both may", _python(f"from wasm_agent import keyvalue; {_MINE}; 1", kind=MAY), "1")),
    Attack("bare", "opens a bucket that its caller may, and the tool may not",
           python(MAY, "code.run(\"const sdk = await import('wasm-agent'); sdk.keyvalue.open('mine'); 1\", tool='bare').value"), "not-granted",
           Control("both may", _javascript(f"{_JS} sdk.{_MINE}; 1", kind=MAY), "1")),
    Attack("bomb-python", "submits itself nine times, and so do they", _bomb("python", _BOMB_PY), "tool-failed",
           Control("once, in the other language", _python("from wasm_agent import code; code.run('6 * 7', tool='javascript').value"), "42")),
    Attack("bomb-javascript", "submits itself nine times, and so do they", _bomb("javascript", _BOMB_JS), "tool-failed",
           Control("once", _javascript(f"{_JS} sdk.code.run('6 * 7').value"), "42")),
    Attack("callers-fuel", "computes for longer than its caller may", _python("while True: pass", kind=TIGHT), "fuel",
           Control("a little", _python("6 * 7", kind=TIGHT), "42")),
    Attack("callers-work", "lets the host work for longer than its caller may",
           _python("import os\nwhile True: os.listdir('/')", kind=TIGHT), "host-work | fuel", Control("a little", _python("6 * 7", kind=TIGHT), "42")),
    Attack("memory-bomb", "takes all memory", _javascript("const all = []; for (;;) all.push(new Uint8Array(1 << 20))"), "raised", _SCRIPT),
    Attack("print-bomb", "prints a megabyte", python(EVIL, "len(code.run(\"console.log('x'.repeat(1 << 20))\", tool='javascript').printed) < 2000"), "True",
           Control("a little", python(EVIL, "code.run('console.log(1)', tool='javascript').printed.strip()"), "1")),
    Attack("value-bomb", "comes to a megabyte", _python("'x' * (1 << 20)"), "too-large", _PY),
    Attack("depth-bomb", "comes to a value that nests 1,000 deep",
           _python("import sys\nsys._getframe(1).f_globals['to_json'] = lambda _: '[' * 1_000 + ']' * 1_000\n1"), "no-json", _PY),
    Attack("lie-value", "says that text is JSON", _python("import sys\nsys._getframe(1).f_globals['to_json'] = lambda _: '{'\n1"), "no-json", _PY),
    Attack("lie-size", "prints more than it says", _python("import sys\nsys.stdout._left = 1 << 30\nprint('x' * 300_000)"), "too-large", _PY),
    Attack("lie-type", "answers what is no text", _python("import sys\ntype(sys.stdout).text = lambda self: 5\n1"), "tool-failed", _PY),
    Attack("lie-memory", "writes over the memory in which its answer lies",
           _javascript("const put = DataView.prototype.setUint32; DataView.prototype.setUint8 = function () { for (let n = 0; n + 4 <= this.byteLength; n += 4) put.call(this, n, -1); }; 'x'"),
           "tool-failed", _SCRIPT),
    Attack("source-bomb", "is a source that nests 100,000 deep", _javascript("(" * 100_000), "tool-failed", _SCRIPT),
    Attack("exit", "ends its interpreter", _python("import os; os._exit(9)"), "tool-failed", _PY),
]  # fmt: skip
_TOOL: dict[str, Any] = {
    "fuel": 120_000_000,
    "memory": "40 MiB",
    "config": {"caps": {"value": 5_000, "printed": 1_000}},
}
_KIND = {
    **PYTHON,
    "fuel": 2_000_000_000,
    "work": 900_000_000,
    "config": {"pin": 4711},
    "tools": ["python", "javascript", "bare"],
}
SCENES = [
    Scene(
        "submitted-code",
        _ATTACKS,
        {EVIL: _KIND, MAY: {**_KIND, "grants": ["keyvalue:mine"]}, TIGHT: {**_KIND, "fuel": 60_000_000, "work": 3_000_000, "tools": ["python", "javascript"]}},
        {
            "tools": {
                "python": {**_TOOL, "language": "python", "grants": ["keyvalue:mine"], "tools": ["python", "javascript"]},
                "javascript": {**_TOOL, "language": "javascript", "grants": ["keyvalue:mine"], "tools": ["javascript"]},
                "bare": {**_TOOL, "language": "javascript"},
            }
        },
        most=768 << 20,
    )
]  # fmt: skip
