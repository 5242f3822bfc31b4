"""The origin of wasted bytes whose file has several names."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.fixes.test_fixes import BASE, lines, with_history
from tests.images import file, hardlink, layer, whiteout

LINKED = layer(file("opt/n", b"1" * 50), hardlink("opt/m", "opt/n"))
MAKE = "RUN make /opt/m && ln /opt/m /opt/n"
FIRST = (BASE, layer(file("bin/sh", b"1")))


def test_a_name_that_stays_visible_decides(tmp_path: Path) -> None:
    """A mode set late wastes the bytes if another name goes later: without it, the file is shipped once."""
    (fix,) = with_history(
        tmp_path,
        FIRST,
        (MAKE, LINKED),
        ("RUN chmod 700 /opt/n", layer(file("opt/n", b"1" * 50, mode=0o700))),
        ("RUN rm /opt/m", layer(whiteout("opt/m"))),
    ).fixes
    assert (fix.id, fix.bytes) == ("attributes-2", 50)
    assert lines(fix) == [f"- {MAKE}", f"+ {MAKE} && chmod 700 /opt/n", "- RUN chmod 700 /opt/n"]


def test_names_that_go_in_several_layers(tmp_path: Path) -> None:
    """The bytes are saved only if all names go, so the RUNs are joined."""
    (fix,) = with_history(
        tmp_path,
        FIRST,
        (MAKE, LINKED),
        ("RUN rm /opt/m", layer(whiteout("opt/m"))),
        ("RUN rm /opt/n", layer(whiteout("opt/n"))),
    ).fixes
    assert (fix.id, fix.bytes) == ("delete-after-use-3", 50)
    assert lines(fix) == [
        f"- {MAKE}",
        "- RUN rm /opt/m",
        "- RUN rm /opt/n",
        f"+ {MAKE} && rm /opt/m && rm /opt/n",
    ]


def test_all_names_go_in_one_layer(tmp_path: Path) -> None:
    """The command that moves removes all names, and no other file."""
    (fix,) = with_history(
        tmp_path,
        FIRST,
        (MAKE, LINKED),
        ("RUN rm /opt/m /opt/n /opt/other", layer(whiteout("opt/m"), whiteout("opt/n"))),
    ).fixes
    assert lines(fix)[1:] == [
        f"+ {MAKE} && rm /opt/m /opt/n",
        "- RUN rm /opt/m /opt/n /opt/other",
        "+ RUN rm /opt/other",
    ]


def test_all_names_are_left_out_of_a_copy(tmp_path: Path) -> None:
    """.dockerignore names each name of a file, whether a layer removes it or a container sees it."""
    items = (
        file("app/n~", b"1" * 50),
        hardlink("app/m~", "app/n~"),
        file("app/a", b"1" * 70),
        hardlink("app/b", "app/a"),
    )
    (fix,) = with_history(
        tmp_path,
        FIRST,
        ("COPY . /app", layer(*items, file("app/kept", b"1"))),
        ("RUN rm /app/a", layer(whiteout("app/a"))),
        ("RUN rm /app/b", layer(whiteout("app/b"))),
    ).fixes
    assert (fix.id, fix.bytes) == ("leave-out-1", 120)
    assert sorted(lines(fix)) == ["# .dockerignore", "+ a", "+ b", "+ m~", "+ n~"]
