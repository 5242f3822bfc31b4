"""The docstrings have one form: a short first line that begins with a verb or a noun."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import explorer
from explorer.layers.tables.ranges import BlobRanges
from explorer.model import LayerContents
from explorer.sources.archives.flat_files import StoredFiles
from explorer.sources.archives.oci import Blobs

ROOT = Path(__file__).parent.parent
MODULES = [path for folder in ("explorer", "tests", "screenshots") for path in sorted((ROOT / folder).rglob("*.py"))]
BANNED = frozenset(
    "What Whether Which Who Whose How Those All Of As Be Where When Whatever Everything".split()  # noqa: SIM905
)
MAX_CHARS = 80
"""Characters of the first line of a module, class or function of the program."""
MAX_OTHER_CHARS = 120
"""The same for docstrings of tests, and for strings below attributes."""
HOOKS = ("action_", "check_action", "compute_", "key_", "on_", "validate_", "watch_")
"""Textual calls methods with these prefixes; their names say what they do."""
PROTOCOLS = (LayerContents, Blobs, BlobRanges, StoredFiles)
"""A class whose docstring says that it satisfies one of them need not repeat its docstrings."""


def docstrings(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yields each docstring's line number, its first line, and True if it is below an attribute."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for i, statement in enumerate(node.body):
            if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
                continue
            text = statement.value.value
            if isinstance(text, str) and (i == 0 or isinstance(node.body[i - 1], (ast.Assign, ast.AnnAssign))):
                yield statement.lineno, text.strip().partition("\n")[0], i > 0


@pytest.mark.end_to_end
@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_first_lines_are_short_and_plain(path: Path) -> None:
    """A docstring's first line is short, and does not open with a question word."""
    max_chars = MAX_CHARS if path.is_relative_to(ROOT / "explorer") else MAX_OTHER_CHARS
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line}"
        for number, line, is_attribute in docstrings(path)
        if len(line) > (MAX_OTHER_CHARS if is_attribute else max_chars)
        or line.replace(",", " ").partition(" ")[0] in BANNED
    ]
    assert not wrong, "\n".join(wrong)


def undocumented(module: str) -> Iterator[str]:
    """Yields public methods without a docstring that override nothing and that Textual does not call."""
    for name, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass):
        if kind.__module__ != module or name.startswith("_"):
            continue
        satisfied = [each for each in PROTOCOLS if f"Satisfies {each.__name__}" in (kind.__doc__ or "")]
        for attribute, value in vars(kind).items():
            function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if not inspect.isfunction(function) or function.__module__ != module or function.__doc__:
                continue
            is_inherited = any(hasattr(base, attribute) for base in (*kind.__mro__[1:], *satisfied))
            if not (is_inherited or attribute.startswith(("_", *HOOKS)) or hasattr(function, "_textual_on")):
                yield f"{module}.{name}.{attribute}"


def test_public_methods_have_docstrings() -> None:
    """A public method has a docstring unless it overrides another or Textual calls it."""
    modules = [module.name for module in pkgutil.walk_packages(explorer.__path__, "explorer.")]
    assert not [name for module in modules if module != "explorer.__main__" for name in undocumented(module)]
