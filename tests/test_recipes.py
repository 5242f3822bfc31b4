"""Runs the recipes and checks the samples of the README."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from explorer.gate.rules import RULES
from tests.cli.test_build import BUILDER
from tests.conftest import skip_or_fail
from tests.fake_engine import FakeEngine
from tests.fake_registry import NAME, FakeRegistry
from tests.images import MadeImage, big, digest, file, image, layer, whiteout

pytestmark = pytest.mark.end_to_end

README = (Path(__file__).parent.parent / "README.md").read_text()
PROGRAMS = Path(sys.executable).parent
PIP = '#!/bin/sh\n[ "$1" = install ] && [ -n "$2" ]\n'


def recipe(heading: str, language: str) -> str:
    """Returns the first block in a language below a heading."""
    match = re.search(rf"^### {heading}\n.*?^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert match, heading
    return match[1]


def wasteful(tag: str) -> MadeImage:
    return image(layer(big("a", 2), file("b", b"b")), layer(whiteout("a"), file("c", b"c")), tag=tag)


def tidy(tag: str) -> MadeImage:
    return image(layer(big("a", 2), file("b", b"b")), layer(file("c", b"c")), tag=tag)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """Provides a fake engine, fake ``docker`` and ``pip``, and an empty directory."""
    programs, here = tmp_path / "bin", tmp_path / "here"
    programs.mkdir()
    here.mkdir()
    for name, text in (("docker", BUILDER.format(python=sys.executable)), ("pip", PIP)):
        path = programs / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", f"{programs}:{PROGRAMS}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_NOTES", str(tmp_path / "notes"))
    fake = FakeEngine({})
    with fake.on(tmp_path / "engine.sock"):
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake


def builds(engine: FakeEngine, made: MadeImage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes this image the result of a build, by its name and by its ID."""
    answers = FakeEngine.of(made).answers
    number = digest(made.config_bytes)
    engine.answers.update(answers)
    engine.answers.update({path.replace(made.tag, number): answer for path, answer in answers.items()})
    monkeypatch.setenv("FAKE_ID", number)


