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


def set_id_files(case: PracticeCase) -> Iterator[Evidence]:
    """Finds set-uid and set-gid programs that the base does not have."""
    yield from _rights(case, case.own_files.set_id, "set-uid or set-gid", Severity.INFO)


def world_writable(case: PracticeCase) -> Iterator[Evidence]:
    """Finds files that everybody may write, and such directories without sticky bit."""
    yield from _rights(case, case.own_files.world_writable, "world-writable", Severity.LOW)


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
    visible = set(case.own_files.paths)
    for path in secrets([*case.own_files.paths, *hidden])[:_MAX_CREDENTIALS]:
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


def context_files(case: PracticeCase) -> Iterator[Evidence]:
    """Finds files that only the build needs, in the layers of COPY and ADD."""

    def is_one(entry: Entry) -> bool:
        path = entry.path
        return bool(_CONTEXT_FILE.fullmatch(path)) and not _OF_PACKAGES.match(path)

    yield from _copied(case, is_one, "that only the build needs")


def copied_dependencies(case: PracticeCase) -> Iterator[Evidence]:
    """Finds installed packages that a COPY brings from the machine that builds."""
    yield from _copied(
        case,
        lambda entry: "node_modules/" in entry.path,
        "of node_modules from the build context",
        _MIN_DEPENDENCY_BYTES,
    )


def _copied(case: PracticeCase, is_one: Callable[[Entry], bool], name: str, min_bytes: int = 1) -> Iterator[Evidence]:
    """Yields evidence for visible files that a COPY of the build context brings."""
    origins = {step.layer: step.instruction.origin for step in case.own_steps}
    for layer in case.own_layers:
        step = step_of(case.build_steps, layer)
        if not step.is_copy or step.is_from_stage or (origins.get(layer) and min_bytes > 1):
            continue
        files = [
            node.history[-1].entry
            for node in dict.fromkeys(case.tree.touched[layer])
            if node.history[-1].layer == layer
            and (entry := node.history[-1].entry) is not None
            and entry.kind is Kind.FILE
            and is_one(entry)
        ]
        sizes = [entry.size for entry in files if entry is not None]
        if files and sum(sizes) >= min_bytes:
            largest = min(filter(None, files), key=lambda entry: (-entry.size, entry.path))
            why = f"{step.keyword} brings {counted(len(files), 'file')} {name}: {printable('/' + largest.path)}."
            yield Evidence(PathPlace(largest.path), why, layer, sum(sizes))


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
        entry = min(map(_entry, broken), key=lambda entry: entry.path)
        why = f"{counted(len(broken), 'link')} lead to nothing" if len(broken) > 1 else "A link leads to nothing"
        why = f"{why}: {printable('/' + entry.path)} → {printable(entry.link)}."
        yield Evidence(PathPlace(entry.path), why, broken[0].history[-1].layer)


FINDERS: Mapping[str, Finder] = {
    "set-id-files": set_id_files,
    "world-writable": world_writable,
    "credential-file": credential_file,
    "context-files": context_files,
    "copied-dependencies": copied_dependencies,
    "dangling-links": dangling_links,
}
