"""The lines of a Dockerfile that made the steps of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from explorer.analysis.dockerfile.map_steps import DockerfileMap, map_steps
from explorer.analysis.dockerfile.parse import parse_dockerfile
from explorer.errors import UsageError
from explorer.model import HistoryStep
from tests.analysis.dockerfile.histories import BUILDAH, BUILDKIT, CLASSIC, DOCKERFILE, KANIKO, history


def _map(text: str, steps: Sequence[HistoryStep], target: str = "") -> DockerfileMap:
    return map_steps(parse_dockerfile(text, "Dockerfile", target), steps)


def _first_lines(text: str, steps: Sequence[HistoryStep], target: str = "") -> list[int]:
    mapped = _map(text, steps, target)
    assert mapped.problem == ""
    return [mapped.lines_by_step[step].first for step in range(len(steps))]


_DOUBT = "the base is not certain, so FROM may have steps of lines that are not in the file"
_OWN_LINES = [*range(5, 18), *range(20, 25)]


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        pytest.param(CLASSIC, [4, 4, *_OWN_LINES], id="classic"),
        pytest.param(BUILDKIT, [4, 4, *[line for line in _OWN_LINES if line != 22]], id="buildkit"),
        pytest.param(BUILDAH, [4, *_OWN_LINES], id="buildah"),
        pytest.param(KANIKO, [4, 9, 10, 11, 17, 20], id="kaniko"),
    ],
)
def test_each_builder_records_the_same_dockerfile_in_its_way(steps: Sequence[HistoryStep], lines: list[int]) -> None:
    """Every instruction finds its step in the histories of all builders; the base's steps are of FROM."""
    assert _first_lines(DOCKERFILE, steps) == lines


@pytest.mark.parametrize(
    "steps", [CLASSIC, BUILDKIT, BUILDAH, KANIKO], ids=["classic", "buildkit", "buildah", "kaniko"]
)
@pytest.mark.parametrize("line", [9, 10, 17, 20])
def test_a_changed_line_is_named(steps: Sequence[HistoryStep], line: int) -> None:
    """If one line was edited, no step has lines, and the problem names that line."""
    lines = DOCKERFILE.splitlines()
    for old, new in (("b/", "c/"), ("/srv/", "/opt/"), ("update", "upgrade"), ("echo", "true")):
        lines[line - 1] = lines[line - 1].replace(old, new)
    mapped = _map("\n".join(lines), steps)
    assert not mapped.lines_by_step
    assert mapped.problem.startswith(f"line {line}: ")


def test_steps_of_a_stage_below_have_the_lines_of_that_stage() -> None:
    """A stage that stands on another stage has its steps, too, and the base is that of the lowest."""
    text = "ARG BASE=low\nFROM x AS low\nENV A=1\nFROM y\nRUN other\nFROM ${BASE} AS top\nRUN make\n"
    steps = history("+ base\n- ENV A=1\n+ RUN /bin/sh -c make # buildkit", "buildkit.dockerfile.v0")
    assert _first_lines(text, steps) == [2, 3, 7]


def test_the_target_of_the_build_decides() -> None:
    """With a target only its stage counts, by name or by number."""
    text = "FROM x AS one\nRUN a\nFROM x\nRUN b\n"
    steps = history("+ base\n+ /bin/sh -c a")
    assert _first_lines(text, steps, "One") == [1, 2]
    assert _first_lines(text, steps, "0") == [1, 2]
    assert _map(text, steps, "1").problem == "line 4: RUN b; no step of the image fits"
    assert _map(text, steps, "two").problem == "the Dockerfile has no stage two"


def test_without_a_target_any_stage_may_fit() -> None:
    """The image may be of an earlier stage, if the last one does not fit."""
    assert _first_lines("FROM x AS one\nRUN a\nFROM x\nRUN b\n", history("+ base\n+ /bin/sh -c a")) == [1, 2]


