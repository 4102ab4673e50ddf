"""Answers orders. What goods cost it does not know itself: a tool does, written in C."""

from wasm_agent import InvalidArguments, on, tools


@on("order")
def order(message):
    try:
        priced = tools.call("pricing.price", message.json())
    except InvalidArguments as wrong:
        return f"not understood: {wrong.detail}"
    if "error" in priced:
        return f"no: {priced['error']}"
    quote = priced["ok"]
    text = f"{quote['cents'] / 100:.2f}"
    return text if quote["note"] is None else f"{text} ({quote['note']})"


@on("catalogue")
def catalogue(message):
    return {
        "goods": tools.call("pricing.goods"),
        "tools": {tool.name: tool.description for tool in tools.list()},
    }
