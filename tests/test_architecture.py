"""Tests of the package as a whole: imports, start-up, documents and docstrings."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import explorer
from explorer import errors

HEAVY = ("textual", "rich", "docker", "requests")


def modules_after(code: str) -> set[str]:
    """Returns the top-level packages that ``code`` loads in a new interpreter."""
    script = f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "module",
    [
        "explorer",
        "explorer.pipeline",
        "explorer.sources",
        "explorer.sources.engines.engine",
        "explorer.report.listing",
        "explorer.viewmodel.view_cache",
        "explorer.viewmodel.waste_groups",
        "explorer.gate.judge",
        "explorer.preview.versions",
    ],
)
def test_the_core_knows_neither_screen_nor_engine(module: str) -> None:
    """Modules below the command line and the screen do not import their libraries."""
    assert not modules_after(f"import {module}") & {*HEAVY, "click"}


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    """``import explorer`` loads no other module of the package."""
    done = subprocess.run(
        [sys.executable, "-c", "import explorer, sys; print(*[n for n in sys.modules if n.startswith('explorer.')])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


def test_the_map_of_the_code_is_complete() -> None:
    """The package's docstring names exactly the existing modules and packages."""
    folder = Path(explorer.__file__).parent
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    modules = {path.stem for path in folder.glob("[!_]*.py")}
    _, _, levels = (explorer.__doc__ or "").partition("From the top level down")
    assert set(re.findall(r"``(\w+)``", levels)) == packages | modules


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["report", "demo"], ["ls", "demo"]])
def test_commands_without_a_screen_start_without_its_libraries(arguments: list[str]) -> None:
    """Version, help, report and listing load neither Textual nor docker."""
    code = f"""
import contextlib, io
from explorer.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    try:
        main({arguments!r})
    except SystemExit as ended:
        assert not ended.code, ended.code
"""
    assert not modules_after(code) & set(HEAVY)


def test_the_command_line_starts_without_fixes() -> None:
    """Names and options of the commands need no analysis of fixes, which takes long to import."""
    code = "import explorer.cli, sys; print(*[n for n in sys.modules if n.startswith('explorer.analysis.fixes')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_only_the_command_line_prints_or_exits() -> None:
    """Only modules of the command line write to the terminal or end the process."""
    package = Path(explorer.__file__).parent
    for path in package.rglob("*.py"):
        if path.parent.name != "cli" and path.name != "__main__.py":
            match = re.search(r"\b(print\(|sys\.exit|os\._exit|sys\.stdout|sys\.stderr)", path.read_text())
            assert match is None, f"{path.name}: {match}"


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    """The drawing in ``errors`` shows each error below its base, with its exit code."""
    drawn = re.findall(r"^    ([│ ├└─]*)([A-Z]\w+) +(\d+)", errors.__doc__ or "", re.MULTILINE)
    above: dict[int, str] = {0: "ExplorerError"}
    drawn_errors = set()
    for branch, name, code in drawn:
        depth = len(branch) // 4
        above[depth] = name
        drawn_errors.add((above[depth - 1], name, int(code)))
    kinds = [errors.ExplorerError]
    for kind in kinds:
        kinds += [error for error in kind.__subclasses__() if error.__module__ == errors.__name__]
    assert drawn_errors == {
        (kind.__base__.__name__, kind.__name__, kind.exit_code) for kind in kinds[1:] if kind.__base__
    }


ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md")), *sorted((ROOT / ".github").rglob("*.yml"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_existing_places(document: Path) -> None:
    """Each path and each dotted name of the package, the tests and the tasks exists."""
    text = document.read_text()
    for path in re.findall(r"(?<![\w./-])((?:explorer|tests|screenshots|\.ci|\.github)/[\w./-]*[\w/])", text):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"(?<![\w./-])(?:explorer|tests)(?:\.\w+)+", text):
        assert find_name(name), name
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (document.parent / link).exists(), link
    tasks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["envs"]["default"]["scripts"]
    assert {*re.findall(r"hatch run (\w+)", text)} <= {*tasks}


def find_name(name: str) -> bool:
    """True if a module, or an attribute in a module, has this dotted name."""
    module, _, rest = name.rpartition(".")
    if (ROOT / name.replace(".", "/")).is_dir() or (ROOT / f"{name.replace('.', '/')}.py").is_file():
        return True
    return bool(module) and find_name(module) and hasattr(importlib.import_module(module), rest)


def test_the_workflow_and_ci_run_the_test_command_of_the_readme() -> None:
    """The workflow runs the test command of the README, without rights to write."""
    workflow = (ROOT / ".github/workflows/test.yml").read_text()
    command = re.search(r"^python3 -m venv .*pytest.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert command
    assert f"run: {command[0]}\n" in workflow
    _, _, options = command[0].partition(".venv/bin/pytest")
    assert f"pytest{options}\n" in (ROOT / ".ci/run").read_text()
    assert yaml.safe_load(workflow)["permissions"] == {"contents": "read"}
