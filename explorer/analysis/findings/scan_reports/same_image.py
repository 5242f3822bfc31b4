"""Makes sure that a report is about the image that it is laid over.

The layers decide where both sides name all of them, because one image has different IDs in different stores: Syft makes
up a manifest for an archive, and an engine knows the digest of an index of several platforms. Next is the digest of the
configuration. The layers of single files and the digest of the manifest are the last.
"""

from __future__ import annotations

from explorer.analysis.findings.scan_reports.scan_report import ScanReport
from explorer.errors import UsageError
from explorer.layers.digests import shown
from explorer.model import Image


def require_same_image(report: ScanReport, image: Image) -> str:
    """Returns a doubt that a report is about an image; empty if it is certain.

    Raises UsageError, with both IDs, if the report is about another image.
    """
    reported = report.image
    own_names = {_digits(name) for name in (image.id, image.digest) if name}
    if _digits(reported.id) in own_names:
        return ""
    diff_ids = _diff_ids(image)
    if reported.diff_ids and diff_ids:
        if diff_ids == set(reported.diff_ids):
            return ""
        raise _another_image(report, image)
    if not own_names.isdisjoint(map(_digits, reported.digests)):
        return ""
    if reported.id and image.id and not reported.diff_ids:
        # Layers of single files may be those of a shared base.
        raise _another_image(report, image)
    known_layers = _comparable_layers(report, image)
    if known_layers and not report.layers <= known_layers:
        raise _another_image(report, image)
    if known_layers and report.layers:
        return "does not prove which image it is about; but all layers that it names are of this image"
    if not report.layers and reported.digests and image.digest:
        raise _another_image(report, image)
    return "does not name its image so that it can be compared; it may be about another one"


def _digits(name: str) -> str:
    return name.removeprefix("sha256:")


def _diff_ids(image: Image) -> set[str]:
    """Returns the diff IDs of the image; the writes of a container have none."""
    return {layer.diff_id for layer in image.layers if layer.diff_id}


def _comparable_layers(report: ScanReport, image: Image) -> set[str]:
    """Returns the names of the image's layers; empty if they are of another kind."""
    digests = {layer.digest for layer in image.layers if layer.digest}
    if report.names_blobs:
        # An engine has only the diff IDs.
        return digests if len(digests) == len({layer.diff_id for layer in image.layers}) else set()
    diff_ids = _diff_ids(image)
    return diff_ids | digests if diff_ids else set()


def _another_image(report: ScanReport, image: Image) -> UsageError:
    theirs, ours = _names(report, image)
    words = f"{report.name} is a scan of another image: of {shown(theirs)}, not of {shown(ours)}"
    architecture, own = report.image.architecture, image.platform.split("/")[1:2]
    if architecture and own and architecture != own[0]:
        return UsageError(
            words, f"The scanned image is for {architecture}, and this one for {own[0]}: choose with --platform."
        )
    return UsageError(words, "Scan this image, or open the image that was scanned.")


def _names(report: ScanReport, image: Image) -> tuple[str, str]:
    """Returns names of both images, of the same kind if possible."""
    reported = report.image
    if reported.digests and image.digest and not (reported.id and image.id):
        return reported.digests[0], image.digest
    own = _diff_ids(image) | {layer.digest for layer in image.layers if layer.digest}
    layers = [f"an image with layer {name}" for name in (*reported.diff_ids, *sorted(report.layers)) if name not in own]
    theirs = (reported.id, *reported.digests, *layers)
    return next(filter(None, theirs), "one with fewer layers"), image.id or image.digest or "one without an ID"
