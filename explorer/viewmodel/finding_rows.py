"""The rows of the findings: in groups or not, in an order, and filtered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.config.cycle import Cycle
from explorer.viewmodel.grouped_rows import GroupedRow, GroupedRows
from explorer.viewmodel.word_query import ALL_ROWS, WordQuery, parse_words

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.findings.image_findings import ImageFindings

BASE_GROUP = "base"
"""The key of the group of the base's findings."""
_NO_LAYER = "settings and steps without a layer"
_NO_PACKAGE = "in no package"
_KIND_NAMES = {"secret": "secrets", "practice": "practices", "vulnerability": "vulnerabilities"}


class FindingGrouping(Cycle):
    """The grouping of findings; the value is the name on the screen."""

    FINDING = "finding"
    """No groups."""
    KIND = "kind"
    LAYER = "layer"
    """The layer that ships them."""
    PACKAGE = "package"


class FindingOrder(Cycle):
    """The order of findings; the value is the name on the screen."""

    SEVERITY = "severity"
    """The most severe first, then the most bytes."""
    LAYER = "layer"
    SIZE = "size"
    TITLE = "title"


def parse_findings(text: str) -> WordQuery:
    """Parses the filter of the findings. Raises BadQuery."""
    # Not at the top, because the screen would start later.
    from explorer.analysis.findings.finding_filter import finding_test

    return parse_words(text, finding_test)


@dataclass(frozen=True, slots=True)
class FindingsView:
    """The findings that are shown, and how they are shown."""

    grouping: FindingGrouping = FindingGrouping.FINDING
    order: FindingOrder = FindingOrder.SEVERITY
    is_reversed: bool = False
    query: WordQuery = ALL_ROWS

    def grouped_by_next(self) -> FindingsView:
        """Returns the view in the next grouping."""
        return replace(self, grouping=self.grouping.following)

    def sorted_by(self, order: FindingOrder) -> FindingsView:
        """Returns the view in an order, or reversed if it has that order already."""
        return replace(self, order=order, is_reversed=order is self.order and not self.is_reversed)


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one kind, layer or package, or those of the base."""

    key: Hashable
    name: str
    findings: Sequence[Finding]


FindingItem: TypeAlias = "Finding | FindingGroup"
FindingRow = GroupedRow[FindingItem]
"""One line: a group or a finding."""


@dataclass(frozen=True)
class FindingRows(GroupedRows["FindingItem"]):
    """The lines that show; the findings of the base are among those that match."""

    def identity(self, item: FindingItem) -> object:
        if isinstance(item, FindingGroup):
            return item.key
        return item.kind, item.id, item.place, item.layer, item.hidden_in, item.package

    @property
    def first_secret(self) -> int | None:
        """The line of the first secret above the base; None if no line is one."""
        items = ((index, row.item) for index, row in enumerate(self.rows))
        return next(
            (index for index, item in items if not isinstance(item, FindingGroup) and is_own_secret(item)), None
        )


def finding_rows(findings: ImageFindings, view: FindingsView, opened: Set[Hashable]) -> FindingRows:
    """Returns the lines of a view; the base's findings are a group at the end.

    Args:
        findings: The findings of the image.
        view: The filter, the grouping and the order.
        opened: The groups that are open; that of the base is also open if only its findings pass the filter.
    """
    from explorer.analysis.findings.finding_filter import finding_test

    passes = finding_test(view.query.words)
    shown = [each for each in findings.findings if passes(each)] if view.query else list(findings.findings)
    shown.sort(key=_ORDERS[view.order], reverse=view.is_reversed)
    own, base = ([each for each in shown if each.is_base is is_base] for is_base in (False, True))
    groups = _groups(own, view.grouping)
    rows: list[FindingRow] = [] if groups else [FindingRow(finding, 0) for finding in own]
    if base:
        groups.append(FindingGroup(BASE_GROUP, "the base", base))
    only_base = bool(view.query) and not own
    for group in groups:
        is_open = (group.key in opened) != (only_base and group.key == BASE_GROUP)
        rows.append(FindingRow(group, 0, is_open))
        if is_open:
            rows += [FindingRow(finding, 1) for finding in group.findings]
    return FindingRows(rows, groups, len(shown))


def row_title(finding: Finding) -> str:
    """Returns the title of a row; a vulnerability is known by its name."""
    return f"{finding.id} {finding.title}" if finding.kind.value == "vulnerability" else finding.title


def is_own_secret(finding: Finding) -> bool:
    """True for a secret above the base."""
    return finding.kind.value == "secret" and not finding.is_base


def _groups(findings: Sequence[Finding], grouping: FindingGrouping) -> list[FindingGroup]:
    """Returns the groups in the order of their first findings."""
    if grouping is FindingGrouping.FINDING:
        return []
    key_and_name = _KEYS[grouping]
    groups: dict[Hashable, tuple[str, list[Finding]]] = {}
    for finding in findings:
        key, name = key_and_name(finding)
        groups.setdefault(key, (name, []))[1].append(finding)
    return [FindingGroup((grouping, key), name, members) for key, (name, members) in groups.items()]


def _by_kind(finding: Finding) -> tuple[Hashable, str]:
    return finding.kind, _KIND_NAMES[finding.kind.value]


def _by_layer(finding: Finding) -> tuple[Hashable, str]:
    return finding.layer, _NO_LAYER if finding.layer is None else f"layer {finding.layer}"


def _by_package(finding: Finding) -> tuple[Hashable, str]:
    package = finding.package
    if package is None:
        return None, _NO_PACKAGE
    return (package.kind, package.full_name, package.version, package.place), package.name_and_version


_KEYS: dict[FindingGrouping, Callable[[Finding], tuple[Hashable, str]]] = {
    FindingGrouping.KIND: _by_kind,
    FindingGrouping.LAYER: _by_layer,
    FindingGrouping.PACKAGE: _by_package,
}


def first_secret(findings: Iterable[Finding]) -> Finding | None:
    """Returns the secret above the base that the rows have first."""
    return min(filter(is_own_secret, findings), key=_severity_order, default=None)


def _severity_order(finding: Finding) -> tuple[Any, ...]:
    # Secrets before practices, and these before vulnerabilities, which may be many.
    return finding.severity.rank, list(_KIND_NAMES).index(finding.kind.value), -finding.bytes


_ORDERS: dict[FindingOrder, Callable[[Finding], Any]] = {
    FindingOrder.SEVERITY: _severity_order,
    FindingOrder.LAYER: lambda finding: (
        finding.layer is None,
        -1 if finding.layer is None else finding.layer,
        *_severity_order(finding),
    ),
    FindingOrder.SIZE: lambda finding: (-finding.bytes, *_severity_order(finding)),
    FindingOrder.TITLE: lambda finding: (finding.title.lower(), *_severity_order(finding)),
}
