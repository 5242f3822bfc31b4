"""The outcome that a rule would have after some fixes, counted as the rule counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.fixes.fix import Fix
from explorer.gate.account import Account
from explorer.gate.limits import Case, Outcome, Status
from explorer.model import Waste
from explorer.text.patterns import path_matcher

_File = TypeVar("_File", Waste, Disposable)


def reached(case: Case, outcome: Outcome, fixes: Sequence[Fix]) -> Outcome:
    """Returns the outcome of a rule without the bytes that fixes save."""
    rule = outcome.rule
    files: list[Waste | Disposable] = []
    for fix in fixes:
        files += [*fix.wasted, *fix.disposables]
    if outcome.paths:
        saved = {(file.path, file.shipped_in) for file in files}
        left = tuple(file for file in outcome.paths if (file.path, file.shipped_in) not in saved)
        return replace(outcome, paths=left, found=len(left), status=Status.FAIL if left else Status.PASS)
    assert rule.compare is not None  # noqa: S101 -- only limits have outcomes
    after = case._replace(
        account=_account_without(case, files),
        usage=replace(
            case.usage,
            shipped_bytes=case.usage.shipped_bytes - sum([file.bytes for file in files]),
            visible_bytes=case.usage.visible_bytes
            - sum([file.bytes for file in files if isinstance(file, Disposable)]),
            shipped_by_layer=_less(case.usage.shipped_by_layer, files),
            wasted=_without(case.usage.wasted, files),
        ),
        find_disposables=lambda: _without(case.find_disposables(), files),
    )
    outcomes = rule.compare(after, rule, case.rules.values[rule.key])
    return next(each for each in outcomes if each.name == outcome.name)


def _account_without(case: Case, files: Sequence[Waste | Disposable]) -> Account:
    account = case.account
    if case.rules.ignored_paths:
        is_ignored = path_matcher(case.rules.ignored_paths)
        files = [file for file in files if not is_ignored(file.path)]
    of_base = [file.bytes for file in files if isinstance(file, Waste) and file.hidden_in < account.base_layers]
    return replace(
        account,
        layer_bytes=_less(account.layer_bytes, files),
        wasted=_without(account.wasted, files),
        base_waste_bytes=account.base_waste_bytes - sum(of_base),
    )


def _less(layer_bytes: Sequence[int], files: Sequence[Waste | Disposable]) -> tuple[int, ...]:
    left = [*layer_bytes]
    for file in files:
        left[file.shipped_in] -= file.bytes
    return tuple(left)


def _without(all_files: Sequence[_File], files: Sequence[Waste | Disposable]) -> tuple[_File, ...]:
    saved = {*files}
    return tuple(file for file in all_files if file not in saved)