def test_of_two_stages_that_fit_none_is_guessed() -> None:
    """The problem names both stages; the build itself knows that it made the last one."""
    text, steps = "FROM x AS one\nRUN a\n\nFROM y AS two\nRUN a\n", history("+ base\n+ /bin/sh -c a")
    mapped = _map(text, steps)
    assert (mapped.problem, mapped.lines_by_layer) == ("it is unclear which of the stages at lines 1 and 4 made it", {})
    of_build = map_steps(replace(parse_dockerfile(text, "Dockerfile"), is_of_build=True), steps)
    assert (of_build.lines_by_layer, of_build.remark) == ({0: (4, 4), 1: (5, 5)}, "")


def test_a_stage_that_explains_more_steps_counts() -> None:
    """If stages of the same base fit, the one with the most steps made the image; the others are named."""
    steps = history("+ base\n+ /bin/sh -c a\n+ /bin/sh -c b")
    mapped = _map("FROM x AS test\nRUN a\nRUN b\nFROM x\nRUN b\n", steps)
    assert mapped.lines_by_layer == {0: (1, 1), 1: (2, 2), 2: (3, 3)}
    assert mapped.remark.startswith("the stage at line 1 explains the most steps, but the stage at line 4 fits, too; ")
    assert _map("FROM x AS test\nRUN a\nRUN b\nFROM y\nRUN b\n", steps).problem != ""


def test_a_stage_with_another_name_for_the_same_lines_is_no_doubt() -> None:
    """A stage without instructions of its own stands for the one below it."""
    mapped = _map("FROM x AS one\nRUN a\nFROM one\n", history("+ base\n+ /bin/sh -c a"))
    assert (mapped.lines_by_layer, mapped.remark) == ({0: (1, 1), 1: (2, 2)}, _DOUBT)


def test_lines_that_fit_in_another_order_are_named() -> None:
    """Docker's old builder records only checksums of copied files; a copy elsewhere is certain."""
    copies = "+ base" + "".join(f"\n+ /bin/sh -c #(nop) COPY file:{'ab'[n] * 64} in /app/ " for n in (0, 1))
    mapped = _map("FROM x\nCOPY b /app/\nCOPY a /app/\n", history(copies))
    assert mapped.remark == f"lines 2 and 3 fit in another order, too, so their bytes may be exchanged; {_DOUBT}"
    copies = "+ base\n+ COPY b /app/ # buildkit\n+ COPY a /app/ # buildkit"
    assert _map("FROM x\nCOPY b /app/\nCOPY a /app/\n", history(copies, "buildkit.dockerfile.v0")).remark == _DOUBT


def test_exchanged_arguments_do_not_fit() -> None:
    """Only buildah records other names of arguments than those of the line."""
    steps = (
        "+ base\n- ARG A=1\n+ RUN |1 A=1 /bin/sh -c a # buildkit\n- ARG B=2\n+ RUN |2 A=1 B=2 /bin/sh -c b # buildkit"
    )
    mapped = _map("FROM x\nARG B\nRUN a\nARG A\nRUN b\n", history(steps, "buildkit.dockerfile.v0"))
    assert mapped.problem != ""


def test_the_dockerfile_of_another_image_does_not_fit() -> None:
    """The first instruction shows that a Dockerfile is of another image."""
    mapped = _map("FROM x\nRUN other\nCMD echo $A\n", CLASSIC)
    assert (mapped.problem, mapped.lines_by_step) == ("line 2: RUN other; no step of the image fits", {})


def test_an_added_a_missing_and_a_later_line_are_named() -> None:
    """The first line that has another step in the image shows that a Dockerfile was edited."""
    steps = history("+ base\n+ /bin/sh -c a\n+ /bin/sh -c b\n+ /bin/sh -c c")
    step = "step 3 of the image is RUN b"
    assert _map("FROM x\nRUN a\nRUN new\nRUN b\nRUN c\n", steps).problem == f"line 3: RUN new; {step}"
    assert _map("FROM x\nRUN a\nRUN c\n", steps).problem == f"line 3: RUN c; {step}"
    assert _map("FROM x\nRUN a\nRUN b\n", steps).problem == "the image has a step more than the Dockerfile: RUN c"
    assert _map("FROM x\nRUN a\nRUN b\nRUN c\nUSER d", steps).problem == "line 5: USER d; the image has no step for it"


