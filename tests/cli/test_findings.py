"""The command ``findings``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import run
from tests.images import docker_archive, file, image, layer

if TYPE_CHECKING:
    pass


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An archive of an image that runs as root."""
    path = tmp_path_factory.mktemp("image") / "shop.tar"
    path.write_bytes(docker_archive(image(layer(file("a", b"a")))))
    return str(path)


def test_the_list(shop: str) -> None:
    """The list has what is to do first, in text, Markdown and JSON; the exit code is 0."""
    done = run("findings", shop, "root-user")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "MEDIUM    The container runs as root (root-user, " in done.stdout
    assert (
        "| medium | The container runs as root (`root-user`) |" in run("findings", shop, "--format", "markdown").stdout
    )
    found = json.loads(run("findings", shop, "root-user", "--format", "json").stdout)["findings"]
    assert [(each["id"], each["place"]) for each in found] == [("root-user", {"config": "User"})]


def test_options_that_leave_out(shop: str) -> None:
    """Severity, kind and number choose what is listed; the numbers stay."""
    for more in (["--severity", "high", "root-user"], ["--kind", "secret"], ["!severity:medium", "root-user"]):
        done = run("findings", shop, "--format", "json", *more)
        document = json.loads(done.stdout)
        assert document["findings"] == []
        assert document["counts"]["medium"] > 0
    assert len(json.loads(run("findings", shop, "--top", "1", "--format", "json").stdout)["findings"]) == 1


def test_wrong_filters() -> None:
    """A filter that is wrong ends with 2 before the image is read, and says what is possible."""
    done = run("findings", "no-such-image.tar", "kind:big")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "kind: secret, practice or vulnerability" in done.stderr


def test_the_choices_of_the_options() -> None:
    """The options and the help have all kinds and severities, although they are written without loading them."""
    from explorer.analysis.findings.finding import FindingKind, Severity
    from explorer.cli.findings import _KINDS, _SEVERITIES

    assert list(_KINDS) == [each.value for each in FindingKind]
    assert list(_SEVERITIES) == [each.value for each in Severity]
