"""Writes databases of rpm in each of their forms, in memory."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
STATES, FLAGS, OLD_PATHS = 1029, 1037, 1027
DIRECTORY_NUMBERS, BASENAMES, DIRECTORIES = 1116, 1117, 1118
_INT8, _INT32, _STRING, _STRINGS = 2, 4, 6, 8

Value = str | bytes | Sequence[str] | Sequence[int]


def header(tags: Mapping[int, Value]) -> bytes:
    """Returns a header: texts are strings, bytes are numbers of one byte each."""
    index = values = b""
    for tag, value in tags.items():
        kind, count, packed = _packed(value)
        values += b"\0" * (-len(values) % 4)
        index += struct.pack(">IIII", tag, kind, len(values), count)
        values += packed
    return struct.pack(">II", len(tags), len(values)) + index + values


def _packed(value: Value) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        return _STRING, 1, value.encode("utf-8", "surrogateescape") + b"\0"
    if isinstance(value, bytes):
        return _INT8, len(value), value
    numbers = [number for number in value if isinstance(number, int)]
    if numbers:
        return _INT32, len(numbers), struct.pack(f">{len(numbers)}I", *numbers)
    texts = [text.encode("utf-8", "surrogateescape") + b"\0" for text in value if isinstance(text, str)]
    return _STRINGS, len(texts), b"".join(texts)


def package(name: str, *paths: str, version: str = "1.0", **more: Value) -> bytes:
    """Returns the header of a package whose files are in directories of their own."""
    tags: dict[int, Value] = {NAME: name, VERSION: version, RELEASE: "1", ARCHITECTURE: "x86_64"}
    if paths:
        tags[BASENAMES] = [path.rpartition("/")[2] for path in paths]
        tags[DIRECTORY_NUMBERS] = range(len(paths))
        tags[DIRECTORIES] = [path.rpartition("/")[0] + "/" for path in paths]
    return header(tags | {{"states": STATES, "flags": FLAGS, "epoch": EPOCH}[key]: more[key] for key in more})


def sqlite(headers: Iterable[bytes]) -> bytes:
    """Returns the database as today's rpm writes it."""
    rows = "".join(f"INSERT INTO Packages (blob) VALUES (x'{each.hex()}');" for each in headers)
    return sqlite_script("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);" + rows)


def sqlite_script(script: str) -> bytes:
    """Returns the database that a script makes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return connection.serialize()


def ndb(headers: Sequence[bytes]) -> bytes:
    """Returns the database as SUSE's rpm writes it."""
    slots = struct.pack("<4sIII16x", b"RpmP", 0, 1, 1)
    blobs = b""
    for number, each in enumerate(headers, 1):
        blob = struct.pack("<4sIII", b"BlbS", number, 1, len(each)) + each
        blob += b"\0" * (-(len(blob) + 12) % 16) + struct.pack("<II4s", 0, len(each), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, (4096 + len(blobs)) // 16, len(blob) // 16)
        blobs += blob
    slots += struct.pack("<4sIII", b"Slot", 0, 0, 0) * ((4096 - len(slots)) // 16)
    return slots + blobs


def berkeley(headers: Sequence[bytes], order: str = "<", page_bytes: int = 512) -> bytes:
    """Returns the database as rpm wrote it before 2020: one page for each value's place, and its overflow pages."""
    pages = [struct.pack(f"{order}8xIIII", 0, 0x61561, 9, page_bytes)]
    room = page_bytes - 26
    for each in (struct.pack(f"{order}I", len(headers)), *headers):
        first = len(pages) + 1
        pieces = [each[start : start + room] for start in range(0, len(each), room)] if len(each) > 4 else []
        value = struct.pack(f"{order}B3xII", 3, first, len(each)) if pieces else b"\1" + each
        places = page_bytes - 5, page_bytes - 5 - len(value)
        page = _page(order, len(pages), 0, 2, places[1], 13) + struct.pack(f"{order}HH", *places)
        pages.append(page + b"\0" * (places[1] - len(page)) + value + b"\1keyy")
        for number, piece in enumerate(pieces, first):
            following = number + 1 if number < first + len(pieces) - 1 else 0
            pages.append(_page(order, number, following, 1, len(piece), 7) + piece)
    return b"".join(page.ljust(page_bytes, b"\0") for page in pages)


def _page(order: str, number: int, following: int, count: int, used: int, kind: int) -> bytes:
    return struct.pack(f"{order}8xIIIHHBB", number, 0, following, count, used, 0, kind)