def test_a_problem_shows_no_values() -> None:
    """The values of ENV, ARG and LABEL may be secret, so a problem leaves them out."""
    problem = _map("FROM x\nENV TOKEN=hidden\nUSER x\n", history("+ base\n- ENV KEY=hidden\n- USER x")).problem
    assert problem == "line 2: ENV TOKEN=…; no step of the image fits"


def test_a_problem_of_values_or_long_texts_says_so() -> None:
    """If the line and the step look the same where they are shown, the problem says where they differ."""
    steps = history("+ base\n- USER x\n- ENV KEY=other")
    problem = "line 3: ENV KEY=…; step 3 of the image differs in values, or after its first words"
    assert _map("FROM x\nUSER x\nENV KEY=hidden\n", steps).problem == problem


def test_a_dockerfile_without_instructions_proves_nothing() -> None:
    """A Dockerfile with nothing but FROM fits any image, so it fits none."""
    problem = "line 1: no instruction of its own follows FROM debian, so nothing can be compared"
    assert _map("FROM debian\n", CLASSIC).problem == problem


def test_nothing_is_below_scratch() -> None:
    """A stage that begins with nothing must have all steps of the image."""
    assert _map("FROM scratch\nCOPY a /\n", history("+ COPY a / # buildkit")).problem == ""
    problem = _map("FROM scratch\nCOPY a /\n", history("+ base\n+ COPY a / # buildkit")).problem
    assert problem == "line 1: FROM scratch; the image begins with another step: RUN base"


def test_a_squashed_layer_has_the_lines_of_all_its_files() -> None:
    """If a builder puts the files of several instructions into one layer, that layer has all their lines."""
    text = "FROM x\nCOPY a /\nRUN make\nCMD go\n"
    steps = history(
        """
        + base
        - /bin/sh -c #(nop) COPY file:b5fec2d49be89f3cff160014f43a558d57404c522b9aed3918d800dc21b838f4 in /
        - /bin/sh -c make
        + /bin/sh -c #(nop) CMD go @@FROM docker.io/library/x:latest
        """
    )
    mapped = _map(text, steps)
    assert (mapped.lines_of_layer(0), mapped.lines_of_layer(1), mapped.lines_by_step[3]) == ((1, 1), (2, 3), (4, 4))
    assert mapped.remark == f"the image is squashed: layer 1 has the files of lines 2 to 3; {_DOUBT}"


def test_a_directory_without_a_layer_squashes_nothing() -> None:
    """Podman commits WORKDIR without a layer, and the next layer is of its own line all the same."""
    steps = history(
        """
        + @@Imported from -
        - /bin/sh -c #(nop) WORKDIR /a @@FROM localhost/x:latest
        + /bin/sh -c make @@FROM 52da95332c47
        """
    )
    mapped = _map("FROM x\nWORKDIR /a\nRUN make\n", steps)
    assert (mapped.lines_of_layer(1), mapped.remark) == ((3, 3), _DOUBT)


def test_each_stage_has_a_squashed_layer_of_its_own() -> None:
    """Without layers for instructions, buildah makes one for each stage; triggers of the base are in the lowest."""
    text = "FROM x AS low\nENV A=1\nRUN a\nFROM low\nCOPY b /\nRUN c\nCMD d\n"
    steps = history(
        """
        + base
        - /bin/sh -c #(nop) ONBUILD RUN trigger
        - /bin/sh -c trigger
        - /bin/sh -c #(nop) ENV A=1
        + /bin/sh -c a @@FROM localhost/x:latest
        - /bin/sh -c #(nop) COPY file:b5fec2d49be89f3cff160014f43a558d57404c522b9aed3918d800dc21b838f4 in /
        - /bin/sh -c c
        + /bin/sh -c #(nop) CMD d @@FROM 52da95332c47
        """
    )
    mapped = _map(text, steps)
    assert [mapped.lines_of_layer(layer) for layer in range(3)] == [(1, 1), (1, 3), (5, 6)]
    assert mapped.squashed_layers == {1, 2}


