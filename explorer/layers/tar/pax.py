"""Pax headers: what an extension header in front of a member says about it, beyond what its own header has room for."""

from __future__ import annotations


def records(content: bytes) -> dict[bytes, bytes]:
    """The records ``length key=value\\n`` of a pax header. Raises ValueError, which says what is wrong."""
    found: dict[bytes, bytes] = {}
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
        found[key] = value
        start = stop
    if sparse:
        # Format 0.0 repeats two keys; format 0.1 holds the same numbers in one.
        found[b"GNU.sparse.map"] = b",".join(sparse)
    return found


def attributes(records: dict[bytes, bytes], own: dict[bytes, bytes]) -> tuple[tuple[str, bytes], ...]:
    """The extended attributes among pax records. Only one of the member's own may be empty: a global one is undone."""
    prefix = b"SCHILY.xattr."
    found = [(key, value) for key, value in records.items() if key.startswith(prefix) and (value or key in own)]
    return tuple((key[len(prefix) :].decode("utf-8", "surrogateescape"), value) for key, value in sorted(found))
