"""The command ``findings``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.images import docker_archive, file, image, layer, whiteout


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


@pytest.mark.end_to_end
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


def test_the_choices_of_the_kind() -> None:
    """The option has all kinds, although they are written without loading them."""
    from explorer.analysis.findings.finding import FindingKind
    from explorer.cli.findings import _KINDS

    assert list(_KINDS) == [each.value for each in FindingKind]


TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An archive with a token in a deleted file of its lowest layer, and in a command."""
    directory = tmp_path_factory.mktemp("leaking")
    layers = layer(file("app/.env", f"TOKEN={TOKEN}\n".encode())), layer(whiteout("app/.env"))
    history = [{"created_by": f"RUN curl -u x:{TOKEN} https://a"}, {"created_by": "RUN rm /app/.env"}]
    (directory / "image.tar").write_bytes(docker_archive(image(*layers, history=history)))
    (directory / ".layer-explorer.toml").write_text('no-secrets = true\nignored-findings = ["github-token:/srv"]\n')
    return str(directory / "image.tar")


def test_a_deleted_secret_fails_the_check(leaking: str) -> None:
    """``--no-secrets`` takes no value; it fails for a deleted secret, whose text is nowhere."""
    done = run("check", "--no-secrets", leaking)
    assert done.exit_code == 1
    words = " ".join(done.stdout.split())
    assert "github-token: /app/.env:1 (layer 0, deleted by layer 1, but can still be downloaded, 47 B)" in words
    assert TOKEN not in done.output


@pytest.mark.end_to_end
def test_rules_of_a_file_about_findings(leaking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of rules has the same keys, and an option switches one off or adds what is ignored."""
    monkeypatch.chdir(Path(leaking).parent)
    assert run("check", leaking).exit_code == 1
    off = run("check", "--allow-secrets", leaking)
    assert (off.exit_code, "SKIP  no-secrets  off" in off.stdout) == (0, True)
    ignored = run("check", "--ignored-findings", "github-*", leaking)
    assert (ignored.exit_code, "without 2 ignored ones" in ignored.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--highest-severity", "bad"], "takes a severity: critical, high, medium, low or info, or off, not"),
        (["--ignored-findings", "two words"], "takes names of findings"),
        (["--no-secrets=yes"], "does not take a value"),
    ],
)
def test_wrong_rules_about_findings(arguments: list[str], message: str) -> None:
    """A wrong value is an error before the image is read."""
    done = run("check", *arguments, "no-such-image.tar")
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_sarif_of_a_check_has_findings_without_a_rule_about_them(leaking: str) -> None:
    """SARIF lists all findings, and the verdict of the rules that are set."""
    done = run("check", "--most-layers", "9", "--format", "sarif", leaking)
    (found,) = json.loads(done.stdout)["runs"]
    assert (done.exit_code, found["properties"]["verdict"]) == (0, "PASS: 1 rule passed")
    assert "github-token" in {each["ruleId"] for each in found["results"]}
    assert TOKEN not in done.output


@pytest.mark.end_to_end
def test_a_guess_of_the_base_decides_no_verdict(tmp_path: Path) -> None:
    """A secret in layers that seem to be the base fails the check, unless it is certain where the base ends."""
    base = [
        {"created_by": "/bin/sh -c #(nop) ADD file:abc in / "},
        {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True},
    ]
    layers = layer(file("etc/token", f"TOKEN={TOKEN}\n".encode())), layer(file("a", b"a"))
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*layers, history=[*base, {"created_by": "COPY a /a # buildkit"}])))
    assert "guess, 1 layer" in run("report", str(path)).stdout
    assert [run("check", "--no-secrets", *more, str(path)).exit_code for more in ([], ["--base-layers", "1"])] == [1, 0]


def test_a_note_names_the_rule_that_counts_a_scan(leaking: str, tmp_path: Path) -> None:
    """A check with a scan, but without a rule about findings, names the rule."""
    scan = {"SchemaVersion": 2, "ArtifactName": "x", "Metadata": {}, "Results": []}
    (tmp_path / "trivy.json").write_text(json.dumps(scan))
    done = run("check", "--most-layers", "9", "--scan", str(tmp_path / "trivy.json"), leaking)
    assert (done.exit_code, "No rule counts the findings of --scan." in done.stderr) == (0, True)
