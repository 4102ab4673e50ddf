"""Databases and buckets that agents share: what is granted of them, and nothing beside it."""

from __future__ import annotations

from typing import Any

from tests.hostile.attack import MIB
from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Attack, Control, Scene
from tests.sql.conftest import SCHEMA
from tests.sql.test_attacks import CHANGES, ELSEWHERE, READS

AUDITOR, CLERK, OWNER, NOBODY = "auditor", "clerk", "owner", "nobody"
_REFUSED = "not-granted | invalid-statement"


def _sql(kind: str, statement: str) -> Any:
    return python(kind, f"len(sql.open('shop').query({statement!r})) >= 0")


def _statement(name: str, kind: str, bad: str, good: str, allowed: str) -> Attack:
    return Attack(
        name,
        ascii(bad)[1:-1] or "nothing at all",
        _sql(kind, bad),
        _REFUSED,
        Control(ascii(good)[1:-1], _sql(allowed, good), "True"),
    )


_GOOD = "SELECT secret FROM orders"
_STATEMENTS = [
    *(
        _statement(f"read-{n}", AUDITOR, bad, good, AUDITOR)
        for n, (bad, good) in enumerate(READS, 1)
    ),
    *(
        _statement(f"change-{n}", CLERK, bad, good, CLERK)
        for n, (bad, good) in enumerate(CHANGES, 1)
    ),
    *(_statement(f"beside-{n}", OWNER, bad, _GOOD, OWNER) for n, bad in enumerate(ELSEWHERE, 1)),
]
_GROWN = "'aaaaaaaaaa'"
for _a, _b in zip("abcdefgh", "bcdefghi", strict=True):
    _GROWN = f"replace({_GROWN}, '{_a}', '{_b * 10}')"
