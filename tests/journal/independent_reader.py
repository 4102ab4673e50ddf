#!/usr/bin/env python3
"""Reads a run file with the standard library alone and recomputes its digests (docs/run-file.md).

    python independent_reader.py FILE

Prints one JSON object; exits 1 with a reason where the file is not what it says.
"""

import hashlib
import json
import sqlite3
import struct
import sys
import zlib
from pathlib import Path


class Unsound(Exception):
    """The file differs from what it says of itself."""


def read(path: Path) -> dict:
    """What a run file holds, after every digest in it was recomputed."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return _read(db)
    finally:
        db.close()


def _read(db: sqlite3.Connection) -> dict:
    ((version,),) = db.execute("PRAGMA user_version")
    contents, catalog = {}, sha256(b"wasm-engine contents v1\n")
    for digest, size, data in db.execute("SELECT digest, size, data FROM content ORDER BY n"):
        contents[digest] = inflate(data, size)
        expect(sha256(contents[digest]) == digest, f"content {digest.hex()}")
        catalog = sha256(catalog + digest + number(size))
    expect(version in (1, 2), f"version {version}")
    found = (_read_1 if version == 1 else _read_2)(db, (len(contents), catalog))
    entries = [(kind, decode(body), detail and decode(detail)) for kind, body, detail in found[2]]
    expect(entries[0][0] == 0 and set(entries[0][1][5]) <= contents.keys(), "header")
    expect(entries[0][1][0] == version, "header's version")
    return {
        "version": version,
        "run": found[0].hex(),
        "chain": found[1].hex(),
        "entries": entries,
        "contents": contents,
        "checkpoints": found[3],
    }


def _read_2(db: sqlite3.Connection, kept: tuple) -> tuple:
    ((one, run, *fields, seal),) = db.execute("SELECT * FROM head")
    beginning, linked, anchor, left, count, head, contents, catalog, points, marks = fields
    sealed = run + b"".join(f if isinstance(f, bytes) else number(f) for f in fields)
    expect(one == 1 and sha256(b"wasm-engine head v2\n" + sealed) == seal, "seal")
    expect((contents, catalog) == kept, "catalog")
    checkpoints, entries = _checkpoints(db, points, marks), []
    n, chain = 0, sha256(b"wasm-engine run v2\n")
    rows = db.execute("SELECT first, entries, chain, size, data FROM block ORDER BY first")
    for first, many, stored, size, packed in rows:
        if anchor and n == beginning:
            expect(chain == linked and checkpoints[anchor][0] == left, "anchor")
            n, chain = anchor, left
        kinds, bodies, details = decode(inflate(packed, size))
        expect(first == n + 1 and len(kinds) == many, f"entry {n + 1}")
        for kind, body, detail in zip(kinds, bodies, details, strict=True):
            n += 1
            named = b"" if detail is None else sha256(detail)
            entry = sha256(bytes([kind]) + len(body).to_bytes(4, "big") + body + named)
            chain = sha256(chain + entry)
            expect(n not in checkpoints or checkpoints[n][0] == chain, f"checkpoint {n}")
            entries.append((kind, body, detail))
        expect(stored == chain, f"entries {first} to {n}")
    if anchor and n == beginning:
        expect(chain == linked and checkpoints[anchor][0] == left, "anchor")
        n, chain = anchor, left
    expect((count, head) == (n, chain), "head")
    return run, chain, entries, checkpoints


def _checkpoints(db: sqlite3.Connection, points: int, marks: bytes) -> dict:
    """Chain, plain bytes and parts of each checkpoint, by the number of its last entry."""
    parts, found, sealed = {}, {}, b"wasm-engine checkpoints v2\n"
    for digest, size, data in db.execute("SELECT digest, size, data FROM part"):
        parts[digest] = inflate(data, size)
        expect(sha256(parts[digest]) == digest, f"part {digest.hex()}")
    rows = db.execute("SELECT n, step, chain, digest, size, parts, data FROM checkpoint ORDER BY n")
    for n, step, chain, digest, size, named, data in rows:
        plain, count = inflate(data, size), number(len(named) // 32)
        expect(sha256(plain) == digest, f"checkpoint {n}")
        sealed += number(n) + number(step) + chain + digest + number(size) + count + named
        mine = [named[at : at + 32] for at in range(0, len(named), 32)]
        found[n] = (chain, plain, {digest: parts.get(digest) for digest in mine})
    expect((points, marks) == (len(found), sha256(sealed)), "checkpoints")
    return found


def _read_1(db: sqlite3.Connection, kept: tuple) -> tuple:
    chain, entries = sha256(b"wasm-engine run v1\n"), []
    rows = db.execute("SELECT n, kind, body, chain, detail_size, detail FROM entry ORDER BY n")
    for ordinal, (n, kind, body, stored, size, packed) in enumerate(rows, 1):
        chain = sha256(chain + bytes([kind]) + body)
        expect(n == ordinal and stored == chain, f"entry {ordinal}")
        detail = None if packed is None else inflate(packed, size)
        named = decode(body)[7] if kind == 4 else None
        expect(named == (None if detail is None else sha256(detail)), f"detail of entry {n}")
        entries.append((kind, body, detail))
    ((one, run, count, head, contents, catalog, seal),) = db.execute("SELECT * FROM head")
    expect((one, count, head) == (1, len(entries), chain), "head")
    expect((contents, catalog) == kept, "catalog")
    sealed = b"wasm-engine head v1\n" + run + number(count) + head + number(contents) + catalog
    expect(sha256(sealed) == seal, "seal")
    return run, chain, entries, {}


def number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def expect(holds: object, what: str) -> None:
    if not holds:
        raise Unsound(what)


def inflate(data: bytes, size: int) -> bytes:
    plain = data if len(data) == size else zlib.decompressobj().decompress(data, size + 1)
    expect(len(plain) == size, "size")
    return plain


def decode(data: bytes):
    """The value of msgpack bytes."""
    value, end = _value(data, 0)
    expect(end == len(data), "trailing bytes")
    return value


_FIXED = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_SIZED = {
    0xC4: ("bin", 1),
    0xC5: ("bin", 2),
    0xC6: ("bin", 4),
    0xD9: ("str", 1),
    0xDA: ("str", 2),
    0xDB: ("str", 4),
    0xDC: ("array", 2),
    0xDD: ("array", 4),
    0xDE: ("map", 2),
    0xDF: ("map", 4),
}


def _value(data: bytes, at: int):
    tag, at = data[at], at + 1
    if tag < 0x80 or tag >= 0xE0:
        return (tag if tag < 0x80 else tag - 256), at
    if tag in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[tag], at
    if tag in _FIXED:
        size = struct.calcsize(_FIXED[tag])
        return struct.unpack_from(_FIXED[tag], data, at)[0], at + size
    if tag in _SIZED:
        form, width = _SIZED[tag]
        count, at = int.from_bytes(data[at : at + width], "big"), at + width
    elif tag < 0xC0:
        form, count = (
            ("map", tag & 15)
            if tag < 0x90
            else ("array", tag & 15)
            if tag < 0xA0
            else ("str", tag & 31)
        )
    else:
        raise Unsound(f"msgpack type {tag:#x}")
    if form in ("bin", "str"):
        expect(at + count <= len(data), "msgpack length")
        raw = data[at : at + count]
        return (raw if form == "bin" else raw.decode()), at + count
    items = []
    for _ in range(count * (2 if form == "map" else 1)):
        item, at = _value(data, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2], strict=True)) if form == "map" else items), at


def main(arguments: list[str]) -> int:
    try:
        run = read(Path(arguments[0]))
    except (Unsound, sqlite3.Error, zlib.error) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 1
    header = run["entries"][0][1]
    steps = [value for kind, value, _ in run["entries"] if kind == 4]
    summary = {
        "run": run["run"],
        "world": header[1],
        "seed": header[2],
        "chain": run["chain"],
        "entries": len(run["entries"]),
        "steps": len(steps),
        "contents": len(run["contents"]),
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
