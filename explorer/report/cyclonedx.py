"""The packages of an image as a bill of materials, in the JSON of CycloneDX 1.6.

Written here and not by a library, because these few keys need none. The library takes three times as long to import
as the list of packages.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from explorer import __version__
from explorer.analysis.packages.package_usage import PackageUsage
from explorer.model import Image
from explorer.report.json_text import dumps
from explorer.text.printable import printable, without_login

_NUMBERS = UUID("0b6f2a0e-5a53-4f0c-9a5d-7c1f6f0f3c55")
"""The namespace of the numbers of documents."""


def as_cyclonedx(image: Image, usages: Iterable[PackageUsage], *, is_complete: bool = True) -> str:
    """Returns a bill of materials of the packages that a container has.

    If it is not complete, because a database cannot be read, the document says so. It has no time, and its number is
    made from its content, so equal images and filters give equal documents.
    """
    there = [usage for usage in usages if usage.package.removed_in is None]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "layer-explorer", "version": __version__}]},
            "component": _image_component(image),
        },
        "components": [_component(number, usage) for number, usage in enumerate(there)],
        **({} if is_complete else {"compositions": [{"aggregate": "incomplete", "assemblies": ["image"]}]}),
    }
    number = uuid5(_NUMBERS, dumps(document))
    return f"{dumps({'serialNumber': number.urn, **document}, indent=2)}\n"


def _image_component(image: Image) -> dict[str, object]:
    name = printable(without_login(image.reference) if "://" in image.reference else image.reference)
    layers = [("DiffID", printable(layer.diff_id)) for layer in image.layers if layer.diff_id]
    names = [("ImageID", printable(image.id)), *layers] if image.id else layers
    return {
        "type": "container",
        "bom-ref": "image",
        "name": name,
        "version": printable(image.digest or image.id),
        "properties": [{"name": f"layer-explorer:{name}", "value": value} for name, value in names],
    }


def _component(number: int, usage: PackageUsage) -> dict[str, object]:
    package = usage.package
    figures = {
        "installed-in": package.installed_in,
        "files": usage.files,
        "bytes": usage.bytes,
        "wasted-bytes": usage.wasted_bytes,
    }
    return {
        "type": "library",
        # A number, because a package may be there twice.
        "bom-ref": f"package-{number}",
        **({"group": package.group} if package.group else {}),
        "name": package.name,
        "version": package.version,
        **({"purl": package.purl} if package.purl else {}),
        "evidence": {"occurrences": [{"location": package.place}]},
        "properties": [{"name": f"layer-explorer:{name}", "value": str(value)} for name, value in figures.items()],
    }
