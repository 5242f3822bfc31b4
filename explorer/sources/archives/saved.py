"""Images of saved explorations, as ``explorer.saved`` describes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import msgspec

from explorer.errors import UnreadableImage
from explorer.layers.derived_format import unpack_bytes
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import AbsentLayer
from explorer.model import HistoryStep, Image, ImageConfig, Layer, LayerContents
from explorer.saved import DOCUMENT_NAME
from explorer.saved import document as doc
from explorer.saved.results import SavedResults
from explorer.saved.saved_layer import SavedLayer
from explorer.sources.archives.flat_files import StoredFiles
from explorer.sources.request import Request
from explorer.sources.selection import Offer, choose
from explorer.text.printable import printable, shown_reference

_MAX_DOCUMENT_BYTES = 32 << 20
_MAX_LAYERS = 1_000
_MAX_PACKAGES_BYTES = 256 << 20
_MAX_MESSAGE_CHARS = 200


def saved_image(files: StoredFiles, request: Request, tag: str | None) -> Image:
    """Returns the image of a saved exploration. Raises ImageError."""
    return _Reader(files, request).image(tag)


class _Reader:
    """Reads one saved exploration."""

    def __init__(self, files: StoredFiles, request: Request) -> None:
        self._files = files
        self._request = request
        self._name = shown_reference(request.reference)

    def image(self, tag: str | None) -> Image:
        document = self._document()
        saved = document.image
        choose([Offer(saved.platform, saved.tags, saved.digest or "", image_id=saved.id)], self._request, tag)
        history = tuple(map(_step, saved.history))
        self._require(len(document.layers) <= _MAX_LAYERS, f"it has more than {_MAX_LAYERS:,} layers")
        return Image(
            reference=self._request.reference,
            id=saved.id,
            layers=self._layers(document),
            source=f"saved exploration of {printable(saved.source) or printable(saved.reference)}",
            digest=saved.digest,
            platform=printable(saved.platform),
            tags=saved.tags,
            is_self_named=True,
            created=saved.created,
            author=saved.author,
            config=ImageConfig(**msgspec.structs.asdict(saved.config)),
            history=history,
            problems=tuple(map(printable, saved.problems)),
            damage=tuple(map(printable, saved.damage)),
            annotations=saved.annotations,
            other_annotations=saved.other_annotations,
            saved=SavedResults(document.base, document.dockerfile, document.secrets),
        )

    def _document(self) -> doc.Document:
        part = self._files.part(DOCUMENT_NAME)
        self._require(part.size <= _MAX_DOCUMENT_BYTES, f"{DOCUMENT_NAME} has {part.size:,} bytes")
        content = part.read_at(0, part.size)
        try:
            head = msgspec.json.decode(content, type=doc.Head)
            if head.version != doc.VERSION:
                raise UnreadableImage(
                    f"{self._name} is a saved exploration of version {head.version}, expected version {doc.VERSION}",
                    "Update Layer Explorer, or save the image again with this version.",
                )
            return msgspec.json.decode(content, type=doc.Document)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._damaged(f"{DOCUMENT_NAME}: {error}") from error

    def _layers(self, document: doc.Document) -> tuple[Layer, ...]:
        whole = self._files.part(doc.INDEXES_NAME)
        packed = self._files.part(doc.PACKAGES_NAME)
        shown_image = printable(document.image.reference)

        @cache
        def databases() -> Sequence[doc.PackageDatabases]:
            return self._databases(packed, len(document.indexes))

        offset = 0
        stored: list[LayerContents] = []
        for number, index in enumerate(document.indexes):
            contents = SavedLayer(
                f"layer {next((each for each, layer in enumerate(document.layers) if layer.index == number), number)}",
                self._name,
                shown_image,
                FileRange(whole.file, whole.offset + offset, index.bytes),
                tuple(map(printable, index.damage)),
                partial(_at, databases, number),
                self._request.budget,
            )
            stored.append(contents)
            offset += index.bytes
        self._require(offset == whole.size, f"its indexes have {whole.size:,} bytes, expected {offset:,}")
        return tuple(_layer(number, each, stored) for number, each in enumerate(document.layers))

    def _databases(self, part: FileRange, count: int) -> Sequence[doc.PackageDatabases]:
        content = unpack_bytes(doc.PACKAGES_HEAD, part.read_at(0, part.size), _MAX_PACKAGES_BYTES)
        try:
            databases = msgspec.json.decode(content or b"", type=tuple[doc.PackageDatabases, ...])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._damaged(f"{doc.PACKAGES_NAME}: {error}") from error
        self._require(len(databases) == count, f"it has packages of {len(databases):,} layers, expected {count:,}")
        return databases

    def _require(self, is_valid: bool, problem: str) -> None:
        if not is_valid:
            raise self._damaged(problem)

    def _damaged(self, problem: str) -> UnreadableImage:
        return UnreadableImage(
            f"{self._name} is a damaged saved exploration: {printable(problem)[:_MAX_MESSAGE_CHARS]}",
            "Save the image again: lx save IMAGE -o FILE",
        )


def _layer(number: int, saved: doc.LayerRecord, stored: Sequence[LayerContents]) -> Layer:
    is_missing = saved.index is None
    contents = AbsentLayer(f"layer {number}", printable(saved.problem)) if saved.index is None else stored[saved.index]
    return Layer(
        number,
        contents,
        saved.diff_id,
        saved.digest,
        media_type=saved.media_type,
        download_bytes=saved.download_bytes,
        step=None if saved.step is None else _step(saved.step),
        is_missing=is_missing,
    )


def _at(databases: Callable[[], Sequence[doc.PackageDatabases]], number: int) -> doc.PackageDatabases:
    return databases()[number]


def _step(saved: doc.StepRecord) -> HistoryStep:
    return HistoryStep(saved.created_by, saved.created, saved.comment, saved.author, saved.layer)
