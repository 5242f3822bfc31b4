"""The options that name the base, for commands that do not check."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from explorer.cli.completion_types import ImageName
from explorer.cli.help_pages import Heading, headed_option
from explorer.errors import UsageError
from explorer.gate.rules import RULES, RawSetting

_KEYS = ("base", "base-layers")


def with_base_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options to a command with IMAGE. They replace the project's rules."""

    @wraps(command)
    def run(**rest: Any) -> None:
        values = {key: rest.pop(_parameter(key)) for key in _KEYS}
        settings = {key: _setting(key, value) for key, value in values.items() if value is not None}
        command(base_settings=settings, **rest)

    for key in reversed(_KEYS):
        rule = RULES[key]
        run = headed_option(
            Heading.IMAGE,
            f"--{key}",
            _parameter(key),
            type=ImageName() if rule.is_image else str,
            metavar=rule.type.metavar,
            help=rule.help,
        )(run)
    return run


def _parameter(key: str) -> str:
    return f"rule_{key.replace('-', '_')}"


def _setting(key: str, value: str) -> RawSetting:
    return RawSetting(value, f"--{key}", lambda words: UsageError(f"--{key} {words}"))
