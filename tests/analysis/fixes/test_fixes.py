"""Fixes: one row for one change to the Dockerfile, with the bytes that it saves."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.advice.build_steps import build_steps
from explorer.analysis.advice.sentences import plain_text
from explorer.analysis.base.guesses import guess
from explorer.analysis.disposables.disposables import disposables
from explorer.analysis.fixes.fix import Fix, remaining_bytes
from explorer.analysis.fixes.fixes import fixes
from explorer.analysis.fixes.origins import origins
from explorer.analysis.waste import byte_usage
from explorer.model import Cause, HistoryStep, Layer
from explorer.pipeline import Exploration
from tests.images import (
    Item,
    docker_archive,
    explored,
    explored_layers,
    file,
    gzipped,
    hardlink,
    image,
    layer,
    merged,
    whiteout,
)

BASE = "ADD rootfs.tar.xz /"


def with_history(tmp_path: Path, *steps: tuple[str, bytes], **config: Any) -> Exploration:
    """Returns the exploration of an image whose steps made these layers."""
    history = [{"created_by": created_by} for created_by, _ in steps]
    made = image(*(data for _, data in steps), history=history, **config)
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    return explored(path)


def lines(fix: Fix) -> list[str]:
    """Returns the lines of a fix before and after."""
    return [str(line) for line in fix.diff]


@pytest.mark.parametrize("maker", ["RUN make -C /d", "RUN <<EOF make -C /d EOF"])
def test_layers_are_the_steps_that_change(tmp_path: Path, maker: str) -> None:
    """A fix also names the layer whose command moves, even if no lines are known."""
    (fix,) = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        (maker, layer(file("d/a", b"1" * 50))),
        ("RUN echo", layer(file("d/b", b"1"))),
        ("RUN chown -R nobody /d/a", layer(file("d/a", b"1" * 50, uid=5))),
    ).fixes
    assert (fix.id, fix.layers, bool(fix.diff)) == ("attributes-3", (1, 3), "EOF" not in maker)


def test_one_row_for_waste_and_what_is_visible(tmp_path: Path) -> None:
    """Wasted and visible files of one cache are one fix over all layers."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("RUN apt-get update", layer(file("var/lib/apt/lists/x", b"1" * 50))),
        ("RUN apt-get install -y git", layer(file("var/cache/apt/pkgcache.bin", b"2" * 30), file("usr/bin/git", b"1"))),
        ("RUN rm -rf /var/lib/apt/lists/*", layer(whiteout("var/lib/apt/lists/x"))),
    )
    (fix,) = exploration.fixes
    assert (fix.id, fix.wasted_bytes, fix.disposable_bytes, fix.bytes) == ("apt", 50, 30, 80)
    assert fix.layers == (1, 2)
    assert lines(fix) == [
        "- RUN apt-get update",
        "- RUN apt-get install -y git",
        "+ RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/* && apt-get clean",
    ]
    assert list(remaining_bytes(exploration.fixes, exploration.usage.shipped_bytes)) == [2]
    assert plain_text(fix.why) == (
        "Layer 3 (`RUN rm -rf /var/lib/apt/lists/*`) is too late: layer 1 (`RUN apt-get update`) already shipped it. "
        "A container is not expected to need apt's cache."
    )


def test_bytes_are_followed_to_the_first_shipper(tmp_path: Path) -> None:
    """Files of a COPY that a chown ships again and a RUN removes are left out of the COPY; both copies count."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("COPY . /app # buildkit", layer(file("app/.git/a", b"1" * 40), file("app/main", b"2" * 7))),
        ("RUN chown -R app /app", layer(file("app/.git/a", b"1" * 40, uid=9), file("app/main", b"2" * 7, uid=9))),
        ("RUN rm -rf /app/.git", layer(whiteout("app/.git"))),
    )
    left_out, owned = exploration.fixes
    assert (left_out.id, left_out.wasted_bytes, left_out.layers) == ("leave-out-1", 80, (1,))
    assert lines(left_out) == ["# .dockerignore", "+ .git"]
    assert (owned.id, owned.wasted_bytes) == ("attributes-2", 7)
    assert lines(owned) == ["- COPY . /app", "+ COPY --chown=app . /app", "- RUN chown -R app /app"]


def test_all_copies_of_a_file_that_is_not_needed_are_one_fix(tmp_path: Path) -> None:
    """Leaving a visible file out of its COPY saves the copy of a chown as well."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("COPY . /app", layer(file("app/.git/a", b"1" * 40), file("app/main", b"2" * 7))),
        ("RUN chown -R app /app", layer(file("app/.git/a", b"1" * 40, uid=9), file("app/main", b"2" * 7, uid=9))),
    )
    left_out, owned = exploration.fixes
    assert (left_out.id, left_out.wasted_bytes, left_out.disposable_bytes) == ("leave-out-1", 40, 40)
    assert (owned.id, owned.wasted_bytes) == ("attributes-2", 7)


