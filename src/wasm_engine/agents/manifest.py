"""The manifest of a world as values: what `world.toml` says, checked, with its defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from wasm_engine.agents.manifest_stores import BlobContainer, KeyValueBucket, SqlDatabase
from wasm_engine.concepts.addresses import Network, read_network
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.message import Body
from wasm_engine.concepts.references import names_component
from wasm_engine.concepts.sql_rights import SqlRights
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.host.standard_components import named_path
from wasm_engine.policy.grants import (
    Grant,
    GrantKind,
    addresses,
    databases_of,
    origins,
    outside,
    reaches_beyond,
    redis_of,
)

MIB = 1 << 20
DEFAULT_EPOCH = 1_735_689_600 * 10**9
"""2025-01-01T00:00:00Z, in nanoseconds since 1970."""
LANGUAGES = ("python", "javascript")
"""Of code that can be submitted to a tool."""
SUBMITTED = tuple(f"submitted:{language}" for language in LANGUAGES)
"""The sources of kinds whose agents have their code in their configuration."""
MAX_AGENTS = 100_000
MAX_BODY_BYTES = MIB
MAX_HEADER_BYTES = 16 << 10


class Settings(Struct, frozen=True):
    """The world as a whole.

    Attributes:
        name: What the world is called; agents may read it.
        seed: Where all entropy comes from, 0 to 2**63 - 1.
        clock: `virtual` (world time is computed) or `recorded` (real time, kept in the run).
        epoch: World time at the start, in nanoseconds since 1970.
        interpreter: SHA-256 (hex) of the component that runs `.py` agents, if pinned.
        mailbox: How many messages from one sender may wait in one mailbox.
        effects: `concurrent` (the world goes on while the outside is asked) or `lockstep` (no step
            before all answers of the one before are there).
        javascript_interpreter: `sha256:` and the digest of the component that runs `.js` agents, if
            pinned.
    """

    name: str
    seed: int = 0
    clock: Literal["virtual", "recorded"] = "virtual"
    epoch: int = DEFAULT_EPOCH
    interpreter: str | None = None
    mailbox: int = 1024
    effects: Literal["concurrent", "lockstep"] = "concurrent"
    javascript_interpreter: str | None = None

    def interpreter_of(self, language: str) -> str | None:
        """SHA-256 (hex) of the component that runs a language's agents, if pinned."""
        if language == "python":
            return self.interpreter
        pin = self.javascript_interpreter
        return pin and pin.removeprefix("sha256:")


