"""Scans the files of one layer for secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain

from explorer.analysis.findings.secrets.engine import SecretScanner
from explorer.analysis.findings.secrets.layer_secrets import FoundSecret, LayerSecrets, SecretFile
from explorer.analysis.findings.secrets.package_checksums import (
    MAX_FILE_BYTES,
    PackageChecksums,
    checksum_files,
    source_of,
)
from explorer.analysis.findings.secrets.same_contents import Search
from explorer.analysis.findings.secrets.scannable import is_opaque, is_unreadable
from explorer.analysis.findings.secrets.secret_rule import SecretMatch
from explorer.layers.fingerprints import fingerprint
from explorer.layers.tar.sparse import stored_bytes
from explorer.model import Entry, Layer, LayerIndex, OnProgress
from explorer.text.printable import printable
from explorer.text.units import counted, size

_BLOCK_BYTES = 256 << 10
"""Bytes that are searched at once: with more, the screen waits for longer."""
_MAX_SCANNED_BYTES = 1 << 30
"""For one file of text."""
_MAX_KEPT_BYTES = 32 << 20
"""Larger contents are not kept in memory: they are searched even if a package owns them unchanged."""
_MAX_FILE_SECRETS = 100
_MAX_LAYER_SECRETS = 10_000
_MAX_PROBLEMS = 20


def scan_layer(layer: Layer, index: LayerIndex, searches: Collection[Search], on_progress: OnProgress) -> LayerSecrets:
    """Returns the secrets of a layer's contents.

    Files that packages of the layer own unchanged are not searched: they are copies of public ones.

    Raises ImageError if the layer cannot be read, and Cancelled from ``on_progress``.
    """
    by_path = {entry.path: entry for entry in index.entries if entry.kind.has_content}
    checksums = _checksums(layer, index, by_path, on_progress)
    scan = _Scan(index, checksums, on_progress)
    # Only the source tells if bytecode is a package's, and it may be stored behind it.
    sources = {
        search.entry.inode: source
        for search in searches
        if (source := by_path.get(source_of(search.entry.path))) and checksums.digest_of(source.path)
    }
    scan.read(layer, [search for search in searches if search.entry.inode not in sources])
    bytecode = [search for search in searches if search.entry.inode in sources]
    changed = [search for search in bytecode if not scan.is_unchanged(sources[search.entry.inode])]
    if changed:
        scan.read(layer, changed)
    return scan.result()


def _checksums(
    layer: Layer, index: LayerIndex, by_path: Mapping[str, Entry], on_progress: OnProgress
) -> PackageChecksums:
    """Returns the checksums of a layer's files, as its packages state them."""
    checksums = PackageChecksums(by_path)
    # A database is no sparse file, so one that is has few bytes and is damaged.
    stating = {by_path[path].inode: by_path[path] for path in checksum_files(by_path)}
    small = [entry for entry in stating.values() if entry.size <= MAX_FILE_BYTES]
    for entry, pieces in layer.contents.read(index, small, lambda _: on_progress(0)):
        checksums.add(entry.path, b"".join(pieces))
    return checksums