def test_removing_is_moved_to_the_run_that_makes_the_files(tmp_path: Path) -> None:
    """The command that comes too late goes to the end of the RUN that makes the files."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("RUN make", layer(file("srv/a", b"1" * 9))),
        ("RUN rm -rf /srv/a && echo done", layer(whiteout("srv/a"), file("done", b"1"))),
    )
    (fix,) = exploration.fixes
    assert (fix.id, fix.wasted_bytes) == ("delete-2", 9)
    assert fix.title == "Delete /srv/a in the RUN that makes it, not in layer 2"
    assert lines(fix) == [
        "- RUN make",
        "+ RUN make && rm -rf /srv/a",
        "- RUN rm -rf /srv/a && echo done",
        "+ RUN echo done",
    ]


def test_lists_stay_for_the_runs_that_need_them(tmp_path: Path) -> None:
    """After a RUN that deletes apt's lists, each RUN that installs updates them again."""
    lists, cache = "var/lib/apt/lists/x", "var/cache/apt/pkgcache.bin"
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("RUN apt-get -q update", layer(file(lists, b"1" * 50))),
        ("COPY . /src", layer(file("src/a", b"1"))),
        ("RUN apt-get install -y a", layer(file(cache, b"2" * 30))),
        ("RUN apt-get install -y b && apt-get clean", layer(file("usr/bin/b", b"1"))),
        ("RUN apt-get remove -y a", layer(file(cache, b"3" * 20))),
    )
    (fix,) = [fix for fix in exploration.fixes if fix.id == "apt"]
    end = "rm -rf /var/lib/apt/lists/*"
    assert lines(fix) == [
        "- RUN apt-get -q update",
        "- RUN apt-get install -y a",
        f"+ RUN apt-get -q update && apt-get install -y a && {end} && apt-get clean",
        "- RUN apt-get install -y b && apt-get clean",
        f"+ RUN apt-get -q update && apt-get install -y b && apt-get clean && {end}",
        "- RUN apt-get remove -y a",
        "+ RUN apt-get remove -y a && apt-get clean",
    ]