class Kind(Struct, frozen=True):
    """One kind of agent: one component, one configuration, any number of agents.

    Attributes:
        name: First segment of its agents' addresses.
        source: The `.wasm`, `.py` or `.js` file as the manifest names it; in a run file, its name.
        count: How many agents there are from the start.
        config: What the agents read as their configuration: canonical JSON.
        subscribe: Topics whose publications they get, sorted.
        lifecycle: `message` (pristine memory for every message) or `resident`.
        fuel: Instructions per message.
        work: Host work per message.
        memory: Bytes of linear memory.
        disk: Bytes in the private file system.
        batch: Messages handled in one step at most.
        retries: Further attempts after a failure that another attempt might cure.
        on_retry: `restart` where the handler is idempotent, so that it may run again even after
            a segment was committed; else `fail`.
        expect_failure: Whether its failures leave the world a success.
        mounts: Names of the folders it sees, sorted.
        grants: What it may do beyond handling and sending messages, sorted.
        send_to: Patterns of the addresses it may send to, sorted; None for anyone.
        http_timeout: Real time that a server has to answer, in nanoseconds.
        http_max_response: Bytes that the body of a response may have.
        http_idempotent: Patterns of URLs where any request may be sent a second time under the
            same key, sorted.
        isolation: `thread` (in this process), or `process` (in one of their own).
        http_redirects: How many redirects of one request are followed.
        http_allow: Rules, sorted: which requests it may send to the servers it may ask; None for
            any.
        sql: By the name of a database what they may do in it, sorted; of others their grant says.
        tools: Tools that its agents may call, `NAME` or `NAME.function`, sorted.
        link: Tools whose interfaces stand in for what its component imports, sorted.
        alternatives: What agents may swap in its source's place: names and files, sorted.
    """

    name: str
    source: str
    count: int = 1
    config: str = "{}"
    subscribe: tuple[str, ...] = ()
    lifecycle: Literal["message", "resident"] = "message"
    fuel: int = 5_000_000_000
    work: int = 2_000_000_000
    memory: int = 256 * MIB
    disk: int = 64 * MIB
    batch: int = 64
    retries: int = 0
    on_retry: Literal["fail", "restart"] = "fail"
    expect_failure: bool = False
    mounts: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    send_to: tuple[str, ...] | None = None
    http_timeout: int = 30 * 10**9
    http_max_response: int = 2 * MIB
    http_idempotent: tuple[str, ...] = ()
    isolation: Literal["thread", "process"] = "thread"
    http_redirects: int = 0
    http_allow: tuple[str, ...] | None = None
    sql: tuple[tuple[str, SqlRights], ...] = ()
    tools: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, str], ...] = ()

    @property
    def language(self) -> Literal["python", "javascript"] | None:
        """What it is written in, if it is run by an interpreter component."""
        if self.source.endswith(".py") or self.source == "submitted:python":
            return "python"
        written = self.source.endswith(".js") or self.source == "submitted:javascript"
        return "javascript" if written else None

    def addresses(self) -> list[str]:
        """Its agents at the start: `name` alone if it is one, else `name/1` to `name/count`."""
        if self.count == 1:
            return [self.name]
        return [f"{self.name}/{number}" for number in range(1, self.count + 1)]

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the secrets that its agents may use."""
        return frozenset(grant.target for grant in self.grants if grant.kind == "secret")

    @property
    def http(self) -> HttpTerms:
        """On what terms its agents may ask servers."""
        allowed = tuple(str(grant) for grant in origins(self.grants))
        return HttpTerms(allowed, self.http_timeout, self.http_max_response, self.http_allow)

    @property
    def networks(self) -> tuple[Network, ...]:
        """Where the names of those servers may lead to beside the public addresses."""
        return tuple(read_network(grant.target) for grant in addresses(self.grants))


class Mount(Struct, frozen=True):
    """A folder of the host that agents may read, or one of the world that begins as a copy of it.

    Attributes:
        name: What kinds of agents call it in `mounts`.
        path: The folder as the manifest names it; empty in a run file, and where a writable one
            begins empty.
        at: Where agents see it, an absolute path.
        writable: Whether it belongs to the world, and agents with a grant may change it.
        quota: Bytes that a writable one may hold.
        max_files: Files and directories that it may hold.
    """

    name: str
    path: str
    at: str
    writable: bool = False
    quota: int = 64 * MIB
    max_files: int = 10_000


class Label(Struct, frozen=True):
    """A label of information: what carries it from the start, as `kind:name` or an origin."""

    name: str
    sources: tuple[str, ...] = ()


class Budget(Struct, frozen=True):
    """What agents may spend, alone or together.

    Attributes:
        name: What it is called.
        kinds: The kinds that it is about, sorted; empty for all.
        over: Who has an account of it: each `agent`, each `kind`, or `all` of them together.
        fuel, work, messages, effects, bytes, tokens: Most of it, or None.
        agents: Most agents that there are at a time, or None.
        per: In which span of world time (ns), window by window from the epoch on; None: ever.
        exhausted: What becomes of who wants more: calls and messages are refused (`refuse`), its
            messages wait for the next window (`wait`), or it is ended (`stop`).
    """

    name: str
    kinds: tuple[str, ...] = ()
    over: Literal["agent", "kind", "all"] = "agent"
    fuel: int | None = None
    work: int | None = None
    messages: int | None = None
    effects: int | None = None
    bytes: int | None = None
    tokens: int | None = None
    agents: int | None = None
    per: int | None = None
    exhausted: Literal["refuse", "wait", "stop"] = "refuse"

    def is_about(self, kind: str) -> bool:
        """Whether it bounds agents of a kind."""
        return not self.kinds or kind in self.kinds


class Secret(Struct, frozen=True):
    """A secret that agents may use and never see: where it may be sent, and where in a request.

    Attributes:
        name: What it is called, in grants and by the operator who has it.
        for_: Servers: origins, or `https://*.` and the rest of a name; sorted.
        in_: Places in a request: `body`, `header`, `url`; sorted.
    """

    name: str
    for_: tuple[str, ...] = ()
    in_: tuple[str, ...] = ("header",)


class Tool(Struct, frozen=True):
    """A component whose functions agents may call.

    Attributes:
        name: What it is called: the first part of the names of its functions.
        component: The `.wasm` file as the manifest names it; in a run file, its name alone. Empty
            where it runs code that is submitted to it.
        language: Of that code: `python`; else empty.
        config: What it reads as its configuration: canonical JSON.
        fuel: Instructions per call.
        work: Host work per call.
        memory: Bytes of linear memory; never more than its caller may have.
        disk: Bytes in its private file system, which is empty at each call.
        mounts: Names of the folders it sees, sorted.
        grants: What it may do, sorted.
        own_authority: Whether it may do that whoever calls it; else only what its caller may, too.
        tools, link: As of a kind of agents.
    """

    name: str
    component: str = ""
    language: str = ""
    config: str = "{}"
    fuel: int = 100_000_000
    work: int = 100_000_000
    memory: int = 64 * MIB
    disk: int = MIB
    mounts: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    own_authority: bool = False
    tools: tuple[str, ...] = ()
    link: tuple[str, ...] = ()


class Model(Struct, frozen=True):
    """A model that agents may ask; one of the keys from `file` to `guest` says which.

    Attributes:
        name: What grants call it.
        file: The `.onnx` file as the manifest names it, or a kept model; in a run file, its name.
        folder: The folder of a language model.
        server: The operator's name of the server that has it.
        script, guest: The file of answers that stand in its place; whether agents bring its bytes.
        model: What the server calls it; empty: by `name`.
        digest: `sha256:` and what the bytes of `file` or `folder` must have; None: any.
        device, threads: Where it computes, and in how many threads one call does.
        concurrency: Calls at a time.
        timeout: Real time (ns) that a call may take.
        memory: Bytes of the tensors of one call.
        store: What a run keeps of its results.
        context, most: Tokens of a conversation with its answer, and of an answer.
        cache: Whether a question that was answered is answered again without asking.
        retries: Further attempts at a server that did not answer, or was busy.
    """

    name: str
    file: str = ""
    folder: str = ""
    server: str = ""
    script: str = ""
    guest: bool = False
    model: str = ""
    digest: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 1
    concurrency: int = 1
    timeout: int = 60 * 10**9
    memory: int = 256 * MIB
    store: Literal["results", "digest"] = "results"
    context: int = 4096
    most: int = 1024
    cache: bool = False
    retries: int = 2

    @property
    def place(self) -> str:
        """Where it lies: a path, or a kept model; empty: on a server."""
        return self.file or self.folder or self.script


class InstructionsFile(Struct, frozen=True):
    """A file that has an assistant's instructions; read with the manifest, and not in a run.

    Attributes:
        kind: Whose they are.
        path: The file as the manifest names it.
        sha256: Of its bytes, hexadecimal.
    """

    kind: str
    path: str
    sha256: str = ""


class InitialMessage(Struct, frozen=True):
    """A message from the operator that the world starts with. Headers are sorted."""

    to: str
    topic: str
    body: Body = ("text", "")
    headers: tuple[tuple[str, str], ...] = ()


class WorldLimits(Struct, frozen=True):
    """Bounds of the world: bytes queued in all mailboxes, and fuel of one agent in one step."""

    queue: int = 256 * MIB
    step_fuel: int = 100_000_000


class Manifest(Struct, frozen=True):
    """A world, as its maker described it.

    Attributes:
        world: Settings of the world as a whole.
        agents: Kinds of agents, sorted by name.
        mounts: Folders, sorted by name.
        messages: What the world starts with, in the order of the manifest.
        limits: Bounds of the world.
        folder: What relative paths are relative to, resolved; empty in a run file.
        labels: Labels of information, sorted by name.
        sql: Databases, sorted by name.
        keyvalue: Buckets of the key-value store that are not as they are by default, by name.
        blobstore: The same of containers of large objects.
        budgets: Budgets, sorted by name.
        secrets: Secrets that its agents may use, sorted by name.
        tools: Components whose functions agents may call, sorted by name.
        models: Models that agents may ask, sorted by name.
        instructions: Files that had instructions of assistants, by kind; empty in a run file.
    """

    world: Settings
    agents: tuple[Kind, ...]
    mounts: tuple[Mount, ...] = ()
    messages: tuple[InitialMessage, ...] = ()
    limits: WorldLimits = WorldLimits()
    folder: str = ""
    labels: tuple[Label, ...] = ()
    sql: tuple[SqlDatabase, ...] = ()
    keyvalue: tuple[KeyValueBucket, ...] = ()
    blobstore: tuple[BlobContainer, ...] = ()
    budgets: tuple[Budget, ...] = ()
    secrets: tuple[Secret, ...] = ()
    tools: tuple[Tool, ...] = ()
    models: tuple[Model, ...] = ()
    instructions: tuple[InstructionsFile, ...] = ()

    def kind(self, name: str) -> Kind | None:
        """The kind of agent of that name."""
        return next((kind for kind in self.agents if kind.name == name), None)

    def components(self) -> list[str]:
        """The files of its kinds of agents and of its tools, as it names them."""
        files = [kind.source for kind in self.agents if kind.source not in SUBMITTED]
        files += [file for kind in self.agents for _, file in kind.alternatives]
        return files + [tool.component for tool in self.tools if tool.component]

    def mounted(self) -> set[str]:
        """Names of the folders that anybody sees."""
        holders: tuple[Kind | Tool, ...] = (*self.agents, *self.tools)
        return {name for holder in holders for name in holder.mounts}

    def addresses(self) -> list[str]:
        """All agents at the start, in canonical order."""
        return sorted(address for kind in self.agents for address in kind.addresses())

    def tool(self, name: str) -> Tool | None:
        """The tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def mounts_of(self, kind: Kind) -> tuple[Mount, ...]:
        """The folders that a kind of agent sees."""
        return tuple(mount for mount in self.mounts if mount.name in kind.mounts)

    def secrets_granted(self) -> list[str]:
        """Names of the secrets that any agent may use, sorted."""
        return sorted({name for kind in self.agents for name in kind.secrets})

    def secrets_needed(self) -> list[str]:
        """Names of those, and of the passwords of its databases, sorted."""
        passwords = [it.secret for it in self.sql if it.secret is not None]
        return sorted({*self.secrets_granted(), *passwords})

    def with_seed(self, seed: int) -> Manifest:
        """The same world under another seed."""
        return replace(self, world=replace(self.world, seed=seed))

    def host_path(self, path: str) -> Path:
        """Where a source or mount of this manifest really is, links followed.

        Open what this answers, not the path as written: it is what the operator's word was about.
        """
        if not self.folder:
            raise Misuse("the manifest of a run file has no folder; its contents are in the run")
        return (Path(self.folder) / path).resolve()

    def source_path(self, holder: Kind | Tool) -> Path:
        """Where what a kind or a tool runs really is: a file, in the store, or in this package."""
        source = holder.source if isinstance(holder, Kind) else holder.component
        return named_path(source) or self.host_path(source)

    def needs(self) -> list[Grant]:
        """What this manifest wants from the machine beyond its own folder.

        A run has its files in itself; what it may want is servers, where these may be, secrets.
        """
        used = [grant for kind in self.agents for grant in kind.grants]
        used += [Grant("secret", it.secret) for it in self.sql if it.secret is not None]
        wanted = outside(used)
        wanted += redis_of(bucket.redis for bucket in self.keyvalue if bucket.redis is not None)
        wanted += databases_of(it.address for it in self.sql if it.address is not None)
        if not self.folder:
            return wanted
        named: list[tuple[GrantKind, str]] = [
            ("source", str(self.host_path(path)))
            for path in (*self.components(), *(it.place for it in self.models if it.place))
            if not names_component(path)  # the operator keeps it, or it is the engine's own
        ]
        named += [("source", str(self.host_path(it.script))) for it in self.models if it.script]
        named += [("mount", str(self.host_path(it.path))) for it in self.mounts if it.path]
        return [*reaches_beyond(self.folder, named), *wanted]
