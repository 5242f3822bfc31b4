"""Selection of one image among several: by tag, digest and platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from explorer.errors import ChoiceNeeded, ImageNotFound, UnreadableImage
from explorer.model import Variant
from explorer.sources.platforms import best_matches, host_platform, require_platform
from explorer.sources.request import Request
from explorer.text.image_names import short_name
from explorer.text.printable import printable, shown_reference
from explorer.text.suggestions import did_you_mean, nearest

_MIN_ID_CHARS = 6
"""Digits of an ID or a digest, without its algorithm, that name an image; fewer are more likely a tag."""
_SHORT_ID_CHARS = 12
_MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """One image that a reference can mean, or an artifact beside the images."""

    platform: str
    tags: tuple[str, ...]
    digest: str
    """Digest of the manifest; empty in a docker-archive."""
    download_bytes: int | None = None
    """Sum of the layers' stored sizes; None if the manifest does not say, or has not been read."""
    image_id: str = ""
    """Digest of the configuration; empty if the manifest has not been read."""
    artifact: str = ""
    """The kind of artifact, if this is no image: ``a signature``."""
    subject: str = ""
    """Digest of the image that the artifact is about, if known."""
    other_annotations: tuple[tuple[tuple[str, str], ...], ...] = field(default=(), compare=False)
    """Annotations of the indexes and of the descriptors that lead to it; images of an index share its own."""

    @property
    def key(self) -> str:
        """The digest that distinguishes it from other offers."""
        return self.digest or self.image_id


def is_unknown(offer: Offer) -> bool:
    """True for ``unknown/unknown``, which attestations have, and a few images."""
    return offer.platform.startswith("unknown")


_AnyOffer = TypeVar("_AnyOffer", bound=Offer)


def choose(offers: Sequence[_AnyOffer], request: Request, tag: str | None = None, by: str = "") -> _AnyOffer:
    """Returns the image that the user means.

    Without a platform in the request, the preferred platform counts, then that of this machine.

    Args:
        offers: The images, and the artifacts beside them.
        request: Its platform may be that of a variant, with a part of a digest.
        tag: A tag, a name, or the beginning of an ID or a digest.
        by: Words for the user on how to distinguish images of one platform, if not by tag or digest of a path.

    Raises:
        ImageError: Nothing fits, or only an artifact.
        ChoiceNeeded: Several images fit.
        UsageError: The platform is not valid.
    """
    reference = shown_reference(request.reference)
    platform, _, digest = (request.platform or "").partition("@")
    path = request.reference[: -len(tag) - 1] if tag else request.reference
    tag = digest or tag
    images = [offer for offer in offers if not offer.artifact]
    tagged = _named(images, tag)
    if not tagged:
        artifacts = _named([offer for offer in offers if offer.artifact], tag)
        if artifacts:
            raise not_an_image(request, artifacts, images)
        names = {name for offer in images for tag in offer.tags for name in (short_name(tag), tag.rpartition(":")[2])}
        suggestion = nearest(short_name(tag or ""), sorted(names))
        hint = did_you_mean(f"{path}:{suggestion}" if suggestion else None, _listing(images))
        raise ImageNotFound(f"no image “{printable(tag or '')}” in {shown_reference(path)}", hint)
    fitting = tagged
    if platform:
        require_platform(platform)
        fitting = _fitting(tagged, platform)
        if not fitting:
            raise ImageNotFound(f"no image for the platform {printable(platform)} in {reference}", _listing(tagged))
    elif len(tagged) > 1:
        wishes = filter(None, (request.preferred, host_platform()))
        fitting = next(filter(None, (_fitting(tagged, wish) for wish in wishes)), tagged)
    if len(fitting) > 1:
        has_platforms = len({offer.platform for offer in fitting}) > 1
        option = "--platform OS/ARCH" if has_platforms else by or _way_to_choose(fitting, path)
        raise ChoiceNeeded(
            f"{reference} holds {len(fitting)} images: choose one with {option}", _listing(fitting), variants(fitting)
        )
    return fitting[0]


