from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.packages.owned_paths import image_path, image_paths


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
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_paths_stay_inside_the_root(path: str, expected: str | None) -> None:
    """Relative and absolute paths become paths of the image; paths that leave it become none."""
    assert image_path("usr/lib", path) == expected


def test_paths_below_the_root_itself() -> None:
    """A database directly in the root has paths without a leading slash."""
    assert image_path("", "a/b") == "a/b"


@given(st.sampled_from(["", "a", "a/b/"]), st.text("ab./\0\udc80", max_size=12))
def test_a_path_is_normal_or_none(directory: str, text: str) -> None:
    """No text becomes a path that leaves the root or that an entry cannot have."""
    path = image_path(directory, text)
    if path is not None:
        assert path == posixpath.normpath(posixpath.join(directory, text).lstrip("/"))
        assert not path.startswith(("/", "../"))
        assert "\0" not in path


def test_each_path_is_there_once_and_below_its_root() -> None:
    """The order stays."""
    assert image_paths("chroot/", ["/b", "/a", "b", "/", "/."]) == ("chroot/b", "chroot/a")
