"""The gate as commands run it: what the rules name is opened, the image judged, the verdict written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

from explorer.analysis.gate import Baseline, judge, layers_of_base
from explorer.baseline_file import read_baseline
from explorer.cli.answering import write
from explorer.cli.subject import Subject
from explorer.errors import ImageError, ImageNotFound, UnreadableImage, UsageError
from explorer.model import Image, Unwatched
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.rules import KEYS, Rules
from explorer.sources import open_identity
from explorer.sources.request import Request
from explorer.text import printable

_T = TypeVar("_T")


def run_gate(subject: Subject, rules: Rules, form: str = "text", output: Path | None = None) -> NoReturn:
    """Judge the image, say what came of it, and end with 0 or 1. Raises ExplorerError."""
    report = baseline_in_file(rules)
    exploration = subject.explored_aloud()
    another = partial(replace, subject, name="")
    image = exploration.image
    base_layers, baseline = rules.base_layers, report
    if rules.base is not None:
        base = _named("base", rules, partial(_base, another(reference=rules.base)), image)
        base_layers = layers_of_base(image, base)
    if rules.baseline is not None and report is None:
        baseline = _named("baseline", rules, partial(_baseline, another(reference=rules.baseline)), image)
    judgement = judge(exploration.tree, exploration.ledger, rules, base_layers, baseline)
    write(FORMATS[form](Check(exploration, rules, judgement)), output)
    sys.exit(0 if judgement.passes else 1)


def baseline_in_file(rules: Rules) -> Baseline | None:
    """The figures of the report that is the baseline; None where an image is, or nothing.

    Whoever does something slow first asks before it. Raises UsageError for what is wrong.
    """
    name = rules.baseline
    found = None if name is None else read_baseline(name)
    if name is not None and found is None and name.lower().endswith(".json") and not Path(name).exists():
        raise UsageError(f"{_whose('baseline', rules)}: there is no such file", _takes("baseline"))
    return found


def _named(key: str, rules: Rules, opened: Callable[[str | None], _T], image: Image) -> _T:
    """What a rule names by a reference: for the platform of the image, where it holds several and that is one of them.

    Raises ExplorerError, and tells that it is about the rule.
    """
    try:
        try:
            return opened(image.platform or None)
        except ImageNotFound:
            return opened(None)
    except (ImageNotFound, UnreadableImage) as error:
        raise UsageError(f"{_whose(key, rules)}: {error.message}", _takes(key)) from None
    except ImageError as error:
        raise type(error)(f"{_whose(key, rules)}: {error.message}", error.hint) from None


def _whose(key: str, rules: Rules) -> str:
    """The rule and its value as somebody wrote them: ``--base nope.tar``, ``.dive-ci: base nope.tar``."""
    origin = rules.origins[key]
    return printable(f"{origin}{'' if origin.startswith('--') else f': {key}'} {rules.value(key)}")


def _takes(key: str) -> str:
    return f"Expected {KEYS[key].takes}."


def _base(subject: Subject, platform: str | None) -> Image:
    platform = subject.platform or platform
    return open_identity(Request(subject.reference, Unwatched(), platform=platform, via=subject.via))


def _baseline(subject: Subject, platform: str | None) -> Baseline:
    found = replace(subject, platform=subject.platform or platform).explored_aloud()
    return Baseline(subject.reference, found.ledger.shipped_bytes, found.ledger.wasted_bytes)
