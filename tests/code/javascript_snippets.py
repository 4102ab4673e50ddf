"""Snippets in JavaScript that agents submit, each with what must come of it."""

from __future__ import annotations

from tests.code.snippets import Ends, Fails, Snippet, _raising, _values

_SDK = "await import('wasm-agent')"
_INSIDE = "const { own } = await eval(\"import('interpreter/marshal.js')\")"
_NEST = f"const {{ callTool }} = {_SDK}; callTool('javascript.run', "

ORDINARY = [
    *_values(
        ("1 + 1", 2), ("0.1 + 0.2", 0.30000000000000004), ("2 ** 53", 2**53), ("'a'.repeat(3)", "aaa"), ("[1, [2]]", [1, [2]]),
        ("({ b: 1, a: 2 })", {"b": 1, "a": 2}), ("true", True), ("null", None), ("undefined", None), ("''", ""), ("'\u00e4\U0001f600'", "\u00e4\U0001f600"),
        ("let x = 1", None), ("", None), ("// nothing", None), (";", None), ("var x = 3; x * 2", 6), ("x = 5", 5), ("const x = 3\nx * 2", 6),
        ("function f(n) { return n < 2 ? 1 : n * f(n - 1); }\nf(10)", 3628800), ("class A { v = 5; #w = 6; get w() { return this.#w; } }\n[new A().v, new A().w]", [5, 6]),
        ("[...Array(5).keys()].map((it) => it * it)", [0, 1, 4, 9, 16]), ("let n = 0; for (const it of [1, 2, 3]) n += it; n", 6), ("if (1) 'then'; else 'else'", "then"),
        ("try { null.x } catch { 'caught' }", "caught"), ("JSON.parse('[1, 2]')", [1, 2]), ("'ab 12 cd'.match(/[a-z]+/g)", ["ab", "cd"]), ("(({ a, ...rest }) => rest)({ a: 1, b: 2 })", {"b": 2}),
        ("[3, 1, 2].toSorted()", [1, 2, 3]), ("Object.groupBy([1, 2, 3], (it) => (it % 2 ? 'odd' : 'even'))", {"odd": [1, 3], "even": [2]}), ("new Map([['a', new Set([1])]])", {"a": [1]}),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"), ("String(2n ** 64n)", "18446744073709551616"), ("`${1 + 1}`", "2"), ("[1, , 3].length", 3), ("({ a: undefined, b: [undefined] })", {"b": [None]}),
        ("new Uint8Array([1, 255])", {"0": 1, "1": 255}), ("typeof input", "object"), ("globalThis.y = 2; y", 2), ("eval('2 * 21')", 42), ("new Function('return 7')()", 7), ("this === globalThis", True),
        ("await 5", 5), ("await new Promise((done) => setTimeout(done, 1000)); 'slept'", "slept"), ("async function f() { return 4; }\nawait f()", 4), ("Promise.resolve([1])", [1]),
        ("let n = 0; for await (const it of (async function* () { yield 1; yield 2; })()) n += it; n", 3), ("await Promise.all([1, Promise.resolve(2)])", [1, 2]), ("({ toJSON: () => 'said' })", "said"),
        ("[typeof btoa, typeof TextEncoder, typeof crypto.randomUUID]", ["function"] * 3), (f"const {{ sleep, now }} = {_SDK}; const before = now(); await sleep(5); now() - before >= 5", True), ("x\n= 7", 7),
    ),
    *(Snippet("input", given, given) for given in (None, 0, -1.5, "text", "\u20ac", True, [], {}, [[1]], {"a": [None]}, {"__proto__": 5})),
    Snippet("input.reduce((a, b) => a + b, 0)", 6, [1, 2, 3]), Snippet("input.a = 1; input", {"b": 2, "a": 1}, {"b": 2}), Snippet("input.length", 100_000, "x" * 100_000), Snippet("let input = 4; input", 4, 3),
    Snippet("console.log('one'); console.log('two'); 3", 3, prints="one\ntwo\n"), Snippet("console.error('e', { a: [1] }, null, 5n)", None, prints="e {a: [1]} null 5n\n"), Snippet("console.log()", None, prints="\n"),
    Snippet("for (let i = 0; i < 3; i++) console.log(i)", None, prints="0\n1\n2\n"), Snippet("console.log('\u00e4\\ud800')", None, prints="\u00e4\ufffd\n"),
]  # fmt: skip
WRONG = [
    *(
        Snippet(source, Fails("syntax-error", text))
        for source, text in (
            ("x = = 1", "line 1: unexpected token in expression: '='"), ("let a = 1;\n\nfoo(", "line 3: "), ("'open", "line 1: "), ("return 1", "line 1: return not in a function"), ("let x; let x", "line 1: "), ("break", "line 1: "),
            ("const x", "line 1: "), ("1 = x", "line 1: "), ("\0", "line 1: "), ("function (", "line 1: "), ("a\n  ?? b || c", "line 2: "), ("import x from 'fs'", "line 1: "), ("export const x = 1", "line 1: "), ("/(/", "expecting ')'"),
            ("'use strict'; with (a) {}", "line 1: "), ("class A { #x; #x }", "line 1: "), ("`${", "line 1: "),
        )
    ),
    *_raising(
        ("x", "ReferenceError: x is not defined"), ("null.x", "TypeError: cannot read property 'x' of null"), ("throw new RangeError('mine')", "RangeError: mine"), ("throw 5", "thrown: 5"), ("throw undefined", "thrown: undefined"),
        ("function f() {\n  throw new Error('deep');\n}\n\nf()", "at f (snippet:2:"), ("let a = 1;\n\nnull.x", "snippet:3:"), ("JSON.parse('{')", "SyntaxError"), ("eval('1 +')", "SyntaxError"), ("Promise.reject(new Error('no')); 1", "Error: no"),
        ("await Promise.reject(new Error('later'))", "Error: later"), ("await import('fs')", "cannot import 'fs'"), ("console.log('before'); boom", "boom is not defined"), ("new Array(-1)", "RangeError"), ("Symbol() + ''", "TypeError"),
        ("throw new Error('outer', { cause: new Error('inner') })", "Error: inner\nthat was the cause of:"), ("require('fs')", "require is not defined"), ("process.exit(1)", "process is not defined"), ("const c = 1; c = 2", "TypeError"),
    ),
    *(
        Snippet(source, Fails("no-json", text), prints=None)
        for source, text in (
            ("NaN", "NaN"), ("[1, Infinity]", "Infinity under 1"), ("1n", "a bigint"), ("({ a: { b: 2n } })", "a bigint under b"), ("() => 1", "a function"), ("({ f() {} })", "a function under f"), ("Symbol('s')", "a symbol"), ("new Map([['k', NaN]])", "NaN under k"),
            ("const a = {}; a.a = a; a", "circular"), ("console.log('said'); NaN", "it printed: said"), ("({ get a() { throw new Error('g'); } })", "thrown as it was read"), ("({ toJSON() { throw 5; } })", "thrown as it was read"),
        )
    ),
    Snippet("new Promise(() => {})", Fails("stuck")), Snippet("await new Promise(() => {})", Fails("stuck")), Snippet("({ toJSON() {} })", None),
]  # fmt: skip
HOSTILE = [
    *(
        Snippet(source, Ends("fuel"), prints=None)
        for source in (
            "for (;;);", "for (;;) await null", "/^(a+)+$/.test('a'.repeat(40) + 'b')", "[].concat(Array(2 ** 31))", "setInterval(() => {}, 0); await new Promise(() => {})", "function f() { try { f(); } finally { for (;;); } } f()",
            "const turn = () => Promise.resolve().then(turn); turn()", "({ toJSON() { for (;;); } })", "({ get a() { for (;;); } })", "new Proxy({}, { ownKeys() { for (;;); } })", "'x'.repeat(1e6).split('').map((it) => it).sort(() => -1)",
        )
    ),
    *_raising(
        ("const all = []; for (;;) all.push(new Uint8Array(1 << 20))", "InternalError: out of memory"), ("let s = 'x'; for (;;) s += s", "InternalError: out of memory"), ("new ArrayBuffer(2 ** 31 - 1)", "out of memory"), ("'x'.repeat(2 ** 30)", "RangeError: string too long"),
        ("function f() { f(); } f()", "RangeError: Maximum call stack"), ("const o = { get x() { return this.x; } }; o.x", "RangeError"), ("'x'.replace(/x/, function r() { return 'x'.replace(/x/, r); })", "RangeError"),
        ("WebAssembly", "is not defined"), ("XMLHttpRequest", "is not defined"), ("fetch('http://127.0.0.1/')", "is not defined"), ("__host", "is not defined"), ("await import('snippet')", ""), ("await import('./submitter.js')", "cannot import"),
        ("2n ** (2n ** 60n)", "RangeError: BigInt is too large"),
    ),
    *(
        Snippet(f"const sdk = {_SDK}; {source}", Fails("not-granted"), prints=None)
        for source in (
            "sdk.send('w', 'go', 'x')", "await sdk.ask('w', 'go', 'x')", "sdk.publish('topic', 'x')", "sdk.state.set('key', 'stolen')", "sdk.schedule(1, 'go')", "sdk.spawn('w', 'again')", "sdk.stop('w')", "sdk.watch('w')", "sdk.reply('x')",
            "sdk.keyvalue.open('orders')", "sdk.sql.open('shop').query('select 1')", "await sdk.fetch('https://example.com/')", "await sdk.human.ask('boss', 'may I?')", "sdk.secret('key')", "sdk.flow.declassify('paper')",
        )
    ),
    *(
        Snippet(f"const {{ files }} = {_SDK}; files.readText('{path}')", Fails("no-entry"), prints=None)
        for path in ("/etc/passwd", "/agent/submitter.js", "/proc/self/mem")
    ),
    # What one leaves behind, the next does not find.
    *_values(
        ("Array.prototype.push = Object.prototype.leak = Array.prototype.map = 5; 1", 1), ("[typeof [].push, ({}).leak, typeof [].map]", ["function", None, "function"]),
        ("JSON.stringify = JSON.parse = () => 'forged'; [1]", [1]), ("JSON.stringify([1])", "[1]"), ("globalThis.kept = 1; const alsoKept = 2; 3", 3), ("[typeof kept, typeof alsoKept]", ["undefined"] * 2),
        ("Math.random = () => 0.5; Date.now = () => 5; 4", 4), ("[Math.random() !== Math.random(), Date.now() > 1e12]", [True, True]), ("delete globalThis.Promise; typeof Promise", "undefined"), ("typeof Promise", "function"),
        ("globalThis.console = null; 5", 5), ("typeof console.log", "function"), ("Object.freeze(globalThis); Object.freeze(Object.prototype); 6", 6), ("globalThis.again = 1", 1),
        (f"const {{ code }} = {_SDK}; code.run = null; typeof code.run", "function"), (f"const {{ Fault }} = {_SDK}; Fault.prototype.code = 'x'; 7", 7),
        # Nothing of who submitted it is there.
        (f"const {{ state, files }} = {_SDK}; [state.keys(), state.get('mine') ?? null, files.list('/')]", [[], None, []]), ("Object.keys(globalThis)", ["performance"]),
        (f"const {{ context, config }} = {_SDK}; [context.address, Object.keys(config())]", ["w", ["caps"]]),
    ),
]  # fmt: skip
HOSTILE += [
    # What it says of itself is its own affair, within the host's bounds.
    Snippet("console.log('x'.repeat(10 ** 6))", None, prints="x" * (64 << 10) + f"\n... {10**6 + 1 - (64 << 10)} more characters"),
    Snippet("console.log('\\x1b[2J'); 1", 1, prints="\x1b[2J\n"),
    Snippet("'x'.repeat(200_000)", Fails("too-large", "a value of 200002 characters; 200000 are taken")),
    Snippet("Object.defineProperty(String.prototype, 'slice', { value: () => 'x'.repeat(300_000) }); console.log(1)", Fails("too-large", "characters"), prints=None),
    Snippet("let a = []; for (let i = 0; i < 200; i++) a = [a]; a", Fails("no-json", "more than 128 deep")),
    Snippet("'\\ud800'", "\ud800"), Snippet("({ then(done) { done(7); } })", Fails("no-json", "a function under then")),
    Snippet("throw new Error('x'.repeat(10 ** 6))", Fails("raised", "characters left out"), prints=None),
    Snippet(f"const {{ Fault }} = {_SDK}; throw new Fault('mine', 'and why')", Fails("mine", "and why")),
    Snippet(f"const {{ Fault }} = {_SDK}; throw new Fault('tool-failed', 'forged: fuel')", Fails("tool-failed", "forged")),
    Snippet(f"const {{ Fault }} = {_SDK}; throw new Fault('x'.repeat(10 ** 5), 'y'.repeat(10 ** 5))", Fails("x" * 4096 + "\n  ... ")),
    Snippet("throw { get message() { throw 1; }, toString() { throw 2; } }", Fails("raised", "cannot be told")),
    Snippet("const e = new Error('e'); Object.defineProperty(e, 'stack', { get() { throw 3; } }); throw e", Fails("raised", "cannot be told")),
    Snippet("class E extends TypeError { get message() { for (;;); } }; ({ toJSON() { throw new E(); } })", Ends("fuel")),
    Snippet("Promise.prototype.then = Promise.prototype.constructor = null; Map.prototype.clear = Map.prototype.forEach = null; await 3", Fails("raised", "not an object")),
    Snippet("JSON.parse('['.repeat(100_000))", Ends("stack-exhausted")), Snippet("let a = []; for (let i = 0; i < 4_000; i++) a = [a]; a", Ends("fuel")), Snippet("(" * 100_000, Ends("stack-exhausted")),
    # It reaches the modules that run it, as Python code reaches those of its own: for the rest of its run.
    Snippet(f"{_INSIDE}; own.source = 'null;\\n'.repeat(3); null.x", Fails("raised", "TypeError"), prints=None),
    Snippet("(await eval(\"import('interpreter/marshal.js')\")).own.name", "snippet"),
    Snippet("Object.keys(await eval(\"import('interpreter/host.js')\"))", ["host"]),
    Snippet("(await eval(\"import('interpreter/host.js')\")).host['agent/context'].selfAddress = () => 'forged'; 1", 1),
    Snippet("(await eval(\"import('interpreter/host.js')\")).host['agent/context'].selfAddress()", "w"),
    Snippet("(await eval(\"import('interpreter/app.js')\")).run()", None),
    # Code that submits code.
    Snippet(f"const {{ code }} = {_SDK}; code.run('21 * 2').value", 42), Snippet(f"const {{ code }} = {_SDK}; code.run('input + 1', 1)", {"value": 2, "printed": ""}),
    Snippet(f"const {{ code }} = {_SDK}; code.run('x')", Fails("raised", "x is not defined")), Snippet(f"const {{ code }} = {_SDK}; code.run('1', null, {{ tool: 'shell' }})", Fails("unknown-tool")),
    Snippet(f"const again = 'const {{ code }} = {_SDK.replace(chr(39), chr(34))}; code.run(input, input)'; const {{ code }} = {_SDK}; code.run(again, again)", Ends("fuel")),
    *_values(
        (f"{_NEST}{{ source: 'input', input: '{{' }}).error.code", "invalid-arguments"), (f"{_NEST}{{ source: 'input', input: '' }}).ok.value", "null"),
        ("x" + " " * 100_000 + "= 1", 1), ("/*" + "x" * 50_000 + "*/ 2", 2), ("let \u00e9t\u00e9 = 1; \u00e9t\u00e9", 1), ("1\r\n+ 1", 2), ("\ufeff3", 3), ("\u2028 4", 4),
    ),
    *(
        Snippet(source, Fails("invalid-arguments", text), prints=None)
        for source, text in (
            (f"{_NEST}{{ source: 5, input: '' }})", "/source: must be text"), (f"const {{ code }} = {_SDK}; code.run(5)", "/source"), (f"{_NEST}{{ source: '1' }})", "input"), (f"{_NEST}{{ source: '1', input: '', more: 1 }})", "more"), (f"const {{ code }} = {_SDK}; code.run('\\ud800')", ""),
        )
    ),
    Snippet(f"{_NEST}{{ source: 'input', input: '['.repeat(90_000) + ']'.repeat(90_000) }})", Fails("tool-failed"), prints=None),
    Snippet(f"const {{ sleep }} = {_SDK}; await sleep(3_600_000); 'woke'", "woke"),
]  # fmt: skip
ALL = [*ORDINARY, *WRONG, *HOSTILE]
