from __future__ import annotations

import pytest

from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.owned_paths import MAX_PATHS, check_path_count, image_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("six.py", "usr/lib/six.py"),
        ("./a//b/", "usr/lib/a/b"),
        ("../bin/flask", "usr/bin/flask"),
        ("/opt/tool", "opt/tool"),
        ("//opt/tool", "opt/tool"),
        ("../../../etc/passwd", None),
        ("/../etc/passwd", None),
        ("../..", None),
        ("a\0b", None),
        ("", None),
    ],
)
def test_paths_stay_inside_the_root(path: str, expected: str | None) -> None:
    """Relative and absolute paths become paths of the image; paths that leave it become none."""
    assert image_path("usr/lib", path) == expected


def test_paths_below_the_root_itself() -> None:
    """A database directly in the root has paths without a leading slash."""
    assert image_path("", "a/b") == "a/b"


def test_too_many_paths_are_damage() -> None:
    """A list that is longer than that of any package is refused."""
    check_path_count(MAX_PATHS)
    with pytest.raises(DatabaseDamaged, match="200,000"):
        check_path_count(MAX_PATHS + 1)
