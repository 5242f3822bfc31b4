"""Secrets of the history and of the settings: each once, and none in official images."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.analysis.findings.finding import ConfigPlace, Finding, Place, Severity, StepPlace
from explorer.analysis.findings.secrets import setting_findings as module
from explorer.analysis.findings.secrets.setting_findings import setting_findings, setting_secrets
from explorer.model import HistoryStep, Image, ImageConfig
from explorer.sources.archives.image_config import image_from_config
from tests.analysis.findings.secrets.made_secrets import OTHER_TOKEN, TOKEN


def found(image: Image, base_layers: int = 0) -> list[Finding]:
    """Returns the secrets of an image's settings."""
    return list(setting_findings(image, setting_secrets(image), base_layers))


def image(*steps: HistoryStep, config: ImageConfig | None = None) -> Image:
    """Returns an image without layers."""
    return Image("a:1", "", (), history=steps, config=config or ImageConfig())


def test_a_secret_of_the_base_is_not_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps up to the base's last layer are its own, and variables that they set."""
    monkeypatch.setattr(module, "_MAX_SECRETS", 10)
    steps = (
        HistoryStep("COPY a /", layer=0),
        HistoryStep(f"ENV TOKEN={TOKEN}"),
        HistoryStep("RUN base", layer=1),
        HistoryStep(f"ENV OTHER={OTHER_TOKEN}"),
    )
    findings = found(image(*steps, config=ImageConfig(env=(f"TOKEN={TOKEN}", f"OTHER={OTHER_TOKEN}"))), 2)
    assert [(each.place, each.is_base) for each in findings] == [(StepPlace(1), True), (StepPlace(3), False)]


def test_a_setting_without_a_step_is_found() -> None:
    """A history may be missing."""
    config = ImageConfig(labels=(("ci\x1b", TOKEN),), entrypoint=("serve", f"--token={OTHER_TOKEN}"))
    first, second = found(image(config=config))
    assert (first.place, first.why) == (ConfigPlace("Labels.ci\x1b"), "The label ci\\x1b has ghp_****.")
    assert (second.place, second.why) == (ConfigPlace("Entrypoint"), "The entrypoint has ghp_****.")


@pytest.mark.parametrize("variable", ["DB_PASSWORD=xK9vQ2mZ7pL4", "OTHER_TOKEN=xK9vQ2mZ7pL4wR8tB3nC"])
def test_a_random_value_of_a_variable_is_as_severe_as_a_guessable_one(variable: str) -> None:
    """The name of a variable is surer than words before a value in a file."""
    (finding,) = found(image(HistoryStep(f"ENV {variable}")))
    assert finding.severity is Severity.HIGH
    assert finding.why == f"ENV {variable.partition('=')[0]} has the secret."


def test_the_secrets_of_settings_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile history has many."""
    monkeypatch.setattr(module, "_MAX_SECRETS", 1)
    assert len(found(image(HistoryStep(f"RUN echo {TOKEN} {OTHER_TOKEN}")))) == 1


def test_no_error_can_show_a_text() -> None:
    """A ``repr`` may end up in a message."""
    secrets = setting_secrets(image(HistoryStep(f"ENV TOKEN={TOKEN}")))
    assert TOKEN not in repr(secrets)


def test_a_comment_is_searched() -> None:
    """docker commit writes the message of the user there."""
    (finding,) = found(image(HistoryStep("RUN a", comment=f"with {TOKEN}")))
    assert finding.why == "The comment of the step has ghp_****."


@pytest.mark.parametrize(
    "step",
    [
        "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "ENV PYTHON_SHA256=8d3ed8ec5c88c1c95f5e558612a725450d2452813ddad5e58fdb1a53b1209b78",
        "ENV GPG_KEYS=39B641343D8C104B2B146DC3F9C39DC0B9698544 E60913E4DF209907D8E30D96659A97C9CF2A795A",
        "ENV MYSQL_ALLOW_EMPTY_PASSWORD=yes",
        "ENV DB_PASSWORD_FILE=/run/secrets/db",
        "ENV TOKEN=${TOKEN}",
        "RUN |2 API_KEY= TOKEN=x /bin/sh -c make",
        "RUN --mount=type=secret,id=npm /bin/sh -c NPM_TOKEN=$(cat /run/secrets/npm) npm ci # buildkit",
        "RUN /bin/sh -c key='B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8'; gpg --recv-keys \"$key\" # buildkit",
        "/bin/sh -c #(nop) ADD file:81c0a803075715d1a6b4f75a29f8a01b21cc170cfc1bff6702317d1be2fe71a3 in / ",
        "LABEL org.opencontainers.image.revision=8d3ed8ec5c88c1c95f5e558612a725450d2452813",
    ],
)
def test_steps_of_official_images_have_no_secrets(step: str) -> None:
    """Fingerprints of keys, checksums, revisions and names of files are public."""
    variable = step.removeprefix("ENV ")
    config = ImageConfig(env=(variable,) if variable != step else ())
    assert found(image(HistoryStep(step), config=config)) == []


def test_a_secret_of_the_base_that_the_image_repeats_is_the_images() -> None:
    """A step above the base that has it is to blame, not the base's."""
    steps = (HistoryStep(f"ENV TOKEN={TOKEN}"), HistoryStep("COPY a /", layer=0), HistoryStep(f"RUN curl {TOKEN}"))
    (finding,) = found(image(*steps, config=ImageConfig(env=(f"TOKEN={TOKEN}",))), 1)
    assert (finding.place, finding.is_base) == (StepPlace(2), False)
    assert finding.other_places == (StepPlace(0), ConfigPlace("Env.TOKEN"))
    (finding,) = found(image(*steps[:2], config=ImageConfig(env=(f"OTHER={TOKEN}",))), 1)
    assert (finding.place, finding.is_base) == (ConfigPlace("Env.OTHER"), False)


