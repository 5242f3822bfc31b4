"""Secrets in files, as findings: one for each secret of a content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from explorer.analysis.advice.build_steps import BuildStep, step_of
from explorer.analysis.findings.finding import Finding, FindingKind, PathPlace
from explorer.analysis.findings.secrets.layer_secrets import LayerSecrets, SecretFile
from explorer.analysis.findings.secrets.rules import RULES_BY_ID
from explorer.analysis.findings.secrets.same_contents import Content
from explorer.analysis.findings.secrets.secret_places import SecretPlace, places_of
from explorer.analysis.findings.secrets.secret_words import file_remedy, file_why
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.layers.tree import Tree


def file_findings(
    tree: Tree,
    secrets: Sequence[LayerSecrets],
    copies: Sequence[Mapping[int, Content]],
    base_layers: int,
    build_steps: Sequence[BuildStep],
    packages: ImagePackages,
) -> Iterator[Finding]:
    """Yields the secrets in files, by the layer that first ships them.

    Args:
        tree: The merged tree.
        secrets: The secrets of each layer.
        copies: The contents of each layer that another file has.
        base_layers: The number of lowest layers that are certainly the base's.
        build_steps: The build step of each layer.
        packages: The packages of the image.
    """
    found = [((layer, file.inode), file) for layer, each in enumerate(secrets) for file in each.files]
    places = places_of(tree, [content for content, _ in found], copies)
    groups: dict[bytes | Content, tuple[SecretFile, list[SecretPlace]]] = {}
    for content, file in found:
        groups.setdefault(file.fingerprint or content, (file, []))[1].extend(places[content])
    for file, group in groups.values():
        yield from _of_content(tree, file, group, base_layers, build_steps, packages)


def _of_content(
    tree: Tree,
    file: SecretFile,
    places: Sequence[SecretPlace],
    base_layers: int,
    build_steps: Sequence[BuildStep],
    packages: ImagePackages,
) -> Iterator[Finding]:
    first = min(
        places, key=lambda place: (place.layer < base_layers, place.layer, place.hidden_in is not None, place.path)
    )
    is_visible = any(place.hidden_in is None for place in places)
    last = None if is_visible else max(places, key=lambda place: place.hidden_in or 0)
    others = sorted(place for place in places if place is not first)
    node = tree.find(first.path)
    package = packages.owner(node, first.layer) if node is not None else None
    step = step_of(build_steps, first.layer)
    other_paths = tuple(map(PathPlace, {place.path: None for place in others if place.path != first.path}))
    in_line = Counter((secret.rule, secret.line) for secret in file.secrets)
    numbers: Counter[tuple[str, int]] = Counter()
    for secret in file.secrets:
        key = secret.rule, secret.line
        numbers[key] += 1
        rule = RULES_BY_ID[secret.rule]
        yield Finding(
            rule.id,
            FindingKind.SECRET,
            rule.severity,
            rule.title,
            PathPlace(first.path, secret.line),
            first.layer,
            file_why(secret, (numbers[key], in_line[key]), first, last, others),
            f"{rule.do} {file_remedy(step)}",
            last.hidden_in if last else None,
            first.bytes,
            package=package,
            other_places=other_paths,
        )
