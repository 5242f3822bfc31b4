"""The outcome of the search for secrets, as saved explorations hold it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from explorer.analysis.findings.finding import (
    ConfigPlace,
    Finding,
    FindingKind,
    PathPlace,
    Place,
    Severity,
    StepPlace,
)
from explorer.analysis.findings.secrets.image_secrets import ImageSecrets
from explorer.analysis.packages.package import Package
from explorer.saved.document import (
    PackageRecord,
    PlaceRecord,
    SecretRecord,
    SecretsRecord,
    packed_text,
    unpacked_text,
)
from explorer.text.printable import printable


def secrets_record(secrets: ImageSecrets) -> SecretsRecord:
    """Returns the record of an image's secrets."""
    return SecretsRecord(
        tuple(map(_packed, secrets.findings)),
        tuple(secrets.problems),
        tuple(map(_packed_place, secrets.setting_places)),
        tuple(sorted(secrets.unsearched_layers)),
        tuple(secrets.notes),
    )


def saved_secrets(record: SecretsRecord, base_layers: int) -> ImageSecrets:
    """Reverses ``secrets_record``. Raises ValueError for texts that are not Base64.

    Secrets of the lowest ``base_layers`` layers are the base's, also if nothing knew it when they were saved.
    """
    return ImageSecrets(
        [_unpacked(each, base_layers) for each in record.findings],
        [(layer, printable(problem)) for layer, problem in record.problems],
        needs_fetch=False,
        setting_places=[_place(place) for place in record.setting_places],
        unsearched_layers=frozenset(record.unsearched_layers),
        notes=[*map(printable, record.notes)],
    )


def _packed(finding: Finding) -> SecretRecord:
    package = finding.package
    return SecretRecord(
        finding.id,
        finding.severity.value,
        finding.title,
        _packed_place(finding.place),
        finding.layer,
        finding.why,
        finding.do,
        finding.hidden_in,
        finding.bytes,
        finding.is_base,
        None if package is None else PackageRecord(**asdict(package)),
        tuple(map(_packed_place, finding.other_places)),
    )


def _unpacked(saved: SecretRecord, base_layers: int) -> Finding:
    package = saved.package
    return Finding(
        printable(saved.id),
        FindingKind.SECRET,
        Severity(saved.severity),
        printable(saved.title),
        _place(saved.place),
        saved.layer,
        printable(saved.why),
        printable(saved.do),
        saved.hidden_in,
        saved.bytes,
        saved.is_base or (saved.layer is not None and saved.layer < base_layers),
        None if package is None else _package(package),
        other_places=tuple(map(_place, saved.other_places)),
    )


def _package(saved: PackageRecord) -> Package:
    values: dict[str, Any] = msgspec.structs.asdict(saved)
    texts = {name: printable(value) for name, value in values.items() if isinstance(value, str)}
    return Package(**{**values, **texts})


def _packed_place(place: Place) -> PlaceRecord:
    if isinstance(place, PathPlace):
        return PlaceRecord(packed_text(place.path), place.line)
    if isinstance(place, StepPlace):
        return PlaceRecord(step=place.step, step_name=place.name, key=place.key)
    return PlaceRecord(key=place.key)


def _place(saved: PlaceRecord) -> Place:
    if saved.path is not None:
        return PathPlace(unpacked_text(saved.path), saved.line)
    if saved.step is not None:
        return StepPlace(saved.step, saved.key, printable(saved.step_name))
    return ConfigPlace(saved.key)
