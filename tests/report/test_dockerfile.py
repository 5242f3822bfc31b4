"""The lines of the Dockerfile in reports."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.analysis.findings.secrets.image_without_secrets import image_without_secrets
from explorer.gate.judge import judge
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.model import HistoryStep
from explorer.pipeline import Exploration
from explorer.report.as_json import report_json
from explorer.report.as_markdown import report_markdown
from explorer.report.as_text import report_text
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.report.page import Page
from tests.analysis.dockerfile.timed_image import timed_history
from tests.analysis.findings.secrets.made_secrets import TOKEN
from tests.images import directory, explored_layers, file, layer, whiteout

_DOUBT = "the base is not certain, so FROM may have steps of lines that are not in the file"
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_TEXT = "FROM debian\nENV TOKEN=hidden B=1\nRUN make \\\n  all | tee log\nRUN rm -rf /out\n"
_STEPS = (
    ("ADD file:aa in / # buildkit", 0, False),
    ("ENV TOKEN=hidden B=1", 1, True),
    ("RUN /bin/sh -c make   all | tee log # buildkit", 76, False),
    ("RUN /bin/sh -c rm -rf /out # buildkit", 78, False),
)


@pytest.fixture
def exploration(tmp_path: Path) -> Exploration:
    """An image whose second layer is wasted, with its Dockerfile."""
    made = explored_layers(
        tmp_path,
        layer(file("bin/sh", b"x" * 1000)),
        layer(directory("out"), file("out/log", b"x" * 30_000)),
        layer(whiteout("out")),
        history=timed_history(_STEPS),
    )
    return replace(made, given_dockerfile=parse_dockerfile(_TEXT, "images/shop/Dockerfile"))


def test_a_report_lists_the_lines_with_their_figures(exploration: Exploration) -> None:
    """The text has a table of lines, without the values of settings."""
    text = report_text(exploration, _NOW)
    table = text[text.index("Lines of images/shop/Dockerfile") :].splitlines()
    assert [line.rstrip() for line in table if line] == [
        "Lines of images/shop/Dockerfile",
        "Line    Size  Wasted  Undoes        Time  Instruction",
        "   1  1.0 kB                              FROM debian",
        "   2                                      ENV TOKEN=… B=…",
        " 3-4   30 kB   30 kB          1 min 15 s  RUN make all | tee log",
        "   5                   30 kB       2.0 s  RUN rm -rf /out",
        f"{_DOUBT[0].upper()}{_DOUBT[1:]}.",
    ]


def test_a_fix_names_its_lines(exploration: Exploration) -> None:
    """The lines of the layers that a fix changes follow their numbers, in text and Markdown."""
    words = "layers 1 and 2 (Dockerfile: lines 3-4 and 5)"
    assert words in " ".join(report_text(exploration, _NOW).split())
    markdown = report_markdown(exploration, _NOW)
    assert words in markdown.replace("`", ""), [line for line in markdown.splitlines() if "Dockerfile:" in line]


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_failed_rule_names_the_lines_of_its_fixes(exploration: Exploration, form: str) -> None:
    """The advice of a rule that fails has the lines of the layers to change."""
    rules = resolve_rules({"highest-wasted-bytes": RawSetting("1kB", "here")})
    judgement = judge(exploration.tree, exploration.usage, tuple, rules, None, None)
    text = FORMATS[form](Check(exploration, rules, judgement), Page())
    assert "(Dockerfile: lines 3-4 and 5)" in " ".join(text.replace("`", "").split())


def test_markdown_has_the_lines_as_a_table(exploration: Exploration) -> None:
    """Commands are code, and a pipe in them ends no cell."""
    text = report_markdown(exploration, _NOW)
    assert "| 3-4 | 30 kB | 30 kB |  | 1 min 15 s | `RUN make all \\| tee log` |" in text
    assert "hidden" not in text.partition("## Lines of")[2]


def test_secrets_in_commands_are_masked(exploration: Exploration) -> None:
    """A token in a command shows nothing but its beginning."""
    text = f"FROM debian\nENV TOKEN=hidden B=1\nRUN make all | tee log\nRUN rm -rf /out\nRUN login {TOKEN}\n"
    step = HistoryStep(f"RUN /bin/sh -c login {TOKEN} # buildkit")
    image = image_without_secrets(replace(exploration.image, history=(*exploration.image.history, step)))
    made = replace(exploration, image=image, given_dockerfile=parse_dockerfile(text, "Dockerfile"))
    for report in (report_text(made, _NOW), report_markdown(made, _NOW), report_json(made)):
        assert "Dockerfile" in report
        assert TOKEN not in report


def test_json_has_each_instruction(exploration: Exploration) -> None:
    """Programs get the figures of each instruction, or the reason why the Dockerfile does not fit."""
    document = json.loads(report_json(exploration))["dockerfile"]
    assert (document["file"], document["problem"], document["remark"]) == ("images/shop/Dockerfile", None, _DOUBT)
    assert document["instructions"][2] == {
        "first_line": 3,
        "last_line": 4,
        "keyword": "RUN",
        "in_image": True,
        "layers": [1],
        "bytes": 30_000,
        "wasted_bytes": 30_000,
        "hides_bytes": 0,
        "disposable_bytes": 0,
        "seconds": 75,
        "cached": None,
    }
    other = replace(exploration, given_dockerfile=parse_dockerfile("FROM x\nRUN y\n", "Dockerfile"))
    misfit = json.loads(report_json(other))["dockerfile"]
    assert (misfit["problem"], misfit["instructions"]) == ("line 2: RUN y; no step of the image fits", [])
    assert "Lines of" not in report_text(other, _NOW)
