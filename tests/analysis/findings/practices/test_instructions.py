"""Practices of the instructions of a Dockerfile, except RUN."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.findings.finding import ConfigPlace, FindingKind, Severity, StepPlace
from tests.analysis.findings.practices.cases import findings, ids, own_step, run, setting
from tests.images import directory, file, layer

_HASH = "0" * 64


@pytest.mark.parametrize(
    ("practice", "broken", "kept"),
    [
        ("maintainer", setting("MAINTAINER me"), setting("LABEL maintainer=me")),
        ("relative-workdir", setting("WORKDIR app"), setting("WORKDIR /app")),
        ("add-of-copy", own_step("ADD app.py /app/ # buildkit"), own_step("COPY app.py /app/ # buildkit")),
        ("add-of-copy", own_step("ADD src lib /app/ # buildkit"), own_step("ADD app.tar.gz /app/ # buildkit")),
        (
            "unchecked-download",
            own_step("ADD https://example.com/tool /bin/ # buildkit"),
            own_step("ADD --checksum=sha256:00 https://example.com/tool /bin/ # buildkit"),
        ),
        (
            "unchecked-download",
            own_step("ADD http://raw.githubusercontent.com/t /bin/"),
            own_step("ADD https://x/t.git#v1 /src"),
        ),
        ("unchecked-download", own_step(f"ADD {_HASH} in /opt/a"), own_step(f"ADD file:{_HASH} in /opt/a")),
        ("secret-variable", setting("ARG API_TOKEN=s3cr3t-s3cr3t"), setting("ARG API_TOKEN")),
        ("secret-variable", setting("ENV DB_PASSWORD=s3cr3t"), setting("ENV DB_PASSWORD=/run/secrets/db")),
        ("secret-variable", setting("ENV MYSQL_PWD=s3cr3t"), setting("ENV PWD=somewhere")),
        ("secret-variable", own_step("|1 TOKEN=s3cr3t /bin/sh -c make"), own_step("|1 TOKEN=on /bin/sh -c make")),
        ("secret-variable", setting("ENV SECRET_KEY=s3cr3t"), setting("ENV PUBLIC_KEY=a GPG_KEY=A035C8C1")),
        ("secret-variable", setting("ARG NPM_TOKEN=s3cr3t"), setting("ARG USE_TOKEN=true")),
    ],
)
def test_instructions(tmp_path: Path, practice: str, broken: dict[str, Any], kept: dict[str, Any]) -> None:
    """An instruction that breaks a practice is found in its step, one that keeps it is not."""
    found = [each for each in findings(tmp_path, [broken]) if each.id == practice]
    assert [each.place for each in found] == [StepPlace(1)]
    assert "s3cr3t" not in repr(found)
    assert practice not in ids(findings(tmp_path, [kept]))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "changeme",
        "your-token-here",
        "<your token>",
        "${TOKEN}",
        "$(cat /run/secrets/a)",
        "{{ token }}",
        "xxxxxxxx",
        "basic",
        "/run/secrets/token",
        "./token",
        "secrets/token.json",
        "token.txt",
        "C:\\\\token",
        "https://a.example/token",
        "null",
    ],
)
@pytest.mark.parametrize("name", ["DB_PASSWORD", "APP_SECRET", "API_TOKEN"])
def test_placeholders_are_no_secrets(tmp_path: Path, name: str, value: str) -> None:
    """Placeholders, paths, names of files, modes and empty values are no alarm."""
    assert "secret-variable" not in ids(findings(tmp_path, [setting(f'ENV {name}="{value}"')]))


@pytest.mark.parametrize("step", ["ENV DB_PASSWORD=correcthorse9", "ARG ADMIN_PASSWORD=letmein", "ENV A_TOKEN=abc123"])
def test_a_guessable_value_is_a_secret(tmp_path: Path, step: str) -> None:
    """A variable that is named like a secret and has a value counts as a secret."""
    (found,) = [each for each in findings(tmp_path, [setting(step)]) if each.id == "secret-variable"]
    assert (found.kind, found.severity) == (FindingKind.SECRET, Severity.HIGH)


def test_a_variable_of_the_container(tmp_path: Path) -> None:
    """A secret in ENV is a finding about the setting, once."""
    steps = [setting("ENV A_TOKEN=s3cr3t"), run("make"), setting("ENV A_TOKEN=s3cr3t")]
    found = findings(tmp_path, steps, Env=["A_TOKEN=s3cr3t"])
    assert [each.place for each in found if each.id == "secret-variable"] == [ConfigPlace("Env.A_TOKEN")]


@pytest.mark.parametrize(
    ("step", "content", "is_found"),
    [
        ("ADD dir:{id} in /opt ", layer(file("opt/a"), file("opt/b")), True),
        ("ADD file:{id} in /opt/app.py ", layer(directory("opt"), file("opt/app.py")), True),
        ("ADD file:{id} in /opt/ ", layer(file("opt/app.py")), False),
        ("ADD {id} in /opt/app.py ", layer(file("opt/app.py")), False),
    ],
)
def test_add_of_the_old_builder(tmp_path: Path, step: str, content: bytes, is_found: bool) -> None:
    """Only what the layer has tells if an ADD without the name of its source unpacked an archive."""
    steps = [own_step(f"/bin/sh -c #(nop) {step.format(id='0' * 64)}")]
    assert ("add-of-copy" in ids(findings(tmp_path, steps, [content]))) is is_found


@pytest.mark.parametrize(
    ("name", "is_found"),
    [("debian", True), ("docker.io/library/debian:latest", True), ("host:5000/app:1.2", False), ("a@sha256:1", False)],
)
def test_a_base_without_a_version(tmp_path: Path, name: str, is_found: bool) -> None:
    """A base that the builder names without a tag or as latest is found."""
    steps = [run("make", comment=f"FROM {name}")]
    assert ("latest-base" in ids(findings(tmp_path, steps))) is is_found


def test_replaced_instructions(tmp_path: Path) -> None:
    """Two CMDs above the base are found; one of the base and one above it are not."""
    steps = [setting('CMD ["a"]'), run("make"), setting('CMD ["b"]')]
    (found,) = [each for each in findings(tmp_path, steps) if each.id == "replaced-instruction"]
    assert (found.place, "DL4003" in found.other_ids) == (StepPlace(1), True)
    steps[0] = {**steps[0], "created": "2026-01-01T00:00:01Z"}
    assert "replaced-instruction" not in ids(findings(tmp_path, steps))


@pytest.mark.parametrize(("count", "is_found"), [(99, True), (50, False)])
def test_many_layers(tmp_path: Path, count: int, is_found: bool) -> None:
    """An image that comes near to the limit of engines is found."""
    assert ("many-layers" in ids(findings(tmp_path, [run(f"make {each}") for each in range(count)]))) is is_found


@pytest.mark.parametrize(
    ("command", "content", "is_found"),
    [
        ("mkdir -p /data/db && chown 1000 /data/db", layer(directory("data")), True),
        ("mkdir -p /data/db", layer(directory("data"), directory("data/db")), False),
        ("chown 1000 /data", layer(directory("data")), False),
        ("cat /data/x", layer(directory("srv")), False),
    ],
)
def test_changes_below_a_volume(tmp_path: Path, command: str, content: bytes, is_found: bool) -> None:
    """A RUN is found if it changes files below a volume and its layer has none of them."""
    found = findings(tmp_path, [setting("VOLUME [/data]"), run(command)], [content])
    assert ("change-below-volume" in ids(found)) is is_found
