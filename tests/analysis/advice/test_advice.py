"""Advice: the words follow from the cause and the commands of two layers, the bytes from the byte usage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from explorer.analysis.advice.advice import Advice, Reason, advise, reasons
from explorer.analysis.advice.build_steps import BuildStep, build_steps
from explorer.analysis.advice.sentences import Span, sentence
from explorer.analysis.base.guesses import guess
from explorer.analysis.disposables.kinds import KINDS, leftover_of
from explorer.model import Cause, HistoryStep, Layer, Waste
from tests.images import big, docker_archive, explored, image, layer, whiteout

REMOVED, OVERWRITTEN, RECOPIED, DUPLICATE = Cause.REMOVED, Cause.OVERWRITTEN, Cause.RECOPIED, Cause.DUPLICATE
BASE = "ADD rootfs.tar.xz /"


def made(*created_by: str | HistoryStep) -> list[BuildStep]:
    """Returns the build steps of an image with this history."""
    noted = [step if isinstance(step, HistoryStep) else HistoryStep(step) for step in created_by]
    layers = [Layer(number, None, step=step) for number, step in enumerate(noted)]  # type: ignore[arg-type]
    return build_steps(layers, base_layers=guess(layers, noted).layers)


def in_text(said: Iterable[Span]) -> str:
    """Returns a sentence as plain text, with the code between backticks."""
    return "".join(f"`{phrase.text}`" if phrase.is_code else phrase.text for phrase in said)


class AdviceText(NamedTuple):
    """An advice as text."""

    advice: Advice
    why: str
    do: str


def advised(*wasted: Waste, by: Sequence[BuildStep]) -> AdviceText:
    """Returns the first advice for some wasted files."""
    found = advise(wasted, by)[0]
    return AdviceText(found, in_text(found.why), in_text(found.do))


def advice(cause: Cause, shipped_by: str, hidden_by: str, path: str = "srv/data") -> AdviceText:
    """Returns the advice for one file that layer 1 ships and layer 2 hides."""
    return advised(Waste(path, 1_000, cause, 1, 2), by=made(BASE, shipped_by, hidden_by))


def test_removed_files_are_deleted_where_they_are_made() -> None:
    """Files that a RUN makes and a later RUN deletes should be deleted in the first RUN."""
    found = advice(REMOVED, "RUN make all", "RUN cd / && rm -rf /srv/data")
    assert found.why == "Layer 2 (`RUN … rm -rf /srv/data`) is too late: layer 1 (`RUN make all`) already shipped it."
    assert "Delete it in the RUN of layer 1" in found.do
    assert "`make all && … && rm -rf /srv/data`" in found.do


def test_whatever_removed_them() -> None:
    """A layer without a deleting command is not called too late."""
    found = advice(REMOVED, "RUN make all", "RUN make other")
    assert found.why == "Layer 2 (`RUN make other`) removes what layer 1 (`RUN make all`) shipped."


def test_removed_copies_are_not_copied() -> None:
    """Files that a COPY brings and a later RUN deletes should not be copied."""
    found = advice(REMOVED, "COPY . .", "RUN rm -rf .git", "app/.git/HEAD")
    assert "Leave it out of the COPY of layer 1" in found.do
    assert ".dockerignore" in found.do


def test_packages_are_removed_where_they_are_installed() -> None:
    """For files that a package manager removes, the advice is about packages."""
    found = advice(
        REMOVED,
        "RUN apt-get install -y build-essential",
        "RUN apt-get purge -y build-essential && rm -rf /tmp/x",
        "usr/lib/gcc/cc1",
    )
    assert "`RUN apt-get purge -y build-essential`" in found.why
    assert "Remove the packages in the RUN that installs them, layer 1" in found.do
    assert "COPY --from" in found.do


def test_the_deleting_command_is_the_one_that_names_the_path() -> None:
    """If the hiding layer has several commands, the advice quotes the one that names the path."""
    hidden_by = "RUN apt-get purge -y gcc && rm -rf /tmp/x && rm -rf /srv/* && ldconfig"
    assert advice(REMOVED, "RUN make", hidden_by).why.startswith("Layer 2 (`RUN … rm -rf /srv/*`)")


@pytest.mark.parametrize(
    ("path", "leftover", "idiom"),
    [
        ("var/lib/apt/lists/x_Packages", "apt_lists", "rm -rf /var/lib/apt/lists/*"),
        ("var/cache/apt/pkgcache.bin", "apt_cache", "apt-get clean"),
        ("root/.cache/pip/http/0", "pip", "--no-cache-dir"),
        ("home/app/.cache/pip/http/0", "pip", "--mount=type=cache"),
        ("root/.npm/_cacache/x", "npm", "npm cache clean --force"),
        ("var/cache/apk/APKINDEX", "apk", "apk add --no-cache"),
        ("var/cache/dnf/x", "dnf", "dnf clean all"),
        ("var/cache/yum/x", "dnf", "dnf clean all"),
        ("var/lib/dpkg/status", "records", "one RUN"),
        ("var/lib/apt/listsx", "", "Delete it"),
        ("srv/var/lib/apt/lists/x", "", "Delete it"),
    ],
)
def test_package_managers_leave_nothing_behind(path: str, leftover: str, idiom: str) -> None:
    """Leftovers of a package manager in a RUN get the usual advice for them."""
    assert leftover_of(path) == leftover
    found = advice(REMOVED, "RUN install", "RUN rm -rf /x", path)
    assert idiom in found.do
    assert found.advice.subject == (KINDS[leftover].name if leftover else "")


def test_every_habit_can_be_found() -> None:
    """No pattern of a leftover hides the others, and every remedy is a sentence."""
    assert all(leftover.remedy.do.endswith(".") and leftover.name for leftover in KINDS.values())


def test_changed_owner_of_copies() -> None:
    """A chown of copied files belongs into the COPY."""
    found = advice(RECOPIED, "COPY . .", "RUN chown -R app:app /app", "app/x")
    assert found.do == "Use `COPY --chown=app:app …` in layer 1 instead of `chown -R app:app /app` in layer 2."
    assert "to change their mode or owner" in found.why


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("RUN chmod -R 755 /app", "--chmod=755"),
        ("RUN chmod -R a+rX /app", "--chmod=…"),
        ("RUN chown app /app; chmod 0644 /app", "--chown=app"),
        ("RUN setcap cap_net=ep /app/x", "--chown=… --chmod=…"),
    ],
)
def test_changed_mode_of_copies(command: str, options: str) -> None:
    """A chmod of copied files belongs into the COPY, unless COPY may not support its mode."""
    assert f"`COPY {options} …` in layer 1" in advice(RECOPIED, "COPY . .", command, "app/x").do


def test_changed_mode_of_made_files() -> None:
    """A chmod of files that a RUN makes belongs into that RUN."""
    found = advice(RECOPIED, "RUN pip install flask", "RUN chmod -R a+rX /srv")
    assert found.do == (
        "Run `chmod -R a+rX /srv` at the end of the RUN of layer 1, which makes the files, instead of in layer 2."
    )


def test_copied_twice() -> None:
    """The same bytes in two COPYs should be copied once."""
    assert "Copy it once" in advice(RECOPIED, "COPY a /srv/", "COPY . /srv/").do
    assert "out of the COPY of layer 2" in advice(RECOPIED, "RUN make", "COPY . /srv/").do


@pytest.mark.parametrize(
    ("shipped_by", "hidden_by", "words"),
    [
        ("RUN make", "RUN make", "join layers 1 and 2 in one RUN"),
        ("COPY model /srv", "RUN quantise", "in a build stage, and take only the result from it (`COPY --from`)"),
        ("COPY . .", "COPY config /srv", "leave it out of the COPY of layer 1"),
        ("RUN make", "COPY . .", "Do not make it in layer 1"),
    ],
)
def test_overwritten_files_are_written_once(shipped_by: str, hidden_by: str, words: str) -> None:
    """Replaced files should be written once, by the step with the final content."""
    assert words in advice(OVERWRITTEN, shipped_by, hidden_by).do


def test_duplicates_are_the_builders_doing() -> None:
    """A duplicate in a layer's tar comes from the builder, unless ADD unpacks it."""
    twice = Waste("a", 1, DUPLICATE, 1, 1)
    assert "another version of the builder" in advised(twice, by=made(BASE, "RUN x")).do
    assert "archive" in advised(twice, by=made(BASE, "ADD a.tar /")).do


