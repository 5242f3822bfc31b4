"""Secrets of an image: in its files, in its history and in its settings."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.findings.finding import Finding
from explorer.analysis.findings.secrets.file_findings import file_findings
from explorer.analysis.findings.secrets.read_secrets import read_secrets
from explorer.analysis.findings.secrets.same_contents import first_copies
from explorer.analysis.findings.secrets.setting_findings import setting_findings
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.tree import Tree
from explorer.model import Image, Watcher


@dataclass(frozen=True, slots=True)
class ImageSecrets:
    """The secrets of an image, as findings."""

    findings: Sequence[Finding]
    problems: Sequence[tuple[int | None, str]]
    """Layer, if it is about one, and the reason why secrets may be missing; printable."""
    needs_fetch: bool
    """True if files of a registry were not fetched, and may be."""
    unsearched_layers: Set[int]
    """The layers whose files were not all searched."""


def image_secrets(
    image: Image,
    tree: Tree,
    build_steps: Sequence[BuildStep],
    base_layers: int,
    packages: ImagePackages,
    fetch_limit: FetchLimit,
    watcher: Watcher,
    *,
    fetches: bool,
) -> ImageSecrets:
    """Returns the secrets of an image.

    Args:
        image: The image.
        tree: Its merged tree.
        build_steps: The build step of each layer.
        base_layers: The number of lowest layers that are certainly the base's: their files are not searched.
        packages: The packages of the image.
        fetch_limit: The bytes that a registry may send.
        watcher: Receives the progress.
        fetches: True if files may be fetched from a registry.

    Raises Cancelled from the watcher.
    """
    copies = first_copies(tree, image.layers)
    secrets = read_secrets(tree, image.layers, copies, base_layers, fetch_limit, watcher, fetches=fetches)
    findings = [
        *setting_findings(image, base_layers),
        *file_findings(tree, secrets, copies, build_steps, packages),
    ]
    problems = [(number, problem) for number, each in enumerate(secrets) for problem in each.problems]
    unsearched = {number for number, each in enumerate(secrets) if each.problems}
    return ImageSecrets(findings, problems, any(each.needs_fetch for each in secrets), unsearched)
