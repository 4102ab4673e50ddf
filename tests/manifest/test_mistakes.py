"""Every kind of mistake: what is said of it, and where."""

from __future__ import annotations

import datetime as dt

import pytest

from wasm_engine.agents.read_manifest import MAX_MANIFEST_BYTES, from_mapping, read_manifest
from wasm_engine.concepts.errors import BadManifest

# A right agent in lines 1 and 2; what follows it is in line 3.
A = '[agents.a]\nsource = "librarian.py"\n'
BIG = "9" * 5000

# (what the manifest says after A, the line and the start of what must be said)
AFTER_A = [
    # World.
    ("[wurld]", 3, 'wurld: unknown key; did you mean "world"?'),
    ("[world]\nsed = 1", 4, 'world.sed: unknown key; did you mean "seed"?'),
    ('[world]\n"\\u001b[2J" = 1', 4, 'world."\\u001b[2J": unknown key; there are "name", "seed", '),
    ("[world]\nseed = -1", 4, "world.seed: must be from 0 to 9223372036854775807, not -1"),
    ("[world]\nseed = 9223372036854775808", 4, "world.seed: must be from 0 to 92233720368"),
    ("[world]\nseed = 1.0", 4, "world.seed: must be a whole number, not 1.0"),
    ("[world]\nseed = true", 4, "world.seed: must be a whole number, not true"),
    ('[world]\nseed = "1"', 4, 'world.seed: must be a whole number, not "1"'),
    (
        '[world]\nname = "a/b"',
        4,
        "world.name: must be a name (a-z, 0-9, `.`, `_` and `-`, starting",
    ),
    ('[world]\nname = ""', 4, "world.name: must be a name"),
    ('[world]\nclock = "real"', 4, 'world.clock: must be "virtual" or "recorded", not "real"'),
    ('[world]\nclock = "recored"', 4, '... not "recored"; did you mean "recorded"?'),
    ("[world]\nclock = []", 4, 'world.clock: must be "virtual" or "recorded", not an array'),
    ("[world]\nepoch = 5", 4, "world.epoch: must be a date and time such as 2025-01-01T00:00:00Z"),
    ("[world]\nepoch = 2025-01-01", 4, "world.epoch: must be a date and time such as"),
    ("[world]\nepoch = 2025-01-01T00:00:00", 4, "world.epoch: needs an offset from UTC: put Z"),
    ("[world]\nepoch = 1969-12-31T23:59:59Z", 4, "world.epoch: must be from 1970 to 2199"),
    ("[world]\nepoch = 2200-01-01T00:00:00Z", 4, "world.epoch: must be from 1970 to 2199"),
    ("[world]\nepoch = 0001-01-01T00:00:00+23:59", 4, "world.epoch: must be from 1970 to 2199"),
    ("[world]\nepoch = 9999-12-31T23:59:59-23:59", 4, "world.epoch: must be from 1970 to 2199"),
    ('[world]\ninterpreter = "sha256:12"', 4, 'world.interpreter: must be "sha256:" and 64 hexa'),
    ("[world]\nmailbox = 0", 4, "world.mailbox: must be from 1 to 1000000, not 0"),
    # Agents.
    ("count = -1", 3, "agents.a.count: must be from 0 to 100000, not -1"),
    ("count = 100_001", 3, "agents.a.count: must be from 0 to 100000, not 100001"),
    ("cuont = 1", 3, 'agents.a.cuont: unknown key; did you mean "count"?'),
    ("on_retry = 1", 3, 'agents.a.on_retry: unknown key; did you mean "on-retry"?'),
    ("config = 3", 3, "agents.a.config: must be a table, not 3"),
    (
        "config = { x = { y = [1, inf] } }",
        3,
        "agents.a.config: cannot be JSON: .x.y[1]: inf is not",
    ),
    ("config = { x = 2025-01-01 }", 3, "agents.a.config: cannot be JSON: .x: JSON has no dates"),
    ("config = { x = 18446744073709551616 }", 3, "agents.a.config: cannot be JSON: .x: a whole nu"),
    ("config." + "x." * 200 + "y = 1", 3, "agents.a.config: cannot be JSON: nested more than 128"),
    (
        f'config = {{ x = "{"x" * (1 << 20)}" }}',
        3,
        "agents.a.config: takes 1048584 bytes; there may",
    ),
    ('subscribe = "x"', 3, 'agents.a.subscribe: must be an array, not "x"'),
    ('subscribe = [\n"ok",\n"No"]', 5, "agents.a.subscribe[1]: must be a name (a-z, 0-9,"),
    ('subscribe = ["x", "x"]', 3, 'agents.a.subscribe[1]: "x" is there twice'),
    ('lifecycle = "forever"', 3, 'agents.a.lifecycle: must be "message" or "resident", not'),
    ("fuel = 0", 3, "agents.a.fuel: must be from 1 to 9223372036854775807, not 0"),
    ("work = 5e9", 3, "agents.a.work: must be a whole number, not 5000000000.0"),
    ('memory = "64 MB"', 3, 'agents.a.memory: must be a size such as "64 MiB" (B, KiB, MiB, GiB)'),
    ('memory = "5 GiB"', 3, 'agents.a.memory: must be 64 KiB to 4 GiB, not "5 GiB"'),
    ("memory = 1", 3, "agents.a.memory: must be 64 KiB to 4 GiB, not 1"),
    ("memory = false", 3, 'agents.a.memory: must be bytes or a size such as "64 MiB", not false'),
    ("disk = -1", 3, "agents.a.disk: must be 0 B to 4 GiB, not -1"),
    ("batch = 0", 3, "agents.a.batch: must be from 1 to 10000, not 0"),
    ("retries = 101", 3, "agents.a.retries: must be from 0 to 100, not 101"),
    ('on-retry = "again"', 3, 'agents.a.on-retry: must be "fail" or "restart", not "again"'),
    ("expect-failure = 1", 3, "agents.a.expect-failure: must be true or false, not 1"),
    ('mounts = ["x"]', 3, 'agents.a.mounts: no mount is called "x"'),
    (
        'grants = ["x"]',
        3,
        'agents.a.grants[0]: "x" is not a grant; write "kind:target", e.g. "spawn',
    ),
    ('grants = ["spwan:a"]', 3, '... no grant is called "spwan"; did you mean "spawn"?'),
    (
        'grants = ["spawn:a/1"]',
        3,
        '... "spawn:a/1": after `spawn:` goes the name of a kind of agent',
    ),
    ('grants = ["stop:*/a"]', 3, '... "stop:*/a": after `stop:` goes an address, "kind/*" for all'),
    (
        'grants = ["mount:/etc"]',
        3,
        '... "mount:/etc": the operator gives that; an agent has `mounts',
    ),
    (
        "grants = [1]",
        3,
        'agents.a.grants[0]: must be a grant, such as "spawn:KIND", "stop:PATTERN", ',
    ),
    ('grants = ["spawn:b"]', 3, 'agents.a.grants: "spawn:b": no kind of agent is called "b"'),
    ('grants = ["stop:b/*"]', 3, 'agents.a.grants: "stop:b/*": no kind of agent is called "b"'),
    ('grants = ["https://a.com/"]', 3, '... is no origin; write "https://a.com"'),
    ('grants = ["https://A.com"]', 3, '... is no origin; write "https://a.com"'),
    ('grants = ["http://a.com:80"]', 3, '... is no origin; write "http://a.com"'),
    ('grants = ["https://*.1.2.3.4"]', 3, "... `*.` goes before a name, not before an address"),
    ("http = 1", 3, "agents.a.http: must be a table, not 1"),
    ("http = { timeuot = 1 }", 3, '... unknown key; did you mean "timeout"?'),
    ("http = { timeout = 0 }", 3, "agents.a.http.timeout: must be 1 ms to 1 h"),
    ("http = { timeout = 1.5 }", 3, '... must be seconds or a span such as "30 s", not 1.5'),
    ('http = { timeout = "30 sec" }', 3, '... must be a span such as "30 s" (ns, ms, s, min, h)'),
    ('http = { max-response = "1 GiB" }', 3, "agents.a.http.max-response: must be 0 B to 64 MiB"),
    (
        'http = { idempotent = ["https://a.com"] }',
        3,
        'agents.a.http.idempotent: "https://a.com": it has no grant to ask https://a.com',
    ),
    (
        'http = { idempotent = ["https://a.com/x*"] }',
        3,
        'agents.a.http.idempotent[0]: "https://a.com/x*": `*` goes to the end, as `/*`',
    ),
    ("http = { redirects = 11 }", 3, "agents.a.http.redirects: must be from 0 to 10, not 11"),
    (
        'http = { allow = ["GET https://a.com/x"] }',
        3,
        'agents.a.http.allow: "GET https://a.com/x": it has no grant to ask https://a.com',
    ),
    ('http = { allow = ["https://a.com"] }', 3, '... is no rule; write a method, or "*" for any'),
    ('http = { allow = ["get https://a.com"] }', 3, '... methods are in capitals; write "GET"'),
    ('http = { allow = ["GET https://a.com/a/../b"] }', 3, "... servers may read its path as"),
    (
        'grants = ["https://a.com"]\nhttp = { allow = [] }',
        4,
        "agents.a.http.allow: no rule lets anything be asked of https://a.com",
    ),
    (
        'grants = ["https://*.a.com", "https://b.com"]\n'
        'http = { allow = ["GET https://x.a.com/*"] }',
        4,
        "agents.a.http.allow: no rule lets anything be asked of https://b.com",
    ),
    (
        'grants = ["address:10.0.0.0/8"]',
        3,
        "agents.a.grants: it names where servers may be, and has no grant to ask any",
    ),
    ('grants = ["address:10.0.0.0"]', 3, '... is no network; write "10.0.0.0/32"'),
    ('[world]\neffects = "lockstp"', 4, '... not "lockstp"; did you mean "lockstep"?'),
    ('send-to = ["A"]', 3, "agents.a.send-to[0]: must be an address, "),
    ('send-to = ["a", "bb/*"]', 3, 'agents.a.send-to: "bb/*": no kind of agent is called "bb"'),
    (
        '[agents.B]\nsource = "librarian.py"',
        3,
        'agents.B: "B" cannot name a kind of agent: a-z, 0-9',
    ),
    ('[agents.world]\nsource = "librarian.py"', 3, 'agents.world: "world" cannot name a kind'),
    ('[agents."x/y"]\nsource = "librarian.py"', 3, 'agents."x/y": "x/y" cannot name a kind'),
    (f'[agents.{"x" * 194}]\nsource = "librarian.py"', 3, "... cannot name a kind of agent"),
    ("[agents.b]", 3, "agents.b.source: is missing: The agent's file"),
    ("[agents]\nb = 1", 4, "agents.b: must be a table, not 1"),
    ('[agents.b]\nsource = "librarain.py"', 4, "agents.b.source: there is no file "),
    ('[agents.b]\nsource = "librarain.py"', 4, '... "librarain.py"; did you mean "librarian.py"?'),
    ('[agents.b]\nsource = "nowhere/a.py"', 4, 'agents.b.source: there is no file "nowhere/a.py"'),
    (
        '[agents.b]\nsource = "notes.txt"',
        4,
        "agents.b.source: must be the path of a .py, .js or .wasm f",
    ),
    ('[agents.b]\nsource = "worker.py"', 4, 'agents.b.source: "worker.py" is not a file'),
    ('[agents.b]\nsource = "*.py"', 4, "agents.b.source: must be the path of a .py, .js or .was"),
    ('[agents.b]\nsource = "a\\u0000.py"', 4, "agents.b.source: must be the path of a .py, .js or"),
    (f'[agents.b]\nsource = "{"x" * 5000}.py"', 4, "... cannot be looked at"),
    ('[agents.b]\nsource = "circle.py"', 4, 'agents.b.source: "circle.py" cannot be looked at'),
    (
        'count = 60_000\n[agents.b]\nsource = "librarian.py"\ncount = 60_000',
        1,
        "agents: 120000 agents",
    ),
    # Mounts.
    ("[mounts]\nx = 1", 4, "mounts.x: must be a table, not 1"),
    ("mounts = 1\n[mounts.X]", 4, 'mounts.X: "X" cannot name a mount: a-z, 0-9'),
    ('[mounts.x]\nat = "/x"', 3, "mounts.x.path: is missing: The folder on this machine"),
    ('[mounts.x]\npath = "nowhere"\nat = "/x"', 4, 'mounts.x.path: there is no folder "nowhere"'),
    ('[mounts.x]\npath = "notes.txt"\nat = "/x"', 4, 'mounts.x.path: "notes.txt" is not a folder'),
    ('[mounts.x]\npath = ""\nat = "/x"', 4, 'mounts.x.path: must be the path of a folder, not ""'),
    *[
        (
            f'[mounts.x]\npath = "topics"\nat = "{at}"',
            5,
            "mounts.x.at: must be an absolute path such",
        )
        for at in ("/", "x", "/agent", "/agent/x", "/x/", "/x//y", "/x/../y", "/./x", "/x\\n", "")
    ],
    # Messages.
    ("[messages]", 3, "messages: must be tables, each [[messages]], not a table"),
    ("[[messages]]", 3, "messages[0].to: is missing: Address of the agent."),
    ('[[messages]]\nto = "a"', 3, "messages[0].topic: is missing: What it is about."),
    ('[[messages]]\nto = "A"\ntopic = "t"', 4, "messages[0].to: must be a name"),
    ('[[messages]]\nto = "a"\ntopic = "t t"', 5, "messages[0].topic: must be a name"),
    (
        '[[messages]]\nto = "b"\ntopic = "t"',
        4,
        'messages[0].to: no agent has the address "b"; there',
    ),
    (
        '[[messages]]\nto = "a/1"\ntopic = "t"',
        4,
        '... no agent has the address "a/1"; there is one "a',
    ),
    ('count = 2\n[[messages]]\nto = "a"\ntopic = "t"', 5, '... "a"; there are "a/1" to "a/2"'),
    ('count = 2\n[[messages]]\nto = "a/3"\ntopic = "t"', 5, '... "a/3"; there are "a/1" to "a/2"'),
    (
        'count = 2\n[[messages]]\nto = "a/01"\ntopic = "t"',
        5,
        '... "a/01"; there are "a/1" to "a/2"',
    ),
    ('count = 0\n[[messages]]\nto = "a"\ntopic = "t"', 5, '... "a"; there are no a at the start'),
    (
        '[[messages]]\nto = "a"\ntopic = "t"\nbody = 1',
        6,
        "messages[0].body: must be text, a table or",
    ),
    (
        '[[messages]]\nto = "a"\ntopic = "t"\nbody = [nan]',
        6,
        "messages[0].body: cannot be JSON: [0]",
    ),
    (
        f'[[messages]]\nto = "a"\ntopic = "t"\nbody = "{"x" * ((1 << 20) + 1)}"',
        6,
        "messages[0].body: takes 1048577 bytes; there may be 1048576",
    ),
    (
        '[[messages]]\nto = "a"\ntopic = "t"\nheaders = []',
        6,
        "messages[0].headers: must be a table",
    ),
    (
        '[[messages]]\nto = "a"\ntopic = "t"\n[messages.headers]\nx = 1',
        7,
        "messages[0].headers.x: must be text, not 1",
    ),
    (
        f'[[messages]]\nto = "a"\ntopic = "t"\nheaders = {{ x = "{"y" * 16384}" }}',
        6,
        "messages[0].headers: take 16385 bytes; there may be 16384",
    ),
    ('[[messages]]\nto = "a"\ntopic = "t"\nreply = "x"', 6, "messages[0].reply: unknown key"),
    # Limits.
    ("[limits]\nque = 1", 4, 'limits.que: unknown key; did you mean "queue"?'),
    ('[limits]\nqueue = "1 B"', 4, 'limits.queue: must be 1 MiB to 64 GiB, not "1 B"'),
    ("[limits]\nstep-fuel = 0", 4, "limits.step-fuel: must be from 1 to"),
    # Not TOML.
    ("x = ", 3, "is not TOML: "),
    ("[agents.a]", 3, "is not TOML: "),
    ("x = " + "[" * 50_000, 1, "is not TOML: nested too deeply"),
]


