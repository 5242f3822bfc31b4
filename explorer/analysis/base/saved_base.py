"""The base image, as saved explorations hold it."""

from __future__ import annotations

from explorer.analysis.base.base import Base, Evidence
from explorer.saved.document import BaseRecord
from explorer.text.printable import printable


def base_record(base: Base) -> BaseRecord:
    """Returns the record of a base."""
    return BaseRecord(base.layers, base.evidence.value, base.exact, base.name, base.digest, base.reason)


def base_of_record(record: BaseRecord, layers: int) -> Base:
    """Reverses ``base_record``. ``layers`` is the number of layers of the image.

    Evidence that a later program knows is a guess.
    """
    is_known = record.evidence in {evidence.value for evidence in Evidence}
    return Base(
        None if record.layers is None else min(record.layers, layers),
        record.name,
        record.digest,
        Evidence(record.evidence) if is_known else Evidence.GUESS,
        record.exact and is_known,
        printable(record.reason),
    )