def shell(commands: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Runs commands as CI systems do: the first failure ends the script."""
    return subprocess.run(
        ["bash", "-e", *options, "-c", "\n".join(commands)], capture_output=True, text=True, check=False
    )


def test_github_actions(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The workflow fails for a wasteful image, annotates, and always has a summary."""
    workflow: Any = yaml.safe_load(recipe("In a GitHub workflow", "yaml"))
    steps = workflow["jobs"]["image"]["steps"]
    always = [step["run"] for step in steps if step.get("if") == "always()"]
    others = [step["run"] for step in steps if "run" in step and "if" not in step]
    for name, value in (
        *workflow["env"].items(),
        ("CI", "true"),
        ("GITHUB_SHA", "0123abc"),
        ("GITHUB_STEP_SUMMARY", str(tmp_path / "summary")),
    ):
        monkeypatch.setenv(name, value)
    for made, code in ((wasteful("shop:0123abc"), 1), (tidy("shop:0123abc"), 0)):
        builds(engine, made, monkeypatch)
        done = shell(others, "-o", "pipefail")
        assert done.returncode == code, done.stderr
        assert ("::error" in done.stdout) == bool(code)
        assert shell(always, "-o", "pipefail").returncode == 0
        assert "shop:0123abc" in (tmp_path / "summary").read_text()


GH = """#!/bin/sh
case "$1 $2" in
    "run list") echo 7 ;;
    "run download") [ "$3" = 7 ] && mkdir baseline && cp release/shop.lx baseline/ ;;
    "pr comment") [ "$4" = --body-file ] && cp "$5" "comment-$3.md" ;;
esac
"""


def test_a_comment_on_a_pull_request(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The main branch keeps a saved exploration; a pull request compares with it, comments, and fails if it grew."""
    workflow: Any = yaml.safe_load(recipe("As a comment on a pull request", "yaml"))
    steps = [step for step in workflow["jobs"]["size"]["steps"] if "run" in step]
    gh = tmp_path / "bin" / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    environment = {**workflow["env"], "CI": "true", "GITHUB_SHA": "0123abc", "NUMBER": "5"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    builds(engine, tidy("shop:0123abc"), monkeypatch)
    done = shell([step["run"] for step in steps if "if" not in step], "-o", "pipefail")
    assert done.returncode == 0, done.stderr
    Path("release").mkdir()
    Path("shop.lx").rename("release/shop.lx")
    builds(engine, wasteful("shop:0123abc"), monkeypatch)
    done = shell([step["run"] for step in steps], "-o", "pipefail")
    assert done.returncode == 1, done.stderr
    assert "::error title=layer-explorer%3A baseline wasted bytes" in done.stdout
    assert Path("comment-5.md").read_text().startswith("## The new image is ")


def test_gitlab_ci(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job logs in to the registry, fails for a wasteful image, and writes JUnit."""
    job: Any = yaml.safe_load(recipe("In GitLab CI", "yaml"))["layers"]
    for made, code in ((wasteful("x:1"), 1), (tidy("x:1"), 0)):
        with FakeRegistry(login=("gitlab-ci-token", "secret")).running() as registry:
            registry.add("1", made)
            for name, value in (
                *job["variables"].items(),
                ("CI", "true"),
                ("CI_REGISTRY", registry.address),
                ("CI_REGISTRY_USER", "gitlab-ci-token"),
                ("CI_REGISTRY_PASSWORD", "secret"),
                ("CI_REGISTRY_IMAGE", f"{registry.address}/{NAME}"),
                ("CI_COMMIT_SHORT_SHA", "1"),
            ):
                monkeypatch.setenv(name, value)
            done = shell(job["script"])
            assert done.returncode == code, done.stderr
            assert f'failures="{2 * code}"' in Path(job["artifacts"]["reports"]["junit"]).read_text()


def test_makefile(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """``make image`` builds and checks; ``make growth`` compares with a release."""
    if shutil.which("make") is None:
        skip_or_fail("make is not installed")
    Path("Makefile").write_text(recipe("In a Makefile", "make"))
    for made, code in ((wasteful("shop:dev"), 2), (tidy("shop:dev"), 0)):
        builds(engine, made, monkeypatch)
        done = subprocess.run(["make", "image"], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert "-t shop:dev" in done.stdout
    for target in ("release", "growth"):
        assert subprocess.run(["make", target], capture_output=True, check=False).returncode == 0
    builds(engine, wasteful("shop:dev"), monkeypatch)
    grown = subprocess.run(["make", "growth"], capture_output=True, text=True, check=False)
    assert grown.returncode == 2
    assert "baseline wasted bytes" in grown.stdout


def test_the_readme_lists_every_rule() -> None:
    """The tables of rules have exactly the keys that exist."""
    rules = README[README.index("\n## Rules\n") : README.index("\n### In a GitHub workflow\n")]
    assert re.findall(r"^\| `([a-z-]+)` ", rules, re.MULTILINE) == list(RULES)


SAMPLES = [
    block for block in re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE) if "$ lx" in block
]


@pytest.mark.parametrize("sample", [block for block in SAMPLES if " demo" in block])
def test_samples_are_the_output_of_the_program(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each README sample of the demo image is the output of the program."""
    if shutil.which("jq") is None:
        skip_or_fail("jq is not installed")
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    printed = ""
    for command in re.findall(r"^\$ (.*)$", sample, re.MULTILINE):
        lines = shell([command]).stdout.splitlines()
        printed += "\n".join([f"$ {command}", *(line.rstrip() for line in lines), ""])
    assert printed == sample


def test_the_rules_in_the_readme_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of rules in the README is valid."""
    sample = re.search(r"^```toml\n(lowest-efficiency.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert sample
    (tmp_path / ".layer-explorer.toml").write_text(sample[1])
    monkeypatch.chdir(tmp_path)
    done = subprocess.run([PROGRAMS / "lx", "check", "demo"], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "[.layer-explorer.toml]" in done.stdout
