"""The instruction of a history step in lines."""

from __future__ import annotations

import pytest

from explorer.model import HistoryStep
from explorer.pipeline import Exploration
from explorer.tui.layers.step_text import cut_step, instruction_lines


def shown(step: str, width: int = 60) -> list[str]:
    return [line.plain for line in instruction_lines(HistoryStep(step), width)]


def test_commands_in_lines() -> None:
    """Each command of a RUN has a line of its own, after the flags and before the build arguments."""
    assert shown("RUN |1 A=1 /bin/sh -c --mount=type=cache,target=/x a && b; c # buildkit") == [
        "RUN --mount=type=cache,target=/x",
        "    a",
        " && b;",
        "    c",
        "    with A=1",
    ]
    assert shown("RUN /bin/bash -o pipefail -c a | b") == ["RUN a | b", "    by /bin/bash -o pipefail -c"]


def test_here_documents_keep_their_lines() -> None:
    """A here-document is shown line by line as it is."""
    assert shown("RUN /bin/sh -c cat <<EOF\na && b\n\tc\nEOF # buildkit") == [
        "RUN cat <<EOF",
        "    a && b",
        "        c",
        "    EOF",
    ]


def test_other_instructions() -> None:
    """Each variable has a line of its own, and copies of the classic builder say what was copied."""
    assert shown("ENV A=1 B=two words") == ["ENV A=1", "    B=two words"]
    assert shown("/bin/sh -c #(nop) COPY file:0a in /app ") == ["COPY (a file) to /app"]
    assert shown('CMD ["a" "b"]') == ['CMD ["a", "b"]']
    assert shown("") == ["(no command recorded)"]


def test_hostile_instructions(hostile: Exploration) -> None:
    """Control characters of commands are escaped, and very long commands are cut."""
    for step in ("RUN \x1b[2J && [red]", "ENV A=\x1b B=\u202e", "COPY \x07 [/]", "RUN --mount=\x1b a", "|1 A=\x1b sh"):
        assert not set("".join(shown(step))) & set("\x1b\x07\u202e")
    for step in ("RUN " + "a;" * 500_000, "ENV " + "A=1 " * 250_000, "RUN " + "--a " * 250_000):
        assert len(shown(step)) < 500


@pytest.mark.parametrize(
    ("command", "width", "shown"),
    [
        ("RUN apt-get install -y --no-install-recommends golang-go", 31, "RUN apt-get install … golang-go"),
        ("RUN apt-get install -y --no-install-recommends golang-go", 26, "RUN apt-get install … gol…"),
        ("RUN apt-get install -y --no-install-recommends golang-go", 90, None),
        ("RUN --mount=type=cache,target=/a --network=none make all", 14, "RUN … make all"),
        ("RUN npm ci --cache='/a b' --silent", 30, "RUN npm ci --cache='/a b' --s…"),
        ("RUN rm -rf /var/lib/apt/lists", 20, "RUN rm -rf /var/lib…"),
        ("COPY --from=build /opt/app /opt/app", 30, "COPY --from=build /opt/app /o…"),
        ("RUN make", 0, ""),
    ],
)
def test_steps_are_cut_in_their_long_options_first(command: str, width: int, shown: str | None) -> None:
    """A RUN without room loses long options first, so that what it names still shows."""
    assert cut_step(command, width) == (command if shown is None else shown)
