"""Explorations of images whose history and settings have secrets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from explorer.analysis.dockerfile.read_dockerfile import dockerfile_of
from explorer.analysis.findings.finding import ConfigPlace, FindingKind, StepPlace
from explorer.gate.judge import judge
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.model import Watcher
from explorer.pipeline import explore
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS as CHECK_FORMATS
from explorer.report.formats import FORMATS
from explorer.report.page import Page
from tests.images import Watching, explored_layers, file, layer, opened, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration

TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"
PASSWORD = "Ku8vqLpz3Tn"
SECRETS = (TOKEN[4:14], PASSWORD[:6], PASSWORD[-6:])
STEPS = (
    f"ARG TOKEN={TOKEN}",
    f"RUN |1 TOKEN={TOKEN} /bin/sh -c curl -u x:{TOKEN} https://a # buildkit",
    f'ENV DB_PASSWORD="{PASSWORD}"',
    f"RUN /bin/sh -c mysql --user=root --password {PASSWORD} # buildkit",
    f"RUN /bin/sh -c rm /a # {TOKEN} # buildkit",
)
CONFIG = {
    "Env": [f"DB_PASSWORD={PASSWORD}"],
    "Labels": {"ci": TOKEN},
    "Cmd": ["serve", "--token", TOKEN],
    "Entrypoint": ["sh", "-c", f"login {TOKEN}"],
    "Healthcheck": {"Test": ["CMD-SHELL", f"curl -u x:{PASSWORD} http://localhost"]},
}


@pytest.fixture
def exploration(tmp_path: Path) -> Exploration:
    """An image whose steps have a token and a password, and whose third layer deletes a file of the first."""
    layers = layer(file("a", b"a" * 5000)), layer(file("b", b"b")), layer(whiteout("a"))
    history = [{"created_by": step, "empty_layer": step.startswith(("ENV", "ARG"))} for step in STEPS]
    return explored_layers(tmp_path, *layers, history=history, config=CONFIG, author=f"me {TOKEN}")


def texts_of(exploration: Exploration) -> str:
    """Returns all texts of an image as a debugger would show them."""
    return repr(exploration.image)


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_shows_a_secret(exploration: Exploration, name: str) -> None:
    """No list of layers and no line of a fix has a secret, nor a part of one; the figures stay."""
    text = FORMATS[name](exploration, datetime.now(UTC), Page())
    assert not [secret for secret in SECRETS if secret in text]
    assert "****" in text


@pytest.mark.parametrize("name", CHECK_FORMATS)
def test_no_verdict_shows_a_secret(exploration: Exploration, name: str) -> None:
    """Rules that count no findings do not print them either."""
    limits = {"highest-layer-bytes": "0", "lowest-efficiency": "100%", "most-layers": "1"}
    rules = resolve_rules({key: RawSetting(value, "--option") for key, value in limits.items()})
    judgement = judge(exploration.tree, exploration.usage, tuple, rules, None, None)
    text = CHECK_FORMATS[name](Check(exploration, rules, judgement), Page())
    assert not [secret for secret in SECRETS if secret in text]
    assert "ghp_****" in text


def test_no_text_of_the_image_has_a_secret(exploration: Exploration) -> None:
    """The screen shows and copies none: history, settings and labels."""
    text = texts_of(exploration)
    assert not [secret for secret in SECRETS if secret in text]
    assert text.count("****") >= len(STEPS) + len(CONFIG)
    assert exploration.image.config.env == ("DB_PASSWORD=****",)
    assert exploration.image.config.cmd == ("serve", "--token", "ghp_****")
    assert exploration.image.history[2].created_by == 'ENV DB_PASSWORD="****"'


def test_secrets_are_found_all_the_same(exploration: Exploration) -> None:
    """The search for secrets sees the texts as they are, and its findings have none of them."""
    findings = exploration.read_findings(Watcher()).findings
    secrets = [each for each in findings if each.kind is FindingKind.SECRET]
    assert {each.id for each in secrets} >= {"github-token"}
    assert not [secret for secret in SECRETS if secret in repr(findings)]
    assert not [each for each in findings if each.id == "secret-variable" and each.place == ConfigPlace("Env.TOKEN")]


def test_a_guessable_password_is_masked_and_found(tmp_path: Path) -> None:
    """Its word is masked where the variable is set, and stays elsewhere."""
    steps = ["ARG A_TOKEN=letmein", 'ENV DB_PASSWORD="postgres"', "RUN |1 A_TOKEN=letmein /bin/sh -c add postgresql"]
    history = [{"created_by": step, "empty_layer": step[0] != "R"} for step in steps]
    found = explored_layers(tmp_path, layer(file("a")), history=history, config={"Env": ["DB_PASSWORD=postgres"]})
    assert [step.created_by for step in found.image.history] == [
        "ARG A_TOKEN=****",
        'ENV DB_PASSWORD="****"',
        "RUN |1 A_TOKEN=**** /bin/sh -c add postgresql",
    ]
    assert found.image.config.env == ("DB_PASSWORD=****",)
    secrets = [each for each in found.read_findings(Watcher()).findings if each.kind is FindingKind.SECRET]
    assert [each.place for each in secrets] == [StepPlace(0), ConfigPlace("Env.DB_PASSWORD")]


def test_the_first_image_that_the_screen_gets_has_no_secret(exploration: Exploration) -> None:
    """It shows the history before the layers are read."""
    watcher = Watching()
    explore(opened(exploration.image.reference), watcher)
    assert watcher.images
    assert TOKEN not in repr(watcher.images)


def test_a_dockerfile_shows_no_secret(exploration: Exploration) -> None:
    """Its lines have the secrets of the image that it made, and still fit."""
    lines = [
        "FROM scratch",
        f"ARG TOKEN={TOKEN}",
        f"RUN curl -u x:{TOKEN} https://a",
        f'ENV DB_PASSWORD="{PASSWORD}"',
        f"RUN mysql --user=root --password {PASSWORD}",
        f"RUN rm /a # {TOKEN}",
    ]
    given = dockerfile_of("\n".join(lines).encode(), "Dockerfile")
    mapped = replace(exploration, given_dockerfile=given).dockerfile_map
    assert mapped is not None
    assert not mapped.problem
    assert not [secret for secret in SECRETS if secret in repr(mapped)]
    assert mapped.dockerfile.lines[3] == 'ENV DB_PASSWORD="****"'
    assert len(mapped.dockerfile.lines) == len(lines)


def test_without_secrets_it_is_the_same(tmp_path: Path) -> None:
    """If no text has a secret, nothing is made again."""
    plain = explored_layers(tmp_path, layer(file("a")), history=[{"created_by": "RUN x"}])
    assert plain.image.original is None
