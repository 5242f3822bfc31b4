"""The JSON Schemas of the JSON output."""

from __future__ import annotations

import enum


class Schema(enum.Enum):
    """A kind of JSON output, and the file of its schema."""

    REPORT = "report.schema.json"
    CHECK = "check/check.schema.json"
    LISTING = "listing.schema.json"
    """The schema of one line."""
    DIRECTORY_USAGE = "directory_usage.schema.json"
    """The schema of one line."""
    PACKAGES = "packages.schema.json"
    FINDINGS = "findings.schema.json"
    DUPLICATES = "duplicates.schema.json"

    def text(self) -> str:
        """The schema as JSON, with a newline at the end."""
        # Imported here, because most commands print no schema.
        from importlib.resources import files

        return files("explorer.report").joinpath(self.value).read_text(encoding="utf-8")
