"""Scans the layers of an image: each content once, in one pass a layer."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.findings.secrets.cache_format import decode_secrets, encode_secrets
from explorer.analysis.findings.secrets.layer_secrets import LayerSecrets
from explorer.analysis.findings.secrets.same_contents import DistinctContents, Search
from explorer.analysis.findings.secrets.scan_layer import scan_layer
from explorer.errors import ImageError
from explorer.layers.cache import load_derived, needs_fetch, store_derived
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tar.sparse import stored_bytes
from explorer.layers.tree import Tree
from explorer.model import Layer, LayerIndex, OnProgress, Watcher
from explorer.text.printable import printable
from explorer.text.units import counted

_STEP = "Looking for secrets"
_CACHE_ENDING = "secrets"


def read_secrets(
    tree: Tree,
    layers: Sequence[Layer],
    contents: Sequence[DistinctContents],
    fetch_limit: FetchLimit,
    watcher: Watcher,
    *,
    fetches: bool,
) -> list[LayerSecrets]:
    """Returns the secrets of each layer's contents.

    They come from the cache if possible, and are stored there.

    Args:
        tree: The merged tree.
        layers: The layers, to read files from.
        contents: The contents of each layer, with those to search.
        fetch_limit: The bytes that a registry may send.
        watcher: Receives the progress.
        fetches: True if files may be fetched from a registry.

    Raises Cancelled from the watcher.
    """
    found = [LayerSecrets()] * len(layers)
    wanted: list[tuple[Layer, list[Search]]] = []
    for layer in layers:
        index = tree.layers[layer.number]
        searches = list(contents[layer.number].searches.values())
        known = _known(layer, index, searches)
        if known is not None:
            found[layer.number] = known
        elif not fetches and needs_fetch(layer, index):
            found[layer.number] = LayerSecrets(
                problems=("its files are not searched for secrets, because they are not fetched yet",), needs_fetch=True
            )
        else:
            wanted.append((layer, searches))
    total = sum(_stored_bytes(tree.layers[layer.number], searches) for layer, searches in wanted)
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    for layer, searches in wanted:
        index = tree.layers[layer.number]
        found[layer.number] = _read_layer(layer, index, searches, fetch_limit, meter.part(layer.number))
    return found


def _known(layer: Layer, index: LayerIndex, searches: Sequence[Search]) -> LayerSecrets | None:
    """Returns the secrets of a layer that needs no reading; None for others."""
    if index.is_unread or layer.is_missing:
        return LayerSecrets(problems=("the layer is not read, so its secrets are unknown",))
    if not searches:
        return LayerSecrets()
    stored = load_derived(layer, _CACHE_ENDING)
    return None if stored is None else decode_secrets(stored, searches)


def _read_layer(
    layer: Layer, index: LayerIndex, searches: Sequence[Search], fetch_limit: FetchLimit, on_progress: OnProgress
) -> LayerSecrets:
    files = [search.entry for search in searches]
    if not fetch_limit.allows_files(layer, files):
        count = counted(len(files), "file")
        return LayerSecrets(problems=(f"{count} may not be fetched to look for secrets, because of --within",))
    try:
        secrets = scan_layer(layer, index, searches, on_progress)
    except ImageError as error:
        problem = f"its files cannot be searched for secrets: {printable(error.message)}"
        # Another attempt may reach the registry.
        return LayerSecrets(problems=(problem,), needs_fetch=layer.is_remote)
    store_derived(layer, _CACHE_ENDING, encode_secrets(secrets, searches), index, on_progress)
    return secrets


def _stored_bytes(index: LayerIndex, searches: Sequence[Search]) -> int:
    return sum([stored_bytes(search.entry.size, index.sparse.get(search.entry.inode)) for search in searches])
