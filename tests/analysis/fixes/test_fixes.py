"""Fixes: one row for one change to the Dockerfile, with the bytes that it saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.fixes.fixes import Fix, remaining_bytes
from explorer.pipeline import Exploration
from tests.images import docker_archive, explored, file, image, layer, whiteout

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
    assert lines(fix) == [
        "- RUN make",
        "+ RUN make && rm -rf /srv/a",
        "- RUN rm -rf /srv/a && echo done",
        "+ RUN echo done",
    ]


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
    assert {waste.shipped_in for waste in ignored.wasted} == {6, 9}
