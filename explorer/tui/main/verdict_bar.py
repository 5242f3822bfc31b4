"""The line below the headline: what can be saved, with the keys that lead there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from explorer.analysis.findings.image_findings import ImageFindings
from explorer.analysis.fixes.savings import Savings
from explorer.model import Progress
from explorer.text.printable import printable
from explorer.text.units import percent
from explorer.tui.key_words import key_of
from explorer.tui.widgets.drawing import cut
from explorer.viewmodel.verdict import Subject, VerdictPart, fitting_wordings, short_verdict_parts, verdict_parts

_ACTIONS = {
    Subject.FIXES: "screen.fixes",
    Subject.CLEAN: "screen.fixes",
    Subject.SECRETS: "screen.findings",
    Subject.LOGINS: "screen.findings",
    Subject.DISPOSABLE: "screen.disposable",
    Subject.BASE: "screen.fixes",
}
_BINDINGS = {
    Subject.SECRETS: "explore.findings",
    Subject.FIXES: "explore.waste",
    Subject.DISPOSABLE: "explore.disposable",
}
_COLOURS = {
    Subject.FIXES: "$waste",
    Subject.CLEAN: "$change-added",
    Subject.SECRETS: "$severity-high",
    Subject.LOGINS: "$waste",
    Subject.DISPOSABLE: "$disposable",
    Subject.BASE: "$muted",
}
COMPUTING = "Looking for what can be saved…"
_GAP = "  "


class VerdictBar(Widget):
    """The verdict on the image."""

    # The words keep their own colours.
    auto_links = False
    ALLOW_SELECT = False

    verdict: reactive[Savings | None] = reactive(None)
    """The figures of the verdict; None until they are computed."""
    findings: reactive[ImageFindings | None] = reactive(None)
    """The findings that the verdict names; None until some are known."""
    is_computing: reactive[bool] = reactive(False)
    """True while the verdict is computed."""
    progress: reactive[Progress | None] = reactive(None)
    """The progress of reading the layers beside the files of those read already."""

    def render(self) -> Content:
        if self.verdict is None or self.progress is not None:
            words = reading_words(self.progress) if self.progress else COMPUTING if self.is_computing else ""
            return Content.styled(cut(words, self.size.width), "$muted")
        return verdict_line(self.verdict, partial(key_of, self), self.size.width, self.findings)


def reading_words(progress: Progress) -> str:
    """Returns the progress of reading: as in ``Reading layers: 42 %``."""
    share = "…" if progress.share is None else f": {percent(progress.share)}."
    return f"{printable(progress.step)}{share} Figures and verdict follow."


def verdict_line(
    savings: Savings, key_for: Callable[[str], str], width: int, findings: ImageFindings | None = None
) -> Content:
    """Returns the verdict in ``width`` cells; ``key_for`` names the key of a binding."""
    parts = verdict_parts(savings, findings)
    heads = [_head(part, key_for) for part in parts]
    wordings = fitting_wordings(parts, _cells(heads), width)
    if len(wordings) < len(parts) or "." in wordings:
        # A figure without its parts does not say what it sums.
        short = short_verdict_parts(savings, findings)
        short_wordings = fitting_wordings(short, _cells(heads[: len(short)]), width)
        if short and len(short_wordings) == len(short):
            parts, wordings = short, short_wordings
    sentences = []
    for part, (mark, key), words in zip(parts, heads, wordings, strict=False):
        colour = _COLOURS[part.subject]
        sentence = Content.assemble(
            (mark, f"bold {colour}"), (key, "bold $key"), (part.figure, f"bold {colour}"), words
        )
        sentences.append(sentence.stylize(Style.from_meta({"@click": _ACTIONS[part.subject]})))
    return Content(_GAP).join(sentences).truncate(max(1, width), ellipsis=True)


def _head(part: VerdictPart, key_for: Callable[[str], str]) -> tuple[str, str]:
    """Returns the mark and the key before a sentence, each maybe empty."""
    key = key_for(_BINDINGS[part.subject]) if part.subject in _BINDINGS else ""
    return f"{part.mark} " if part.mark else "", f"{key}: " if key else ""


def _cells(heads: Sequence[tuple[str, str]]) -> list[int]:
    return [cell_len("".join(head)) for head in heads]
