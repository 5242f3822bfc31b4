"""The causes of differences between two builds, with reason and advice for people."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

_SYSTEM_LOGS = "/var/log/"
_MAX_LOGS_NAMED, _MAX_PATH_CHARS = 3, 200


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


def with_own_logs(words: CauseWords, paths: Sequence[str]) -> CauseWords:
    """Returns the words about logs, with a command that removes those of the image.

    Args:
        words: The words, which name the logs of the system.
        paths: The logs, printable and from the root.
    """
    own = [shlex.quote(path) for path in paths if not path.startswith(_SYSTEM_LOGS) and len(path) <= _MAX_PATH_CHARS]
    if not own:
        return words
    named = " ".join(own[:_MAX_LOGS_NAMED])
    more = ", and the others likewise" if len(own) > _MAX_LOGS_NAMED else ""
    if len(own) < len(paths):
        return words._replace(do=f"{words.do} And in the RUN that writes them: `rm -f {named}`{more}.")
    return words._replace(do=f"Remove them in the RUN that writes them: `rm -f {named}`{more}.")


@cache
def cause_words() -> dict[str, CauseWords]:
    """Returns the words of each cause, in the order in which causes are listed."""
    from explorer.analysis.image_diff.identical import TIMES_ADVICE

    table = tomllib.loads(Path(__file__).with_name("causes.toml").read_text("utf-8"))
    words = {name: CauseWords(each["title"], each["why"], each["do"]) for name, each in table.items()}
    words["time"] = words["time"]._replace(do=TIMES_ADVICE)
    return words
