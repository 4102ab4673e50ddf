"""Reads the documents, hands each one to a shard of the index, and passes the question on."""

from pathlib import Path

from wasm_agent import config, log, on, send


@on("question")
def question(message):
    shards = [f"shard/{number}" for number in range(1, config["shards"] + 1)]
    papers = sorted(Path("/docs").glob("*.txt"))
    for number, paper in enumerate(papers):
        text = paper.read_text()
        title = text.partition("\n")[0]
        send(shards[number % len(shards)], "index", f"{paper.stem}\t{title}\n{text}")
    log.info(f"{len(papers)} documents handed to {len(shards)} shards")
    # Mail keeps its order: a shard gets its documents before anybody's search.
    send("searcher", "question", message.text)