def told(path):
    with pytest.raises(BadManifest) as caught:
        read_manifest(path)
    return caught.value.mistakes


@pytest.mark.parametrize(("text", "line", "said"), AFTER_A, ids=range(len(AFTER_A)))
def test_each_mistake_is_told_with_its_line(write, folder, text, line, said):
    (folder / "circle.py").symlink_to("circle.py")
    path = write(A + text)
    mistakes = told(path)
    here = [
        m.removeprefix(f"{path}:{line}: ") for m in mistakes if m.startswith(f"{path}:{line}: ")
    ]
    if said.startswith("... "):
        assert any(said[4:] in mistake for mistake in here), mistakes
    else:
        assert any(mistake.startswith(said) for mistake in here), mistakes
    assert all(mistake.isprintable() for mistake in mistakes)


def test_all_mistakes_come_at_once_in_the_order_of_the_text(write):
    path = write('[world]\nseed = -1\n[agents.a]\nsource = "x.py"\ncount = "2"\nfule = 1\n')
    assert told(path) == [
        f"{path}:2: world.seed: must be from 0 to 9223372036854775807, not -1",
        f'{path}:4: agents.a.source: there is no file "x.py"',
        f'{path}:5: agents.a.count: must be a whole number, not "2"',
        f'{path}:6: agents.a.fule: unknown key; did you mean "fuel"?',
    ]


