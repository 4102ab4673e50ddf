"""Submits snippets, and raises agents whose code it writes."""

from wasm_agent import Fault, ask, code, flow, on, spawn, state


@on("run")
def run(message):
    """Runs snippets one after another: `[source, ...]`; keeps the value or the fault of each."""
    found = []
    for source in message.json():
        try:
            found.append(code.run(source).value)
        except Fault as fault:
            found.append(f"{fault.code}: {fault.detail}")
    state["found"] = found
    state["labels"] = flow.labels()


@on("raise")
def raise_agents(message):
    """Raises agents: `[kind, key, config, topics]`; keeps what each said to each."""
    for kind, key, config, topics in message.json():
        address = spawn(kind, key, config)
        said = []
        for topic in topics:
            try:
                said.append(ask(address, topic, "x").json())
            except Fault as fault:
                said.append(fault.code)
        state[address] = said
