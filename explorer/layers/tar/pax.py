"""Parses pax headers, which hold values that a member's own header cannot hold."""

from __future__ import annotations


def records(content: bytes) -> dict[bytes, bytes]:
    r"""Returns the records of a pax header: ``length key=value\\n``. Raises ValueError."""
    values: dict[bytes, bytes] = {}
    sparse: list[bytes] = []
    start, end = 0, len(content)
    while start < end and content[start]:
        space = content.find(b" ", start, start + 20)
        try:
            stop = start + int(content[start:space])
        except ValueError:
            raise ValueError("a pax record does not begin with its length") from None
        if space < 0 or stop > end or stop <= space + 1 or content[stop - 1] != 0x0A:
            raise ValueError("a pax record whose length does not match its end")
        key, equals, value = content[space + 1 : stop - 1].partition(b"=")
        if not equals or not key:
            raise ValueError("a pax record without a key and a value")
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            sparse.append(value)
        values[key] = value
        start = stop
    if sparse:
        # Sparse format 0.0 repeats two keys; format 0.1 has the same numbers in one.
        values[b"GNU.sparse.map"] = b",".join(sparse)
    return values


def attributes(records: dict[bytes, bytes]) -> tuple[tuple[str, bytes], ...]:
    """Returns the extended attributes among pax records, also empty ones."""
    prefix = b"SCHILY.xattr."
    pairs = [(key, value) for key, value in records.items() if key.startswith(prefix)]
    return tuple((key[len(prefix) :].decode("utf-8", "surrogateescape"), value) for key, value in sorted(pairs))
