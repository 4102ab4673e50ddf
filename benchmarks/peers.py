"""The durable ping-pong in LangGraph and in DBOS, where they are installed; never required.

`python -m pip install --require-hashes -r benchmarks/peers.txt` installs them, and AutoGen; best
in an environment of its own that has this project, too.

- LangGraph: a graph of two nodes that hand a message to each other, with `SqliteSaver` and
  `durability="sync"`: a checkpoint of the graph's state is in the database before the next node.
- DBOS: a workflow that hands a message to two steps in turn, its records in SQLite as well.

CPU time for a message, the least of three runs, beside ours in the same process and minute: the
ping-pong of `durability.py`. All of them are durable, not in the same way. The peers commit each
message on its own; of ours many reach the disk with one fsync, which is enough because what was
lost is computed again, and nothing leaves before what led to it is on the disk. None of the peers'
agents is contained.
"""

from __future__ import annotations

import operator
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

from benchmarks import durability
from benchmarks.figures import Figure

try:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph
except ImportError:
    StateGraph = None  # type: ignore[assignment,misc]
try:
    import dbos
except ImportError:
    dbos = None  # type: ignore[assignment]

BODY = "x" * 100
RUNS = 3
GRAPH_MESSAGES = 2_000
DBOS_MESSAGES = 500


def measure() -> list[Figure]:
    rows: list[tuple[str, Callable[[], float], float]] = []
    if StateGraph is not None:
        rows.append(("LangGraph, SqliteSaver", _langgraph, 1 / 10))
    if dbos is not None:
        rows.append(("DBOS, SQLite", _dbos, 1 / 50))
    figures = []
    for name, one_run, times in rows:
        ours = min(durability.one_run().cpu for _ in range(RUNS))
        theirs = min(one_run() for _ in range(RUNS))
        what = f"a message, durable, CPU (floor: {name})"
        figures.append(Figure(what, ours, "us", floor=theirs, times=times))
    return figures


class State(TypedDict):
    """What the nodes of the graph hand on."""

    body: str
    sent: Annotated[int, operator.add]


def _langgraph() -> float:
    """Microseconds for a message."""

    def hand_on(state: State) -> dict[str, Any]:
        return {"body": state["body"], "sent": 1}

    def after(state: State) -> str:
        return END if state["sent"] >= GRAPH_MESSAGES else "ping"

    graph: Any = StateGraph(State)
    graph.add_node("ping", hand_on)
    graph.add_node("pong", hand_on)
    graph.add_edge(START, "ping")
    graph.add_edge("ping", "pong")
    graph.add_conditional_edges("pong", after, {"ping": "ping", END: END})
    config = {"recursion_limit": GRAPH_MESSAGES + 5, "configurable": {"thread_id": "1"}}
    with tempfile.TemporaryDirectory() as home:
        with SqliteSaver.from_conn_string(f"{home}/graph.db") as saver:
            app = graph.compile(checkpointer=saver)
            began = time.process_time()
            ended = app.invoke({"body": BODY, "sent": 0}, config, durability="sync")
            took = time.process_time() - began
        assert ended["sent"] == GRAPH_MESSAGES
    return took / GRAPH_MESSAGES * 1e6


def _dbos() -> float:
    """Microseconds for a message."""
    with tempfile.TemporaryDirectory() as home:
        database = f"sqlite:///{Path(home, 'steps.db')}"
        dbos.DBOS(
            config={
                "name": "bench",
                "system_database_url": database,
                "log_level": "CRITICAL",
                "application_version": "1",
            }
        )

        @dbos.DBOS.step()
        def ping(body: str) -> str:
            return body

        @dbos.DBOS.step()
        def pong(body: str) -> str:
            return body

        @dbos.DBOS.workflow()
        def play(messages: int) -> str:
            body = BODY
            for _ in range(messages // 2):
                body = pong(ping(body))
            return body

        try:
            dbos.DBOS.launch()
            play(10)
            began = time.process_time()
            assert play(DBOS_MESSAGES) == BODY
            took = time.process_time() - began
        finally:
            dbos.DBOS.destroy(destroy_registry=True)
    return took / DBOS_MESSAGES * 1e6
