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

_LONGEST_COMMAND = 60
"""Characters, for a table has several columns."""


def check_markdown(check: Check) -> str:
    """Verdict, figures, rules, what is to blame, and what is left out; ends with a newline."""
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
        *_left_out(check),
        *_problems(check),
        "",
    ]
    return "\n".join(lines)


def _rules(outcomes: Sequence[Outcome]) -> Iterator[str]:
    if outcomes:
        yield ""
        yield from table(("Status", "Rule", "Found", "Limit", "Said by"), map(_rule, outcomes))


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
        (_forbidden(each, layers) for each in paths[: words.WORST]),
    )
    left = len(paths) - words.WORST
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
        ("Size:", "Layer"), ((size(each.bytes), _layer(layers[each.layer])) for each in shown[: words.WORST])
    )
    left = len(shown) - words.WORST
    if left > 0:
        yield from ("", f"And {counted(left, 'more layer')}.")


def _forbidden(found: ForbiddenFile, layers: Sequence[Layer]) -> Sequence[str]:
    hidden_in = "" if found.hidden_in is None else _layer(layers[found.hidden_in])
    return size(found.bytes), code(path(found.path)), _layer(layers[found.shipped_in]), hidden_in


def _wasted(check: Check) -> Iterator[str]:
    wasted, layers = check.judgement.account.wasted, check.exploration.image.layers
    if not wasted:
        return
    yield from ("", "### Wasted most", "")
    yield from table(
        ("Size:", "Path", "Cause", "Shipped by layer", "Hidden by layer"),
        (_waste(each, layers) for each in wasted[: words.WORST]),
    )
    left = wasted[words.WORST :]
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
    return f"{layer.number} {code(command(layer, _LONGEST_COMMAND))}"


def _left_out(check: Check) -> Iterator[str]:
    left_out = list(words.left_out(check))
    if left_out:
        yield from ("", "### Left out of the account", "")
    for each in left_out:
        which = ", ".join((*map(code, each.which), *filter(None, (each.layers,))))
        yield f"- {each.what}: {which} ({prose(each.origin)})"
    if left_out:
        yield from ("", f"The account, without these: {words.account_figures(check)}.")


def _problems(check: Check) -> Iterator[str]:
    problems = list(words.problems(check))
    if problems:
        yield from ("", "### Problems", "", "What the rules may not have seen:", "")
        yield from (f"- {code(each)}" for each in problems)
