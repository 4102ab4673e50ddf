"""The example `shops`: a buyer, a real server, and a replay without it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from examples.shops.server import Request, Shops
from wasm_engine.control import inspection, replays, runs

SHOPS = Path(__file__).parents[2] / "examples/shops"


@pytest.fixture
def shops(monkeypatch):
    """The server, on whatever port is free."""
    monkeypatch.setattr(Request, "log_message", lambda *_: None)
    server = Shops(0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_buys_where_it_is_cheapest(shops, tmp_path):
    origin = f"http://127.0.0.1:{shops.server_port}"
    shutil.copytree(SHOPS, tmp_path / "shops")
    manifest = tmp_path / "shops" / "world.toml"
    manifest.write_text(manifest.read_text().replace("http://127.0.0.1:8808", origin))
    file = tmp_path / "it.run"
    report = runs.run(manifest, file=file, send=[("buyer", "buy", "salt")], allow=[origin])
    assert (report.status, report.dead_letters) == ("idle", 0)
    log = inspection.inspect(file, wanted=inspection.Wanted(log=True)).log
    assert [line.text for line in log if line.level == "info"] == [
        "tea from south for 310, order 1",
        "salt from harbour for 85, order 2",
    ]
    assert len(log) == 4  # each time one of the shops had none
    assert len(shops.orders) == 2
    assert replays.replay(file).identical
    assert len(shops.orders) == 2
