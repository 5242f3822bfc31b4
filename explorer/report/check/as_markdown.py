"""The verdict as a comment on a pull request: Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from explorer.analysis.disposables.groups import disposable_groups
from explorer.gate.baseline_limits import UPDATE_KEY
from explorer.gate.limits import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.what_to_do import diff_lines, title, what_to_do
from explorer.report.dockerfile import lines_of_layers
from explorer.report.dockerfile_place import finding_place
from explorer.report.findings_markdown import findings_table
from explorer.report.markdown import code, fenced, more_waste, prose, running_text, spans, table
from explorer.report.words import command, path
from explorer.text.printable import printable
from explorer.text.units import counted, signed_size, size
from explorer.text.words import capitalized

if TYPE_CHECKING:
    from explorer.analysis.image_diff.file_changes import FileChange
    from explorer.analysis.image_diff.growth import Growth, LayerGrowth
    from explorer.analysis.image_diff.package_changes import PackageChange
    from explorer.analysis.packages.package_usage import PackageUsage

_MAX_COMMAND_CHARS = 60
"""Fewer than in text, because a table has several columns."""
_Item = TypeVar("_Item")


def check_markdown(check: Check) -> str:
    """Returns verdict, figures, rules, files and layers at fault, and exceptions."""
    image = check.exploration.image
    lines = [
        f"## {words.summary(check)}",
        "",
        f"{', '.join(map(code, filter(None, (printable(image.reference), printable(image.platform)))))}: "
        f"{words.image_figures(check)}",
        *_list("Damage", "The figures may be wrong:", words.damage(check)),
        *_rules(check.judgement.outcomes),
        *_what_to_do(check),
        *_at_fault(check),
        *_exceptions(check),
        *_list("Problems", "The rules may have missed these:", words.problems(check)),
        *_how_to_look(check),
        "",
    ]
    return "\n".join(lines)


def _at_fault(check: Check) -> Iterator[str]:
    """Yields tables of the layers and files that break rules, and of the waste."""
    layers, outcomes = check.exploration.image.layers, check.judgement.outcomes
    failed = [each for each in outcomes if each.status is Status.FAIL]
    # The largest layers are neither those that grew nor those that an update downloads.
    updates = [outcome for outcome in failed if outcome.rule.key == UPDATE_KEY]
    largest = [words.shown_layers(each) for each in failed if each.growth is None and each not in updates]
    disposables = [file for outcome in failed for file in outcome.disposables]
    forbidden = [file for outcome in outcomes for file in outcome.paths]

    def layer(number: int | None) -> str:
        return "" if number is None else f"{number} {code(command(layers[number], _MAX_COMMAND_CHARS))}"

    yield from _top(
        "Largest layers",
        ("Size:", "Layer"),
        max(largest, key=len, default=()),
        lambda each: (size(each.bytes), layer(each.layer)),
        noun="layer",
    )
    yield from _top(
        "Layers that an update downloads",
        ("Download:", "Layer"),
        [each for outcome in updates for each in words.shown_layers(outcome)],
        lambda each: (size(each.bytes), layer(each.layer)),
        noun="layer",
    )
    growth = next((outcome.growth for outcome in failed if outcome.growth is not None), None)
    if growth is not None:
        yield from _growth(growth, layer)
    yield from _top(
        "Disposable",
        ("Size:", "Kind", "Files:", "Most in"),
        disposable_groups(disposables),
        lambda each: (size(each.bytes), each.name, f"{each.files:,}", code(path(each.place))),
        noun="kind",
    )
    yield from _top(
        "Forbidden paths",
        ("Size:", "Path", "Shipped by layer", "Hidden by layer"),
        forbidden,
        lambda each: (size(each.bytes), code(path(each.path)), layer(each.shipped_in), layer(each.hidden_in)),
    )
    yield from _top(
        "Packages",
        ("Size:", "Package", "Kind", "Installed by layer", "Removed by layer"),
        [usage for outcome in outcomes for usage in outcome.packages],
        lambda each: _package_cells(each, layer),
    )
    yield from _findings(check)
    yield from _top(
        "Wasted most",
        ("Size:", "Path", "Cause", "Shipped by layer", "Hidden by layer"),
        check.judgement.account.wasted,
        lambda each: (
            size(each.bytes),
            code(path(each.path)),
            each.cause.value,
            layer(each.shipped_in),
            layer(each.hidden_in),
        ),
        rest=more_waste,
    )


def _growth(growth: Growth, layer: Callable[[int | None], str]) -> Iterator[str]:
    """Yields tables of the steps, packages and files that grew over the baseline."""
    yield from _top(
        "Steps that grew",
        ("Growth:", "Before:", "Layer"),
        growth.layers,
        lambda each: (*_growth_cells(each), layer(each.layer)),
        noun="step",
    )
    yield from _top(
        "Packages that grew",
        ("Growth:", "Before:", "Package", "Kind"),
        growth.packages,
        lambda each: (*_growth_cells(each), code(f"{each.name} {each.versions}".rstrip()), each.kind),
        noun="package",
    )
    yield from _top(
        "Files that grew",
        ("Growth:", "Before:", "Path"),
        growth.files,
        lambda each: (*_growth_cells(each), code(path(each.path))),
        noun="file",
    )


def _growth_cells(grown: LayerGrowth | PackageChange | FileChange) -> Sequence[str]:
    return signed_size(grown.growth), size(grown.old_bytes) if grown.old_bytes else "new"


def _findings(check: Check) -> Iterator[str]:
    """Yields a table of the first findings that break rules."""
    findings = [*dict.fromkeys(each for outcome in check.judgement.outcomes for each in outcome.findings)]
    if findings:
        place_of = partial(finding_place, check.exploration)
        yield from ("", "### Findings", *findings_table(findings, place_of, words.MAX_ITEMS))


def _package_cells(usage: PackageUsage, layer: Callable[[int | None], str]) -> Sequence[str]:
    package = usage.package
    name = code(package.name_and_version)
    layers = layer(package.installed_in), layer(package.removed_in)
    return size(usage.shipped_bytes), name, package.kind, *layers


def _top(
    title: str,
    heads: Sequence[str],
    items: Sequence[_Item],
    row: Callable[[_Item], Sequence[str]],
    *,
    noun: str = "",
    rest: Callable[[Sequence[_Item]], str] | None = None,
) -> Iterator[str]:
    """Yields a table of the first items and a line about the others, if any.

    ``rest`` makes this line; otherwise it has their number and the noun.
    """
    if items:
        yield from ("", f"### {title}", "")
        yield from table(heads, map(row, items[: words.MAX_ITEMS]))
        others = items[words.MAX_ITEMS :]
        if others:
            number = counted(len(others), f"more {noun}") if noun else f"{len(others):,} more"
            yield from ("", rest(others) if rest else f"And {number}.")


def _rules(outcomes: Sequence[Outcome]) -> Iterator[str]:
    if outcomes:
        yield ""
        yield from table(("Status", "Rule", "Found", "Limit", "Set by"), map(_rule, outcomes))


def _rule(outcome: Outcome) -> Sequence[str]:
    status = outcome.status.name
    has, reason = words.found(outcome), running_text(outcome.reason)
    return (
        f"**{status}**" if outcome.status is Status.FAIL else status,
        outcome.name,
        f"{has} ({reason})" if has and reason else has or reason,
        words.limit(outcome),
        prose(printable(outcome.origin)),
    )


def _what_to_do(check: Check) -> Iterator[str]:
    """Yields the advice for each rule that fails, with the diff of each fix once."""
    shown_fixes: set[str] = set()
    advised = [(outcome, what_to_do(check, outcome)) for outcome in check.judgement.outcomes]
    if any(advice for _, advice in advised):
        yield from ("", "### What to do")
    for outcome, advice in advised:
        if advice is None:
            continue
        yield ""
        if advice.same_as:
            yield f"**{outcome.name}**: as for {'; '.join(filter(None, (advice.same_as, advice.reached)))}."
            continue
        yield f"**{outcome.name}**"
        for each in advice.fixes:
            is_new = each.fix.id not in shown_fixes
            shown_fixes.add(each.fix.id)
            lines = running_text(lines_of_layers(check.exploration, each.fix.layers))
            yield from ("", f"- {size(each.bytes)}: {title(each)}{lines}.{f' {spans(each.fix.do)}' if is_new else ''}")
            diff = [str(line) for line in diff_lines(each)] if is_new else []
            yield from (f"  {line}" for line in (fenced(diff, "diff") if diff else ()))
        if advice.more:
            yield from ("", f"- {advice.more}.")
        if advice.reached:
            yield from ("", f"- {capitalized(advice.reached)}.")
        yield from (f"\n- {size(part.bytes)}: {part.title}. {spans(part.do)}" for part in advice.base)
        yield from (f"\n- {running_text(f'{each.title}: {each.do}')}" for each in advice.findings)
        if advice.more_findings:
            yield from ("", f"- {running_text(advice.more_findings)}.")
        if advice.otherwise:
            yield from ("", spans(advice.otherwise))


def _how_to_look(check: Check) -> Iterator[str]:
    if check.explore_command and not check.judgement.passes:
        yield from ("", f"To look at it: {code(check.explore_command)}")


def _exceptions(check: Check) -> Iterator[str]:
    exceptions = list(words.exceptions(check))
    if exceptions:
        yield from ("", "### Not counted", "")
    for each in exceptions:
        which = ", ".join((*map(code, each.which), *filter(None, (each.layers,))))
        yield f"- {each.what}: {which} ({prose(each.origin)})"
    if exceptions:
        yield from ("", f"Counted: {words.account_figures(check)}.")


def _list(title: str, opening: str, lines: Iterable[str]) -> Iterator[str]:
    """Yields a title, a sentence and a list; nothing if there are no lines."""
    items = [f"- {running_text(line)}" for line in lines]
    if items:
        yield from ("", f"### {title}", "", opening, "", *items)
