"""The gate as commands run it: what the rules name is opened, the image judged, the verdict written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from explorer.cli.image_options import RequestedImage
from explorer.cli.output import write
from explorer.errors import ImageError, ImageNotFound, UnreadableImage, UsageError
from explorer.gate.baseline import read_baseline
from explorer.gate.judge import Baseline, count_base_layers, judge
from explorer.gate.rules import RULES, Rules
from explorer.model import Unwatched
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.sources import open_identity
from explorer.text.printable import printable


def run_gate(requested: RequestedImage, rules: Rules, form: str = "text", output: Path | None = None) -> NoReturn:
    """Judge the image, say what came of it, and end with 0 or 1. Raises ExplorerError."""
    baseline = baseline_in_file(rules)
    exploration = requested.explore_with_progress()
    image = exploration.image
    another = partial(replace, requested, name="", preferred=image.platform)
    base_layers = rules.base_layers
    if rules.base is not None:
        with _about("base", rules):
            base = open_identity(another(reference=rules.base).request(Unwatched()))
        base_layers = count_base_layers(image, base)
    if rules.baseline is not None and baseline is None:
        with _about("baseline", rules):
            usage = another(reference=rules.baseline).explore_with_progress().usage
        baseline = Baseline(rules.baseline, usage.shipped_bytes, usage.wasted_bytes)
    judgement = judge(exploration.tree, exploration.usage, rules, base_layers, baseline)
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


@contextmanager
def _about(key: str, rules: Rules) -> Iterator[None]:
    """Errors about what a rule names tell so. One that is not there, or is no image, is a wrong value."""
    try:
        yield
    except (ImageNotFound, UnreadableImage) as error:
        raise UsageError(f"{_whose(key, rules)}: {error.message}", _takes(key)) from None
    except ImageError as error:
        raise type(error)(f"{_whose(key, rules)}: {error.message}", error.hint) from None


def _whose(key: str, rules: Rules) -> str:
    """The rule and its value as somebody wrote them: ``--base nope.tar``, ``.dive-ci: base nope.tar``."""
    origin = rules.origins[key]
    return printable(f"{origin}{'' if origin.startswith('--') else f': {key}'} {rules.value(key)}")


def _takes(key: str) -> str:
    return f"Expected {RULES[key].takes}."
