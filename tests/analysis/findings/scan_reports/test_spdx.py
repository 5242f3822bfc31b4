"""Tests for explorer/analysis/findings/scan_reports/spdx.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.analysis.findings.scan_reports import spdx
from explorer.analysis.findings.scan_reports.scan_report import BadReport

LAYER = "sha256:" + "a" * 64


def package(name: str, purl: str, **more: Any) -> dict[str, Any]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    return {"name": name, "versionInfo": "1", "externalRefs": [reference], **more}


def document(*packages: dict[str, Any], creator: str = "Tool: syft-1.18.1", **more: Any) -> dict[str, Any]:
    """Returns a document as Syft writes it."""
    files = [{"fileName": "bin/sh", "comment": f"layerID: {LAYER}"}, {"fileName": "x"}]
    return {
        "spdxVersion": "SPDX-2.3",
        "creationInfo": {"creators": [creator]},
        "packages": list(packages),
        "files": files,
        **more,
    }


def test_syft() -> None:
    """The image is the package that is a container; the others are packages, with layers of files."""
    checksums = [{"algorithm": "SHA256", "checksumValue": "ab"}]
    root = package("shop", "pkg:oci/shop@sha256:ab", primaryPackagePurpose="CONTAINER", checksums=checksums)
    report = spdx.parse(json.dumps(document(root, package("bash", "pkg:deb/debian/bash@1"), {"name": "x"})).encode())
    assert [(each.kind, each.name, each.version) for each in report.packages or ()] == [("deb", "bash", "1")]
    assert (report.image.digests, report.layers, report.names_blobs) == (("sha256:ab",), frozenset({LAYER}), False)


def test_buildkit() -> None:
    """An attestation names the manifest in its subject, and its layers are compressed."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://spdx.dev/Document",
        "subject": [{"name": "pkg:docker/shop@dev", "digest": {"sha256": "cd"}}],
        "predicate": document(package("busybox", "pkg:alpine/busybox@1"), creator="Tool: buildkit-v0.19.0"),
    }
    report = spdx.parse_statement(json.dumps(statement).encode())
    assert [(each.kind, each.name) for each in report.packages or ()] == [("apk", "busybox")]
    assert (report.image.digests, report.names_blobs) == (("sha256:cd",), True)


def test_another_attestation() -> None:
    """An attestation without SPDX, such as provenance, is no report."""
    statement = {"predicateType": "https://slsa.dev/provenance/v1", "predicate": {}}
    with pytest.raises(BadReport, match="has no SPDX"):
        spdx.parse_statement(json.dumps(statement).encode())


@pytest.mark.parametrize("key", ["annotations", "attributionTexts"])
def test_trivy(key: str) -> None:
    """Trivy names the image and all layers, in annotations or in attributions of old versions."""
    texts = ["ImageID: sha256:1", "DiffID: sha256:2", "DiffID: sha256:3"]
    stated = [{"comment": text} for text in texts] if key == "annotations" else texts
    root = {"name": "shop", "primaryPackagePurpose": "CONTAINER", key: stated}
    report = spdx.parse(json.dumps(document(root)).encode())
    assert (report.image.id, report.image.diff_ids) == ("sha256:1", ("sha256:2", "sha256:3"))
