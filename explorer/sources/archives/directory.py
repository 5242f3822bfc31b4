"""Images in directories: OCI layouts, and archives that were unpacked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from explorer.errors import ImageNotFound, UnreadableImage
from explorer.files import regular_file
from explorer.layers import digests
from explorer.layers.path_resolver import normalized_path
from explorer.layers.streams import FileRange
from explorer.model import Image
from explorer.open_file_limit import open_error_hint
from explorer.sources.archives.archive import image_among
from explorer.sources.paths import exists, split_tag
from explorer.sources.request import Request
from explorer.text.printable import printable


def open_directory(request: Request) -> Image:
    """Opens a directory at PATH[:TAG]. Raises ImageError or ChoiceNeeded."""
    path, tag = split_tag(request.name)
    shown = printable(str(path))
    if not path.is_dir():
        raise ImageNotFound(f"there is no directory {shown}", "Name an OCI layout directory.")
    image = image_among(_Directory(path), replace(request, is_local_file=True), tag)
    if image is None:
        raise UnreadableImage(
            f"{shown} is not an OCI layout or an unpacked archive: no index.json, no manifest.json",
            "Expected a directory with oci-layout, index.json and blobs/, as `skopeo copy ... oci:DIR` writes it.",
        )
    return replace(image, source=f"{image.source} {shown}")


@dataclass(frozen=True, slots=True)
class _Directory:
    """The files of a directory. Satisfies StoredFiles."""

    form: ClassVar[str] = "directory"

    path: Path

    def has(self, name: str) -> bool:
        return exists(self.path / name)

    def part(self, name: str) -> FileRange:
        part = self._file(normalized_path(name) or "", name)
        if part is None:
            raise UnreadableImage(
                f"the directory does not hold “{printable(name)}”, which its manifest names", "Save the image again."
            )
        return part

    def blob(self, digest: str) -> FileRange | None:
        algorithm, _, value = digest.partition(":")
        if not algorithm.isalnum() or not value.isalnum():
            return None
        return self._file(f"blobs/{algorithm}/{value}", f"blob {digests.shown(digest)}")

    manifest = blob

    def _file(self, name: str, shown: str) -> FileRange | None:
        """Returns the bytes of a file; None if it is not there."""
        try:
            with regular_file(self.path / name) as file:
                return FileRange.whole(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UnreadableImage(
                f"{printable(shown)} cannot be read: {getattr(error, 'strerror', None) or error}",
                open_error_hint(error, "Check its permissions, or save the image again."),
            ) from error
