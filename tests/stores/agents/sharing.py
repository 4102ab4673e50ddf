"""Shares what it counts and keeps, by the SDK's `keyvalue`."""

from wasm_agent import Fault, NotANumber, NotGranted, QuotaExceeded, keyvalue, log, on


def tried(kind, do):
    try:
        do()
    except kind as fault:
        return type(fault).__name__
    return None


@on("all")
def everything(message):
    orders = keyvalue.open("orders")
    log.info(repr(orders), "x" in orders, orders.get("x"), orders.get("x", 5), len(orders))
    orders["x"] = {"a": [1, None]}
    orders["raw"] = b"\xff\x00"
    log.info(orders["x"], orders["raw"], orders.get_bytes("x"), sorted(orders), len(orders))
    log.info(tried(KeyError, lambda: orders["none"]), tried(KeyError, lambda: orders.pop("none")))
    log.info(
        orders.pop("x"), "x" in orders, orders.setdefault("y", "text"), orders.setdefault("y", 1)
    )
    orders.update({f"n{n:04}": n for n in range(1500)}, last=True)
    log.info(len(orders), len(orders.get_many([*orders, "none"])), orders["n1499"], orders["last"])
    orders.delete_many(key for key in orders if key.startswith("n"))
    log.info(sorted(orders), orders.increment("count"), orders.increment("count", -3))
    log.info(tried(NotANumber, lambda: orders.increment("y")), orders["count"])
    log.info(tried(QuotaExceeded, lambda: orders.update(big="v" * 250_000)))
    log.info(
        tried(NotGranted, lambda: keyvalue.open("secret")), tried(TypeError, lambda: orders[1])
    )
    log.info(tried(ValueError, lambda: orders.increment("count", 1 << 63)))
    log.info(tried(Fault, lambda: orders["k" * 513]))
    orders.clear()
    log.info(len(orders))


@on("add")
def add(message):
    def more(seen):
        return [*(seen or []), message.text]

    log.info(*keyvalue.open("orders").change("names", more))
