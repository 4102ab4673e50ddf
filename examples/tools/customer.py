"""Asks the desk for prices, one of them in a way that nobody understands."""

from wasm_agent import ask, log, on

TEA = {"good": "tea", "count": 3, "unit": "box"}
ORDERS = (
    {"lines": [TEA, {"good": "pots", "count": 1, "unit": "piece"}]},
    {"lines": [TEA], "discount": 10},
    {"lines": [{"good": "rum", "count": 1, "unit": "piece"}]},
    {"lines": [{**TEA, "count": -1}]},
)


@on("begin")
def begin(message):
    log.info(f"sold: {', '.join(ask('desk', 'catalogue').json()['goods'])}")
    for order in ORDERS:
        log.info(ask("desk", "order", order).text)
