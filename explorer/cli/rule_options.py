"""The options that set rules: one for each rule, and one that names a rules file.

Commands that do not check have only those that name the base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from explorer.cli.completion_types import ImageName
from explorer.cli.help_pages import Heading, headed_option
from explorer.cli.output_options import Decorator
from explorer.cli.shared_rules import personal_rules
from explorer.errors import UsageError
from explorer.gate.rules import RULES, RawSetting, Rule, Rules, resolve_rules
from explorer.gate.rules_file import find_rules, read_rules

_BASE_KEYS = ("base", "base-layers")


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
        settings = _settings(RULES, rest)
        rules = resolve_rules(settings, read_rules(config) if config else find_rules(Path()), personal_rules())
        command(rule_options=RuleOptions(rules, bool(settings or config)), **rest)

    decorated: Callable[..., None] = headed_option(
        Heading.SCOPE,
        "--config",
        "--ci-config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Read the rules from FILE instead of a file of the current directory.",
    )(run)
    for rule in reversed(RULES.values()):
        decorated = _option(rule, Heading.RULES if rule.unit else Heading.SCOPE)(decorated)
    return decorated


def with_base_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that name the base. They replace the project's rules."""

    @wraps(command)
    def run(**rest: Any) -> None:
        command(base_settings=_settings(_BASE_KEYS, rest), **rest)

    decorated: Callable[..., None] = run
    for key in reversed(_BASE_KEYS):
        decorated = _option(RULES[key], Heading.IMAGE)(decorated)
    return decorated


def _option(rule: Rule, heading: Heading) -> Decorator:
    if rule.is_switch:
        # An option with a value that may be left out would take IMAGE for its value.
        switch = f"--{rule.key}/--allow-{rule.key.removeprefix('no-')}"
        return headed_option(heading, switch, _parameter(rule.key), default=None, help=rule.help)
    return headed_option(
        heading,
        *(f"--{name}" for name in (rule.key, rule.dive_name) if name),
        _parameter(rule.key),
        type=ImageName() if rule.is_image else str,
        metavar=rule.type.metavar,
        multiple=rule.is_list,
        help=rule.help,
    )


def _settings(keys: Iterable[str], values: dict[str, Any]) -> dict[str, RawSetting]:
    """Takes the rules that options set out of the values of all parameters."""
    taken = {key: values.pop(_parameter(key)) for key in keys}
    return {key: _setting(key, value) for key, value in taken.items() if value not in (None, ())}


def _parameter(key: str) -> str:
    return f"rule_{key.replace('-', '_')}"


def _setting(key: str, value: str | tuple[str, ...]) -> RawSetting:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return RawSetting(value, f"--{key}", lambda words: UsageError(f"--{key} {words}"))
