"""Tests for explorer/analysis/findings/scan_reports/same_image.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from explorer.analysis.findings.scan_reports.same_image import require_same_image
from explorer.analysis.findings.scan_reports.scan_report import ReportedImage, ScanReport
from explorer.errors import UsageError
from explorer.model import Image, Layer, LayerContents


def name(letter: str) -> str:
    """Returns a digest."""
    return f"sha256:{letter * 64}"


NOWHERE = cast("LayerContents", None)
LAYERS = tuple(Layer(number, NOWHERE, diff_id=name("ab"[number]), digest=name("cd"[number])) for number in (0, 1))
IMAGE = Image("shop", name("1"), LAYERS, digest=name("2"), platform="linux/amd64")
IN_ENGINE = replace(IMAGE, layers=tuple(replace(layer, digest=None) for layer in LAYERS))


def report(*layers: str, names_blobs: bool = False, **image: Any) -> ScanReport:
    """Returns a report about an image."""
    return ScanReport(
        "Trivy", ReportedImage(**image), layers=frozenset(layers), names_blobs=names_blobs, name="report.json"
    )


DIFF_IDS = (name("a"), name("b"))


@pytest.mark.parametrize(
    "same",
    [
        report(id=IMAGE.id),
        report(id=IMAGE.id.removeprefix("sha256:")),
        report(id=name("2")),
        report(id=name("9"), diff_ids=DIFF_IDS),
        report(id=name("9"), digests=(name("8"),), diff_ids=DIFF_IDS[::-1]),
        report(digests=(name("8"), name("2"))),
        report(name("d"), names_blobs=True, digests=(name("2"),)),
    ],
)
def test_the_same_image(same: ScanReport) -> None:
    """An image is the same if an ID, the manifest or all layers are."""
    assert require_same_image(same, IMAGE) == ""


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (report(id=name("9"), diff_ids=(name("a"), name("f"))), f"of {name('9')}, not of {name('1')}"),
        (report(id=name("9"), diff_ids=(name("a"),)), f"of {name('9')}, not of {name('1')}"),
        (report(id=name("9")), f"of {name('9')}, not of {name('1')}"),
        (report(name("a"), id=name("9"), digests=(name("8"),)), f"of {name('9')}, not of {name('1')}"),
        (report(digests=(name("9"),)), f"of {name('9')}, not of {name('2')}"),
        (report(name("a"), name("f")), f"of an image with layer {name('f')}, not of {name('1')}"),
        (report(name("c"), name("f"), names_blobs=True), f"of an image with layer {name('f')}, not of {name('1')}"),
        (report(diff_ids=(name("a"),)), f"of one with fewer layers, not of {name('1')}"),
    ],
)
def test_another_image(other: ScanReport, words: str) -> None:
    """A report of another image is refused with both IDs, also if it shares the base."""
    with pytest.raises(UsageError) as caught:
        require_same_image(other, IMAGE)
    assert caught.value.message == f"report.json is a scan of another image: {words}"
    assert caught.value.hint == "Scan this image, or open the image that was scanned."


def test_another_platform() -> None:
    """The digest of an index is that of all its platforms, so the layers decide."""
    other = report(digests=(name("2"),), diff_ids=(name("a"),), architecture="arm64")
    with pytest.raises(UsageError) as caught:
        require_same_image(other, IMAGE)
    assert caught.value.hint == ("The scanned image is for arm64, and this one for amd64: choose with --platform.")


@pytest.mark.parametrize(
    ("uncertain", "image"),
    [
        (report(), IMAGE),
        (report(name("c"), names_blobs=True, digests=(name("9"),)), IN_ENGINE),
        (report(digests=(name("9"),)), replace(IMAGE, digest=None)),
        (report(id=name("9")), replace(IMAGE, id="", layers=(replace(LAYERS[0], diff_id=""),), digest=None)),
    ],
)
def test_doubts(uncertain: ScanReport, image: Image) -> None:
    """A report that names its image in no comparable way is accepted with a doubt."""
    assert require_same_image(uncertain, image).endswith("it may be about another one")


def test_only_known_layers() -> None:
    """Layers of single files do not prove that the report is about all layers."""
    doubt = require_same_image(report(name("a"), digests=(name("9"),)), IMAGE)
    assert doubt.endswith("all layers that it names are of this image")


def test_a_container() -> None:
    """A report about the image of a container fits, because the container's writes have no digest."""
    writes = Layer(2, NOWHERE)
    assert require_same_image(report(diff_ids=DIFF_IDS), replace(IMAGE, layers=(*LAYERS, writes))) == ""
