"""Reports of scanners in the forms of real ones, about images of tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explorer.model import Image

DEBIAN = "pkg:deb/debian"


def diff_ids(image: Image) -> list[str]:
    """Returns the diff IDs of an image's layers."""
    return [layer.diff_id for layer in image.layers]


def written(folder: Path, name: str, report: object) -> str:
    """Writes a report, and returns its path."""
    path = folder / name
    path.write_text(json.dumps(report))
    return str(path)


def trivy_vulnerability(name: str, version: str, id_: str = "CVE-2024-3094", **more: Any) -> dict[str, Any]:
    """Returns a vulnerability in a Debian package, as Trivy 0.58 writes it."""
    return {
        "VulnerabilityID": id_,
        "PkgID": f"{name}@{version}",
        "PkgName": name,
        "PkgIdentifier": {"PURL": f"{DEBIAN}/{name}@{version}?arch=amd64&distro=debian-12.5", "UID": "1"},
        "InstalledVersion": version,
        "FixedVersion": "13",
        "Status": "fixed",
        "Layer": {"DiffID": "sha256:" + "a" * 64},
        "SeveritySource": "nvd",
        "Title": f"{name}: a backdoor",
        "Description": "A backdoor.",
        "Severity": "CRITICAL",
        "CVSS": {"nvd": {"V3Score": 10}},
        **more,
    }


def trivy(image: Image, *vulnerabilities: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Returns a report about an image, as Trivy 0.58 writes it; ``more`` is in its result."""
    result = {"Target": "made (debian 12.5)", "Class": "os-pkgs", "Type": "debian"}
    return {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.58.1"},
        "ArtifactName": "made:1",
        "ArtifactType": "container_image",
        "Metadata": {
            "OS": {"Family": "debian", "Name": "12.5"},
            "ImageID": image.id,
            "DiffIDs": diff_ids(image),
            "ImageConfig": {"architecture": "amd64", "os": "linux"},
        },
        "Results": [{**result, "Vulnerabilities": list(vulnerabilities), **more}],
    }


def syft_source(image: Image) -> dict[str, Any]:
    """Returns the image in the words of Syft and Grype."""
    return {
        "userInput": "made:1",
        "imageID": image.id,
        "manifestDigest": image.digest or "sha256:" + "b" * 64,
        "tags": ["made:1"],
        "layers": [{"mediaType": "x", "digest": diff_id, "size": 1} for diff_id in diff_ids(image)],
        "repoDigests": [],
        "architecture": "amd64",
        "os": "linux",
    }


def artifact(name: str, version: str, kind: str = "deb", purl: str = "", **more: Any) -> dict[str, Any]:
    """Returns a package in the words of Syft and Grype."""
    return {
        "id": "1",
        "name": name,
        "version": version,
        "type": kind,
        "locations": [{"path": "/var/lib/dpkg/status", "accessPath": "/var/lib/dpkg/status"}],
        "licenses": [],
        "purl": purl or f"{DEBIAN}/{name}@{version}",
        **more,
    }


def grype_match(package: dict[str, Any], id_: str = "CVE-2024-3094", **more: Any) -> dict[str, Any]:
    """Returns a match, as Grype 0.85 writes it."""
    return {
        "vulnerability": {
            "id": id_,
            "severity": "High",
            "description": "A backdoor in the library.",
            "fix": {"versions": ["13"], "state": "fixed"},
            **more,
        },
        "relatedVulnerabilities": [],
        "matchDetails": [{"type": "exact-direct-match", "matcher": "dpkg-matcher"}],
        "artifact": package,
    }


def grype(image: Image, *matches: dict[str, Any]) -> dict[str, Any]:
    """Returns a report about an image, as Grype 0.85 writes it."""
    return {
        "matches": list(matches),
        "source": {"type": "image", "target": syft_source(image)},
        "distro": {"name": "debian", "version": "12"},
        "descriptor": {"name": "grype", "version": "0.85.0"},
    }


def syft(image: Image, artifacts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Returns a report about an image, as Syft 1.18 writes it."""
    return {
        "artifacts": list(artifacts),
        "source": {"id": "1", "name": "made", "version": "1", "type": "image", "metadata": syft_source(image)},
        "descriptor": {"name": "syft", "version": "1.18.1"},
        "schema": {"version": "16.0.18", "url": "https://example.com"},
    }
