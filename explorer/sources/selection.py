"""The one image that is meant, of several that an index or an archive offers: by tag, by digest, by platform."""

from __future__ import annotations

import platform as machine
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from explorer.errors import ChoiceNeeded, ImageNotFound
from explorer.model import Variant
from explorer.text.printable import printable

_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_ARCHITECTURES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "i386": "386",
    "i686": "386",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One image that a reference can mean, by what an index says of it."""

    platform: str
    tags: tuple[str, ...]
    digest: str
    """Of the manifest."""
    download_bytes: int | None = None
    """Sizes of the layers as stored, added up; None where the manifest does not say or has not been read."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The digests it goes by, the one that people know best first."""
        return (self.digest,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Offer):
    """An offer whose manifest and configuration have been read; how its layers are named is the source's."""

    config_digest: str
    """The image's ID."""
    config: Mapping[str, Any]

    @property
    def ids(self) -> tuple[str, ...]:
        """See Offer."""
        return (self.config_digest, self.digest)


_AnyOffer = TypeVar("_AnyOffer", bound=Offer)


def choose(
    found: Sequence[_AnyOffer],
    tag: str | None,
    platform: str | None,
    reference: str,
    *,
    preferred: str = "",
    by: str = "PATH:TAG",
) -> _AnyOffer:
    """The one image that is meant. Raises ChoiceNeeded or ImageNotFound, and says what there is.

    Where no platform is asked for and several are there, the preferred one is meant, or else the host's own. ``by`` is
    how the user tells images of one platform apart.
    """
    left = [offer for offer in found if tag is None or matches_tag(offer, tag)]
    if not left:
        raise ImageNotFound(f"no image “{printable(tag or '')}” in {printable(reference)}", _what_there_is(found))
    wanted = [offer for offer in left if platform is None or matches_platform(offer.platform, platform)]
    if not wanted:
        raise ImageNotFound(
            f"no image for the platform {printable(platform or '')} in {printable(reference)}", _what_there_is(left)
        )
    if len(wanted) > 1:
        for meant in (platform,) if platform else filter(None, (preferred, host_platform())):
            fitting = [offer for offer in wanted if matches_platform(offer.platform, meant)]
            if fitting:
                exact = [offer for offer in fitting if offer.platform == "/".join(_platform_parts(meant))]
                wanted = exact or fitting
                break
    if len(wanted) > 1:
        several_platforms = len({offer.platform for offer in wanted}) > 1
        how = "--platform OS/ARCH" if several_platforms else by
        raise ChoiceNeeded(
            f"{printable(reference)} holds {len(wanted)} images: choose one with {how}",
            _what_there_is(wanted),
            variants(wanted),
        )
    return wanted[0]


def variants(found: Sequence[Offer]) -> tuple[Variant, ...]:
    """What a user can choose from; empty where all images are for one platform."""
    if len({offer.platform for offer in found}) < 2:
        return ()
    return tuple(Variant(offer.platform, offer.download_bytes, offer.tags) for offer in found)


def host_platform() -> str:
    """What containers on this machine are for; on macOS and Windows, too, they run on Linux."""
    architecture = machine.machine().lower()
    return f"linux/{_ARCHITECTURES.get(architecture, architecture)}"


def matches_tag(offer: Offer, tag: str) -> bool:
    """Whether a tag, a full name, or the start of an ID or digest means this image."""
    for name in offer.tags:
        last = name.rpartition("/")[2]
        if tag in (name, short_name(name)) or short_name(tag) == name or last.rpartition(":")[2] == tag or last == tag:
            return True
    digits = tag.removeprefix("sha256:")
    return len(digits) >= 6 and any(value.removeprefix("sha256:").startswith(digits) for value in offer.ids)


def matches_platform(platform: str, wanted: str) -> bool:
    """Whether OS/ARCH[/VARIANT] is what is wanted; an architecture alone fits every operating system."""
    parts = _platform_parts(wanted)
    have = platform.lower().split("/")
    if len(parts) == 1:
        return parts[0] in have[1:2]
    return have[: len(parts)] == parts


def _platform_parts(wanted: str) -> list[str]:
    return [_ALIASES.get(part, part) for part in wanted.lower().strip("/").split("/")]


def _what_there_is(found: Sequence[Offer]) -> str:
    untagged = "(no tag)  " if any(offer.tags for offer in found) else ""
    lines = [
        f"  {offer.platform or 'unknown platform':<16} "
        f"{', '.join(map(printable, offer.tags)) + '  ' if offer.tags else untagged}{printable(offer.ids[0])[:19]}"
        for offer in found[:50]
    ]
    return "\n".join(("There is:", *lines))


def short_name(name: str) -> str:
    """An image name as Docker shows it, without the default registry."""
    return name.removeprefix("docker.io/").removeprefix("library/")
