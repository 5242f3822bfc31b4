"""The verdict as a comment on a pull request: Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.gate.judges import ForbiddenFile, Outcome, Status
from explorer.model import Layer, Waste
from explorer.report.check import Check, words
from explorer.report.markdown import code, more_waste, prose, table
from explorer.report.words import command, path
from explorer.text.printable import printable
from explorer.text.units import counted, size

_MAX_COMMAND_CHARS = 60
"""Fewer than in text, because a table has several columns."""


def check_markdown(check: Check) -> str:
    """Returns verdict, figures, rules, files and layers at fault, and exceptions."""
    image = check.exploration.image
    lines = [
        f"## {words.summary(check)}",
        "",
        f"{', '.join(map(code, filter(None, (printable(image.reference), printable(image.platform)))))}: "
        f"{words.image_figures(check)}",
        *_rules(check.judgement.outcomes),
        *_largest_layers(check),
        *_forbidden_paths(check),
        *_wasted(check),
        *_exceptions(check),
        *_problems(check),
        "",
    ]
    return "\n".join(lines)


def _rules(outcomes: Sequence[Outcome]) -> Iterator[str]:
    if outcomes:
        yield ""
        yield from table(("Status", "Rule", "Found", "Limit", "Set by"), map(_rule, outcomes))


def _rule(outcome: Outcome) -> Sequence[str]:
    status = outcome.status.name
    has, reason = words.found(outcome), prose(outcome.reason)
    return (
        f"**{status}**" if outcome.status is Status.FAIL else status,
        outcome.rule,
        f"{has} ({reason})" if has and reason else has or reason,
        words.limit(outcome),
        prose(printable(outcome.origin)),
    )


def _forbidden_paths(check: Check) -> Iterator[str]:
    paths = [each for outcome in check.judgement.outcomes for each in outcome.paths]
    if not paths:
        return
    layers = check.exploration.image.layers
    yield from ("", "### Forbidden paths", "")
    yield from table(
        ("Size:", "Path", "Shipped by layer", "Hidden by layer"),
        (_forbidden(each, layers) for each in paths[: words.MAX_ITEMS]),
    )
    left = len(paths) - words.MAX_ITEMS
    if left > 0:
        yield from ("", f"And {left:,} more.")


def _largest_layers(check: Check) -> Iterator[str]:
    failed = [outcome.layers for outcome in check.judgement.outcomes if outcome.status is Status.FAIL]
    shown = max(failed, key=len, default=())
    if not shown:
        return
    layers = check.exploration.image.layers
    yield from ("", "### Largest layers", "")
    yield from table(
        ("Size:", "Layer"), ((size(each.bytes), _layer(layers[each.layer])) for each in shown[: words.MAX_ITEMS])
    )
    left = len(shown) - words.MAX_ITEMS
    if left > 0:
        yield from ("", f"And {counted(left, 'more layer')}.")


def _forbidden(file: ForbiddenFile, layers: Sequence[Layer]) -> Sequence[str]:
    hidden_in = "" if file.hidden_in is None else _layer(layers[file.hidden_in])
    return size(file.bytes), code(path(file.path)), _layer(layers[file.shipped_in]), hidden_in


def _wasted(check: Check) -> Iterator[str]:
    wasted, layers = check.judgement.account.wasted, check.exploration.image.layers
    if not wasted:
        return
    yield from ("", "### Wasted most", "")
    yield from table(
        ("Size:", "Path", "Cause", "Shipped by layer", "Hidden by layer"),
        (_waste(each, layers) for each in wasted[: words.MAX_ITEMS]),
    )
    left = wasted[words.MAX_ITEMS :]
    if left:
        yield from ("", more_waste(left))


def _waste(waste: Waste, layers: Sequence[Layer]) -> Sequence[str]:
    return (
        size(waste.bytes),
        code(path(waste.path)),
        waste.cause.value,
        _layer(layers[waste.shipped_in]),
        _layer(layers[waste.hidden_in]),
    )


def _layer(layer: Layer) -> str:
    return f"{layer.number} {code(command(layer, _MAX_COMMAND_CHARS))}"


def _exceptions(check: Check) -> Iterator[str]:
    exceptions = list(words.exceptions(check))
    if exceptions:
        yield from ("", "### Not counted", "")
    for each in exceptions:
        which = ", ".join((*map(code, each.which), *filter(None, (each.layers,))))
        yield f"- {each.what}: {which} ({prose(each.origin)})"
    if exceptions:
        yield from ("", f"Counted: {words.account_figures(check)}.")


def _problems(check: Check) -> Iterator[str]:
    problems = list(words.problems(check))
    if problems:
        yield from ("", "### Problems", "", "The rules may have missed these:", "")
        yield from (f"- {code(each)}" for each in problems)
