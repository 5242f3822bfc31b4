"""The image pane: what the image says of itself, and its whole history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from explorer.text import size, step_command, timestamp
from explorer.tui.prose import LONGEST, Prose, bounded, hanging, more, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.model import HistoryStep, Image
    from explorer.pipeline import Exploration

_LABEL = 13


def facts(image: Image, exploration: Exploration | None) -> Iterator[tuple[str, Sequence[str]]]:
    """What the image says of itself: label and values, printable; what it does not say is left out."""
    config = image.config
    download = exploration.download_bytes if exploration else None
    single = (
        ("reference", image.reference),
        ("id", image.id),
        ("digest", image.digest or ""),
        ("platform", image.platform),
        ("created", timestamp(image.created)),
        ("author", image.author),
        ("source", image.source),
        ("download", size(download) if download is not None else ""),
        ("entrypoint", _words(config.entrypoint)),
        ("cmd", _words(config.cmd)),
        ("user", config.user),
        ("workdir", config.working_dir),
        ("stop signal", config.stop_signal),
        ("healthcheck", config.healthcheck),
    )
    lists = (
        ("tags", image.tags),
        *((label, [value] if value else []) for label, value in single),
        ("ports", config.ports),
        ("volumes", config.volumes),
        ("environment", config.env),
    )
    for label, values in lists:
        yield label, several(values, len(values))
    yield "labels", several((f"{name}={value}" for name, value in config.labels), len(config.labels))


def _words(arguments: Sequence[str]) -> str:
    """An argument vector as a shell would take it, roughly: what holds spaces is quoted."""
    return " ".join(f'"{word}"' if not word or " " in word else word for word in arguments)


def document(image: Image, exploration: Exploration | None, width: int) -> Iterator[Content]:
    """The whole pane, in lines of at most ``width`` cells."""
    for problem in several(image.problems, len(image.problems)):
        yield from hanging(Content.styled("!", "bold $change-modified"), 2, Content(problem), width)
    if image.problems:
        yield Content("")
    for label, values in facts(image, exploration):
        for number, value in enumerate(values):
            head = Content.styled(label if not number else "", "$muted")
            yield from hanging(head, _LABEL, _value(label, value), width)
    yield Content("")
    yield Content.styled("History", "bold $key")
    commands = list(bounded(step_command(step, LONGEST) for step in image.history))
    for step, command in zip(image.history, commands, strict=False):
        yield from _step(step, command, exploration, width)
    if len(commands) < len(image.history):
        yield from hanging(Content(""), _LABEL, Content(more(len(image.history) - len(commands))), width)
    if not image.history:
        yield Content.styled("the image tells none", "$muted")


def _step(step: HistoryStep, command: str, exploration: Exploration | None, width: int) -> list[Content]:
    """One step of the history, dimmed when it made no layer."""
    words = Content(command)
    if step.layer is None:
        return hanging(Content(""), _LABEL, words.stylize("$faint-text"), width)
    is_known = exploration is not None and step.layer < len(exploration.layers)
    figure = size(exploration.layers[step.layer].bytes) if exploration and is_known else ""
    return hanging(Content.assemble((f"{step.layer:>3}", "bold $key"), f" {figure:>7}"), _LABEL, words, width)


def _value(label: str, value: str) -> Content:
    name, equals, rest = value.partition("=")
    if label in ("environment", "labels") and equals:
        return Content.assemble(name, ("=", "$muted"), rest)
    return Content(value)


class ImagePane(Prose):
    """The pane that shows it."""

    HELP = """\
    # The image

    What the image's own documents say: names, platform, what a container is started with, and the history. The dimmed
    steps of the history made no layer.
    """

    def __init__(self) -> None:
        super().__init__(id="image")
        self._image: Image | None = None
        self._exploration: Exploration | None = None

    def show(self, image: Image, exploration: Exploration | None) -> None:
        """Show an image, with the sizes of its layers once they are known."""
        self._image, self._exploration = image, exploration
        self.rewrite()

    def wrapped(self, width: int) -> Iterator[Content]:
        return document(self._image, self._exploration, width) if self._image else iter(())
