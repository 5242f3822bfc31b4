"""The first break and its cause are named for each way to break a cache, and each builder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from explorer.analysis.base.base import Base, Evidence
from explorer.analysis.image_diff.broken_step import BreakCause
from explorer.analysis.image_diff.first_break import FirstBreak
from explorer.model import Watcher
from explorer.pipeline.image_diff import compare
from tests.analysis.image_diff.builds import Step, built, compared
from tests.analysis.image_diff.recorded_builds import (
    BUILDERS,
    FIRST,
    SECOND,
    Build,
    Builder,
    steps,
    swapped,
    with_inserted,
    without_dependencies,
)
from tests.images import docker_archive, explored, file, image, layer

FIRST_BUILD = Build()
AGAIN = FIRST_BUILD.rebuilt()


@pytest.fixture(params=BUILDERS)
def builder(request: pytest.FixtureRequest) -> Builder:
    """Returns each builder."""
    return BUILDERS[request.param]


def broken(tmp_path: Path, old: Sequence[Step], new: Sequence[Step], platform: str = "amd64") -> FirstBreak:
    """Returns the first break, which there must be."""
    found = compared(tmp_path, old, new, architecture=platform).first_break
    assert found is not None
    return found


def after_cached(builder: Builder, new: Build, cached: int) -> tuple[list[Step], list[Step]]:
    """Returns the steps of two builds; the second takes the first steps from the cache."""
    old = steps(builder, FIRST_BUILD)
    return old, [*old[:cached], *steps(builder, new)[cached:]]


def test_the_same_steps_have_no_break(tmp_path: Path, builder: Builder) -> None:
    """Two builds from one cache have no break."""
    assert compared(tmp_path, steps(builder, FIRST_BUILD), steps(builder, FIRST_BUILD)).first_break is None


def test_a_copied_file_that_changed(tmp_path: Path, builder: Builder) -> None:
    """A COPY whose files changed is named with the number of files."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(source=b"print(2)", source_time=SECOND), 6)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.old, found.new) == (BreakCause.FILES, 3, 3)
    assert found.reason.startswith("Layer 3 (COPY ")
    assert found.reason.endswith("): 1 file differs (/app/src/main.py), 3 only in their time")
    assert found.consequence == "2 layers from there on are new, 19 B"


def test_copied_files_with_other_times(tmp_path: Path, builder: Builder) -> None:
    """A COPY of the same files with other times of their own is named so."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(source_time=SECOND), 6)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.TIMES, 3)
    assert found.reason.endswith("): 4 files differ only in their time")
    assert "SOURCE_DATE_EPOCH" in found.advice


def test_a_copied_file_with_another_mode(tmp_path: Path, builder: Builder) -> None:
    """A COPY after a chmod of its sources is named so."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(source_mode=0o755), 6)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.ATTRIBUTES, 3)
    assert found.reason.endswith("1 file differs only in mode, owner or attributes (/app/src/main.py)")
    assert "--chmod" in found.advice


def test_a_build_argument(tmp_path: Path, builder: Builder) -> None:
    """The first RUN that has another value of a build argument is the break."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(flavor="rich"), 5)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.ARGUMENT, 2)
    assert found.reason.endswith("): FLAVOR is rich, was plain; 1 file differs (/var/log/deps.log), 1 only in its time")


def test_another_default_of_a_build_argument(tmp_path: Path, builder: Builder) -> None:
    """A declaration with another default is the break, if the builder records it."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(flavor="rich", flavor_default="rich"), 3)
    found = broken(tmp_path, old, new)
    records_default = "{0}" in builder.argument
    assert found.step.cause is (BreakCause.SETTING if records_default else BreakCause.REBUILT)
    assert not records_default or found.reason == "The step ARG FLAVOR=rich: FLAVOR is rich, was plain"


