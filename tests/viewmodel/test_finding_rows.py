"""The rows of the findings: order, groups, filter, and the base apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.analysis.filter.query import BadQuery
from explorer.analysis.findings.finding import PathPlace, Severity
from explorer.analysis.findings.image_findings import ImageFindings
from explorer.viewmodel.finding_rows import (
    BASE_GROUP,
    FindingGroup,
    FindingGrouping,
    FindingOrder,
    FindingRows,
    FindingsView,
    finding_rows,
    parse_findings,
)
from explorer.viewmodel.findings_by_layer import findings_by_layer, severity_mark
from tests.analysis.findings.leaky import practice, secret, some

VIEW = FindingsView()


def names(rows: FindingRows) -> list[str]:
    """The name of each row."""
    return [row.item.name if isinstance(row.item, FindingGroup) else row.item.id for row in rows.rows]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (FindingOrder.SEVERITY, ["private-key", "env-step", "root-user", "big-file"]),
        (FindingOrder.LAYER, ["big-file", "private-key", "env-step", "root-user"]),
        (FindingOrder.SIZE, ["big-file", "private-key", "env-step", "root-user"]),
        (FindingOrder.TITLE, ["big-file", "env-step", "private-key", "root-user"]),
    ],
)
def test_orders(order: FindingOrder, expected: list[str]) -> None:
    """Each order has its rows and its reverse, and the group of the base stays last."""
    view = replace(VIEW, order=order)
    assert names(finding_rows(some(), view, set())) == [*expected, "the base"]
    reverse = finding_rows(some(), replace(view, is_reversed=True), set())
    assert names(reverse)[-1] == "the base"
    assert sorted(names(reverse)) == sorted([*expected, "the base"])


def test_secrets_come_before_others_of_their_severity() -> None:
    """A secret stands before a practice and a larger vulnerability that are as severe."""
    others = [practice("first", Severity.HIGH, bytes=9), secret(Severity.HIGH)]
    assert names(finding_rows(ImageFindings(others), VIEW, set())) == ["private-key", "first"]


def test_groups() -> None:
    """Findings are grouped by kind or layer in the order of their first ones; the base's are a group of their own."""
    rows = finding_rows(some(), replace(VIEW, grouping=FindingGrouping.KIND), {BASE_GROUP})
    assert names(rows) == ["secrets", "practices", "the base", "set-uid", "old"]
    assert [rows.rows[index].depth for index in range(5)] == [0, 0, 0, 1, 1]
    layers = names(finding_rows(some(), replace(VIEW, grouping=FindingGrouping.LAYER), set()))
    assert layers == ["layer 2", "settings and steps without a layer", "layer 1", "the base"]
    package = names(finding_rows(some(), replace(VIEW, grouping=FindingGrouping.PACKAGE), set()))
    assert package == ["in no package", "the base"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("severity:high", ["env-step"]),
        ("severity>=high", ["private-key", "env-step"]),
        ("kind:secret", ["private-key"]),
        ("is:hidden", ["private-key"]),
        ("layer:1", ["big-file"]),
        ("-kind:practice", ["private-key"]),
        ("id_rsa", ["private-key"]),
        ("is:base", ["the base", "set-uid", "old"]),
    ],
)
def test_filter(text: str, expected: list[str]) -> None:
    """The filter leaves findings out, and opens the group of the base if only its findings pass."""
    assert names(finding_rows(some(), replace(VIEW, query=parse_findings(text)), set())) == expected


def test_a_wrong_word() -> None:
    """A wrong word is an error that lists the right ones."""
    with pytest.raises(BadQuery, match="severity: critical"):
        parse_findings("severity>=bad")


def test_a_row_is_found_again() -> None:
    """A finding is found in the rows of later results by what it is about."""
    rows = finding_rows(some(), VIEW, set())
    again = finding_rows(some(), VIEW, set())
    assert [again.find(row.item) for row in rows.rows] == [0, 1, 2, 3, 4]
    assert rows.first_secret == 0


def test_ten_thousand_findings() -> None:
    """The rows of 10,000 findings have the groups alone until they are opened."""
    many = [practice(f"p{n}", place=PathPlace(f"a/{n}"), layer_number=n % 99) for n in range(10_000)]
    findings = ImageFindings(many)
    rows = finding_rows(findings, replace(VIEW, grouping=FindingGrouping.LAYER), set())
    assert len(rows.groups) == len(rows.rows) == 99


def test_layers() -> None:
    """A layer has the findings that it ships, and a mark if they are severe; the base's layers have none."""
    by_layer = findings_by_layer(some())
    assert {layer: [each.id for each in found] for layer, found in by_layer.items()} == {
        1: ["big-file"],
        2: ["private-key"],
    }
    mark = severity_mark(by_layer[2])
    assert mark is not None
    assert mark.text == "C1"
    assert severity_mark(by_layer[1]) is None
