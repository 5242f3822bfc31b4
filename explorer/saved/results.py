"""The results that a saved exploration holds, because they need contents of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.model import Image

if TYPE_CHECKING:
    # Because nothing else needs msgspec when an image is opened.
    from explorer.saved.document import BaseRecord, DockerfileRecord, SecretsRecord


@dataclass(frozen=True, slots=True)
class SavedResults:
    """The results about the image as a whole; those about a layer are in SavedLayer."""

    base: BaseRecord | None
    dockerfile: DockerfileRecord | None
    secrets: SecretsRecord


def saved_results(image: Image) -> SavedResults | None:
    """Returns the results of an image; None if it is not from a saved exploration."""
    return image.saved if isinstance(image.saved, SavedResults) else None
