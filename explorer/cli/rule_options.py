"""The options that set rules: one for each rule, and one that names a rules file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from explorer.cli.completion_types import ImageName
from explorer.cli.help_pages import Heading, headed_option
from explorer.cli.shared_rules import personal_rules
from explorer.errors import UsageError
from explorer.gate.rules import RULES, RawSetting, Rules, resolve_rules
from explorer.gate.rules_file import find_rules, read_rules


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """The rules that options and files set."""

    rules: Rules
    by_option: bool
    """True if an option sets a rule or names the file."""


def with_rules(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options to a command, which gets a RuleOptions as ``rule_options``."""

    @wraps(command)
    def run(config: Path | None, **rest: Any) -> None:
        values = {key: rest.pop(_parameter(key)) for key in RULES}
        settings = {key: _setting(key, value) for key, value in values.items() if value not in (None, ())}
        rules = resolve_rules(settings, read_rules(config) if config else find_rules(Path()), personal_rules())
        command(rule_options=RuleOptions(rules, bool(settings or config)), **rest)

    run = headed_option(
        Heading.SCOPE,
        "--config",
        "--ci-config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Read the rules from FILE instead of a file of the current directory.",
    )(run)
    for rule in reversed([*RULES.values()]):
        spellings = [f"--{name}" for name in (rule.key, rule.dive_name) if name]
        run = headed_option(
            Heading.RULES if rule.unit else Heading.SCOPE,
            *spellings,
            _parameter(rule.key),
            type=ImageName() if rule.is_image else str,
            metavar=rule.type.metavar,
            multiple=rule.is_list,
            help=rule.help,
        )(run)
    return run


def _parameter(key: str) -> str:
    return f"rule_{key.replace('-', '_')}"


def _setting(key: str, value: str | tuple[str, ...]) -> RawSetting:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return RawSetting(value, f"--{key}", lambda words: UsageError(f"--{key} {words}"))