def test_a_variable_above(tmp_path: Path, builder: Builder) -> None:
    """An ENV with another value is the break of all steps after it."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(version="2"), 2)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.old, found.new) == (BreakCause.SETTING, None, None)
    assert found.reason == "The step ENV VERSION=2: VERSION is 2, was 1"
    assert found.consequence.startswith("4 layers from there on are new, 43 B; 3 of them have the same files")


def test_a_base_that_moved(tmp_path: Path, builder: Builder) -> None:
    """Another base image is the break, and not the step that made its layer."""
    found = broken(tmp_path, *after_cached(builder, FIRST_BUILD.rebuilt(base=b"trixie"), 0))
    assert (found.step.cause, found.new) == (BreakCause.BASE, 0)
    assert found.reason == "The base image differs at layer 0 (ADD … /): 1 file differs (/etc/os-release)"
    assert "digest" in found.advice


def test_a_base_with_a_new_layer(tmp_path: Path) -> None:
    """A layer that a known base has in addition is a moved base, also where the own first step made no layer."""
    lowest, own = Step("ADD rootfs.tar /", layer(file("etc/os-release"))), Step("ARG VERSION=1")
    added, last = Step("RUN patch", layer(file("etc/patched"))), Step("RUN make", layer(file("app")))
    old = explored(built(tmp_path / "old.tar", lowest, own, last))
    new = explored(built(tmp_path / "new.tar", lowest, added, own, last))
    base = Base(2, "acme/base:1", "", Evidence.KNOWN_IMAGE, True, "the same layers")
    found = compare(old, replace(new, find_given_base=lambda: base), Watcher()).first_break
    assert found is not None
    assert (found.step.cause, found.new) == (BreakCause.BASE, 1)
    assert found.reason == "The base image acme/base:1 differs at layer 1 (RUN patch): the layer is new"


@pytest.mark.parametrize("is_longer", [True, False])
def test_another_base_is_named(tmp_path: Path, is_longer: bool) -> None:
    """Two known bases that differ are both named, also if one of them is the beginning of the other."""
    own = [Step("RUN make", layer(file("made", b"made")))]
    short = Step("ADD rootfs.tar /", layer(file("base", b"base")))
    long = [short, Step("RUN patch", layer(file("patched", b"patched")))]
    paths = built(tmp_path / "1.tar", short, *own), built(tmp_path / "2.tar", *long, *own)
    bases = [Base(n, f"acme/base:{n}", "", Evidence.KNOWN_IMAGE, True, "the same layers") for n in (1, 2)]
    images = [
        replace(explored(path), find_given_base=partial(_same, base)) for path, base in zip(paths, bases, strict=True)
    ]
    old, new = images if is_longer else reversed(images)
    found = compare(old, new, Watcher()).first_break
    assert found is not None
    assert found.step.cause is BreakCause.BASE
    if is_longer:
        expected = "The base changed: acme/base:1 → acme/base:2. It differs at layer 1 (RUN patch): the layer is new"
        assert (found.reason, found.old, found.new, found.advice) == (expected, None, 1, "")
    else:
        expected = "The base changed: acme/base:2 → acme/base:1. It does not have layer 1 (RUN patch)"
        assert (found.reason, found.old, found.new) == (expected, 1, None)


def _same(base: Base) -> Base:
    return base


@pytest.mark.parametrize(
    ("command", "cause"),
    [("|1 TOKEN={0} /bin/sh -c make", BreakCause.ARGUMENT), ("ENV DB_PASSWORD={0}", BreakCause.SETTING)],
)
def test_a_masked_value_that_changed(tmp_path: Path, command: str, cause: BreakCause) -> None:
    """Another secret is the break, and its text is not there."""
    secrets = ("ghp_1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX", "ghp_9zY8xW7vU6tS5rQ4pO3nM2lK1jI0hG9fE8dC")
    lowest = Step("ADD rootfs.tar /", layer(file("etc/os-release")))
    old, new = ([lowest, Step(command.format(secret), layer(file("app", mtime=n)))] for n, secret in enumerate(secrets))
    found = broken(tmp_path, old, new)
    assert found.step.cause is cause
    assert "): a masked value differs" in found.reason
    assert not any(secret[4:] in repr(found) for secret in secrets)


def test_an_update_on_another_day(tmp_path: Path, builder: Builder) -> None:
    """The same command with other results is named with what it fetches."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(packages=b"flask 3.1"), 5)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.RESULTS, 2)
    assert found.reason.endswith(
        ": the same command made other files: 2 files differ (/opt/deps/list, /var/log/deps.log)"
    )
    assert found.advice.startswith("The command apt-get update fetches what is current")


def test_an_update_in_a_build_without_cache(tmp_path: Path, builder: Builder) -> None:
    """A build without cache names the first layer with other files, too."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(packages=b"flask 3.1"), 2)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.REBUILT, 1)
    assert ". The first difference beyond times: layer 2 (RUN apt-get update && install deps): the" in found.consequence
    assert ". The command apt-get update fetches what is current" in found.advice


def test_steps_in_another_order(tmp_path: Path, builder: Builder) -> None:
    """Steps that change places are the break."""
    old, new = steps(builder, FIRST_BUILD), swapped(steps(builder, AGAIN))
    found = broken(tmp_path, old, [*old[:5], *new[5:]])
    assert (found.step.cause, found.new) == (BreakCause.REORDERED, 2)
    assert found.reason.startswith("The steps have another order: layer 2 (COPY ")
    assert found.reason.endswith(" is where the old image has RUN apt-get update && install deps")


def test_an_inserted_step(tmp_path: Path, builder: Builder) -> None:
    """A step that only the new image has is the break."""
    old, new = steps(builder, FIRST_BUILD), with_inserted(steps(builder, AGAIN))
    found = broken(tmp_path, old, [*old[:6], *new[6:]])
    assert (found.step.cause, found.old, found.new) == (BreakCause.INSERTED, None, 3)
    assert found.reason == "Layer 3 (RUN echo hello) is new"
    assert found.consequence == "3 layers from there on are new, 24 B; 2 of them have the same files as before, 19 B"


def test_a_removed_step(tmp_path: Path, builder: Builder) -> None:
    """A step that only the old image has is the break."""
    old, new = steps(builder, FIRST_BUILD), without_dependencies(steps(builder, AGAIN))
    found = broken(tmp_path, old, [*old[:5], *new[5:]])
    assert (found.step.cause, found.old, found.new) == (BreakCause.REMOVED, 2, None)
    assert found.reason == "The new image does not have layer 2 (RUN apt-get update && install deps)"


def test_a_comment_in_a_command(tmp_path: Path, builder: Builder) -> None:
    """A comment in a command breaks the cache, and that alone is said."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(compile="compile # it all"), 7)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.COMMENT, 4)
    assert found.reason == "Layer 4 (RUN compile # it all): only a comment or blanks of the command differ"