class _Scan:
    """Searches the files of a layer, one after the other."""

    def __init__(self, index: LayerIndex, checksums: PackageChecksums, on_progress: OnProgress) -> None:
        self._index = index
        self._checksums = checksums
        self._on_progress = on_progress
        self._done = 0
        self._found: list[SecretFile] = []
        self._left = _MAX_LAYER_SECRETS
        self._is_full = False
        self._problems: list[str] = []
        self._unread_files = 0
        self._unchanged: dict[bytes | int, bytes] = {}
        """The contents that a package owns unchanged, with the checksum that it states."""

    def result(self) -> LayerSecrets:
        """Returns what was found so far."""
        problems = self._problems[:_MAX_PROBLEMS]
        if self._is_full:
            problems.insert(0, f"only {_MAX_LAYER_SECRETS:,} secrets are listed, and it may have more")
        if len(self._problems) > _MAX_PROBLEMS:
            problems.append(f"{counted(len(self._problems) - _MAX_PROBLEMS, 'more file')} may have more secrets")
        return LayerSecrets(tuple(self._found), tuple(problems), unread_files=self._unread_files)

    def read(self, layer: Layer, searches: Collection[Search]) -> None:
        """Reads contents in one pass, until too many secrets are found."""
        other_paths = {search.entry.inode: search.other_paths for search in searches if search.other_paths}
        for entry, pieces in layer.contents.read(self._index, [search.entry for search in searches], self._report):
            if not self._left:
                self._is_full = True
                return
            count = stored_bytes(entry.size, self._index.sparse.get(entry.inode))
            search = Search(entry, other_paths.get(entry.inode, ()))
            self._scan(search, count, self._watched(_blocks(pieces)))
            self._done += count

    def is_unchanged(self, entry: Entry) -> bool:
        """True if a file was read, and a package owns it unchanged."""
        digest = self._checksums.digest_of(entry.path)
        if not entry.size:
            return self._checksums.is_unchanged(entry.path, ())
        return bool(digest) and self._unchanged.get(self._identity(entry)) == digest

    def _identity(self, entry: Entry) -> bytes | int:
        """Returns the same for files of the layer that are known to be equal."""
        return self._index.fingerprints.get(entry.inode) or entry.inode

    def _report(self, _: int) -> None:
        self._on_progress(self._done)

    def _watched(self, content: Iterable[bytes]) -> Iterator[bytes]:
        done = self._done
        for block in content:
            yield block
            done += len(block)
            self._on_progress(done)

    def _scan(self, search: Search, count: int, content: Iterator[bytes]) -> None:
        entry = search.entry
        head = next(content, b"")
        if is_unreadable(head, count):
            self._unread_files += is_opaque(head, count)
            return
        text: Iterable[bytes] = chain((head,), content)
        if count > _MAX_SCANNED_BYTES:
            reason = f"it has {size(count)}, expected at most {size(_MAX_SCANNED_BYTES)}"
            self._problems.append(f"{printable(f'/{entry.path}')} is not searched for secrets: {reason}")
            return
        if count <= _MAX_KEPT_BYTES:
            text = list(text)
            for path in search.paths:
                if self._checksums.is_unchanged(path, text):
                    self._unchanged[self._identity(entry)] = self._checksums.digest_of(path)
                    return
        scanner = SecretScanner(*search.paths, block_bytes=_BLOCK_BYTES)
        for block in text:
            scanner.feed(block)
            if scanner.is_finished:
                # No real file has so many texts like secrets, and each takes time.
                break
        max_count = min(self._left, _MAX_FILE_SECRETS)
        found = _distinct_in_lines(scanner.finish())
        shown = printable(f"/{entry.path}")
        if len(found) > max_count:
            self._problems.append(f"{shown} has more secrets than the {max_count:,} that are listed")
        elif scanner.is_cut:
            self._problems.append(f"{shown} may have more secrets, because too many of its texts look like one")
        if found:
            known = self._index.fingerprints.get(entry.inode, b"")
            if not known and isinstance(text, list):
                known = fingerprint(text, entry.size, self._index.sparse.get(entry.inode))
            self._found.append(SecretFile(entry.inode, known, tuple(found[:max_count])))
            self._left -= len(found[:max_count])


def _blocks(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Yields pieces as fewer, larger ones."""
    waiting: list[bytes | memoryview] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= _BLOCK_BYTES:
            yield b"".join(waiting)
            waiting, count = [], 0
    if waiting:
        yield b"".join(waiting)


def _distinct_in_lines(matches: Iterable[SecretMatch]) -> list[FoundSecret]:
    """Returns the secrets of each line; the same one is once in it."""
    distinct = {(match.rule.id, match.line, match.same_as): match for match in matches}
    return [FoundSecret(match.rule.id, match.line, match.masked) for match in distinct.values()]
