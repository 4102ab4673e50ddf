"""Reads a folder of documents, and answers questions with their sentences, each with its source."""

from pathlib import Path

from wasm_agent import ask, embeddings, log, on, send, state, tools

DOCUMENTS = Path("/documents")
SUFFIXES = {".md", ".rst", ".txt"}
PASSAGE = {"unit": "paragraphs", "size": 700, "overlap": 0}
SENTENCE = {"unit": "sentences", "size": 400, "overlap": 0}
PASSAGES, SENTENCES = 6, 3
AT_ONCE = 100
"""Passages whose vectors are made, and put into the index, before it goes on with the next."""


@on("read")
def read(_message):
    files = sorted(path for path in DOCUMENTS.rglob("*") if path.suffix in SUFFIXES)
    for path in files:
        send("librarian", "document", str(path.relative_to(DOCUMENTS)))
    log.info(f"{len(files)} documents")


@on("document")
def document(message):
    """Each passage goes to the index with its vector, under the place where it stands."""
    name = message.text
    text = (DOCUMENTS / name).read_bytes().decode("utf-8", "replace")
    passages = split(text, PASSAGE)
    for first in range(0, len(passages), AT_ONCE):
        some = passages[first : first + AT_ONCE]
        vectors = embeddings.embed("sentences", [piece["text"] for piece in some])
        for piece, vector in zip(some, vectors, strict=True):
            place = f"{name}:{piece['start']}"
            send("index", "add", {"id": place, "text": piece["text"], "vectors": [list(vector)]})
        ask("index", "count")  # is answered when these are in it: none may wait in a heap


@on("question")
def question(message):
    (vector,) = embeddings.embed("sentences", [message.text])
    wanted = {"query": message.text, "vector": list(vector), "count": PASSAGES}
    hits = ask("index", "search", wanted).json()
    found = nearest(vector, list(sentences(hits)))
    state[message.text] = found
    return found


def sentences(hits):
    """The sentences of passages, each with its document and where it begins there."""
    for hit in hits:
        name, _, start = hit["doc"].rpartition(":")
        for piece in split(hit["text"], SENTENCE):
            if len(piece["text"].split()) > 4:  # a heading says little
                place = {"document": name, "at": int(start) + piece["start"]}
                yield {"text": " ".join(piece["text"].split()), **place}


def nearest(vector, candidates):
    """Those that are nearest to the question, nearest first."""
    vectors = embeddings.embed("sentences", [one["text"] for one in candidates])
    near = {"query": list(vector), "vectors": [list(it) for it in vectors], "metric": "cosine"}
    ranked = tools.call("ranker.nearest", {**near, "count": SENTENCES})["ok"]
    return [{**candidates[it["index"]], "score": round(it["score"], 3)} for it in ranked]


def split(text, plan):
    return tools.call("splitter.split", {"text": text, "plan": plan})["ok"]