def test_only_the_operands_of_the_fix_move(tmp_path: Path) -> None:
    """``rm`` moves for the files that a RUN makes; what else it removes stays where it is."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("var/lib/apt/lists/x", b"1" * 9))),
        ("RUN make a", layer(file("srv/a", b"1" * 9))),
        ("RUN make b", layer(file("opt/b", b"1" * 9))),
        (
            "RUN rm -rf /var/lib/apt/lists/* /srv/a /opt/b",
            layer(*map(whiteout, ("srv/a", "opt/b", "var/lib/apt/lists/x"))),
        ),
    )
    (fix, _) = exploration.fixes
    assert lines(fix) == [
        "- RUN make a",
        "+ RUN make a && rm -rf /srv/a",
        "- RUN make b",
        "+ RUN make b && rm -rf /opt/b",
        "- RUN rm -rf /var/lib/apt/lists/* /srv/a /opt/b",
        "+ RUN rm -rf /var/lib/apt/lists/*",
    ]
    assert plain_text(fix.do) == "End the RUNs of layers 1 and 2 with `&& rm -rf /srv/a /opt/b`."


def test_a_late_chown_names_only_the_files_of_its_run(tmp_path: Path) -> None:
    """After a COPY with the owner, a RUN changes the owner of its own file, and ships no other again."""
    exploration = with_history(
        tmp_path,
        ("COPY . /app", layer(file("app/a", b"1" * 9))),
        ("RUN make /app/b", layer(file("app/b", b"1" * 8))),
        ("RUN chown -R app /app", layer(file("app/a", b"1" * 9, uid=9), file("app/b", b"1" * 8, uid=9))),
    )
    (fix,) = exploration.fixes
    assert lines(fix) == [
        "- COPY . /app",
        "+ COPY --chown=app . /app",
        "- RUN make /app/b",
        "+ RUN make /app/b && chown app /app/b",
        "- RUN chown -R app /app",
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("chmod +x /app/a", ["- RUN chmod +x /app/a", "# in the build context, before the build", "+ chmod +x src/a"]),
        ("chmod 755 /app/a", []),
        ("chmod -R 755 /app", ["- COPY src /app", "+ COPY --chmod=755 src /app", "- RUN chmod -R 755 /app"]),
        (
            "chown -R a /app && chmod -R 750 /app && echo",
            [
                "- COPY src /app",
                "+ COPY --chown=a --chmod=750 src /app",
                "- RUN chown -R a /app && chmod -R 750 /app && echo",
                "+ RUN echo",
            ],
        ),
        ("chown a /app/a && chmod +x /app/a", []),
    ],
)
def test_modes_of_copied_files(tmp_path: Path, command: str, expected: list[str]) -> None:
    """COPY takes a mode in digits; others like ``+x`` are set before the build."""
    exploration = with_history(
        tmp_path,
        ("COPY src /app", layer(file("app/a", b"1" * 9))),
        (f"RUN {command}", layer(file("app/a", b"1" * 9, mode=0o755))),
    )
    (fix,) = exploration.fixes
    assert lines(fix) == expected


def test_the_owner_of_a_copy_is_replaced(tmp_path: Path) -> None:
    """A COPY that sets an owner gets the one of the chown, and keeps its other options."""
    exploration = with_history(
        tmp_path,
        ("COPY --chown=b --link src /app", layer(file("app/a", b"1" * 9, uid=7))),
        ("RUN chown -R a /app", layer(file("app/a", b"1" * 9))),
    )
    (fix,) = exploration.fixes
    assert lines(fix)[1] == "+ COPY --chown=a --link src /app"


@pytest.mark.parametrize("source", ["files.tar.gz", "files.tgz", "https://example.org/files"])
def test_files_that_add_unpacks_or_loads(tmp_path: Path, source: str) -> None:
    """The files are not in the build context, so .dockerignore cannot leave them out."""
    steps = (BASE, layer(file("bin/sh", b"1"))), (f"ADD {source} /d", layer(file("d/.git/a", b"1")))
    (fix,) = with_history(tmp_path, *steps).fixes
    assert lines(fix) == []


def with_settings(tmp_path: Path, *steps: str | tuple[str, bytes], **config: Any) -> Exploration:
    """Returns the exploration of an image; steps without a layer only change metadata."""
    history = [
        {"created_by": step, "empty_layer": True} if isinstance(step, str) else {"created_by": step[0]}
        for step in steps
    ]
    return explored_layers(
        tmp_path, *(step[1] for step in steps if not isinstance(step, str)), history=history, **config
    )


def test_the_working_directory_of_each_step(tmp_path: Path) -> None:
    """A relative COPY goes to the directory of its own step, not to that of the container."""
    exploration = with_settings(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        "WORKDIR /app",
        "WORKDIR sub",
        ("COPY src .", layer(file("app/sub/.git/a", b"1"))),
        "WORKDIR /",
    )
    (fix,) = exploration.fixes
    assert lines(fix) == ["# .dockerignore", "+ src/.git"]


def test_runs_with_other_settings_stay_apart(tmp_path: Path) -> None:
    """RUNs of another user or with other variables are not joined, and no relative path goes to another directory."""
    steps = ("RUN make a", layer(file("a", b"1" * 9))), ("RUN make b", layer(file("a", b"2" * 8)))
    (fix,) = with_settings(tmp_path, (BASE, layer(file("bin/sh", b"1"))), steps[0], "USER app", steps[1]).fixes
    assert lines(fix) == []
    steps = ("RUN make", layer(file("a", b"1" * 9))), ("RUN rm a", layer(whiteout("a")))
    (fix,) = with_settings(tmp_path, (BASE, layer(file("b", b"1"))), steps[0], "WORKDIR /x", steps[1]).fixes
    assert lines(fix) == []


@pytest.mark.parametrize(
    ("copy", "name", "expected"),
    [
        ("COPY . /app", "node_modules/.cache/a", ["# .dockerignore", "+ node_modules/.cache"]),
        ("COPY . /app", ".config/.git/a", ["# .dockerignore", "+ .config/.git"]),
        ("COPY .git /app/.git", ".git/a", ["- COPY .git /app/.git"]),
    ],
)
def test_only_what_is_not_needed_is_left_out(tmp_path: Path, copy: str, name: str, expected: list[str]) -> None:
    """.dockerignore names no directory with other files, and a COPY of nothing else goes."""
    (fix,) = with_history(tmp_path, (BASE, layer(file("a", b"1"))), (copy, layer(file(f"app/{name}", b"1")))).fixes
    assert lines(fix) == expected


def test_runs_that_write_the_same_files_are_joined(tmp_path: Path) -> None:
    """RUNs that follow each other become one; others have no lines."""
    first, second = layer(file("a", b"1" * 9)), layer(file("a", b"2" * 8))
    base = (BASE, layer(file("bin/sh", b"1")))
    (fix,) = with_history(tmp_path, base, ("RUN make a", first), ("RUN make b", second)).fixes
    assert (fix.title, lines(fix)) == (
        "Write the files once: layer 2 overwrites them",
        ["- RUN make a", "- RUN make b", "+ RUN make a && make b"],
    )
    apart = ("COPY . /c", layer(file("c", b"1")))
    (fix,) = with_history(tmp_path, base, ("RUN make a", first), apart, ("RUN make b", second)).fixes
    assert lines(fix) == []


def test_a_source_that_the_builder_did_not_record(tmp_path: Path) -> None:
    """Without the source of a COPY, .dockerignore names the files in every directory."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("/bin/sh -c #(nop) COPY dir:0a1b in /app ", layer(file("app/.git/a", b"1"))),
    )
    (fix,) = exploration.fixes
    assert lines(fix) == ["# .dockerignore", "+ **/.git"]


