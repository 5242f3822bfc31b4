"""Measures the least work: ``python -m tests.benchmarks.floor ARCHIVE TIMES``.

It prints seconds as JSON. For plain layers the least work is to read every tar header in a Python loop; for compressed
layers it is to inflate them, largest first, on all cores. It computes no digest, and keeps and compares nothing.
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
    """Steps from header to header through a tar, and returns their number."""
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
    """Decompresses a layer, and returns the number of bytes."""
    is_gzip = os.pread(file, 2, offset) == b"\x1f\x8b"
    stream: Any = isal_zlib.decompressobj(wbits=31) if is_gzip else zstd.ZstdDecompressor()
    count = 0
    for at in range(offset, offset + size, _CHUNK):
        count += len(stream.decompress(os.pread(file, min(_CHUNK, offset + size - at), at)))
    return count


def floor(archive: Path) -> float:
    """Returns the seconds that the least work takes once."""
    _, ranges = layer_ranges(archive)
    descriptor = os.open(archive, os.O_RDONLY)
    try:
        start = time.perf_counter()
        if ranges and os.pread(descriptor, 2, ranges[0][0]) in (b"\x1f\x8b", b"\x28\xb5"):
            with ThreadPoolExecutor(os.cpu_count()) as threads:
                jobs = [
                    threads.submit(inflated, descriptor, *part) for part in sorted(ranges, key=lambda part: -part[1])
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
    median = statistics.median(floor(Path(sys.argv[1])) for _ in range(int(sys.argv[2])))
    json.dump(median, sys.stdout)
