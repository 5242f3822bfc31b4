"""Images in registries, and how tests open them."""

from __future__ import annotations

import base64
import os

import pytest

from explorer.errors import (
    ExplorerError,
    ImageError,
)
from explorer.model import Image
from explorer.sources import open_image
from explorer.sources.request import Request
from tests.images import (
    Watching,
    explored,
    file,
    image,
    layer,
)

SECRET = "open-sesame-7"


NOISE = os.urandom(300_000)


LARGE = image(layer(file("noise", NOISE)), layer(file("more", NOISE[::-1])))


ARM = image(layer(file("arm", b"333")), architecture="arm64", variant="v8")


AMD = image(layer(file("amd", b"4444")))


S390 = image(layer(file("s390", b"55555")), architecture="s390x")


def auth(username: str = "me", password: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def open_sample(reference: str, platform: str | None = None) -> Image:
    return open_image(Request(reference, Watching(), platform=platform))


def shipped_bytes(reference: str, platform: str | None = None) -> int:
    return explored(reference, platform).usage.shipped_bytes


def failure(reference: str, words: str, kind: type[ExplorerError] = ImageError) -> ExplorerError:
    """The error that exploring raises: one line, a hint, and no secret."""
    with pytest.raises(kind, match=words) as caught:
        explored(reference)
    error = caught.value
    assert error.exit_code == 3
    assert "\n" not in error.message
    assert error.hint
    for secret in (SECRET, auth()["auth"], "token-1", "Bearer", "X-Signature"):
        assert secret not in f"{error.message} {error.hint}"
    return error