def test_a_run_that_changes_nothing_squashes_nothing() -> None:
    """In Docker a RUN without a layer changed no files, and the next layer is of its own line."""
    mapped = _map("FROM x\nRUN true\nRUN a\n", history("+ base\n- /bin/sh -c true\n+ /bin/sh -c a"))
    assert (mapped.lines_of_layer(1), mapped.remark) == ((3, 3), _DOUBT)


def test_docker_adds_a_step_to_a_squashed_image() -> None:
    """The step that ``docker build --squash`` adds has no line of its own, but the lines of all files."""
    text = "FROM x\nCOPY a /\nRUN make\n"
    squashed = "@@merge sha256:80d5a4a3a2a1 to sha256:90d5a4a3a2a1"
    steps = history(f"+ base\n- COPY a / # buildkit\n- RUN /bin/sh -c make # buildkit\n+ {squashed}")
    mapped = _map(text, steps)
    assert (mapped.problem, mapped.lines_of_layer(1), 3 in mapped.lines_by_step) == ("", (2, 3), False)


def test_builders_add_steps_for_labels_of_the_command_line() -> None:
    """Last steps LABEL that no line made are of the option ``--label``."""
    labels = "- /bin/sh -c #(nop)  LABEL a=b\n- /bin/sh -c #(nop)  LABEL c=d"
    mapped = _map("FROM x\nRUN a\n", history(f"+ base\n+ /bin/sh -c a\n{labels}"))
    assert (mapped.problem, sorted(mapped.lines_by_step)) == ("", [0, 1])


@pytest.mark.parametrize(
    ("instruction", "created_by"),
    [
        ("RUN <<EOF\n\tone\ntwo\nEOF", "RUN /bin/sh -c \tone\\ntwo\\n # buildkit"),
        ("RUN <<-EOF\n\tone\ntwo\nEOF", "RUN /bin/sh -c one\\ntwo\\n # buildkit"),
        ("RUN <<EOF\n#!/bin/python\none\nEOF", "RUN /dev/pipes/EOF # buildkit"),
        (
            "RUN cat <<A >x; cat <<B\none\nA\ntwo\nB",
            "RUN /bin/sh -c cat <<A >x; cat <<B\\none\\nA\\ntwo\\nB # buildkit",
        ),
        ("RUN cat <<EOF\none\nEOF", "/bin/sh -c cat <<EOF\\none"),
        ("RUN --mount=type=cache,target=/c make", "RUN /bin/sh -c make # buildkit"),
        ("RUN --mount=type=bind,source=.,target=/c make", f"/bin/sh -c --mount=type=bind make:{'ab' * 32}"),
        ("COPY --link --from=b <<EOF a /d/\none\nEOF", "COPY a <<EOF /d/ # buildkit"),
        ("ENV A two words", "ENV A=two words"),
        ("ENV A two words", "/bin/sh -c #(nop) ENV A two words"),
        ("WORKDIR $HOME/app", "WORKDIR /root/app"),
        ("WORKDIR /a/../b/", "WORKDIR /b"),
        ("WORKDIR C:\\app", "WORKDIR C:\\app"),
        ("EXPOSE 8000-8002", "EXPOSE map[8000/tcp:{} 8001/tcp:{} 8002/tcp:{}]"),
        ("EXPOSE 8000-8001 $P", "EXPOSE [8000/tcp 8001/tcp 9000/tcp]"),
        ("HEALTHCHECK NONE", 'HEALTHCHECK &{["NONE"] "0s" "0s" "0s" \'\\x00\'}'),
        ('HEALTHCHECK cmd ["a", "b c"]', 'HEALTHCHECK &{["CMD" "a" "b c"] "0s" "0s" "0s" \'\\x00\'}'),
        ("CMD []", "CMD []"),
        ("ENTRYPOINT exec top -b", 'ENTRYPOINT ["/bin/sh" "-c" "exec top -b"]'),
        ("USER ${U:-me}:$G", "USER me:staff"),
        ("USER ${U:-${V:-me}}", "USER me"),
        ("LABEL a=\"b\" \\\n c='d e'", "LABEL a=b c=d e"),
        ("ARG A=1 B", "ARG A=2 B"),
    ],
)
def test_a_builder_may_record_an_instruction_like_this(instruction: str, created_by: str) -> None:
    """Forms in which builders record instructions, with heredocs, variables and defaults, all fit."""
    assert _map(f"FROM x\n{instruction}\n", history(f"+ base\n+ {created_by}")).problem == ""


