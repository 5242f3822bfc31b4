"""The figures of fixes that save the same copies: those of the order of the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.fixes.test_fixes import BASE, with_history
from tests.images import file, layer, whiteout


@pytest.mark.parametrize(
    ("main_bytes", "command", "expected"),
    [
        (39, "chown -R app /app", {"leave-out-1": 80, "attributes-2": 39}),
        (80, "chown -R app /app", {"attributes-2": 120, "leave-out-1": 40}),
        (90, "chown app /app/main /app/.git/a", {"attributes-2": 130, "leave-out-1": 40}),
        (90, "chown -R app .", {"attributes-2": 90, "leave-out-1": 80}),
    ],
)
def test_copies_of_a_file_that_is_left_out(
    tmp_path: Path, main_bytes: int, command: str, expected: dict[str, int]
) -> None:
    """The larger fix comes first, and saves the copies of a late owner; unclear targets move nothing."""
    main = b"2" * main_bytes
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("COPY . /app", layer(file("app/.git/a", b"1" * 40), file("app/main", main))),
        (f"RUN {command}", layer(file("app/.git/a", b"1" * 40, uid=9), file("app/main", main, uid=9))),
    )
    found = [(fix.id, fix.bytes) for fix in exploration.fixes]
    assert found == list(expected.items())
    wasted = exploration.fixes[0].wasted
    assert [each.bytes for each in wasted] == sorted((each.bytes for each in wasted), reverse=True)


def test_copies_of_a_file_that_a_later_step_removes(tmp_path: Path) -> None:
    """A late owner of a larger file saves one of the two copies of a file that is removed."""
    main = b"2" * 90
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("RUN make", layer(file("app/a", b"1" * 40), file("app/main", main))),
        ("RUN chown -R app /app", layer(file("app/a", b"1" * 40, uid=9), file("app/main", main, uid=9))),
        ("RUN rm /app/a", layer(whiteout("app/a"))),
    )
    assert [(fix.id, fix.bytes) for fix in exploration.fixes] == [("attributes-2", 130), ("delete-3", 40)]


def test_copies_of_a_key_stay_with_the_fix_that_keeps_it_out(tmp_path: Path) -> None:
    """A late owner is no help against a key in the image, so all copies of the key are with its own fix."""
    main = b"2" * 90
    exploration = with_history(
        tmp_path,
        (BASE, layer(file("bin/sh", b"1"))),
        ("COPY . /app", layer(file("app/.env", b"1" * 40), file("app/main", main))),
        ("RUN chown -R app /app", layer(file("app/.env", b"1" * 40, uid=9), file("app/main", main, uid=9))),
        ("RUN rm /app/.env", layer(whiteout("app/.env"))),
    )
    owned, left_out = exploration.fixes
    assert (owned.id, owned.bytes, owned.secrets) == ("attributes-2", 90, [])
    assert (left_out.id, left_out.bytes, left_out.secrets) == ("leave-out-1", 80, ["app/.env"])