def test_nothing_is_said_that_only_follows_from_another_mistake(write):
    path = write(A + 'count = "3"\n[[messages]]\nto = "a/3"\ntopic = "t"\n')
    assert told(path) == [f'{path}:3: agents.a.count: must be a whole number, not "3"']


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("/docs", "/docs", True),
        ("/docs", "/docs/deep", True),
        ("/docs/deep", "/docs", True),
        ("/docs", "/docs2", False),
    ],
)
def test_two_mounts_of_an_agent_may_not_overlap(write, one, other, overlap):
    mounts = f'[mounts.x]\npath="topics"\nat="{one}"\n[mounts.y]\npath="other"\nat="{other}"'
    path = write(A + 'mounts = ["x", "y"]\n' + mounts)
    if overlap:
        assert told(path) == [f'{path}:3: agents.a.mounts: "x" at {one} and "y" at {other} overlap']
    else:
        assert len(read_manifest(path).mounts) == 2
    assert len(read_manifest(write(A + 'mounts = ["x"]\n' + mounts)).mounts) == 2


def test_a_manifest_without_agents(write):
    path = write("[world]\n")
    assert told(path) == [
        f"{path}:1: there are no agents: a world needs a table such as [agents.worker]"
    ]
    assert "there are no agents" in told(write(""))[0]


