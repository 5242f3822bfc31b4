"""Secrets of an image: in its files, in its history and in its settings."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.findings.finding import Finding, Place
from explorer.analysis.findings.secrets.file_findings import file_findings
from explorer.analysis.findings.secrets.layer_secrets import LayerSecrets
from explorer.analysis.findings.secrets.read_secrets import read_secrets
from explorer.analysis.findings.secrets.same_contents import distinct_contents
from explorer.analysis.findings.secrets.scannable import is_archive
from explorer.analysis.findings.secrets.setting_findings import setting_findings, setting_secrets
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.tree import Tree
from explorer.model import Image, Watcher
from explorer.text.units import counted

_MAX_FILE_FINDINGS = 20_000


@dataclass(frozen=True, slots=True)
class ImageSecrets:
    """The secrets of an image, as findings."""

    findings: Sequence[Finding]
    problems: Sequence[tuple[int | None, str]]
    """Layer, if it is about one, and the reason why secrets may be missing; printable."""
    needs_fetch: bool
    """True if files of a registry were not fetched, and may be."""
    setting_places: Collection[Place]
    """The places of the history and of the settings that have secrets."""
    unsearched_layers: Set[int]
    """The layers whose files were not all searched."""
    notes: Sequence[str] = ()
    """Remarks on files that are never searched; printable."""


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
    contents = distinct_contents(tree, image.layers, base_layers)
    secrets = read_secrets(tree, image.layers, contents, fetch_limit, watcher, fetches=fetches)
    copies = [each.copies for each in contents]
    in_settings = setting_secrets(image)
    in_files = list(
        islice(file_findings(tree, secrets, copies, base_layers, build_steps, packages), _MAX_FILE_FINDINGS + 1)
    )
    problems: list[tuple[int | None, str]] = [
        (number, problem) for number, each in enumerate(secrets) for problem in each.problems
    ]
    if len(in_files) > _MAX_FILE_FINDINGS:
        problems.append((None, f"only {_MAX_FILE_FINDINGS:,} secrets of files are listed, and the image has more"))
    problems.extend((None, problem) for problem in in_settings.problems)
    findings = [*setting_findings(image, in_settings, base_layers), *in_files[:_MAX_FILE_FINDINGS]]
    unsearched = {number for number, each in enumerate(secrets) if each.problems}
    places = [place for secret in in_settings.secrets for place in secret.places]
    needs_fetch = any(each.needs_fetch for each in secrets)
    return ImageSecrets(findings, problems, needs_fetch, places, unsearched, _notes(tree, secrets, base_layers))


def _notes(tree: Tree, secrets: Sequence[LayerSecrets], base_layers: int) -> Sequence[str]:
    """Returns a remark that counts the files that nothing can read."""
    named = sum(is_archive(entry) for index in tree.layers[base_layers:] for entry in index.entries)
    count = named + sum(each.unread_files for each in secrets)
    return (
        [f"Not searched for secrets: {counted(count, 'file')} (archives, and binaries of more than 64 MB)"]
        if count
        else []
    )
