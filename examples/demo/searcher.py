"""Asks all shards of the index at once, and merges what they find."""

from wasm_agent import ask_all, config, log, on, send


@on("question")
def question(message):
    shards = [f"shard/{number}" for number in range(1, config["shards"] + 1)]
    found = [hit for reply in ask_all(shards, "search", message.text) for hit in reply.json()]
    found.sort(key=lambda hit: (-hit["score"], hit["doc"], hit["passage"]))
    best = found[: config["passages"]]
    log.info(f"{len(found)} passages found, the best one in {best[0]['doc'] if best else 'none'}")
    send("writer", "passages", {"question": message.text, "passages": best})