def test_disposable_directories_are_deleted_by_name(tmp_path: Path) -> None:
    """The RUN deletes the directories that its layer brings, in quotes, and no other."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("usr/share/man/a", b"1"))),
        ("RUN make", layer(file("usr/share/doc/a/b", b"1"), file("srv/my app/.git/HEAD", b"1"), file("core.1", b"1"))),
    )
    assert {fix.id: lines(fix)[1:] for fix in exploration.fixes if not fix.is_base} == {
        "documentation": ["+ RUN make && rm -rf /usr/share/doc"],
        "version_control": ["+ RUN make && rm -rf '/srv/my app/.git'"],
        "crash_dumps": ["+ RUN make && rm -rf /core.1"],
    }


@pytest.mark.parametrize("text", ["RUN for i in 1; do rm -rf /srv/a; done", "RUN rm -rf /srv/a # now"])
def test_commands_in_loops_stay(tmp_path: Path, text: str) -> None:
    """A command that cannot be taken out of its RUN gives no lines."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("a", b"1"))),
        ("RUN make", layer(file("srv/a", b"1"))),
        (text, layer(whiteout("srv/a"))),
    )
    (fix,) = exploration.fixes
    assert lines(fix) == []


PATHS = st.sampled_from(["var/cache/apt/a", "usr/share/doc/b", "app/.git/c", "app/d", "tmp/e", "lib/f"])
ITEMS = st.one_of(
    st.builds(lambda path, size, uid: file(path, b"x" * size, uid=uid), PATHS, st.integers(0, 9), st.integers(0, 1)),
    st.builds(hardlink, PATHS, PATHS),
    st.builds(whiteout, PATHS),
)
COMMANDS = st.sampled_from(
    [
        BASE,
        "RUN apt-get update",
        "RUN apt-get install -y a",
        "COPY . /",
        "RUN chown -R a /app",
        "RUN rm -rf /app /tmp/*",
    ]
)
STEPS = st.lists(st.tuples(COMMANDS, st.lists(ITEMS, max_size=5)), max_size=5)


