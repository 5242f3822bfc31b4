"""A layer that is stored as a tar: its index, and the bytes of its files.

The contents of a compressed layer are fingerprinted while they stream past; of a plain one, only headers are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter

from explorer.errors import DamagedBytes, UnreadableImage, UnreadableLayer
from explorer.layers.damage import DamageLog
from explorer.layers.digests import algorithm_of, is_verifiable, new_hash
from explorer.layers.fingerprints import fingerprint
from explorer.layers.layer_builder import build_index
from explorer.layers.problems import quoted
from explorer.layers.read_budget import UNLIMITED, ReadBudget
from explorer.layers.readers import StreamReader, WindowReader
from explorer.layers.streams import CHUNK, FileRange, InflatedStream, compression
from explorer.layers.tar import headers
from explorer.layers.tar.sparse import expanded, stored_bytes
from explorer.model import Addressing, Entry, FileContents, LayerContents, LayerIndex, OnProgress, Verified

_MAX_NAMED_RECORDS = 5
_BY_INODE = attrgetter("inode")


def whole_files(
    contents: LayerContents, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress
) -> FileContents:
    """Yields the same as LayerContents.read, but with holes of sparse files as zeros.

    A few stored bytes may stand for terabytes of zeros: do not take all pieces unless you can handle that.
    """
    for entry, stored in contents.read(index, entries, on_progress):
        pieces = index.sparse.get(entry.inode)
        yield entry, stored if pieces is None else expanded(stored, entry.size, pieces)


def index_layer(
    part: FileRange,
    name: str,
    *,
    digest: str | None = None,
    diff_id: str = "",
    keeps_damage: bool = False,
    budget: ReadBudget,
    on_progress: OnProgress,
) -> LayerIndex:
    """Returns the index of a layer's tar. Raises UnreadableLayer, with its ``name``.

    Only compressed layers are verified against ``digest`` and ``diff_id``, because only they are read through. If
    ``keeps_damage`` is true, a layer with another digest is marked as damaged, and one that is cut off has its members
    up to the damage.
    """
    damage = DamageLog(keeps_damage)
    budget.add_stored(name, part.size)
    problems = []
    with errors_for_layer(name):
        if compression(part):
            stream = InflatedStream(part, on_progress, digest=digest, diff_id=diff_id, budget=budget)
            reader = StreamReader(stream)
            members = headers.Members(reader.read_at, None, budget)
            fingerprints: dict[int, bytes] = {}
            index = build_index(_fingerprinted(members, reader, fingerprints, damage), fingerprints, budget)
            if not damage.reasons:
                _verify(stream, damage)
            problems = [stream.problem] if stream.problem else []
            if stream.has_footer and headers.NO_END_MARK in members.end_problems:
                # stargz-snapshotter writes none in front of the table of zstd:chunked, and the footer is there.
                members.end_problems.remove(headers.NO_END_MARK)
        else:
            index, members = _index_plain(part, damage, budget, on_progress)
            on_progress(part.size)
        if damage.reasons:
            return replace(index, damage=damage.reasons)
        return _with_tar_problems(index, members, problems)


def _index_plain(
    part: FileRange, damage: DamageLog, budget: ReadBudget, on_progress: OnProgress
) -> tuple[LayerIndex, headers.Members]:
    """Returns the index of a layer that is not compressed, and its headers."""
    members = headers.Members(WindowReader(part, on_progress).read_at, part.size, budget)
    try:
        return build_index(members, {}, budget), members
    except DamagedBytes:
        if not damage.keeps_damage:
            raise
    # Read once more, because a step for each member would make all other layers slower. Without bounds, because the
    # first time counts.
    members = headers.Members(WindowReader(part, on_progress).read_at, part.size)
    return build_index(_until_damage(members, damage), {}, UNLIMITED), members


def _until_damage(members: headers.Members, damage: DamageLog) -> Iterator[headers.Member]:
    """Yields the members before the first damage, which ``damage`` notes.

    Raises DamagedBytes if there is nothing before it.
    """
    member = None
    try:
        for member in members:
            yield member
    except DamagedBytes as error:
        if member is None:
            raise
        damage.note(error, _cut_off(error))


def _cut_off(error: DamagedBytes) -> str:
    return f"only the members before the damage can be read: {error.message}"


def _verify(stream: InflatedStream, damage: DamageLog) -> None:
    try:
        stream.verify()
    except DamagedBytes as error:
        damage.note(error)


@contextmanager
def errors_for_layer(name: str) -> Iterator[None]:
    """Turns errors about unreadable bytes into UnreadableLayer with the layer's name."""
    try:
        yield
    except UnreadableLayer:
        raise
    except UnreadableImage as error:
        raise UnreadableLayer(f"{name} cannot be read: {error.message}", error.hint) from error


def _fingerprinted(
    members: headers.Members, reader: StreamReader, fingerprints: dict[int, bytes], damage: DamageLog
) -> Iterator[headers.Member]:
    """Yields the members of a stream, and fingerprints their contents on the way.

    The first damage ends it, and ``damage`` notes it. Raises DamagedBytes if no member is whole.
    """
    last_yielded = None
    try:
        for member in members:
            offset, stored = member.offset, member.stored
            if stored:
                # Most files are small, and a generator for each of them would take as long as hashing it.
                loaded = reader.loaded(offset, stored)
                pieces = reader.pieces(offset, stored) if loaded is None else (loaded,)
                fingerprints[offset] = fingerprint(pieces, member.size, member.pieces)
            last_yielded = member
            yield member
    except DamagedBytes as error:
        if last_yielded is None:
            raise
        damage.note(error, _cut_off(error))


