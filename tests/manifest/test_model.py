"""What a right manifest becomes."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from wasm_engine.agents.manifest import (
    DEFAULT_EPOCH,
    InitialMessage,
    Kind,
    Manifest,
    Mount,
    Secret,
    Settings,
    WorldLimits,
)
from wasm_engine.agents.read_manifest import from_mapping, read_manifest
from wasm_engine.agents.stored_manifest import canonical
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.sql_rights import SqlRights
from wasm_engine.policy.grants import Grant

FULL = (Path(__file__).parent / "full.toml").read_text(encoding="utf-8")
DIGEST = "0123456789abcdef" * 4
PIN = "sha256:" + "fedcba9876543210" * 4


def test_the_least_manifest_has_every_default(folder, write):
    manifest = read_manifest(write('[agents.a]\nsource = "librarian.py"'))
    assert manifest.agents == (Kind("a", "librarian.py"),)
    assert manifest.world.seed == 0
    assert manifest.world.epoch == DEFAULT_EPOCH
    assert manifest.limits == WorldLimits()
    assert manifest.mounts == manifest.messages == ()
    assert manifest.folder == str(folder)
    assert manifest.needs() == []


def test_a_full_manifest_is_read_as_written(write):
    manifest = read_manifest(write(FULL))
    epoch = 1_748_772_000 * 10**9 + 1000
    assert manifest.world == Settings("docs", 7, "recorded", epoch, DIGEST, 10, "lockstep", PIN)
    assert [kind.name for kind in manifest.agents] == ["librarian", "spare", "worker"]
    assert manifest.kind("worker") == Kind(
        name="worker",
        source="worker.wasm",
        count=3,
        config='{"shards":4,"é":[1.5,true,"x"]}',
        subscribe=("news/today", "question"),
        lifecycle="resident",
        fuel=1_000_000,
        work=2_000_000,
        memory=64 << 20,
        disk=0,
        batch=8,
        retries=2,
        on_retry="restart",
        expect_failure=True,
        mounts=("topics",),
        grants=(
            Grant("address", "10.0.0.0/8"),
            Grant("http", "//[::1]:8080"),
            Grant("https", "//*.example.com"),
            Grant("spawn", "spare"),
            Grant("sql", "shop"),
            Grant("stop", "*"),
            Grant("stop", "worker/*"),
        ),
        send_to=("librarian", "worker/*"),
        http_timeout=500_000_000,
        http_max_response=1 << 20,
        http_idempotent=("http://[::1]:8080/orders/*", "https://*.example.com"),
        isolation="process",
        http_redirects=3,
        http_allow=("* http://[::1]:8080", "GET https://api.example.com/v1/*"),
        sql=(
            (
                "shop",
                SqlRights(("items", "orders.id"), ("orders",), ("orders.total",), ("*",)),
            ),
        ),
    )
    ledger, shop, stock = manifest.sql
    assert (shop.name, shop.max_size, shop.max_value) == ("shop", 1 << 20, 2048)
    assert (ledger.address, ledger.user) == ("postgresql://[::1]:5432/ledger", "clerk")
    assert (ledger.secret, ledger.tls, ledger.timeout) == ("ledger-password", False, 5 * 10**9)
    assert (ledger.connections, ledger.marks) == (2, False)
    assert (stock.address, stock.marks) == ("sqlite:/data/stock.db", True)
    assert manifest.kind("spare").send_to == ()
    assert manifest.kind("spare").alternatives == (
        ("next", "worker.wasm"),
        ("other", "librarian.py"),
    )
    assert Grant("swap", "spare") in manifest.kind("librarian").grants
    assert manifest.kind("nobody") is None
    assert manifest.mounts == (
        Mount("topics", "topics", "/docs"),
        Mount("workshop", "", "/workshop", writable=True, quota=1 << 20, max_files=50),
    )
    assert manifest.messages == (
        InitialMessage("librarian", "question", ("text", "why?"), (("a", "1"), ("b", "2"))),
        InitialMessage("worker/3", "work", ("text", '{"a":"ö","b":[1,2]}')),
    )
    assert manifest.limits == WorldLimits(1 << 30, 5)
    servers = ("http://[::1]:8080", "https://*.example.com")
    assert manifest.secrets == (Secret("api-key", servers, ("header", "url")),)


def test_addresses(write):
    manifest = read_manifest(write(FULL))
    assert manifest.addresses() == ["librarian", "worker/1", "worker/2", "worker/3"]


def test_mounts_of_a_kind(write):
    manifest = read_manifest(write(FULL))
    assert manifest.mounts_of(manifest.kind("librarian")) == manifest.mounts
    assert manifest.mounts_of(manifest.kind("worker")) == manifest.mounts[:1]
    assert manifest.mounts_of(manifest.kind("spare")) == ()


def test_another_seed_changes_nothing_else(write):
    manifest = read_manifest(write(FULL))
    other = manifest.with_seed(8)
    assert other.world.seed == 8
    assert other.with_seed(7) == manifest


def test_where_a_manifest_lies_is_no_part_of_its_world(tmp_path):
    found = []
    for folder in ("one", "My World!"):
        home = tmp_path / folder
        home.mkdir()
        (home / "a.py").write_bytes(b"")
        found.append(canonical(from_mapping({"agents": {"a": {"source": "a.py"}}}, home)))
    assert found[0] == found[1]


def test_python_values_mean_what_toml_means(folder):
    data = {
        "agents": {"a": {"source": "librarian.py", "subscribe": ("x", "y")}},
        "messages": [{"to": "a", "topic": "t", "body": b"\x00\xff"}],
    }
    manifest = from_mapping(data, folder)
    assert manifest.agents[0].subscribe == ("x", "y")
    assert manifest.messages[0].body == ("bytes", b"\x00\xff")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write):
    text = '[agents.a]\r\nsource = "librarian.py"\r\n'
    assert read_manifest(write(b"\xef\xbb\xbf" + text.encode())).agents == (
        Kind("a", "librarian.py"),
    )


def test_what_leaves_the_folder_needs_the_operator(folder, write, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.py").write_bytes(b"")
    (folder / "link.py").symlink_to(outside / "a.py")
    (folder / "inward").symlink_to(folder / "topics")
    manifest = read_manifest(
        write(
            f'[agents.a]\nsource = "link.py"\n[agents.b]\nsource = "topics/../librarian.py"\n'
            f'[mounts.out]\npath = "{outside}"\nat = "/out"\n'
            f'[mounts.in]\npath = "inward"\nat = "/in"'
        )
    )
    assert [str(need) for need in manifest.needs()] == [
        f"mount:{outside}",
        f"source:{outside / 'a.py'}",
    ]


def test_servers_need_the_operator_wherever_the_world_lies(write):
    manifest = read_manifest(write(FULL))
    servers = ["address:10.0.0.0/8", "http://[::1]:8080", "https://*.example.com"]
    databases = ["postgresql://[::1]:5432/ledger", "sqlite:/data/stock.db"]
    servers += ["secret:ledger-password", "redis://127.0.0.1:6379"]
    assert list(map(str, manifest.needs())) == [*servers, *databases]


def test_on_what_terms_servers_are_asked(write):
    worker = read_manifest(write(FULL)).kind("worker")
    terms = worker.http
    assert (worker.http_redirects, worker.networks) == (3, (IPv4Network("10.0.0.0/8"),))
    assert terms.rules == ("* http://[::1]:8080", "GET https://api.example.com/v1/*")
    assert (terms.timeout, terms.most) == (500_000_000, 1 << 20)
    assert terms.allows("https://api.example.com")
    assert not terms.allows("https://example.com")
    assert not terms.allows("http://api.example.com")
    assert not terms.allows("https://api.example.com:8443")
    assert not Kind("a", "a.py").http.allows("https://api.example.com")


def test_a_run_has_no_paths_to_open():
    with pytest.raises(Misuse, match="no folder"):
        Manifest(Settings("w"), (Kind("a", "a.py"),)).host_path("a.py")
