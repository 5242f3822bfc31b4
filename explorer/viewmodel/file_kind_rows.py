"""The rows of the kinds of files, which show in place of the packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.viewmodel.package_rows import PACKAGE_ORDERS, PackageGroup, PackageRow, PackageRows, PackagesView

if TYPE_CHECKING:
    from explorer.analysis.file_kinds.kind_usage import KindUsage


@dataclass(frozen=True, slots=True)
class FileKindGroup(PackageGroup):
    """The files of one kind: a group without packages."""

    kind: str
    """The key in ``FILE_KINDS``."""
    title: str
    """The kind in words."""
    change: str
    """The change that keeps the files out, in a few words; empty if they are needed."""
    disposable_bytes: int

    @property
    def name(self) -> str:
        """The kind in words."""
        return self.title


def file_kind_rows(usages: Sequence[KindUsage], view: PackagesView) -> PackageRows:
    """Returns a line for each kind of files, in the order of a view.

    Of its filter, words that are a part of the name match, and words after ``!`` must not match.
    """
    groups = [_group(usage) for usage in usages if _passes(usage.name.lower(), view.query.words)]
    groups.sort(key=PACKAGE_ORDERS[view.order], reverse=view.is_reversed)
    largest = max((group.bytes + group.wasted_bytes for group in groups), default=0)
    rows: list[PackageRow] = [PackageRow(group, 0) for group in groups]
    visible, wasted = sum([group.bytes for group in groups]), sum([group.wasted_bytes for group in groups])
    return PackageRows(rows, (), len(groups), visible, wasted, largest, "kind")


def _passes(name: str, words: Sequence[str]) -> bool:
    return all((word.lstrip("!").lower() in name) != word.startswith("!") for word in words)


def _group(usage: KindUsage) -> FileKindGroup:
    change = usage.title if usage.can_be_kept_out else ""
    return FileKindGroup(
        usage.kind, (), usage.files, usage.bytes, usage.wasted_bytes, usage.kind, usage.name, change, usage.saved_bytes
    )
