"""The JSON Schemas of what is printed for machines."""

from __future__ import annotations

import enum


class Schema(enum.Enum):
    """What a schema describes; where it is."""

    REPORT = "report.schema.json"
    CHECK = "check/check.schema.json"
    LISTING = "listing.schema.json"
    """Of one line."""

    def text(self) -> str:
        """The schema, JSON that ends with a newline."""
        # Commands that print none need not wait for it.
        from importlib.resources import files

        return files("explorer.report").joinpath(self.value).read_text(encoding="utf-8")