@pytest.mark.parametrize("cause", [REMOVED, OVERWRITTEN, RECOPIED])
@pytest.mark.parametrize("base", [BASE, HistoryStep(comment="Imported from -"), "", "# debian.sh bookworm"])
def test_nothing_unships_the_base_image(cause: Cause, base: str | HistoryStep) -> None:
    """For files of the base image the advice suggests no step of the Dockerfile."""
    found = advised(Waste("usr/x", 1, cause, 0, 1), by=made(base, "RUN rm -rf /usr/x && chown a /usr"))
    assert found.do.startswith(("This can only be fixed in the base image", "The base image brings it: change only"))


@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("noted", [(), ("", "", ""), ("COPY", "WORKDIR /x", "RUN"), ("RUN &&", "RUN ;;", "RUN `")])
def test_odd_commands(cause: Cause, noted: tuple[str, ...]) -> None:
    """There is advice for every pair of steps."""
    hidden = 1 if cause is DUPLICATE else 2
    found = advised(Waste("x", 5, cause, 1, hidden), by=made(*noted))
    assert found.why
    assert found.do.endswith(".")


def test_long_commands_are_quoted_in_part() -> None:
    """A command of thousands of characters does not fill the advice; hostile ones take no time."""
    for words in ("chmod " + "-R " * 5000, "apt-get " * 5000, "a && " * 5000, "rm " + "/x" * 5000):
        found = advice(RECOPIED, f"RUN {words}", f"RUN {words}")
        assert len(found.why) < 400
        assert len(found.do) < 400


