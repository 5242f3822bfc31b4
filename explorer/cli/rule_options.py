"""The options that say rules: one for each, and the one that names their file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from explorer.cli.completion_types import ImageName
from explorer.cli.help_pages import RULE_OPTIONS, SCOPE_OPTIONS, HeadedOption
from explorer.errors import UsageError
from explorer.gate.dive_ci import DIVE_NAMES
from explorer.gate.rules import RULES, RawSetting, Rules, resolve_rules
from explorer.gate.rules_file import find_rules, read_rules


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What an image is to be held to."""

    rules: Rules
    by_option: bool
    """Whether a word of the command line asked for it; else a file, or nobody."""


def with_rules(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say rules, and the one that names their file; the command gets them as ``rule_options``."""

    @wraps(command)
    def run(config: Path | None, **rest: Any) -> None:
        options = {name: rest.pop(_parameter(name)) for name in RULES}
        said = {name: _said(name, value) for name, value in options.items() if value not in (None, ())}
        rules = resolve_rules(said, read_rules(config) if config else find_rules(Path()))
        command(rule_options=RuleOptions(rules, bool(said or config)), **rest)

    run = click.option(
        "--config",
        "--ci-config",
        cls=HeadedOption,
        heading=SCOPE_OPTIONS,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Take the rules from FILE instead of looking for a file of this directory.",
    )(run)
    for name, key in reversed(list(RULES.items())):
        spellings = [f"--{name}", *(f"--{dives}" for dives, ours in DIVE_NAMES.items() if ours == name)]
        run = click.option(
            *spellings,
            _parameter(name),
            cls=HeadedOption,
            heading=RULE_OPTIONS if key.is_limit else SCOPE_OPTIONS,
            type=ImageName() if key.is_image else str,
            metavar=key.metavar,
            multiple=key.is_list,
            help=key.help,
        )(run)
    return run


def _parameter(name: str) -> str:
    return f"rule_{name.replace('-', '_')}"


def _said(name: str, value: str | tuple[str, ...]) -> RawSetting:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return RawSetting(value, f"--{name}", lambda words: UsageError(f"--{name} {words}"))
