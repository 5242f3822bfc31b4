"""The causes of differences between two builds, with reason and advice for people."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Evidence(NamedTuple):
    """A cause of the difference of a file, and where it shows."""

    cause: str
    """A name in ``causes.toml``."""
    detail: str = ""
    """The place and the values, for people; printable, and never text of the file apart from dates."""


class CauseWords(NamedTuple):
    """The words of a cause; printable."""

    title: str
    why: str
    do: str


@cache
def cause_words() -> dict[str, CauseWords]:
    """Returns the words of each cause, in the order in which causes are listed."""
    from explorer.analysis.image_diff.identical import TIMES_ADVICE

    table = tomllib.loads(Path(__file__).with_name("causes.toml").read_text("utf-8"))
    words = {name: CauseWords(each["title"], each["why"], each["do"]) for name, each in table.items()}
    words["time"] = words["time"]._replace(do=TIMES_ADVICE)
    return words