def test_a_secret_behind_much_text_is_found() -> None:
    """A long label, and one with a NUL, is searched to its end."""
    (finding,) = found(image(config=ImageConfig(labels=(("a", "x\0y " * 300_000 + TOKEN),))))
    assert finding.place == ConfigPlace("Labels.a")


def test_settings_that_are_not_searched_to_the_end_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets that are left out, and texts that are cut, are named."""
    monkeypatch.setattr(module, "_MAX_SECRETS", 1)
    steps = (HistoryStep(f"RUN echo {TOKEN} {OTHER_TOKEN}"), HistoryStep("RUN " + "token=  " * 120_000))
    assert setting_secrets(image(*steps)).problems == [
        "only 1 secrets of settings are listed, and there are more",
        "The RUN may have more secrets, because too many of its texts look like one",
    ]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"config": {"User": TOKEN}}, ConfigPlace("User")),
        ({"config": {"WorkingDir": f"/{TOKEN}"}}, ConfigPlace("WorkingDir")),
        ({"config": {"Volumes": {f"/{TOKEN}": {}}}}, ConfigPlace("Volumes")),
        ({"config": {"ExposedPorts": {TOKEN: {}}}}, ConfigPlace("ExposedPorts")),
        ({"config": {"StopSignal": TOKEN}}, ConfigPlace("StopSignal")),
        ({"config": {"OnBuild": [f"RUN curl {TOKEN}"]}}, ConfigPlace("OnBuild")),
        ({"config": {"Shell": ["sh", TOKEN]}}, ConfigPlace("Shell")),
        ({"config": {"Hostname": TOKEN}}, ConfigPlace("Hostname")),
        ({"author": TOKEN}, ConfigPlace("author")),
        ({"container_config": {"Cmd": [TOKEN]}}, ConfigPlace("container_config.Cmd")),
        ({"other": {"a": [{"b": TOKEN}]}}, ConfigPlace("other")),
        ({"history": [{"author": TOKEN}]}, StepPlace(0)),
        ({"config": {"Env": [f"A\ud800={TOKEN}"]}}, ConfigPlace("Env.A\ud800")),
    ],
)
def test_every_setting_is_searched(document: dict[str, Any], place: Place) -> None:
    """Settings that few images have, and that no tool shows, ship too."""
    (finding,) = found(image_from_config(document, "", "a:1", ()))
    assert finding.place == place


def test_a_name_that_is_a_secret_is_masked() -> None:
    """No place and no sentence shows a secret that somebody took for the name."""
    config = ImageConfig(env=(TOKEN, f"{OTHER_TOKEN}=x"), labels=((TOKEN, "a"),))
    findings = found(image(HistoryStep(f"LABEL {TOKEN}=a"), config=config))
    assert {each.place for each in findings} == {StepPlace(0), ConfigPlace("Env.ghp_****")}
    assert TOKEN not in repr(findings)
    assert OTHER_TOKEN not in repr(findings)
