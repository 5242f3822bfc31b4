"""Practices of the files above the base: rights, names and links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from explorer.analysis.advice.build_steps import step_of
from explorer.analysis.disposables.secrets import secrets
from explorer.analysis.findings.finding import PathPlace, Severity
from explorer.analysis.findings.practices.links import leads_nowhere
from explorer.analysis.findings.practices.own_files import SET_ID_BITS
from explorer.analysis.findings.practices.practice_case import Evidence, Finder, PracticeCase
from explorer.analysis.packages.package import Package
from explorer.layers.tree import Node
from explorer.model import Entry, Kind
from explorer.text.printable import printable
from explorer.text.units import counted

_CONTEXT_FILE = re.compile(
    r"(?:.*/)?(?:Dockerfile(?:\.[\w-]+)?|Containerfile|\.(?:docker|container)ignore|(?:docker-)?compose\.ya?ml|Jenkinsfile"
    r"|Vagrantfile|\.gitlab-ci\.yml|\.travis\.yml|azure-pipelines\.yml|\.circleci/.+|\.github/workflows/.+)",
    re.DOTALL,
)
_OF_PACKAGES = re.compile(r"(?:.*/)?(?:node_modules|site-packages|dist-packages|gems|vendor)/", re.DOTALL)
_STRONG_NAMES = re.compile(
    r"(?:.*/)?(?:id_[^/]+|[^/]+\.pem|\.netrc|\.docker/config\.json|\.aws/credentials)", re.DOTALL
)
"""Files that are nothing but a secret; the others are settings that may hold one."""
_MIN_DEPENDENCY_BYTES = 100_000
_MAX_CREDENTIALS = 100
_MAX_LINKS = 50_000


def _rights(case: PracticeCase, nodes: Sequence[Node], word: str, of_packages: Severity) -> Iterator[Evidence]:
    """Yields evidence for paths with a right, apart for those that packages own.

    Args:
        case: The image.
        nodes: The paths.
        word: The right in words.
        of_packages: The severity for paths of packages, whose authors chose the right.
    """
    owners = {node: _package_with_right(case, node) for node in nodes}
    for is_owned in (False, True):
        those = [node for node in nodes if (owners[node] is not None) is is_owned]
        if not those:
            continue
        first = min(those, key=lambda node: (-_entry(node).size, _entry(node).path))
        entry, package = _entry(first), owners[first]
        mode = f"{entry.mode & (SET_ID_BITS | 0o777):o}"
        of_package = f" of the package {package.full_name}" if package is not None else ""
        why = f"{counted(len(those), 'path')} above the base {'is' if len(those) == 1 else 'are'} {word}: "
        yield Evidence(
            PathPlace(entry.path),
            f"{why}{printable('/' + entry.path)}{of_package} has mode {mode}.",
            first.history[-1].layer,
            severity=of_packages if is_owned else None,
            package=package,
        )


def _package_with_right(case: PracticeCase, node: Node) -> Package | None:
    """Returns the package that brings a path with its mode, if any."""
    package = case.packages.owner(node, node.history[-1].layer)
    entry = node.entry_at(package.installed_in) if package is not None else None
    return package if entry is not None and entry.mode == _entry(node).mode else None


def _entry(node: Node) -> Entry:
    entry = node.history[-1].entry
    if entry is None:
        raise ValueError(node.name)
    return entry


def credential_file(case: PracticeCase) -> Iterator[Evidence]:
    """Finds files with the names of private keys and logins, deleted ones too."""
    hidden = {
        waste.path: waste
        for waste in reversed(case.usage.wasted)
        if waste.shipped_in >= case.base_layers and waste.bytes
    }
    visible = dict.fromkeys(entry.path for entries in case.own_files.by_layer.values() for entry in entries)
    for path in secrets([*visible, *hidden])[:_MAX_CREDENTIALS]:
        node = case.tree.find(path)
        waste = None if path in visible else hidden[path]
        layer = waste.shipped_in if waste else node.history[-1].layer if node else None
        if node is None or layer is None or case.packages.owner(node, layer) is not None:
            continue
        entry = node.entry_at(layer)
        count = waste.bytes if waste else entry.size if entry else 0
        if count:
            why = f"By its name, {printable('/' + path)} is a private key, or holds a login."
            severity = None if _STRONG_NAMES.fullmatch(path) else Severity.LOW
            yield Evidence(PathPlace(path), why, layer, count, waste.hidden_in if waste else None, severity)


def _is_context_file(path: str) -> bool:
    return bool(_CONTEXT_FILE.fullmatch(path)) and not _OF_PACKAGES.match(path)


def _is_dependency(path: str) -> bool:
    return "node_modules/" in path


def _copied(case: PracticeCase, is_one: Callable[[str], bool], name: str, min_bytes: int = 1) -> Iterator[Evidence]:
    """Yields evidence for visible files that a COPY of the build context brings."""
    origins = {step.layer: step.instruction.origin for step in case.own_steps}
    for layer, entries in case.own_files.by_layer.items():
        step = step_of(case.build_steps, layer)
        if not step.is_copy or step.is_from_stage or (origins.get(layer) and min_bytes > 1):
            continue
        files = [entry for entry in entries if entry.kind is Kind.FILE and is_one(entry.path)]
        total = sum([entry.size for entry in files])
        if files and total >= min_bytes:
            largest = min(files, key=lambda entry: (-entry.size, entry.path))
            why = f"{step.keyword} brings {counted(len(files), 'file')} {name}: {printable('/' + largest.path)}."
            yield Evidence(PathPlace(largest.path), why, layer, total)


def dangling_links(case: PracticeCase) -> Iterator[Evidence]:
    """Finds symbolic links to nothing that no package owns."""
    if not case.is_complete:
        return
    broken = [
        node
        for node in case.own_files.links[:_MAX_LINKS]
        if leads_nowhere(case.tree, node, case.image.config.volumes)
        and case.packages.owner(node, node.history[-1].layer) is None
    ]
    if broken:
        first = min(broken, key=lambda node: _entry(node).path)
        entry = _entry(first)
        why = f"{counted(len(broken), 'link')} lead to nothing" if len(broken) > 1 else "A link leads to nothing"
        why = f"{why}: {printable('/' + entry.path)} → {printable(entry.link)}."
        yield Evidence(PathPlace(entry.path), why, first.history[-1].layer)


FINDERS: Mapping[str, Finder] = {
    "set-id-files": lambda case: _rights(case, case.own_files.set_id, "set-uid or set-gid", Severity.INFO),
    "world-writable": lambda case: _rights(case, case.own_files.world_writable, "world-writable", Severity.LOW),
    "credential-file": credential_file,
    "context-files": lambda case: _copied(case, _is_context_file, "that only the build needs"),
    "copied-dependencies": lambda case: _copied(
        case, _is_dependency, "of node_modules from the build context", _MIN_DEPENDENCY_BYTES
    ),
    "dangling-links": dangling_links,
}