def _with_tar_problems(index: LayerIndex, members: headers.Members, problems: list[str]) -> LayerIndex:
    """Returns the index with the problems of its tar as a whole, after the given ones."""
    ignored = [key.decode("utf-8", "surrogateescape") for key in members.ignored_records if key != b"comment"]
    if ignored:
        names = ", ".join(map(quoted, ignored[:_MAX_NAMED_RECORDS]))
        more = ", …" if len(ignored) > _MAX_NAMED_RECORDS else ""
        problems.append(f"it has global pax records, which engines ignore: {names}{more}")
    problems += members.end_problems
    return replace(index, problems=[*index.problems, *problems]) if problems else index


@dataclass(frozen=True)
class TarLayer:
    """A layer whose tar, plain or compressed, is in a file. Satisfies LayerContents."""

    name: str = field(compare=False)
    """Name in errors: ``layer 3``."""
    part: FileRange
    """The stored bytes."""
    digest: str | None = None
    diff_id: str = ""
    is_trusted: bool = False
    """True if the bytes come from a local engine, which is trusted for the diff ID."""
    is_local_file: bool = False
    """True if the user gave the bytes: damage is kept, because no source can send them again."""
    budget: ReadBudget = field(default_factory=ReadBudget, compare=False)
    """Bounds for the whole image."""
    damage: tuple[str, ...] = ()
    """Damage that is known before the layer is read; printable."""
    addressing: Addressing = Addressing.TAR

    @property
    def verified(self) -> Verified:
        """See LayerContents. Reading a compressed layer verifies its digest if known.

        Then the diff ID is not verified: it would prove nothing more, and take as long as everything else.
        """
        if self.damage:
            return Verified.NOTHING
        if self.is_trusted and self.diff_id:
            return Verified.DIFF_ID
        if self.streams and is_verifiable(self.digest):
            return Verified.DIGEST
        return Verified.DIFF_ID if self.streams and is_verifiable(self.diff_id) else Verified.NOTHING

    @property
    def stored_bytes(self) -> int:
        return self.part.size

    @cached_property
    def streams(self) -> bool:
        with errors_for_layer(self.name):
            return bool(compression(self.part))

    def index(self, on_progress: OnProgress) -> LayerIndex:
        diff_id = "" if is_verifiable(self.digest) else self.diff_id
        index = index_layer(
            self.part,
            self.name,
            digest=self.digest,
            diff_id=diff_id,
            keeps_damage=self.is_local_file,
            budget=self.budget,
            on_progress=on_progress,
        )
        return replace(index, damage=[*self.damage, *index.damage]) if self.damage else index

    def has_verified_digest(self, on_progress: OnProgress) -> bool:
        """True if the bytes have the digest of ``verified``. Reads all of them to know.

        Raises ImageError if they cannot be read.
        """
        if self.is_trusted or self.damage:
            return self.is_trusted
        with errors_for_layer(self.name):
            if self.verified is Verified.DIGEST and self.digest is not None:
                hash_ = new_hash(algorithm_of(self.digest))
                for offset in range(0, self.part.size, CHUNK):
                    hash_.update(self.part.read_at(offset, CHUNK))
                    on_progress(offset)
                return self.digest == f"{algorithm_of(self.digest)}:{hash_.hexdigest()}"
            if self.verified is Verified.DIFF_ID:
                with suppress(DamagedBytes):
                    InflatedStream(self.part, on_progress, diff_id=self.diff_id, budget=self.budget).verify()
                    return True
        return False

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        """See LayerContents. Inflates a compressed layer once, up to the last file."""
        with errors_for_layer(self.name):
            if self.streams:
                reader: StreamReader | WindowReader = StreamReader(InflatedStream(self.part, on_progress))
            else:
                reader = WindowReader(self.part)
        next_report = 0
        for entry in sorted(entries, key=_BY_INODE):
            if entry.inode >= next_report:
                # Not for each of many small files, which takes as long as hashing one.
                on_progress(0 if self.streams else entry.inode)
                next_report = entry.inode + CHUNK
            stored = stored_bytes(entry.size, index.sparse.get(entry.inode))
            loaded = reader.loaded(entry.inode, stored)
            yield entry, self._pieces(reader, entry.inode, stored) if loaded is None else iter((loaded,))

    def _pieces(self, reader: StreamReader | WindowReader, offset: int, size: int) -> Iterator[memoryview]:
        try:
            yield from reader.pieces(offset, size)
        except UnreadableImage as error:
            # Only here, because a context manager around each of many small files would take longer than reading them.
            with errors_for_layer(self.name):
                raise error


@dataclass(frozen=True, slots=True)
class AbsentLayer:
    """A layer that the image names but does not contain. Satisfies LayerContents."""

    name: str
    """Name in errors: ``layer 3``."""
    problem: str
    """The reason why it is missing; printable."""
    stored_bytes: int = 0
    streams: bool = False
    verified: Verified = Verified.NOTHING
    addressing: Addressing = Addressing.TAR

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """See LayerContents. The index has no entries, only the problem."""
        on_progress(0)
        return LayerIndex((), problems=(self.problem,))

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:  # noqa: ARG002
        raise UnreadableLayer(
            f"{self.name} cannot be read: {self.problem}", "Open the image from a registry or an engine that has it."
        )
