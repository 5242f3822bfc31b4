"""The JSON Schemas of the JSON output."""

from __future__ import annotations

import enum

_SHARED_DEFINITIONS = "shared_definitions.json"
"""The file of the objects that several schemas describe, such as a finding and a fix."""
_REFERENCE = r'"#/\$defs/(\w+)"'


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
    IMAGES = "images.schema.json"
    COMPARE = "compare/compare.schema.json"

    def text(self) -> str:
        """The schema as JSON, with the shared definitions that it uses."""
        # Imported here, because most commands print no schema.
        import json
        import re
        from importlib.resources import files

        folder = files("explorer.report")
        schema = json.loads(folder.joinpath(self.value).read_text(encoding="utf-8"))
        shared = json.loads(folder.joinpath(_SHARED_DEFINITIONS).read_text(encoding="utf-8"))
        used = set(re.findall(_REFERENCE, json.dumps(schema)))
        while missing := used & shared.keys() - schema.get("$defs", {}).keys():
            schema.setdefault("$defs", {}).update((name, shared[name]) for name in sorted(missing))
            used = set(re.findall(_REFERENCE, json.dumps(schema)))
        return f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n"
