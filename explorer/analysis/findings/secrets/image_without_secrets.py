"""Images and Dockerfiles without the texts of their secrets, for all outputs.

Nothing but the search for secrets sees them. The engine is loaded only if a text may have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.analysis.findings.secrets.secret_hints import may_have_secrets
from explorer.model import Image

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.dockerfile import Dockerfile


def image_without_secrets(image: Image) -> Image:
    """Returns an image whose history and settings have no secret.

    If there is one, ``original`` of the result is the image as it was.
    """
    if not may_have_secrets("\n".join(_texts(image))):
        return image
    from explorer.analysis.findings.secrets.secret_mask import masked_image

    return masked_image(image)


def dockerfile_without_secrets(dockerfile: Dockerfile, image: Image) -> Dockerfile:
    """Returns a Dockerfile without its secrets and those of the image that it made."""
    if image.original is None and not may_have_secrets("\n".join(dockerfile.lines)):
        return dockerfile
    from explorer.analysis.findings.secrets.secret_mask import masked_dockerfile

    return masked_dockerfile(dockerfile, image.original or image)


def _texts(image: Image) -> Iterator[str]:
    config = image.config
    for step in image.history:
        yield from (step.created_by, step.comment, step.author)
    for name, value in (*config.labels, *image.annotations, *image.other_annotations, *config.others):
        yield f"{name}={value}"
    yield from (*config.env, " ".join(config.entrypoint), " ".join(config.cmd), config.healthcheck)
    yield from (config.user, config.working_dir, *config.volumes, *config.ports, config.stop_signal, image.author)
