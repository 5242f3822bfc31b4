"""Decodes JSON into the few fields that are read, without the rest.

msgspec skips all other fields without an object for each, and checks the types: a report of 60 MB is read in 0.4 s and
110 MB of memory. Python's parser takes four times as much of both.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from explorer.analysis.findings.scan_reports.scan_report import BadReport
from explorer.text.printable import printable
from explorer.text.units import counted

MAX_ITEMS = 200_000
"""Limit for the vulnerabilities and for the packages in a report. Those of the largest images have 20,000."""
_MAX_MESSAGE_CHARS = 300

_Form = TypeVar("_Form")


class Struct(msgspec.Struct, gc=False):
    """Fields of a JSON object; others are skipped."""


def decode(content: bytes | msgspec.Raw, form: type[_Form], words: str) -> _Form:
    """Returns a document in a form. ``words`` name the form. Raises BadReport."""
    try:
        return msgspec.json.decode(content, type=form)
    except RecursionError:
        raise BadReport("it has too many objects or lists inside each other") from None
    except msgspec.ValidationError as error:
        raise BadReport(f"it is not {words}: {_shown(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadReport(f"it is not JSON: {_shown(error)}") from None


def check_count(count: int, one: str, many: str) -> None:
    """Raises BadReport if a list has too many items."""
    if count > MAX_ITEMS:
        raise BadReport(f"it has {counted(count, one, many)}, expected at most {MAX_ITEMS:,}")


def _shown(error: Exception) -> str:
    text = str(error).removeprefix("JSON is malformed: ")
    return printable(text[:1].lower() + text[1:_MAX_MESSAGE_CHARS])
