"""Runs the gate: opens images that rules name, judges, and writes the verdict."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NoReturn

from explorer.cli.given_base import given_base
from explorer.cli.image_options import RequestedImage, expect_another_file
from explorer.cli.lazy_findings import LazyFindings
from explorer.cli.output import page_of, write
from explorer.cli.progress_line import ProgressLine
from explorer.errors import ImageError, ImageNotFound, UnreadableImage, UsageError
from explorer.gate.baseline import read_baseline
from explorer.gate.baseline_limits import COMPARING_KEYS
from explorer.gate.judge import Judgement, judge
from explorer.gate.limits import Baseline, Status
from explorer.gate.rules import RULES, Rules
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.report.check import Check
from explorer.report.check.formats import COMMAND_FORMATS, FINDING_FORMATS, FORMATS
from explorer.text.printable import printable, without_login
from explorer.text.shell import shell_quoted


def run_gate(
    requested: RequestedImage,
    rules: Rules,
    format_name: str = "text",
    output: Path | None = None,
    explore_command: str = "lx",
) -> NoReturn:
    """Judges an image, writes the verdict, and exits with 0 or 1.

    ``explore_command`` is the command that shows an image, which a verdict on a terminal names if a rule fails.

    Raises ExplorerError if an image cannot be opened or read or is damaged, or a rule is invalid for it.
    """
    baseline = baseline_in_file(rules)
    if baseline is None:
        # A report may be replaced by the next one.
        expect_another_file(output, "baseline", rules.baseline)
    exploration = requested.explore_with_progress()
    with _naming_rule("base", rules) if rules.base is not None else nullcontext():
        found_base = given_base(exploration.image, rules, requested.open_other)
    exploration = replace(exploration, find_given_base=lambda: found_base)
    baseline = baseline or _baseline_image(requested, rules, exploration)
    base_layers = _counted_base_layers(exploration)
    findings = LazyFindings(requested, exploration, has_base=base_layers is not None)
    judgement = judge(
        exploration.tree,
        exploration.usage,
        lambda: exploration.disposables,
        rules,
        base_layers,
        baseline,
        lambda: requested.read_packages(exploration).usages,
        lambda: findings.read().findings,
        lambda: findings.read().problems,
    )
    if format_name in FINDING_FORMATS:
        findings.read()
    page = page_of(output)
    compared = _compared_baseline(rules, baseline, judgement)
    look = how_to_look(requested, explore_command if page.is_terminal else "lx report", compared)
    check = Check(exploration, rules, judgement, requested.allows_damage, findings.known, look)
    text = FORMATS[format_name](check, page)
    write(text, output, has_commands=format_name in COMMAND_FORMATS)
    findings.print_notes()
    requested.require_undamaged(exploration)
    sys.exit(0 if judgement.passes else 1)


def _baseline_image(requested: RequestedImage, rules: Rules, exploration: Exploration) -> Baseline | None:
    """Returns the figures of a baseline that is an image, if there is one."""
    if rules.baseline is None:
        return None
    with _naming_rule("baseline", rules):
        other = requested.other(rules.baseline, exploration.image)
        old_exploration = other.explore_with_progress()
        other.require_undamaged(old_exploration)
        if any(figures.is_unread for figures in old_exploration.layers):
            raise UsageError(
                f"{_setting_words('baseline', rules)}: --within leaves out layers of this image",
                "Compare with all of it: leave out --within, or give a report of it as the baseline.",
            )
        usage = old_exploration.usage

    @cache
    def read_diff() -> ImageDiff:
        with closing(ProgressLine()) as watcher:
            return compare(old_exploration, exploration, watcher)

    return Baseline(
        rules.baseline,
        usage.shipped_bytes,
        usage.wasted_bytes,
        lambda: read_diff().growth,
        # It needs no contents.
        lambda: ImageDiff(old_exploration, exploration).update,
        lambda: read_diff().first_break,
    )


def _counted_base_layers(exploration: Exploration) -> int | None:
    """Returns the number of layers that count as the base; None if no base is certain."""
    base = exploration.given_base or exploration.base
    return None if base is None else base.certain_layers


def baseline_in_file(rules: Rules) -> Baseline | None:
    """Returns the figures of a baseline that is a report.

    Returns None if it is an image, or if there is no baseline. Raises UsageError for an invalid report. A command calls
    this before it does anything slow.
    """
    name = rules.baseline
    baseline = None if name is None else read_baseline(name)
    if name is not None and baseline is None and name.lower().endswith(".json") and not Path(name).exists():
        raise UsageError(f"{_setting_words('baseline', rules)}: there is no such file", _expected("baseline"))
    return baseline


def _compared_baseline(rules: Rules, baseline: Baseline | None, judgement: Judgement) -> str:
    """Returns the baseline to compare with, if a rule about it fails.

    Empty if it is a report, which has no layers.
    """
    failed = {outcome.rule.key for outcome in judgement.outcomes if outcome.status is Status.FAIL}
    is_image = baseline is not None and baseline.find_update is not None
    return (rules.baseline or "") if is_image and failed & COMPARING_KEYS else ""


def how_to_look(requested: RequestedImage, explore_command: str, baseline: str = "") -> str:
    """Returns the command that shows the image, or compares it with a baseline.

    Empty for standard input.
    """
    references = [*filter(None, (baseline,)), requested.name or requested.reference]
    if "-" in references:
        return ""
    words = ["lx compare" if baseline else explore_command]
    if requested.platform:
        words += ["--platform", shell_quoted(requested.platform)]
    if any(reference.startswith("-") for reference in references):
        words.append("--")
    return " ".join((*words, *(shell_quoted(_typed(reference)) for reference in references)))


def _typed(reference: str) -> str:
    """Returns a reference as users type it, without its login."""
    return without_login(reference).replace("…@", "") if "://" in reference else reference


@contextmanager
def _naming_rule(key: str, rules: Rules) -> Iterator[None]:
    """Adds the rule to errors about the image that it names.

    If the image does not exist, the rule's value is wrong.
    """
    try:
        yield
    except (ImageNotFound, UnreadableImage) as error:
        raise UsageError(f"{_setting_words(key, rules)}: {error.message}", _expected(key)) from None
    except ImageError as error:
        raise type(error)(f"{_setting_words(key, rules)}: {error.message}", error.hint) from None


def _setting_words(key: str, rules: Rules) -> str:
    """Returns a rule and its value as users write them: ``--base nope.tar``."""
    origin = rules.origins[key]
    return printable(f"{origin}{'' if origin.startswith('--') else f': {key}'} {rules.values[key]}")


def _expected(key: str) -> str:
    return f"Expected {RULES[key].type.words}."
