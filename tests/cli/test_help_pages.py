"""``--help``: readable in 80 columns, with examples that work."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest

from explorer.cli import main
from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.gate.rules import RULES
from tests.cli.running import run
from tests.conftest import skip_or_fail

PROGRAMS = Path(sys.executable).parent
COMMANDS = ["", *main.commands]


def help_of(command: str) -> str:
    """Returns the help of a command, or of the program, at 80 columns."""
    done = run(*command.split(), "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def examples() -> Iterator[str]:
    """Returns the examples of every page."""
    for command in (main, *main.commands.values()):
        assert isinstance(command, CommandWithSections), f"{command.name} has no manual page"
        for section in command.sections:
            if isinstance(section, Examples):
                yield from (line for line, _ in section.rows)


def own_words(line: str) -> list[str]:
    """Returns the arguments of the program in a command line."""
    ours = line[line.index("lx ") :].removesuffix(')"')
    return shlex.split(re.split(r" [|>] ", ours)[0])[1:]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_fits_80_columns(command: str) -> None:
    """No line is longer than 80 characters, and none has an escape sequence."""
    page = help_of(command)
    assert [line for line in page.splitlines() if len(line) > 80] == []
    assert "\x1b" not in page


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_has_all_that_a_manual_has(command: str) -> None:
    """A page has synopsis, description, options, examples and exit codes, in this order."""
    page = help_of(command)
    headings = ("Usage: lx", "\n\n  ", "\nOptions:\n", "\nExamples:\n", "\nExit codes:\n")
    places = [page.index(heading) for heading in headings]
    assert places == sorted(places)


def test_the_programs_page_names_images_variables_and_files() -> None:
    """The program's page has the forms of an IMAGE, the environment variables and the files."""
    page = help_of("")
    for words in ("IMAGE is one of:", "registry://", "podman://", "container://", "\n  -  ", "\n  demo  "):
        assert words in page
    for name in ("CI", "NO_COLOR", "DOCKER_HOST", "CONTAINER_HOST", "LAYER_EXPLORER_CONFIG"):
        assert re.search(rf"\b{name}\b", page[page.index("\nEnvironment:") : page.index("\nFiles:")])
    for name in (".layer-explorer.toml", "pyproject.toml", ".dive-ci", "config.toml", "cache"):
        assert name in page[page.index("\nFiles:") :]


def test_the_page_of_check_groups_its_options() -> None:
    """Rules, their scope, the image and the output have their own headings."""
    page = help_of("check")
    headings = ["\nRules:\n", "\nScope of the rules:\n", "\nImage:\n", "\nOutput:\n", "\nOptions:\n"]
    places = [page.index(heading) for heading in headings]
    assert places == sorted(places)
    rules, scope = page[places[0] : places[1]], page[places[1] : places[2]]
    for name, key in RULES.items():
        assert f"--{name}" in (rules if key.unit else scope)


@pytest.mark.parametrize("line", sorted(set(examples())))
def test_examples_parse(line: str) -> None:
    """Every example is a valid command line."""
    context = main.make_context("lx", own_words(line))
    name, command, rest = main.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    # --schema does what it does while the words are read.
    with suppress(click.exceptions.Exit):
        command.make_context(name, rest, parent=context)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "line", sorted({line for line in examples() if "demo" in line and re.search(r"lx (report|ls|check)", line)})
)
def test_examples_on_the_demo_run(line: str, tmp_path: Path) -> None:
    """Every example with the demo image works, with nothing on stderr."""
    if " jq " in line and shutil.which("jq") is None:
        skip_or_fail("jq is not installed")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
        check=False,
    )
    assert done.returncode == (1 if "check" in line else 0), done.stderr
    assert done.stderr == ""
    assert done.stdout or list(tmp_path.glob("*.md"))


@pytest.mark.end_to_end
def test_the_file_of_rules_that_the_help_shows_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules file on the page of ``check`` is valid, except for its base, which does not exist here."""
    page = help_of("check")
    text = page[page.index("\nA file of rules:\n") : page.index("\nExamples:\n")].partition(":\n")[2]
    lines = [line.strip() for line in text.splitlines() if not line.strip().startswith("base =")]
    (tmp_path / ".layer-explorer.toml").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    done = run("check", "demo")
    assert done.exit_code == 1, done.stderr
    assert "[.layer-explorer.toml]" in done.stdout
