"""Names and versions of Java archives.

They come from the files that Maven adds, from the manifest and from the name of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_VERSION = r"(?:\d.*|build\d.*|rc?\d+)"
_BY_HYPHEN = re.compile(rf"([a-z].*?)-({_VERSION})", re.IGNORECASE | re.DOTALL)
_BY_ANY_SEPARATOR = re.compile(rf"([a-z].*?)[._-]({_VERSION})", re.IGNORECASE | re.DOTALL)
_GROUP = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)+")
_VERSION_KEYS = ("Implementation-Version", "Specification-Version", "Plugin-Version", "Bundle-Version")
_NAME_KEYS = ("Name", "Bundle-Name", "Short-Name", "Extension-Name", "Implementation-Title")
_GROUP_KEYS = ("Group-Id", "Bundle-SymbolicName", "Extension-Name", "Implementation-Vendor-Id", "Automatic-Module-Name")


class Artifact(NamedTuple):
    """A name in Maven's terms."""

    group: str
    name: str
    version: str


def file_name_parts(file_name: str) -> tuple[str, str]:
    """Returns the name and the version in the name of an archive, without its ending."""
    stem = file_name.rpartition("/")[2].rpartition(".")[0]
    match = _BY_HYPHEN.fullmatch(stem) or _BY_ANY_SEPARATOR.fullmatch(stem)
    if match:
        return match[1], match[2]
    return (stem if stem[:1].isalpha() else ""), ""


def pom_properties(content: str) -> Artifact | None:
    """Returns the artifact of a pom.properties that has a name and a version."""
    values: dict[str, str] = {}
    for line in content.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            key, _, value = line.replace(":", "=", 1).partition("=") if "=" not in line else line.partition("=")
            values[key.strip()] = value.strip()
    name, version = values.get("artifactId", ""), values.get("version", "")
    return Artifact(values.get("groupId", ""), name, version) if name and version else None


def manifest_fields(content: str) -> dict[str, str]:
    """Returns the fields of a manifest; those of its first section count most."""
    fields: dict[str, str] = {}
    for key, value in _manifest_lines(content):
        fields.setdefault(key, value)
    return fields


def _manifest_lines(content: str) -> Iterator[tuple[str, str]]:
    key, values = "", list[str]()
    for line in content.splitlines():
        if line.startswith(" "):
            values.append(line[1:])
            continue
        if key:
            yield key, "".join(values).strip()
        key, _, value = line.partition(":")
        values = [value]
    if key:
        yield key, "".join(values).strip()


def main_artifact(file_name: str, poms: Sequence[Artifact], fields: dict[str, str]) -> Artifact:
    """Returns the artifact that an archive is; the others in it are only shaded."""
    name, version = file_name_parts(file_name)
    candidates = [pom for pom in poms if pom.name == name] or [
        pom for pom in poms if name and (pom.name.startswith(name) or name.endswith(pom.name))
    ]
    if candidates:
        return candidates[0]
    group = next((_group(fields[key]) for key in _GROUP_KEYS if _group(fields.get(key, ""))), "")
    bundle = _bundle_name(fields)
    if bundle in {pom.name for pom in poms}:
        bundle, group = "", ""  # The manifest is that of a shaded artifact.
    name = bundle or _last_part(name) or _first(fields, _NAME_KEYS)
    return Artifact(group, name, version or _first(fields, _VERSION_KEYS))


def _first(fields: dict[str, str], keys: Sequence[str]) -> str:
    return next((fields[key] for key in keys if fields.get(key)), "")


def _group(value: str) -> str:
    """Returns a value that looks like a group, without the directives of OSGi."""
    group = value.partition(";")[0].strip()
    return group if _GROUP.fullmatch(group) else ""


def _bundle_name(fields: dict[str, str]) -> str:
    """Returns the end of the symbolic name of a bundle that Maven made.

    Its plugin makes that name of group and artifact.
    """
    name = fields.get("Bundle-SymbolicName", "")
    is_maven = "Apache Maven Bundle Plugin" in fields.get("Created-By", "")
    return name.rpartition(".")[2] if is_maven and name != fields.get("Implementation-Vendor-Id") else ""


def _last_part(name: str) -> str:
    """Returns the artifact in a file name that may begin with the group."""
    parts = name.split(".")
    if name.startswith("org.eclipse.") or not all(part[:1].isalpha() for part in parts):
        return name
    return parts[-1]