@pytest.mark.parametrize(
    ("instruction", "created_by"),
    [
        ("RUN b", "/bin/sh -c a && b"),
        ("RUN a 'b c'", "/bin/sh -c a b c"),
        ("RUN a", "/bin/sh -c a: b"),
        ("RUN <<EOF\none\nEOF", "RUN /bin/sh -c two\\n # buildkit"),
        ("COPY a /b", "ADD a /b # buildkit"),
        ("COPY --chown=1 a /b", "COPY --chown=2 a /b # buildkit"),
        ("COPY --chmod=755 a /b", "COPY --chmod=0644 a /b # buildkit"),
        ("COPY a b /c/", "COPY a /c/ # buildkit"),
        ("COPY $A /c/", "COPY a /d/ # buildkit"),
        ("ENV A=1", "ENV A=2"),
        ("ARG A", "ARG B"),
        ("WORKDIR app", "WORKDIR /myapp"),
        ("EXPOSE 80", "EXPOSE map[81/tcp:{}]"),
        ("HEALTHCHECK --interval=1m CMD a", 'HEALTHCHECK &{["CMD-SHELL" "a"] "2m0s" "0s" "0s" \'\\x00\'}'),
        ("HEALTHCHECK CMD a", 'HEALTHCHECK &{["NONE"] "0s" "0s" "0s" \'\\x00\'}'),
        ('CMD ["a", "b"]', 'CMD ["a" "c"]'),
        ("CMD a", 'CMD ["/bin/sh" "-c" "a b"]'),
    ],
)
def test_other_texts_do_not_fit(instruction: str, created_by: str) -> None:
    """An instruction does not fit a step that differs in what it does."""
    assert _map(f"FROM x\n{instruction}\n", history(f"+ base\n+ {created_by}")).problem != ""


@pytest.mark.parametrize(
    ("text", "created_by", "steps"),
    [
        ("FROM a\n" + "RUN x\n" * 9_000 + "RUN y\n", "RUN /bin/sh -c x # buildkit", 10_000),
        ("".join(f"FROM s{number - 1} AS s{number}\nRUN x\n" for number in range(4_000)), "RUN x # buildkit", 9),
        ("FROM a\nCOPY " + "${" * 100_000, "COPY " + "a " * 100_000, 2),
        ("FROM " + "${a:-" * 100_000 + "\nUSER a", "USER b", 2),
        ("FROM a\nEXPOSE " + "1-65535 " * 100, "EXPOSE " + "1-65534 " * 100, 2),
    ],
    ids=["same steps", "stages", "variables", "defaults", "ports"],
)
def test_hostile_texts_are_compared_in_moments(text: str, created_by: str, steps: int) -> None:
    """The time grows with the texts alone, also if nearly everything fits many times."""
    assert _map(text, tuple(HistoryStep(created_by, comment="buildkit") for _ in range(steps))).problem


def test_a_dockerfile_has_at_most_ten_thousand_instructions() -> None:
    """More instructions than any image can have are an error."""
    with pytest.raises(UsageError, match="line 10001: it has more than 10,000 instructions"):
        _map("FROM a\n" + "RUN x\n" * 10_000, ())
