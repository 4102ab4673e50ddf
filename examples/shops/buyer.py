"""Buys where it is cheapest, and remembers what it bought."""

from wasm_agent import Fault, config, gather, http, log, on, state


@on("buy")
def buy(message):
    server, item = config["server"], message.text
    asked = {
        shop: http.start("GET", f"{server}/prices/{shop}", params={"item": item})
        for shop in config["shops"]
    }
    prices = {}
    for shop, answer in zip(asked, gather(*asked.values(), faults=True), strict=True):
        if isinstance(answer, Fault) or not answer.ok:
            log.warning(f"{shop} has no price for {item}: {answer}")
        else:
            prices[shop] = answer.json()["price"]
    if not prices:
        raise Fault("no-offer", item)
    shop = min(prices, key=lambda name: (prices[name], name))
    order = http.post(f"{server}/orders", {"shop": shop, "item": item}).expect_ok().json()
    state[f"order/{order['number']}"] = {"shop": shop, "item": item, "price": prices[shop]}
    log.info(f"{item} from {shop} for {prices[shop]}, order {order['number']}")
