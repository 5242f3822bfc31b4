"""The gate as commands run it: what the rules name is opened, the image judged, the verdict written."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from explorer.analysis.gate import Baseline, judge, layers_of_base
from explorer.baseline_file import read_baseline
from explorer.cli.answering import write
from explorer.cli.subject import Subject
from explorer.model import Image, Unwatched
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.rules import Rules
from explorer.sources import open_identity
from explorer.sources.request import Request


def run_gate(subject: Subject, rules: Rules, form: str = "text", output: Path | None = None) -> NoReturn:
    """Judge the image, say what came of it, and end with 0 or 1. Raises ExplorerError."""
    base = None if rules.base is None else _base(subject, rules.base)
    baseline = None if rules.baseline is None else _baseline(subject, rules.baseline)
    exploration = subject.explored_aloud()
    base_layers = rules.base_layers if base is None else layers_of_base(exploration.image, base)
    judgement = judge(exploration.tree, exploration.ledger, rules, base_layers, baseline)
    write(FORMATS[form](Check(exploration, rules, judgement)), output)
    sys.exit(0 if judgement.passes else 1)


def _base(subject: Subject, name: str) -> Image:
    return open_identity(Request(name, Unwatched(), platform=subject.platform, via=subject.via))


def _baseline(subject: Subject, name: str) -> Baseline:
    """The figures of a report in a file, or of an image."""
    found = read_baseline(name)
    if found is None:
        ledger = replace(subject, reference=name).explored_aloud().ledger
        found = Baseline(name, ledger.shipped_bytes, ledger.wasted_bytes)
    return found