def test_a_manifest_that_is_no_file(folder):
    assert told(folder / "x.toml") == [f"{folder / 'x.toml'}: does not exist"]
    assert told(folder / "topics") == [f"{folder / 'topics'}: is not a file"]
    assert "cannot be read: File name too long" in told(folder / ("x" * 5000))[0]
    assert told("a\0b")[0].endswith(("does not exist", "cannot be read: not a path"))


def test_a_manifest_that_is_no_text(write):
    path = write(b'[agents.a]\n# \xff\nsource = "a.py"')
    assert told(path) == [f"{path}:2: is not UTF-8"]


def test_a_manifest_that_is_too_large(write):
    path = write(b"#" * (MAX_MANIFEST_BYTES + 1))
    assert told(path) == [f"{path}: is larger than 16 MiB"]


def test_a_number_of_thousands_of_digits(write):
    # What int() makes of it depends on PYTHONINTMAXSTRDIGITS; that it is refused does not.
    assert len(told(write(A + f"fuel = {BIG}"))) == 1
    assert len(told(write(A + f"fuel = 0x{BIG}"))) == 1
    with pytest.raises(BadManifest, match="not a number of many digits"):
        from_mapping({"world": {"seed": 10**5000}})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "a manifest must be a table, not an array"),
        ({1: 2}, "keys must be text, not 1"),
        ({"agents": {1: {}}}, "agents: names must be text, not 1"),
        (
            {"agents": {"a": {"source": None}}},
            "agents.a.source: must be the path of a .py, .js or .wasm ",
        ),
        ({"agents": {"a": {2: 1}}}, "agents.a: keys must be text, not 2"),
        (
            {"agents": {"a": {"config": {1: 1}}}},
            "agents.a.config: cannot be JSON: a key that is not",
        ),
        (
            {"agents": {"a": {"config": {"x": {1}}}}},
            "agents.a.config: cannot be JSON: .x: JSON has no",
        ),
        (
            {"agents": {"a": {"config": {"x": "\ud800"}}}},
            "agents.a.config: cannot be JSON: .x: text w",
        ),
        ({"world": {"epoch": dt.date(2025, 1, 1)}}, "world.epoch: must be a date and time such as"),
        (
            {"messages": [{"body": "\udfff"}]},
            "messages[0].body: cannot be JSON: text with half a cha",
        ),
        ({"messages": [{"headers": {1: "x"}}]}, "messages[0].headers: names must be text, not 1"),
        ({"messages": [{"headers": {"x": "\ud800"}}]}, "messages[0].headers.x: must be text, not"),
        ({"messages": [7]}, "messages[0]: must be a table, not 7"),
        ({"mounts": []}, "mounts: must be a table of tables, not an array"),
    ],
)
def test_python_values_are_told_by_the_path_of_their_key(folder, data, said):
    with pytest.raises(BadManifest) as caught:
        from_mapping(data, folder)
    assert any(mistake.startswith(said) for mistake in caught.value.mistakes), caught.value


def test_a_value_that_holds_itself(folder):
    config = {}
    config["self"] = config
    with pytest.raises(BadManifest, match="nested more than 128 deep"):
        from_mapping({"agents": {"a": {"source": "librarian.py", "config": config}}}, folder)


def test_a_folder_that_is_none():
    with pytest.raises(BadManifest):
        from_mapping({}, "a\0b")
