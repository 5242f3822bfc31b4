"""Selection of one image among several: by tag, digest and platform."""

from __future__ import annotations

import platform as machine
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from explorer.errors import ChoiceNeeded, ImageNotFound
from explorer.model import Variant
from explorer.sources.request import Request
from explorer.text.printable import printable

_ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "i386": "386",
    "i686": "386",
}
"""Machine names to the architectures of the image specification."""
_MIN_ID_CHARS = 6
"""Digits of an ID or a digest that are enough to name an image; fewer are more likely a tag."""
_MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """One image that a reference can mean, described by an index."""

    platform: str
    tags: tuple[str, ...]
    digest: str
    """Digest of the manifest; empty in a docker-archive."""
    download_bytes: int | None = None
    """Sum of the layers' stored sizes; None if the manifest does not say, or has not been read."""
    image_id: str = ""
    """Digest of the configuration; empty if the manifest has not been read."""


_AnyOffer = TypeVar("_AnyOffer", bound=Offer)


def choose(offers: Sequence[_AnyOffer], request: Request, tag: str | None = None, by: str = "PATH:TAG") -> _AnyOffer:
    """Returns the image that the user means. Raises ChoiceNeeded or ImageNotFound.

    Without a platform in the request, the preferred platform counts, then that of this machine. ``tag`` is a tag, a
    name, an ID or a digest. ``by`` tells the user how to distinguish images of one platform.
    """
    reference, platform = printable(request.reference), request.platform
    tagged = [offer for offer in offers if tag is None or matches_tag(offer, tag)]
    if not tagged:
        raise ImageNotFound(f"no image “{printable(tag or '')}” in {reference}", _listing(offers))
    fitting = [offer for offer in tagged if platform is None or matches_platform(offer.platform, platform)]
    if not fitting:
        raise ImageNotFound(f"no image for the platform {printable(platform or '')} in {reference}", _listing(tagged))
    for wanted in (platform,) if platform else filter(None, (request.preferred, host_platform())):
        matches = [offer for offer in fitting if matches_platform(offer.platform, wanted)]
        if len(fitting) > 1 and matches:
            exact = [offer for offer in matches if offer.platform == "/".join(_platform_parts(wanted))]
            fitting = exact or matches
            break
    if len(fitting) > 1:
        several_platforms = len({offer.platform for offer in fitting}) > 1
        option = "--platform OS/ARCH" if several_platforms else by
        raise ChoiceNeeded(
            f"{reference} holds {len(fitting)} images: choose one with {option}", _listing(fitting), variants(fitting)
        )
    return fitting[0]


def variants(offers: Sequence[Offer]) -> tuple[Variant, ...]:
    """Returns the platforms that a user can choose from; empty if there is only one."""
    if len({offer.platform for offer in offers}) < 2:
        return ()
    return tuple(Variant(offer.platform, offer.download_bytes, offer.tags) for offer in offers)


def host_platform() -> str:
    """Returns the platform of containers here: Linux, on macOS and Windows too."""
    architecture = machine.machine().lower()
    return f"linux/{_ARCHITECTURES.get(architecture, architecture)}"


def matches_tag(offer: Offer, tag: str) -> bool:
    """True if a tag, a name, or the beginning of an ID or digest means this image."""
    for name in offer.tags:
        last = name.rpartition("/")[2]
        if tag in (name, short_name(name)) or short_name(tag) == name or last.rpartition(":")[2] == tag or last == tag:
            return True
    digits = tag.removeprefix("sha256:")
    ids = (name.removeprefix("sha256:") for name in (offer.image_id, offer.digest))
    return len(digits) >= _MIN_ID_CHARS and any(name.startswith(digits) for name in ids)


def matches_platform(platform: str, wanted: str) -> bool:
    """True if a platform fits the wanted OS/ARCH[/VARIANT], or ARCH alone."""
    parts = _platform_parts(wanted)
    actual = platform.lower().split("/")
    if len(parts) == 1:
        return parts[0] in actual[1:2]
    return actual[: len(parts)] == parts


def _platform_parts(wanted: str) -> list[str]:
    return "/".join(_ARCHITECTURES.get(part, part) for part in wanted.lower().strip("/").split("/")).split("/")


def _listing(offers: Sequence[Offer]) -> str:
    untagged = "(no tag)  " if any(offer.tags for offer in offers) else ""
    lines = ["There is:"]
    for offer in offers[:_MAX_LISTED]:
        tags = ", ".join(map(printable, offer.tags)) + "  " if offer.tags else untagged
        image_id = printable(offer.image_id or offer.digest)[:19]
        lines.append(f"  {offer.platform or 'unknown platform':<16} {tags}{image_id}")
    return "\n".join(lines)


def short_name(name: str) -> str:
    """Returns an image name as Docker shows it, without the default registry."""
    return name.removeprefix("docker.io/").removeprefix("library/")
