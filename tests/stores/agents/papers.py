"""Keeps objects, by the SDK's `blobstore`."""

from wasm_agent import Fault, NotGranted, QuotaExceeded, blobstore, log, on, send


def tried(kind, do):
    try:
        do()
    except kind as fault:
        return getattr(fault, "code", type(fault).__name__)
    return None


def put(papers, name, data):
    papers[name] = data


@on("all")
def everything(message):
    log.info(blobstore.exists("papers"), tried(Fault, lambda: blobstore.open("papers")))
    papers = blobstore.open("papers", create=True)
    log.info(repr(papers), blobstore.exists("papers"), len(papers), papers.created)
    papers["a"] = b"0123456789"
    papers["empty"] = bytearray()
    papers["large"] = memoryview(bytes(range(256)) * 12_000)
    log.info(sorted(papers), papers["a"], papers["empty"], papers.get("none"), "a" in papers)
    log.info(papers.read("a", 3, 5), papers.read("a", 7), papers.read("a", 5, 5), papers.info("a"))
    large = papers["large"]
    log.info(len(large), large == bytes(range(256)) * 12_000, papers.info("large").size)
    blobstore.copy(papers, "a", papers, "b")
    blobstore.move(papers, "a", blobstore.open("other", create=True))
    log.info(sorted(papers), list(blobstore.open("other")))
    log.info(*(tried(KeyError, do) for do in missing(papers)))
    papers["empty"] = b"no more"
    log.info(papers.pop("empty"), len(papers), tried(QuotaExceeded, lambda: fill(papers, 2 << 20)))
    log.info(
        tried(Fault, lambda: put(papers, "", b"")),
        tried(NotGranted, lambda: blobstore.open("secret")),
        tried(TypeError, lambda: put(papers, "t", "text")),
        tried(ValueError, lambda: papers.read("b", -1)),
    )
    papers["01"] = papers["02"] = b""
    papers.delete_many(name for name in papers if name.startswith("0"))
    log.info(sorted(papers))
    papers.clear()
    log.info(len(papers))
    blobstore.delete("papers")
    blobstore.delete("other")
    log.info(blobstore.exists("papers"), tried(Fault, lambda: len(papers)))


def missing(papers):
    yield lambda: papers["a"]
    yield lambda: papers.info("a")
    yield lambda: papers.pop("a")
    yield lambda: papers.__delitem__("a")
    yield lambda: papers.read("a", 1, 1)
    yield lambda: blobstore.copy(papers, "a", papers)


def fill(papers, size):
    papers["full"] = bytes(size)


@on("look")
def look(message):
    papers = blobstore.open("papers")
    log.info(papers["shared"].decode(), tried(NotGranted, lambda: put(papers, "x", b"")))


@on("share")
def share(message):
    blobstore.open("papers", create=True)["shared"] = message.text.encode()
    send("reader", "look", "")
