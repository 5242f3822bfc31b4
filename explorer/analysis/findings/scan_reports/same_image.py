"""Makes sure that a report is about the image that it is laid over.

The layers decide where both sides name all of them, because an image has other IDs in other stores. After them the
digests of configuration and manifest count, and at last the layers of single files.
"""

from __future__ import annotations

from collections.abc import Iterable

from explorer.analysis.findings.scan_reports.scan_report import ScanReport
from explorer.errors import UsageError
from explorer.layers.digests import shown
from explorer.model import Image
from explorer.text.units import counted

_HINT = "Scan this image, or open the image that was scanned."


def require_same_image(report: ScanReport, image: Image) -> str:
    """Returns a doubt that a report is about an image; empty if it is certain.

    Raises UsageError, with both IDs, if the report is about another image.
    """
    reported = report.image
    if image.id and _digits(reported.id) == _digits(image.id):
        return ""
    diff_ids = {layer.diff_id for layer in image.layers if layer.diff_id}
    if reported.diff_ids and diff_ids:
        if diff_ids == set(reported.diff_ids):
            return ""
        raise _another_image(report, image)
    if image.digest in reported.digests:
        return ""
    known_layers = diff_ids | {layer.digest for layer in image.layers if layer.digest}
    if known_layers and not report.layers <= known_layers:
        raise _another_image(report, image)
    is_named = bool(reported.id or reported.digests)
    if not report.layers and ((reported.id and image.id) or (reported.digests and image.digest)):
        raise _another_image(report, image)
    doubt = "does not name its image" if not is_named else "names its image in a way that cannot be compared"
    if report.layers:
        return f"{doubt}; {counted(len(report.layers), 'layer')} that it names are in this image"
    return f"{doubt}, so it may be about another one"


def _digits(name: str) -> str:
    return name.removeprefix("sha256:")


def _another_image(report: ScanReport, image: Image) -> UsageError:
    reported = report.image
    # Names of the same kind can be compared by the reader.
    if reported.id or not (reported.digests and image.digest):
        theirs = _first(reported.id, *reported.digests, *_unknown_layers(report, image))
        ours = _first(image.id, image.digest or "")
    else:
        theirs, ours = reported.digests[0], image.digest
    platform = image.platform.split("/")[1:2]
    hint = _HINT
    if reported.architecture and platform and reported.architecture != platform[0]:
        hint = f"The scanned image is for {reported.architecture}, this one for {platform[0]}: choose with --platform."
    return UsageError(f"{report.name} is about another image: {shown(theirs)}, and this is {shown(ours)}", hint)


def _unknown_layers(report: ScanReport, image: Image) -> Iterable[str]:
    known = {name for layer in image.layers for name in (layer.diff_id, layer.digest)}
    names = (*report.image.diff_ids, *sorted(report.layers))
    return (f"an image with the layer {name}" for name in names if name not in known)


def _first(*names: str) -> str:
    return next(filter(None, names), "an image without an ID")