def test_several_files() -> None:
    """Files with one reason share their advice and add up their bytes; the largest saving comes first."""
    wasted = [
        Waste("b", 7, REMOVED, 1, 2),
        Waste("a", 4, REMOVED, 1, 2),
        Waste("c", 9, OVERWRITTEN, 1, 2),
        Waste("d", 1, REMOVED, 0, 2),
    ]
    found = advise(wasted, made(BASE, "RUN make", "RUN rm -rf /a /b"))
    assert [(each.reason, each.bytes, each.files) for each in found] == [
        (Reason(REMOVED, 1, 2, ""), 11, 2),
        (Reason(OVERWRITTEN, 1, 2, ""), 9, 1),
        (Reason(REMOVED, 0, 2, ""), 1, 1),
    ]
    assert "already shipped them." in in_text(found[0].why)
    assert advise([], []) == []
    assert advise(wasted, made("", "", ""), reasons(wasted))[0].bytes == 11


def test_bytes_are_those_of_byte_usage(tmp_path: Path) -> None:
    """The pieces of advice for an image save exactly the bytes that it wastes."""
    steps: list[dict[str, Any]] = [
        {"created_by": "/bin/sh -c apt-get update"},
        {"created_by": "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* \x1b[2J # buildkit"},
        {"created_by": "COPY a a # buildkit"},
    ]
    path = tmp_path / "image.tar"
    made = image(
        layer(big("var/lib/apt/lists/x", 2), big("a", 1), big("a", 1)),
        layer(whiteout("var/lib/apt/lists")),
        layer(big("a", 1)),
        history=steps,
    )
    path.write_bytes(docker_archive(made))
    exploration = explored(path)
    found = advise(exploration.usage.wasted, exploration.build_steps)
    assert sum(each.bytes for each in found) == exploration.usage.wasted_bytes > 0
    assert {each.reason.cause for each in found} == {REMOVED, RECOPIED, DUPLICATE}
    assert found[0].subject == "apt's package lists"
    assert "\x1b" not in in_text(found[0].why)
    assert "rm -rf /var/lib/apt/lists/* \\x1b[2J" in in_text(found[0].why)


def test_layers_without_a_history() -> None:
    """A layer without a history step has no command."""
    step = HistoryStep("RUN /bin/sh -c make # buildkit")
    layers = [Layer(0, None), Layer(1, None, step=step)]  # type: ignore[arg-type]
    assert [each.text for each in build_steps(layers)] == ["(no command recorded)", "RUN make"]


@pytest.mark.parametrize(
    ("run", "commands"),
    [
        ("echo 'a && rm -rf /x; b' && make all", ["echo 'a && rm -rf /x; b'", "make all"]),
        ("for d in a b; do rm -rf /srv/$d; done", ["for d in a b; do", "rm -rf /srv/$d", "done"]),
        ("find /srv -exec rm {} \\; # rm -rf /x", ["find /srv -exec rm {} \\;"]),
        ("cat > /x <<EOF\nrm -rf /srv\nEOF\nmake", ["cat > /x <<EOF", "make"]),
        ("--mount=type=cache,target=/c make;ldconfig", ["make", "ldconfig"]),
    ],
)
def test_commands_are_those_of_a_shell(run: str, commands: list[str]) -> None:
    """Quotes, comments, here-documents and flags of RUN are not commands."""
    assert list(made(f"/bin/sh -c {run}")[0].commands) == commands


def test_quoted_words_delete_nothing() -> None:
    """Text that looks like a command does not count as one that deletes."""
    found = advice(REMOVED, "RUN make", "RUN echo 'a && rm -rf /srv/data; b' && make all")
    assert found.advice.hidden_by == "RUN echo 'a && rm -rf /srv/data; b' && make all"
    assert "too late" not in found.why


def test_code_keeps_its_backticks() -> None:
    """A command with backticks or braces in it is one piece of code, as it is."""
    command = "rm -rf /srv/`date` {it}"
    found = advise([Waste("srv/data", 1, REMOVED, 1, 2)], made(BASE, "RUN make", f"RUN {command}"))[0]
    assert Span(f"RUN {command}", is_code=True) in found.why
    assert sentence("Do `{what}` `now`.", what="`a` {b}") == (
        Span("Do "),
        Span("`a` {b}", is_code=True),
        Span(" "),
        Span("now", is_code=True),
        Span("."),
    )


def test_quoted_commands_are_cut() -> None:
    """A quoted command has at most 46 characters."""
    found = advice(REMOVED, "RUN make", f"RUN rm -rf /srv/data {'x' * 100}")
    quoted = f"RUN rm -rf /srv/data {'x' * 24}…"
    assert len(quoted) == 46
    assert f"Layer 2 (`{quoted}`) is too late" in found.why