def _way_to_choose(offers: Sequence[Offer], path: str) -> str:
    """Returns words on how to choose among images of one platform."""
    if path == "-":
        return f"--platform {variant_name(offers[0], offers)}"
    tags = Counter(tag for offer in offers for tag in set(offer.tags))
    if all(any(tags[tag] == 1 for tag in offer.tags) for offer in offers):
        return "PATH:TAG"
    return f"PATH@DIGEST, as in {printable(path)}@{_short(offers[0].key)}"


def not_an_image(request: Request, artifacts: Sequence[Offer], images: Sequence[Offer] = ()) -> UnreadableImage:
    """Returns the error about a reference that leads to artifacts."""
    kinds = ", ".join(dict.fromkeys(offer.artifact for offer in artifacts))
    subject = next((offer.subject for offer in artifacts if offer.subject), "")
    hint = f"It is about the image {printable(subject)}: open that." if subject else "Open the image itself."
    return UnreadableImage(
        f"{shown_reference(request.reference)} is not a container image but {kinds}",
        _listing(images) if images else hint,
    )


def merged(offers: Sequence[_AnyOffer]) -> list[_AnyOffer]:
    """Returns each image once for each of its platforms, with all of its tags."""
    unique: dict[tuple[str, str], _AnyOffer] = {}
    for number, offer in enumerate(offers):
        key = (offer.key or str(number), offer.platform)
        known = unique.get(key)
        unique[key] = offer if known is None else _with_all(known, offer)
    return list(unique.values())


def _with_all(known: _AnyOffer, offer: _AnyOffer) -> _AnyOffer:
    """Returns an offer with the tags and the annotations of another one."""
    annotations = (*known.other_annotations, *offer.other_annotations)
    tags = (*known.tags, *offer.tags)
    return replace(known, tags=tuple(dict.fromkeys(tags)), other_annotations=tuple(dict.fromkeys(annotations)))


def variants(offers: Sequence[Offer]) -> tuple[Variant, ...]:
    """Returns the images that a user can choose from; empty if there is only one."""
    images = [offer for offer in offers if not offer.artifact]
    if len(images) < 2:
        return ()
    return tuple(Variant(variant_name(offer, images), offer.download_bytes, offer.tags) for offer in images)


def variant_name(offer: Offer, offers: Sequence[Offer]) -> str:
    """Returns the platform of an offer, with a part of its digest if not unique."""
    if sum(other.platform == offer.platform for other in offers if not other.artifact) < 2:
        return offer.platform
    return f"{offer.platform}@{_short(offer.key)}"


def _short(digest: str) -> str:
    algorithm, _, digits = digest.partition(":")
    return f"{algorithm}:{digits[:_SHORT_ID_CHARS]}"


def _fitting(offers: Sequence[_AnyOffer], wanted: str) -> list[_AnyOffer]:
    return [offers[i] for i in best_matches([offer.platform for offer in offers], wanted)]


def _named(offers: Sequence[_AnyOffer], tag: str | None) -> list[_AnyOffer]:
    """Returns the offers that a text means: by name, else by tag, else by digest."""
    if tag is None:
        return list(offers)
    by_name = [offer for offer in offers if any(short_name(tag) == short_name(name) for name in offer.tags)]
    by_tag = [offer for offer in offers if any(_ends_with(name, tag) for name in offer.tags)]
    return by_name or by_tag or [offer for offer in offers if _has_digest(offer, tag)]


def _ends_with(name: str, tag: str) -> bool:
    """True if a text is the last part of a name, or its tag."""
    last = name.rpartition("/")[2]
    return tag in (last, last.rpartition(":")[2])


def _has_digest(offer: Offer, text: str) -> bool:
    """True if a text is the beginning of the ID or the digest of an offer."""
    digests = (offer.image_id, offer.digest)
    if ":" in text and text[-1] != ":":
        return any(digest.startswith(text) for digest in digests)
    return len(text) >= _MIN_ID_CHARS and any(digest.partition(":")[2].startswith(text) for digest in digests)


def _listing(offers: Sequence[Offer]) -> str:
    untagged = "(no tag)  " if any(offer.tags for offer in offers) else ""
    lines = ["Available:"]
    for offer in offers[:_MAX_LISTED]:
        tags = ", ".join(map(printable, offer.tags)) + "  " if offer.tags else untagged
        lines.append(f"  {offer.platform or 'unknown platform':<16} {tags}{printable(offer.key)}")
    return "\n".join(lines)
