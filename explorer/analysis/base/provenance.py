"""The base in the provenance of a build, as BuildKit attests it.

Each image that the build used is a material: the base, the images of other stages, and the build's own tools. Only with
``mode=max`` there are also the layers of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.base.json_objects import nested
from explorer.analysis.base.stated import StatedBase
from explorer.layers.digests import is_digest
from explorer.model import Image
from explorer.text.image_names import MAX_NAME_CHARS, repository

_TOOLS = frozenset(
    ("docker/dockerfile", "docker/dockerfile-upstream", "docker/buildkit-syft-scanner", "docker/scout-sbom-indexer")
)
"""Images that builds use themselves."""
_PURL = "pkg:docker/"
_SOURCE = "docker-image://"
_BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"
_REASON = "the provenance of the build"
_MAX_MATERIALS = 1_000


def stated_by_provenance(predicates: Sequence[Mapping[str, Any]]) -> StatedBase | None:
    """Returns the only image that a build used; None if there are several, or none."""
    found = {material for predicate in predicates for material in _materials(predicate)}
    if len(found) != 1:
        return None
    ((name, digest),) = found
    return StatedBase(name, digest, Evidence.PROVENANCE, f"named by {_REASON}")


def base_in_provenance(image: Image, predicates: Sequence[Mapping[str, Any]]) -> Base | None:
    """Returns the image of the build whose layers are the lowest ones of its result."""
    own = [layer.digest for layer in image.layers]
    longest: Base | None = None
    for predicate in predicates:
        chains = layer_chains(predicate)
        for step, identifier in _sources(predicate):
            chain = chains.get(step, [])
            is_longer = len(chain) > (longest.layers or 0 if longest else 0)
            if is_longer and len(chain) < len(own) and chain == own[: len(chain)]:
                name, _, digest = identifier.partition("@")
                digest = digest if is_digest(digest) else ""
                longest = Base(len(chain), name, digest, Evidence.PROVENANCE, exact=True, reason=_REASON)
    return longest


def _materials(predicate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields names and digests of the images that a build used, without its tools."""
    # The second is of SLSA 1.
    for items in (predicate.get("materials"), nested(predicate, "buildDefinition").get("resolvedDependencies")):
        for item in _objects(items):
            uri, digests = item.get("uri"), item.get("digest")
            if not isinstance(uri, str) or not uri.startswith(_PURL) or len(uri) > MAX_NAME_CHARS:
                continue
            path, _, version = uri.removeprefix(_PURL).partition("?")[0].partition("@")
            name = unquote(f"{path}:{version}" if version and ":" not in version else path)
            digest = f"sha256:{digests.get('sha256')}" if isinstance(digests, Mapping) else ""
            if repository(name) not in _TOOLS:
                yield name, digest if is_digest(digest) else ""


def _sources(predicate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the steps that load images, and the names of these."""
    config = nested(predicate, "buildConfig") or nested(
        predicate, "buildDefinition", "internalParameters", "buildConfig"
    )
    for step in _objects(config.get("llbDefinition")):
        identifier = nested(step, "op", "Op", "source").get("identifier")
        if isinstance(identifier, str) and identifier.startswith(_SOURCE) and len(identifier) <= MAX_NAME_CHARS:
            yield f"{step.get('id')}:0", identifier.removeprefix(_SOURCE)


def buildkit_metadata(predicate: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what BuildKit adds to the metadata of a build."""
    # The second is of SLSA 1.
    return nested(predicate, "metadata", _BUILDKIT) or nested(predicate, "runDetails", "metadata", "buildkit_metadata")


def layer_chains(predicate: Mapping[str, Any]) -> Mapping[str, Sequence[object]]:
    """Returns the digests of the layers after each step, bottom first."""
    layers = nested(buildkit_metadata(predicate), "layers")
    return {
        step: [layer.get("digest") for layer in _objects(chains[0])]
        for step, chains in [*layers.items()][:_MAX_MATERIALS]
        if isinstance(chains, list) and chains
    }


def _objects(items: object) -> list[Mapping[str, Any]]:
    return [item for item in items if isinstance(item, Mapping)][:_MAX_MATERIALS] if isinstance(items, list) else []