_SQL = [
    Attack(
        "without-grant", "opens a database that it was not granted",
        python(NOBODY, "len(sql.open('shop').query('SELECT 1'))"), "not-granted",
        Control("sql:shop", _sql(OWNER, "SELECT 1"), "True"),
    ),
    Attack(
        "other-name", "opens it under other spellings of its name",
        python(OWNER, "said = set()\nfor it in ('Shop', 'shop ', 'shop\\0', './shop', 'shop;', 'main', ':memory:', '/etc/passwd', 'file:shop'):\n"
                      " try: sql.open(it).query('SELECT 1')\n except Fault as fault: said.add(fault.code)\n else: said.add(it)\ngot = ' '.join(sorted(said))"),
        "not-granted | invalid-name | unknown-database",
        Control("its name", _sql(OWNER, "SELECT 1"), "True"),
    ),
    Attack(
        "parameter", "puts SQL into a parameter",
        python(CLERK, "sql.open('shop').query('SELECT ?', \"'; DROP TABLE orders; --\")[0][0]"),
        "'; DROP TABLE orders; --",
        Control("text", python(CLERK, "sql.open('shop').query('SELECT ?', 'x')[0][0]"), "x"),
    ),
    Attack(
        "read-only", "changes with a grant for reading",
        python("reader", "sql.open('shop').execute('INSERT INTO items(n) VALUES (1)')"), _REFUSED,
        Control("reads", _sql("reader", "SELECT secret FROM orders"), "True"),
    ),
    Attack(
        "cross-join", "joins a table with itself until nobody waits for it",
        _sql(OWNER, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"),
        "too-costly | invalid-statement",
        Control("once", _sql(OWNER, "SELECT count(*) FROM orders, items"), "True"),
    ),
    Attack(
        "large-value", "makes a text of a gigabyte out of ten letters",
        _sql(OWNER, f"SELECT length({_GROWN})"), "too-large | too-costly | invalid-statement",
        Control("of a hundred", _sql(OWNER, "SELECT length(replace('aaaaaaaaaa', 'a', 'bbbbbbbbbb'))"), "True"),
    ),
    Attack(
        "deep-statement", "nests a statement 2,000 deep",
        _sql(OWNER, "SELECT " + "(" * 2000 + "1" + ")" * 2000), "invalid-statement | too-large",
        Control("5 deep", _sql(OWNER, "SELECT " + "(" * 5 + "1" + ")" * 5), "True"),
    ),
    Attack(
        "long-statement", "sends a statement of 100 KiB",
        _sql(OWNER, "SELECT '" + "x" * 100_000 + "'"), "too-large | invalid-statement",
        Control("of 1 KiB", _sql(OWNER, "SELECT '" + "x" * 1000 + "'"), "True"),
    ),
    Attack(
        "fill", "fills the database",
        python(OWNER, "shop = sql.open('shop')\nfor n in range(200): shop.execute('INSERT INTO vault(pin) VALUES (?)', 'x' * 15_000)"),
        "database-full",
        Control("a row", python(OWNER, "sql.open('shop').execute('INSERT INTO vault(pin) VALUES (?)', 'x') and 1 or 0"), "1 | 0"),
    ),
]  # fmt: skip


def _bucket(kind: str, code: str, name: str = "orders") -> Any:
    return python(kind, f"b = keyvalue.open({name!r})\n{code}")


_WRITES = {
    "set": "b['k'] = 1", "delete": "keyvalue._call(b._handle.delete, 'kept')", "increment": "b.increment('n')",
    "update": "b.update(a=1)", "delete-many": "b.delete_many(['kept'])",
    "change": "b.change('k', lambda old: 1)",
}  # fmt: skip
_NAMES = {
    "other": "invoices", "upper-case": "Orders", "space": "orders ", "nul": "orders\0",
    "dot-dot": "../orders", "slash": "orders/", "wildcard": "*", "empty": "", "bidi": "orders\u202e",
    "full-width": "\uff4frders", "redis": "redis://127.0.0.1:6379/0", "long": "o" * 10_000,
}  # fmt: skip
_BOUNDS = {
    "long-key": ("uses a key of 513 bytes", "b['k' * 513] = 1", "b['k' * 512] = 1"),
    "large-value": ("keeps a value of more than 2 MiB", "b['k'] = b'x' * ((2 << 20) + 1)", "b['k'] = b'x' * 1000"),
    "many-keys": (
        "keeps more keys than the bucket holds",
        "b.update({f'k{n}': 1 for n in range(101)})", "b.update({f'k{n}': 1 for n in range(10)})",
    ),
    "many-bytes": (
        "keeps more bytes than the bucket holds",
        "b.update({f'b{n}': b'x' * 60_000 for n in range(9)})", "b.update(b0=b'x' * 1000)",
    ),
    "overflow": (
        "counts beyond 64 bits",
        "b['top'] = 2**63 - 1; b.increment('top')", "b['top2'] = 1; b.increment('top2')",
    ),
    "no-number": (
        "counts up what is no number",
        "b['text'] = 'x'; b.increment('text')", "b['number'] = 1; b.increment('number')",
    ),
}  # fmt: skip
_DENIED = "not-granted"
_STORES = [
    *(
        Attack(
            f"read-only-{name}", f"writes by {name} with a grant for reading",
            _bucket("looker", code), _DENIED,
            Control("keyvalue:orders", _bucket("writer", f"b.update(kept=1, k=1)\n{code}\ngot = 'written'"), "written"),
        )
        for name, code in _WRITES.items()
    ),
    *(
        Attack(
            f"bucket-{label}", f"opens the bucket {name[:20]!a}",
            _bucket("looker", "got = list(b)", name), f"{_DENIED} | invalid-name",
            Control("its own", _bucket("looker", "got = len(list(b)) >= 0"), "True"),
        )
        for label, name in _NAMES.items()
    ),
    *(
        Attack(
            name, tries, _bucket("bound", bad, "small"),
            "too-large | quota-exceeded | not-a-number",
            Control("within", _bucket("bound", f"{good}\ngot = 'kept'", "small"), "kept"),
        )
        for name, (tries, bad, good) in _BOUNDS.items()
    ),
    Attack(
        "forged-handle", "makes itself a bucket out of a number",
        python("looker", "from wit_world.imports import store\nb = store.Bucket.__new__(store.Bucket)\nb.handle = 4711\ngot = b.get('k')"),
        "unreachable | trap | error | TypeError | AttributeError",
        Control("opens it", _bucket("looker", "got = b.get('none')"), "None"),
    ),
]  # fmt: skip

_OF_SQL = {**PYTHON, "work": 1_000_000_000, "memory": 64 * MIB}
_WHO = {
    AUDITOR: {
        **_OF_SQL,
        "grants": ["sql-read:shop"],
        "sql": {"shop": {"read": ["orders.id", "orders.total", "items"]}},
    },
    CLERK: {
        **_OF_SQL,
        "grants": ["sql:shop"],
        "sql": {
            "shop": {
                "read": ["orders.id", "orders.total", "items"],
                "insert": ["items"],
                "update": ["items.n"],
            }
        },
    },
    OWNER: {**_OF_SQL, "grants": ["sql:shop"]},
    "reader": {**_OF_SQL, "grants": ["sql-read:shop"]},
    NOBODY: _OF_SQL,
}
SCENES = [
    # All of them wait for the database at once, each with 13 MiB of an interpreter: in two worlds.
    *(
        Scene("sql", attacks, _WHO, {"sql": {"shop": {"schema": SCHEMA, "max-size": "1 MiB"}}},
              most=1 << 30)
        for attacks in ([*_STATEMENTS, *_SQL][::2], [*_STATEMENTS, *_SQL][1::2])
    ),
    Scene(
        "stores",
        _STORES,
        {
            "looker": {**PYTHON, "grants": ["keyvalue-read:orders"]},
            "writer": {**PYTHON, "grants": ["keyvalue:orders"]},
            "bound": {**PYTHON, "grants": ["keyvalue:small"]},
        },
        {"keyvalue": {"small": {"max-keys": 100, "max-bytes": "256 KiB"}}},
        most=1 << 30,
    ),
]  # fmt: skip