def test_only_spaces_of_a_command(tmp_path: Path, builder: Builder) -> None:
    """Spaces in a command break the cache, too: its text differs."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(compile=f" {FIRST_BUILD.compile}"), 7)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.SPACES, 4)
    assert "the text of the command changed, only in spaces; " in found.reason


def test_steps_that_became_one(tmp_path: Path) -> None:
    """The step at the break is the one whose layer is beside it, and the step that is gone is named."""
    base = Step("ADD rootfs.tar /", layer(file("base", b"base")))
    lists, tool = file("var/lists", b"lists"), [file(f"tool/{name}", b"tool") for name in "abc"]
    old = [base, Step("RUN update", layer(lists)), Step("RUN install", layer(*tool))]
    diff = compared(tmp_path, old, [base, Step("RUN update && install", layer(*tool))])
    found = diff.first_break
    assert found is not None
    assert (found.old, found.new) == (2, 1)
    assert (found.old, found.new) in {pair[:2] for pair in diff.layer_pairs}
    was = "it was layer 2 (RUN install), and layer 1 (RUN update) of the old image is gone"
    assert found.reason.startswith(f"Layer 1 (RUN update && install): {was}")


def test_a_step_that_became_two(tmp_path: Path) -> None:
    """The layer that has the files of the old step now is named."""
    base = Step("ADD rootfs.tar /", layer(file("base", b"base")))
    lists, tool = file("var/lists", b"lists"), [file(f"tool/{name}", b"tool") for name in "abc"]
    new = [base, Step("RUN update", layer(lists)), Step("RUN install", layer(*tool))]
    found = broken(tmp_path, [base, Step("RUN update && install", layer(*tool))], new)
    assert found.reason == "Layer 1 (RUN update): it was RUN update && install, whose files are now in layer 2"


def test_another_command(tmp_path: Path, builder: Builder) -> None:
    """A command with other words is shown beside the one before."""
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(compile="chmod 700 app"), 7)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.reason) == (
        BreakCause.COMMAND,
        "Layer 4 (RUN chmod 700 app): it was RUN compile; 1 file differs only in its time",
    )


def test_a_build_without_cache(tmp_path: Path, builder: Builder) -> None:
    """The same commands with the same files, but for times and logs, were built without a cache."""
    old, new = after_cached(builder, AGAIN, 2)
    found = broken(tmp_path, old, new)
    assert (found.step.cause, found.new) == (BreakCause.REBUILT, 1)
    assert found.reason.endswith(
        "/app/deps.txt): built again with the same result, but only times of directories differ"
    )
    assert "--no-cache" in found.advice


def test_another_platform(tmp_path: Path, builder: Builder) -> None:
    """Images of two platforms differ for that reason, whatever step differs first."""
    found = broken(tmp_path, *after_cached(builder, FIRST_BUILD.rebuilt(base=b"arm"), 0), platform="arm64")
    assert (found.step.cause, found.new) == (BreakCause.PLATFORM, 0)
    assert found.reason == "The images are for linux/amd64 and linux/arm64, and differ from layer 0 (ADD … /) on"


def test_a_setting_that_breaks_no_layer(tmp_path: Path, builder: Builder) -> None:
    """A last step that differs makes no layer new, and needs no advice."""
    old, new = after_cached(builder, Build(cmd="/app/other"), 8)
    found = broken(tmp_path, old, new)
    assert found.reason == 'The step CMD ["/app/other"]: it was CMD ["/app/main"]'
    assert (found.consequence, found.advice) == ("No layer is new because of it", "")


def test_more_steps_at_the_end(tmp_path: Path, builder: Builder) -> None:
    """An image that is built on the old one breaks nothing."""
    old = steps(builder, FIRST_BUILD)
    found = broken(tmp_path, old, [*old, Step("RUN more", layer(file("more", b"m")))])
    assert found.reason == "The new image continues with layer 5 (RUN more) after the last step of the other one"
    assert found.advice == ""


def test_builders_are_compared_with_each_other(tmp_path: Path) -> None:
    """The same Dockerfile built by two builders differs only as if it was built again."""
    for other in ("buildkit", "buildah"):
        old, new = steps(BUILDERS["docker"], FIRST_BUILD), steps(BUILDERS[other], AGAIN)
        assert broken(tmp_path, old, new).step.cause is BreakCause.REBUILT


def test_settings_that_a_builder_ignores(tmp_path: Path) -> None:
    """BuildKit's cache does not depend on labels, so a later step is the break."""
    builder = BUILDERS["buildkit"]
    old, new = after_cached(builder, FIRST_BUILD.rebuilt(compile="other"), 7)
    label = Step("LABEL a=b", None, builder.comment)
    assert broken(tmp_path, old, [*new[:2], label, *new[2:]]).reason.startswith("Layer 4 (RUN other): it was ")
    found = broken(tmp_path, old, [*old[:2], label, *old[2:]])
    assert (found.reason, found.consequence) == ("The step LABEL a=b is new", "No layer is new because of it")
    by_another = broken(tmp_path, old, [*new[:2], label._replace(comment=""), *new[2:]])
    assert by_another.reason == "The step LABEL a=b is new"


