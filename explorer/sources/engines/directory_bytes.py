"""The bytes of the files of Podman's layers, measured in their directories.

Podman knows the bytes of the tar of a layer, with a header for each file. Other figures count the bytes of files.
Layers do not change, so each is measured once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection
from pathlib import Path

from explorer.layers.cache import LAYER_SIZES, Cache
from explorer.layers.digests import digest_of

MAX_SECONDS = 1.0
"""Limit for one measurement; the next one continues."""


def directory_bytes(driver: Path, layers: Collection[str], cache: Cache | None) -> dict[str, int] | None:
    """Returns the bytes of the files of each layer, by its ID in the storage.

    None if a layer cannot be read, or if there is not enough time for all of them.

    Args:
        driver: The directory that has a directory for each layer.
        layers: The IDs of all layers.
        cache: Keeps what was measured.
    """
    key = digest_of(os.fsencode(driver))
    known = _decoded(cache.load_derived(key, LAYER_SIZES)) if cache else {}
    measured = {layer: known[layer] for layer in layers if layer in known}
    end = time.monotonic() + MAX_SECONDS
    try:
        for layer in layers:
            if layer not in measured:
                if time.monotonic() > end:
                    return None
                measured[layer] = _bytes_below(os.fsencode(driver / layer / "diff"))
    except OSError:
        return None
    finally:
        if cache and measured.keys() != known.keys():
            cache.store_derived(key, LAYER_SIZES, json.dumps(measured).encode())
    return measured


def _bytes_below(directory: bytes) -> int:
    """Returns the sizes of everything but directories, each inode once."""
    total, linked, stack = 0, set(), [directory]
    while stack:
        with os.scandir(stack.pop()) as items:
            for item in items:
                if item.is_dir(follow_symlinks=False):
                    stack.append(item.path)
                    continue
                status = item.stat(follow_symlinks=False)
                if status.st_nlink > 1:
                    if status.st_ino in linked:
                        continue
                    linked.add(status.st_ino)
                total += status.st_size
    return total


def _decoded(content: bytes | None) -> dict[str, int]:
    try:
        document = json.loads(content or b"{}")
        return {str(layer): int(size) for layer, size in document.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}
