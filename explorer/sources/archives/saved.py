"""Images of saved explorations, as ``explorer.saved`` describes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TypeVar

import msgspec

from explorer.errors import UnreadableImage
from explorer.layers.derived_format import unpack_bytes
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import AbsentLayer
from explorer.model import HistoryStep, Image, ImageConfig, Layer, LayerContents
from explorer.saved import DOCUMENT_NAME, SAVE_AGAIN
from explorer.saved import document as doc
from explorer.saved.results import SavedResults
from explorer.saved.saved_layer import SavedLayer
from explorer.sources.archives.flat_files import StoredFiles
from explorer.sources.request import Request
from explorer.sources.selection import Offer, choose
from explorer.text.printable import printable, shown_reference

_MAX_LAYERS = 1_000
_MAX_LISTS = 1_500_000
"""Limit for the lists and objects of a document, which take much more memory than their bytes."""
_MAX_MESSAGE_CHARS = 200
_Form = TypeVar("_Form")


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
        self._check_numbers(document)
        choose([Offer(saved.platform, saved.tags, saved.digest or "", image_id=saved.id)], self._request, tag)
        history = tuple(map(_step, saved.history))
        return Image(
            reference=self._request.reference,
            id=printable(saved.id),
            layers=self._layers(document, history),
            source=f"saved exploration of {printable(saved.source) or printable(saved.reference)}",
            digest=None if saved.digest is None else printable(saved.digest),
            platform=printable(saved.platform),
            tags=saved.tags,
            is_self_named=True,
            created=None if saved.created is None else printable(saved.created),
            author=saved.author,
            config=ImageConfig(**msgspec.structs.asdict(saved.config)),
            history=history,
            problems=tuple(map(printable, saved.problems)),
            damage=tuple(map(printable, saved.damage)),
            annotations=saved.annotations,
            other_annotations=saved.other_annotations,
            saved=SavedResults(document.base, document.dockerfile, document.secrets),
        )

    def _check_numbers(self, document: doc.Document) -> None:
        """Requires that each number of a layer or of a step names one."""
        layers, steps = len(document.layers), len(document.image.history)
        self._require(layers <= _MAX_LAYERS, f"it has {layers:,} layers, expected at most {_MAX_LAYERS:,}")
        secrets = document.secrets
        of_steps = [step.layer for step in (*document.image.history, *(each.step for each in document.layers)) if step]
        of_secrets = [number for each in secrets.findings for number in (each.layer, each.hidden_in)]
        of_packages = [number for each in secrets.findings if each.package for number in _layers_of(each.package)]
        of_problems = [layer for layer, _ in secrets.problems]
        named = {*of_steps, *of_secrets, *of_packages, *of_problems, *secrets.unsearched_layers} - {None}
        places = [*secrets.setting_places, *(place for each in secrets.findings for place in _places_of(each))]
        is_valid = all(number < layers for number in named if number is not None)
        self._require(is_valid, f"it names a layer above the {layers:,} that it has")
        is_valid = all(place.step < steps for place in places if place.step is not None)
        self._require(is_valid, f"it names a step behind the {steps:,} that it has")
        try:
            for place in places:
                doc.unpacked_text(place.path or "")
        except ValueError as error:
            raise self._damaged(f"a path of a secret is not Base64: {error}") from error

    def _document(self) -> doc.Document:
        part = self._part(DOCUMENT_NAME)
        self._require(
            part.size <= doc.MAX_DOCUMENT_BYTES,
            f"{DOCUMENT_NAME} has {part.size:,} bytes, expected at most {doc.MAX_DOCUMENT_BYTES:,}",
        )
        content = part.read_at(0, part.size)
        head = self._decoded(content, doc.Head, DOCUMENT_NAME)
        if head.version != doc.VERSION:
            raise UnreadableImage(
                f"{self._name} is a saved exploration of version {head.version}, expected version {doc.VERSION}",
                "Update Layer Explorer, or save the image again with this version of it.",
            )
        return self._decoded(content, doc.Document, DOCUMENT_NAME)

    def _layers(self, document: doc.Document, history: Sequence[HistoryStep]) -> tuple[Layer, ...]:
        whole, packed = self._part(doc.INDEXES_NAME), self._part(doc.PACKAGES_NAME)
        shown_image = printable(document.image.reference)

        @cache
        def databases() -> Sequence[doc.PackageDatabases]:
            return self._databases(packed, len(document.indexes))

        count = len(document.indexes)
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
        named = {layer.index for layer in document.layers} - {None}
        self._require(named == set(range(count)), f"its layers have other indexes than the {count:,} in the file")
        steps = {step.layer: step for step in history}
        return tuple(_layer(number, each, stored, steps.get(number)) for number, each in enumerate(document.layers))

    def _databases(self, part: FileRange, count: int) -> Sequence[doc.PackageDatabases]:
        content = unpack_bytes(doc.PACKAGES_HEAD, part.read_at(0, part.size), doc.MAX_PACKAGES_BYTES)
        if content is None:
            raise self._damaged("its packages have another checksum, or too many bytes")
        databases = self._decoded(content, tuple[doc.PackageDatabases, ...], "packages")
        self._require(len(databases) == count, f"it has packages of {len(databases):,} layers, expected {count:,}")
        return databases

    def _part(self, name: str) -> FileRange:
        try:
            return self._files.part(name)
        except UnreadableImage as error:
            raise self._damaged(f"it has no file {name}") from error

    def _decoded(self, content: bytes, form: type[_Form], name: str) -> _Form:
        lists = content.count(b"[") + content.count(b"{")
        self._require(lists <= _MAX_LISTS, f"{name} has {lists:,} lists, expected at most {_MAX_LISTS:,}")
        try:
            return msgspec.json.decode(content, type=form)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._damaged(f"{name}: {error}") from error

    def _require(self, is_valid: bool, problem: str) -> None:
        if not is_valid:
            raise self._damaged(problem)

    def _damaged(self, problem: str) -> UnreadableImage:
        return UnreadableImage(
            f"{self._name} is a damaged saved exploration: {printable(problem)[:_MAX_MESSAGE_CHARS]}",
            SAVE_AGAIN,
        )


def _layer(
    number: int, saved: doc.LayerRecord, stored: Sequence[LayerContents], of_history: HistoryStep | None
) -> Layer:
    name = f"layer {number}"
    return Layer(
        number,
        AbsentLayer(name, printable(saved.problem)) if saved.index is None else stored[saved.index],
        printable(saved.diff_id),
        None if saved.digest is None else printable(saved.digest),
        media_type=printable(saved.media_type),
        download_bytes=saved.download_bytes,
        step=of_history if saved.step is None else _step(saved.step),
        is_missing=saved.index is None,
    )


def _at(databases: Callable[[], Sequence[doc.PackageDatabases]], number: int) -> doc.PackageDatabases:
    return databases()[number]


def _layers_of(package: doc.PackageRecord) -> tuple[int | None, ...]:
    return package.installed_in, package.removed_in


def _places_of(secret: doc.SecretRecord) -> tuple[doc.PlaceRecord, ...]:
    return secret.place, *secret.other_places


def _step(saved: doc.StepRecord) -> HistoryStep:
    return HistoryStep(saved.created_by, saved.created, saved.comment, saved.author, saved.layer)