@given(STEPS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_byte_belongs_to_one_fix(steps: list[tuple[str, list[Item]]]) -> None:
    """Wasted and disposable bytes of all fixes add up to those of the image, and all fixes together leave the rest."""
    tree = merged(*(gzipped(layer(*items)) for _, items in steps))
    usage, found = byte_usage(tree), disposables(tree)
    layers = [Layer(number, cast("Any", None), step=HistoryStep(text)) for number, (text, _) in enumerate(steps)]
    made = fixes(
        tree,
        usage.wasted,
        origins(tree, usage.wasted),
        found,
        build_steps(layers, base_layers=guess(layers, ()).layers),
    )
    assert Counter(waste for fix in made for waste in fix.wasted) == Counter(usage.wasted)
    assert Counter(each for fix in made for each in fix.disposables) == Counter(found)
    assert sum(fix.wasted_bytes for fix in made) == usage.wasted_bytes
    left = [usage.shipped_bytes, *remaining_bytes(made, usage.shipped_bytes)][-1]
    assert left == usage.visible_bytes - sum(each.bytes for each in found)
    assert all(fix.bytes and "\n" not in str(line) for fix in made for line in fix.diff)


def test_only_the_base_can_save_its_own(tmp_path: Path) -> None:
    """Waste and disposable bytes of the base are one fix, the last one, without lines."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("usr/share/doc/a", b"1" * 500), file("etc/a", b"1" * 300))),
        ("RUN rm /etc/a && touch /tmp/a", layer(whiteout("etc/a"), file("tmp/a", b"1"))),
    )
    temporary, base = exploration.fixes
    assert (temporary.id, temporary.is_base) == ("temporary", False)
    assert (base.is_base, base.wasted_bytes, base.disposable_bytes, base.diff) == (True, 300, 500, ())


@pytest.mark.parametrize("text", ["RUN <<EOF make EOF", "RUN " + "x" * 3_000])
def test_a_step_that_is_not_known_in_full_has_no_lines(tmp_path: Path, text: str) -> None:
    """A here-document and a command that is cut are not shown before and after."""
    exploration = with_history(tmp_path, (BASE, layer(file("a", b"1"))), (text, layer(file("tmp/a", b"1"))))
    (fix,) = exploration.fixes
    assert lines(fix) == []


def test_the_demo(tmp_path: Path) -> None:
    """The waste of all fixes of the demo adds up to its waste, and .git is a matter of its COPY."""
    exploration = explored("demo")
    assert sum(fix.wasted_bytes for fix in exploration.fixes) == exploration.usage.wasted_bytes
    assert sum(fix.disposable_bytes for fix in exploration.fixes) == sum(each.bytes for each in exploration.disposables)
    (ignored,) = [fix for fix in exploration.fixes if fix.id == "leave-out-6"]
    assert lines(ignored) == ["# .dockerignore", "+ .git", "+ .env"]
    assert {(waste.shipped_in, waste.path == "app/.env") for waste in ignored.wasted} == {
        (6, True),
        (9, True),
        (9, False),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_many_layers_that_ship_the_same_files(tmp_path: Path) -> None:
    """The origin of each copy is found without comparing the whole history of its path for each of them."""
    layers = (layer(*(file(f"app/{name}", b"x", uid=uid) for name in range(5))) for uid in range(300))
    exploration = with_history(tmp_path, *((f"RUN chown {uid} /app", data) for uid, data in enumerate(layers)))
    assert {(each.shipped_in, each.cause) for each in exploration.origins} == {(0, Cause.RECOPIED)}
    assert _seconds(lambda: origins(exploration.tree, exploration.usage.wasted)) < 0.2


def test_origins_in_a_long_history(tmp_path: Path) -> None:
    """A row of equal copies ends where the content changes, also among many versions of a path."""
    contents = [b"a"] * 5 + [b"b"] * 5
    steps = [("RUN x", layer(file("a", content, uid=uid))) for uid, content in enumerate(contents)]
    exploration = with_history(tmp_path, *steps, ("RUN rm /a", layer(whiteout("a"))))
    ends = {(each.shipped_in, each.hidden_in, each.cause) for each in exploration.origins}
    assert ends == {(0, 5, Cause.OVERWRITTEN), (5, 10, Cause.REMOVED)}


def test_many_files_hidden_by_many_commands(tmp_path: Path) -> None:
    """The commands of a step are not read again for each of its wasted files."""
    names = [f"app/{number}" for number in range(3000)]
    many = " && ".join(f"rm /{number}" for number in range(150))
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("RUN make", layer(*(file(name, b"x") for name in names), file("7", b"x"))),
        (f"RUN apt-get remove x && {many}", layer(whiteout("app"), whiteout("7"))),
    )
    assert {fix.id: len(fix.wasted) for fix in exploration.fixes} == {"uninstall-2": 3000, "delete-2": 1}
    del exploration.__dict__["fixes"]
    assert _seconds(lambda: exploration.fixes) < 0.5


def test_deep_directories_are_named_in_a_moment(tmp_path: Path) -> None:
    """A directory to delete is searched once for all files below it, and the others by their own."""
    deep = "a/" * 1000
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("RUN make", layer(*(file(f"{deep}.git/{number}/x", b"x") for number in range(100)))),
    )
    start = time.process_time()
    (fix,) = exploration.fixes
    assert time.process_time() - start < 1
    assert fix.disposable_bytes == 100
    assert lines(fix)[1].endswith("/a/.git")


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("COPY . /app", ["+ \\!x~", "+ \\*.orig", "+ a?b~"]),
        ("COPY * /app/", ["+ **/\\!x~", "+ **/\\*.orig", "+ **/a?b~"]),
    ],
)
def test_ignored_names_match_nothing_else(tmp_path: Path, copy: str, expected: list[str]) -> None:
    """A line of .dockerignore names one file, whatever characters its name has."""
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        (copy, layer(*(file(f"app/{name}", b"1") for name in ("*.orig", "!x~", "a\nb~")))),
    )
    (fix,) = exploration.fixes
    assert lines(fix) == ["# .dockerignore", *expected]