def test_names_are_printable(tmp_path: Path) -> None:
    """Commands, values and paths of strangers cannot move the cursor."""
    old = [Step("RUN a\x1b[2J", layer(file("a\x1b[2J\n", b"a", mtime=FIRST))), Step("ENV X=\x1b[31m")]
    new = [Step("RUN a\x1b[2J", layer(file("a\x1b[2J\n", b"b", mtime=FIRST))), Step("ENV X=\x1b[32m")]
    found = broken(tmp_path, old, new)
    assert all(text.isprintable() for text in (found.reason, found.consequence, found.advice))
    found = broken(tmp_path, old, [old[0], new[1]])
    assert found.reason == r"The step ENV X=\x1b[32m: X is \x1b[32m, was \x1b[31m"


def test_long_commands_show_the_words_that_differ(tmp_path: Path) -> None:
    """Commands that differ only after the part that is shown have that part in the sentence."""
    start = "RUN one && two && three && " + "and more words " * 10
    old, new = (Step(f"{start}version={number} end", layer(file("a", str(number).encode()))) for number in (1, 2))
    found = broken(tmp_path, [old], [new])
    assert found.reason.endswith("… more words version=2 end, it was … more words version=1 end; 1 file differs (/a)")


def test_an_image_without_history_is_compared_by_its_layers(tmp_path: Path) -> None:
    """Settings of the other image are no break, because the history does not tell of them."""
    recorded = steps(BUILDERS["docker"], FIRST_BUILD)
    layers = [step.layer for step in recorded if step.layer is not None]
    old = built(tmp_path / "old.tar", *recorded)
    (tmp_path / "new.tar").write_bytes(docker_archive(image(*layers[:-1], history=[])))
    found = compare(explored(old), explored(tmp_path / "new.tar"), Watcher()).first_break
    assert found is not None
    assert (found.step.cause, found.old, found.new) == (BreakCause.REMOVED, 4, None)


def test_a_layer_above_the_history_is_the_end(tmp_path: Path) -> None:
    """A container's own writes stand in no history, and continue its image."""
    recorded = steps(BUILDERS["docker"], FIRST_BUILD)
    history = [
        {"created_by": step.created_by, **({} if step.layer is not None else {"empty_layer": True})}
        for step in recorded
    ]
    layers = [step.layer for step in recorded if step.layer is not None]
    old = built(tmp_path / "old.tar", *recorded)
    written = docker_archive(image(*layers, layer(file("written", b"w")), history=history))
    (tmp_path / "new.tar").write_bytes(written)
    found = compare(explored(old), explored(tmp_path / "new.tar"), Watcher()).first_break
    assert found is not None
    assert (found.step.is_end, found.new, found.step.rebuilt) == (True, 5, [5])


def test_an_inserted_step_in_a_build_without_cache(tmp_path: Path, builder: Builder) -> None:
    """A build without cache has a cause of its own, and names the step that the new image has in addition."""
    old, new = steps(builder, FIRST_BUILD), with_inserted(steps(builder, AGAIN))
    found = broken(tmp_path, old, [*old[:2], *new[2:]])
    assert (found.step.cause, found.new) == (BreakCause.REBUILT, 1)
    assert found.consequence.endswith("The first difference beyond times: layer 3 (RUN echo hello) is new")
