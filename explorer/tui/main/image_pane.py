"""The image pane: the metadata of the image and its whole history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from explorer.model import HistoryStep, Image, ImageConfig
from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.text.units import counted, percent, size, timestamp
from explorer.text.words import step_command
from explorer.tui import clock
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.dialogs.copy_screen import CopyScreen
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.prose import (
    MAX_TEXT_CHARS,
    Prose,
    broken_at_colons,
    hanging_lines,
    limited,
    marked_lines,
    more_text,
    shortened_list,
)
from explorer.viewmodel.base_words import base_facts
from explorer.viewmodel.layers_read import NOT_YET_READ

_LABEL_CELLS = 13
_BREAKING = ("environment", "")
"""Labels of values like PATH, which break at colons."""
START_TITLE, LABELS_TITLE = "A container starts with", "Labels"
_SETTING_LABELS = {
    "Env": "environment",
    "ExposedPorts": "ports",
    "Labels": "",
    "StopSignal": "stop signal",
    "WorkingDir": "workdir",
}
"""Name of a setting in the configuration to its label, where that is not the same in small letters."""
_MAX_VALUES = 500
"""Values that can be copied; an image may have a million."""


_Facts = Iterable[tuple[str, Sequence[str]]]
"""Labels and values."""


def identity(image: Image) -> _Facts:
    """Yields the names of the image and its source."""
    single = (
        ("reference", image.reference),
        ("id", image.id),
        ("digest", image.digest or ""),
        ("platform", image.platform),
        ("created", timestamp(image.created, clock.now())),
        ("author", image.author),
        ("source", image.source),
    )
    yield "tags", shortened_list(image.tags, len(image.tags))
    for label, value in single:
        yield label, shortened_list([value], 1) if value else []


def sizes(image: Image, exploration: Exploration | None, disposable_bytes: int | None) -> _Facts:
    """Yields the sizes that are known so far."""
    empty = sum(step.layer is None for step in image.history)
    beside = f" (and {counted(empty, 'metadata-only step')})" if empty else ""
    yield "layers", [f"{len(image.layers):,}{beside}"]
    if exploration is None:
        return
    usage, download = exploration.usage, exploration.download_bytes
    yield "shipped", [size(usage.shipped_bytes)]
    yield "visible", [size(usage.visible_bytes)]
    yield "wasted", [size(usage.wasted_bytes)]
    if disposable_bytes is not None:
        yield "disposable", [size(disposable_bytes)]
        # The base is known by then.
        for label, value in base_facts(exploration):
            yield label, [value]
    yield "efficiency", [percent(usage.efficiency)]
    if download is not None:
        share = f", {percent(download / usage.shipped_bytes)} of what is shipped" if usage.shipped_bytes else ""
        yield "download", [f"{size(download)}{share}"]


def start(config: ImageConfig) -> _Facts:
    """Yields the settings that a container starts with."""
    lists = (
        ("entrypoint", [_words(config.entrypoint)] if config.entrypoint else []),
        ("cmd", [_words(config.cmd)] if config.cmd else []),
        ("user", [config.user] if config.user else []),
        ("workdir", [config.working_dir] if config.working_dir else []),
        ("ports", config.ports),
        ("volumes", config.volumes),
        ("stop signal", [config.stop_signal] if config.stop_signal else []),
        ("healthcheck", [config.healthcheck] if config.healthcheck else []),
        ("environment", config.env),
    )
    for label, values in lists:
        yield label, shortened_list(values, len(values))


def labels(config: ImageConfig) -> _Facts:
    """Yields the labels of the image."""
    yield "", shortened_list((f"{name}={value}" for name, value in config.labels), len(config.labels))


def _words(arguments: Sequence[str]) -> str:
    """Returns arguments roughly as a shell takes them, those with spaces quoted."""
    return " ".join(f'"{word}"' if not word or " " in word else word for word in arguments)


def document(
    image: Image, exploration: Exploration | None, width: int, disposable_bytes: int | None = None
) -> Iterator[Content]:
    """Yields the whole pane in lines of at most ``width`` cells."""
    damage = exploration.damage if exploration is not None else image.damage
    if damage:
        yield Content.styled("The image is damaged, and its figures may be wrong:", "bold $waste")
        yield from marked_lines(damage, "bold $waste", width)
    yield from marked_lines(image.problems, "bold $change-modified", width)
    if damage or image.problems:
        yield Content("")
    yield from _fact_lines(identity(image), width)
    yield Content("")
    yield from _fact_lines(sizes(image, exploration, disposable_bytes), width)
    for title, facts in ((START_TITLE, start(image.config)), (LABELS_TITLE, labels(image.config))):
        lines = list(_fact_lines(facts, width))
        if lines:
            yield Content("")
            yield Content.styled(title, "bold $key")
            yield from lines
    yield Content("")
    yield Content.styled("History", "bold $key")
    commands = list(limited(step_command(step, MAX_TEXT_CHARS) for step in image.history))
    for step, command in zip(image.history, commands, strict=False):
        yield from _step(step, command, exploration, width)
    if len(commands) < len(image.history):
        yield from hanging_lines(
            Content(""), _LABEL_CELLS, Content(more_text(len(image.history) - len(commands))), width
        )
    if not image.history:
        yield Content.styled("the image has none", "$muted")


def _fact_lines(facts: _Facts, width: int) -> Iterator[Content]:
    """Yields labels and values. Labels without a value are left out."""
    for label, values in facts:
        indent = _LABEL_CELLS if label else 0
        for number, value in enumerate(values):
            head = Content.styled(label if not number else "", "$muted")
            words = _value(label, value)
            for line in broken_at_colons(words, width - indent) if label in _BREAKING else [words]:
                yield from hanging_lines(head, indent, line, width)
                head = Content("")


def _step(step: HistoryStep, command: str, exploration: Exploration | None, width: int) -> list[Content]:
    """Returns one step of the history; a step without a layer is dimmed."""
    words = Content(command)
    if step.layer is None:
        return hanging_lines(Content(""), _LABEL_CELLS, words.stylize("$faint-text"), width)
    is_known = exploration is not None and step.layer < len(exploration.layers)
    figure = size(exploration.layers[step.layer].bytes) if exploration and is_known else ""
    return hanging_lines(
        Content.assemble((f"{step.layer:>3}", "bold $key"), f" {figure:>7}"), _LABEL_CELLS, words, width
    )


def _value(label: str, value: str) -> Content:
    name, equals, rest = value.partition("=")
    if label in ("environment", "") and equals:
        return Content.assemble(name, ("=", "$muted"), rest)
    return Content(value)


def setting_line(lines: Sequence[Content], key: str) -> int:
    """Returns the line of a setting, or that of the title above if it is not set."""
    name, _, item = key.partition(".")
    title = LABELS_TITLE if name == "Labels" else START_TITLE
    texts = [line.plain for line in lines]
    first = next((index for index, text in enumerate(texts) if text == title), 0)
    label = _SETTING_LABELS.get(name, name.lower())
    wanted = f"{printable(item)}=" if item else ""
    is_inside = not label
    for index, text in enumerate(texts[first + 1 :], first + 1):
        if not text:
            break
        if text.startswith(label) or (text[:_LABEL_CELLS].strip() and label):
            is_inside = text.startswith(label)
        if is_inside and text[_LABEL_CELLS if label else 0 :].startswith(wanted):
            return index
    return first


def copyable_values(image: Image) -> list[tuple[str, str]]:
    """Returns the labels and values of the image that people copy."""
    config = image.config
    values = [
        ("reference", image.reference),
        ("id", image.id),
        ("digest", image.digest or ""),
        *(("tag", tag) for tag in image.tags),
        ("entrypoint", _words(config.entrypoint)),
        ("cmd", _words(config.cmd)),
        ("workdir", config.working_dir),
        *(("environment", value) for value in config.env),
        *(("label", f"{name}={value}") for name, value in config.labels),
    ]
    return [each for each in values if each[1]][:_MAX_VALUES]


class ImagePane(ActionOwner, Prose):
    """The pane of the metadata and the history."""

    HELP = """\
    # The image

    The metadata of the image: names, platform, the settings that a container starts with, and the history. The dimmed
    steps of the history changed metadata only. **{image.copy}** copies the ID, the digest, a variable or another value.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_value", "Copy", tooltip="Copy the ID, the digest, a variable, …", id="image.copy"),
    ]

    def __init__(self) -> None:
        super().__init__(id="image")
        self._image: Image | None = None
        self._exploration: Exploration | None = None
        self._disposable_bytes: int | None = None
        self._shown_key = ""
        self._marked_line = 0

    def show(self, image: Image, exploration: Exploration | None) -> None:
        """Shows an image, with the sizes of its layers once they are known."""
        self._image, self._exploration, self._disposable_bytes, self._shown_key = image, exploration, None, ""
        self.rewrite()

    def show_disposable(self, bytes_: int) -> None:
        """Shows the disposable bytes, which are known some time after the image."""
        self._disposable_bytes = bytes_
        self.rewrite()

    def show_setting(self, key: str) -> None:
        """Scrolls to a setting, by its name in the configuration, and marks it."""
        self._shown_key = key
        # The pane may not be laid out yet, and then its text has to be.
        self.call_after_refresh(self._mark_setting)

    def _mark_setting(self) -> None:
        self.rewrite()
        self.call_after_refresh(self._scroll_to_setting)

    def _scroll_to_setting(self) -> None:
        self.scroll_to(y=max(0, self._marked_line - self.size.height // 3), animate=False)

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Needs an image to copy a value of."""
        if action == "copy_value" and self._image is None:
            return NOT_YET_READ
        return super().availability(action, parameters)

    def action_copy_value(self) -> None:
        """Asks for a value and copies it."""

        def chosen(value: str | None) -> None:
            if value is not None:
                copy(self, printable(value))

        if self._image is not None:
            self.app.push_screen(CopyScreen(copyable_values(self._image)), chosen)

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._image is None:
            return iter(())
        lines = list(document(self._image, self._exploration, width, self._disposable_bytes))
        if self._shown_key:
            self._marked_line = setting_line(lines, self._shown_key)
            lines[self._marked_line] = lines[self._marked_line].stylize("reverse")
        return iter(lines)
