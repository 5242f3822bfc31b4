"""The documents in a saved exploration, version 1.

A saved exploration is a tar with three members, in this order:

- ``layer-explorer.json``: a Document.
- ``indexes``: the index of each distinct layer, one after the other, as ``layers.index_format`` writes it.
- ``packages``: a list of PackageDatabases as JSON, one for each index, as ``layers.derived_format`` packs it.

Later programs read it, so fields may be added, and none may change. Another meaning of a field, or other bytes of an
index, need another version, and the program must read both.
"""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Literal

import msgspec

FORMAT: Literal["layer-explorer saved exploration"] = "layer-explorer saved exploration"
VERSION = 1
INDEXES_NAME = "indexes"
PACKAGES_NAME = "packages"
PACKAGES_HEAD = b"layer-explorer packages 1\n"
MAX_DOCUMENT_BYTES = 16 << 20
MAX_PACKAGES_BYTES = 128 << 20
"""Limits of the documents, unpacked. Those of an image of 140,000 files have 5 KB and 9 MB."""

Count = Annotated[int, msgspec.Meta(ge=0)]
Number = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
"""The number of a layer, of a step or of an index."""
Pairs = tuple[tuple[str, str], ...]
Bytes = tuple[str]
"""The Base64 of a text that is not UTF-8."""
Text = str | Bytes
"""The name of a file: any bytes but NUL."""


class Record(msgspec.Struct, omit_defaults=True, gc=False):
    """An object of the document, without the keys that later programs add."""


class StepRecord(Record):
    """A step of the history: see HistoryStep."""

    created_by: str = ""
    created: str | None = None
    comment: str = ""
    author: str = ""
    layer: Number | None = None


class ConfigRecord(Record):
    """The settings of a container: see ImageConfig."""

    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    user: str = ""
    working_dir: str = ""
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Pairs = ()
    stop_signal: str = ""
    healthcheck: str = ""
    others: Pairs = ()


class ImageRecord(Record):
    """The image: see Image."""

    reference: str
    id: str
    source: str = ""
    digest: str | None = None
    platform: str = ""
    tags: tuple[str, ...] = ()
    created: str | None = None
    author: str = ""
    config: ConfigRecord = msgspec.field(default_factory=ConfigRecord)
    history: tuple[StepRecord, ...] = ()
    annotations: Pairs = ()
    other_annotations: Pairs = ()
    problems: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()


class LayerRecord(Record):
    """A layer: see Layer."""

    index: Number | None
    """The number of its index; equal layers share one. None if the layer was missing or not read."""
    diff_id: str = ""
    digest: str | None = None
    media_type: str = ""
    download_bytes: Count | None = None
    step: StepRecord | None = None
    """The step that made it, unless that is the one of the history with its number."""
    problem: str = ""
    """The reason why it has no index."""


class IndexRecord(Record):
    """An index among the bytes of ``indexes``."""

    bytes: Count
    damage: tuple[str, ...] = ()
    """Reasons why the layer is not the one that its digests promise."""


class BaseRecord(Record):
    """The base image: see Base."""

    layers: Number | None
    evidence: str
    exact: bool
    name: str = ""
    digest: str = ""
    reason: str = ""


class DockerfileRecord(Record):
    """The Dockerfile, without its secrets: see Dockerfile."""

    name: str
    lines: tuple[str, ...]
    target: str = ""
    build_started: str | None = None
    """RFC 3339."""
    is_of_build: bool = False


class PlaceRecord(Record):
    """A place of a secret: a path with a line, a step, or a key of the settings."""

    path: Text | None = None
    line: Count | None = None
    step: Number | None = None
    step_name: str = ""
    key: str = ""
    """The key of the settings; also of those that the step makes."""


class PackageRecord(Record):
    """A package: see Package."""

    kind: str
    name: str
    version: str
    architecture: str
    namespace: str
    place: str
    installed_in: Number
    removed_in: Number | None = None
    upgraded_from: str = ""
    upgraded_to: str = ""
    distribution: str = ""


class SecretRecord(Record):
    """A secret, without its text: see Finding."""

    id: str
    severity: Literal["critical", "high", "medium", "low", "info"]
    title: str
    place: PlaceRecord
    layer: Number | None
    why: str
    do: str
    hidden_in: Number | None = None
    bytes: Count = 0
    is_base: bool = False
    package: PackageRecord | None = None
    other_places: tuple[PlaceRecord, ...] = ()


class SecretsRecord(Record):
    """The outcome of the search for secrets: see ImageSecrets."""

    findings: tuple[SecretRecord, ...] = ()
    problems: tuple[tuple[Number | None, str], ...] = ()
    setting_places: tuple[PlaceRecord, ...] = ()
    unsearched_layers: tuple[Number, ...] = ()
    notes: tuple[str, ...] = ()


class Head(Record):
    """The keys of all versions."""

    format: Literal["layer-explorer saved exploration"]
    version: int


class Document(Head):
    """A saved exploration without its indexes and packages."""

    program: str
    """The version of the program that wrote it."""
    image: ImageRecord
    layers: tuple[LayerRecord, ...]
    """Bottom first."""
    indexes: tuple[IndexRecord, ...]
    base: BaseRecord | None = None
    dockerfile: DockerfileRecord | None = None
    secrets: SecretsRecord = msgspec.field(default_factory=SecretsRecord)


class StatedPackage(Record, array_like=True):
    """A package as a file of a layer states it: see Found."""

    name: Text
    version: Text = ""
    architecture: Text = ""
    namespace: Text = ""
    paths: Text = ""
    """The paths that it owns, with NUL between them."""


class DatabaseFile(Record, array_like=True):
    """A file that states packages."""

    kind: str
    path: Text
    packages: tuple[StatedPackage, ...]


class PackageDatabases(Record):
    """The packages that the files of a layer state: see LayerDatabases."""

    files: tuple[DatabaseFile, ...] = ()
    problems: tuple[str, ...] = ()


def packed_text(text: str) -> Text:
    """Returns a text as it is, or the Base64 of bytes that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return (base64.b64encode(text.encode("utf-8", "surrogateescape")).decode(),)
    return text


def unpacked_text(packed: Text) -> str:
    """Reverses ``packed_text``. Raises ValueError."""
    if isinstance(packed, str):
        return packed
    return base64.b64decode(packed[0], validate=True).decode("utf-8", "surrogateescape")


def encoded(record: Any) -> bytes:
    """Returns records as JSON; surrogates in texts for people are escaped."""
    try:
        return msgspec.json.encode(record)
    except UnicodeEncodeError:
        return msgspec.json.encode(_escaped(msgspec.to_builtins(record)))


def _escaped(value: Any) -> Any:
    """Returns a value of JSON whose texts are UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, (list, tuple)) else value


def schema_text() -> str:
    """Returns the JSON Schema of a Document."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Document)}
    return f"{json.dumps(schema, indent=2)}\n"
