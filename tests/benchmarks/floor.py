"""The least that has to be done: ``python -m tests.benchmarks.floor ARCHIVE TIMES`` prints seconds, as JSON.

Of plain layers it is to read every tar header and nothing else, in a loop of this language; of compressed ones to
inflate them, largest first, on all cores. No digest is taken, nothing is kept or compared.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from isal import isal_zlib

from explorer.layers.tar.numbers import header_number
from tests.benchmarks.packing import layer_ranges

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_WINDOW = 8 << 10
_CHUNK = 1 << 20
_BLOCK = 512


def headers(file: int, offset: int, size: int) -> int:
    """Step from header to header through a tar; their number."""
    position, start, window, count = offset, 0, b"", 0
    while position < offset + size:
        at = position - start
        if at + _BLOCK > len(window):
            window, start, at = os.pread(file, _WINDOW, position), position, 0
        field = window[at + 124 : at + 136]
        if not window[at]:
            break
        count += 1
        position += _BLOCK + (header_number(field) + _BLOCK - 1) // _BLOCK * _BLOCK
    return count


def inflated(file: int, offset: int, size: int) -> int:
    """Decompress a layer; the bytes that come out."""
    is_gzip = os.pread(file, 2, offset) == b"\x1f\x8b"
    stream: Any = isal_zlib.decompressobj(wbits=31) if is_gzip else zstd.ZstdDecompressor()
    count = 0
    for at in range(offset, offset + size, _CHUNK):
        count += len(stream.decompress(os.pread(file, min(_CHUNK, offset + size - at), at)))
    return count


def floor(archive: Path) -> float:
    """Seconds of doing the least, once."""
    _, ranges = layer_ranges(archive)
    descriptor = os.open(archive, os.O_RDONLY)
    try:
        start = time.perf_counter()
        if ranges and os.pread(descriptor, 2, ranges[0][0]) in (b"\x1f\x8b", b"\x28\xb5"):
            with ThreadPoolExecutor(os.cpu_count()) as threads:
                jobs = [
                    threads.submit(inflated, descriptor, *part) for part in sorted(ranges, key=lambda each: -each[1])
                ]
            for job in jobs:
                job.result()
        else:
            for part in ranges:
                headers(descriptor, *part)
        return time.perf_counter() - start
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    found = statistics.median(floor(Path(sys.argv[1])) for _ in range(int(sys.argv[2])))
    json.dump(found, sys.stdout)
