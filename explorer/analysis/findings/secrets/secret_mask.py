"""Masks the secrets of an image, or of a Dockerfile, in all their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from explorer.analysis.dockerfile.dockerfile import Dockerfile, DockerfileInstruction
from explorer.analysis.findings.secrets.secret_variables import is_secret_variable
from explorer.analysis.findings.secrets.setting_texts import assigned_texts, setting_texts
from explorer.analysis.findings.secrets.text_search import search_text
from explorer.model import HistoryStep, Image, ImageConfig
from explorer.text.dockerfile import instruction

_MASK = "****"
_MIN_CERTAIN_CHARS = 8
"""Shorter secrets may be part of a word where they were not found."""


class SecretMask:
    """Masks what is a secret somewhere wherever it stands."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Takes texts, each with the name of a file that has texts of the same form."""
        texts = list(texts)
        self._masks = {secret: mask for text, path in texts for secret, mask in _secrets_in(text, path)}
        for secret, mask in list(self._masks.items()):
            # A Dockerfile has lines.
            self._masks |= {line: mask for line in secret.splitlines() if len(line) >= _MIN_CERTAIN_CHARS}
        self._masks |= {form: mask for text, path in texts if path for form, mask in _assigned(text)}
        forms = [_form(secret) for secret in sorted(self._masks, key=len, reverse=True)]
        self._pattern = re.compile("|".join(forms) or r"(?!)")

    def text(self, text: str) -> str:
        """Returns a text with each secret masked, as findings show it."""
        for secret, mask in sorted(_secrets_in(text, ""), key=lambda each: -len(each[0])):
            text = text.replace(secret, mask)
        return self._pattern.sub(lambda match: self._masks[match[0]], text)

    def texts(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Returns texts with each secret masked."""
        return tuple(map(self.text, texts))

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Returns names and values with each secret masked."""
        return tuple((self.text(name), self.text(value)) for name, value in pairs)

    def has_secret(self, text: str) -> bool:
        """True if a text has a secret of the mask's own texts."""
        return bool(self._pattern.search(text))


def image_texts(image: Image) -> Iterator[tuple[str, str]]:
    """Yields the texts of an image that may have secrets, for a mask."""
    yield from ((each.text, each.path) for each in setting_texts(image))


def dockerfile_texts(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    """Yields the texts of a Dockerfile that may have secrets, for a mask."""
    yield "\n".join(dockerfile.lines), ""
    for each in dockerfile.instructions:
        yield each.text, ""
        yield from ((text, path) for _, text, path in assigned_texts(instruction(each.text)))


def masked_image(image: Image) -> Image:
    """Returns an image whose texts have no secret; the same if they have none."""
    mask = SecretMask(image_texts(image))
    steps = {step: _masked_step(mask, step) for step in {*image.history, *(each.step for each in image.layers)} if step}
    layers = (replace(each, step=steps[each.step]) if each.step else each for each in image.layers)
    masked = replace(
        image,
        layers=tuple(layers),
        history=tuple(steps[each] for each in image.history),
        config=_masked_config(mask, image.config),
        annotations=mask.pairs(image.annotations),
        other_annotations=mask.pairs(image.other_annotations),
        author=mask.text(image.author),
    )
    return image if masked == image else replace(masked, original=image)


def masked_dockerfile(dockerfile: Dockerfile, image: Image) -> Dockerfile:
    """Returns a Dockerfile without its secrets and those of the image that it made."""
    mask = SecretMask([*image_texts(image), *dockerfile_texts(dockerfile)])
    return replace(
        dockerfile,
        lines=mask.texts(dockerfile.lines),
        instructions=tuple(_masked_instruction(mask, each) for each in dockerfile.instructions),
    )


def _masked_step(mask: SecretMask, step: HistoryStep) -> HistoryStep:
    text = mask.text(step.created_by)
    parsed = instruction(text)
    if any(mask.has_secret(each) for _, each, _ in assigned_texts(parsed)):
        # Its characters are escaped.
        text = f"{parsed.keyword} {_MASK}"
    return replace(step, created_by=text, comment=mask.text(step.comment), author=mask.text(step.author))


def _masked_config(mask: SecretMask, config: ImageConfig) -> ImageConfig:
    return ImageConfig(
        mask.texts(config.env),
        mask.texts(config.entrypoint),
        mask.texts(config.cmd),
        mask.text(config.user),
        mask.text(config.working_dir),
        mask.texts(config.ports),
        mask.texts(config.volumes),
        mask.pairs(config.labels),
        mask.text(config.stop_signal),
        mask.text(config.healthcheck),
        mask.pairs(config.others),
    )


def _masked_instruction(mask: SecretMask, made: DockerfileInstruction) -> DockerfileInstruction:
    heredocs = tuple(replace(each, content=mask.text(each.content)) for each in made.heredocs)
    return replace(made, arguments=mask.text(made.arguments), flags=mask.texts(made.flags), heredocs=heredocs)


def _secrets_in(text: str, path: str) -> Iterator[tuple[str, str]]:
    """Yields the secrets in a text, each with its mask.

    A text with too many of them is yielded as a whole.
    """
    content, matches, is_cut = search_text(text, path)
    if is_cut:
        yield text, _MASK
    for match in matches:
        start, end = match.start, match.end
        # The rules know bytes, but a text is cut between characters.
        while start and _is_within_character(content[start]):
            start -= 1
        while end < len(content) and _is_within_character(content[end]):
            end += 1
        yield content[start:end].decode(errors="surrogatepass"), match.masked


def _assigned(text: str) -> Iterator[tuple[str, str]]:
    """Yields the forms of a variable that is a secret by its name, each with its mask.

    Its value alone may be a word of other texts.
    """
    name, equals, value = text.partition("=")
    if equals and is_secret_variable(name, value):
        for start in (f"{name}{sign}{quote}" for sign in "= " for quote in ("", '"', "'")):
            yield f"{start}{value}", f"{start}{_MASK}"


def _is_within_character(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _form(secret: str) -> str:
    form = re.escape(secret)
    return form if len(secret) >= _MIN_CERTAIN_CHARS else rf"(?<!\w){form}(?!\w)"
