"""Files that a RUN uses or moves before a step removes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.advice.build_steps import build_steps
from explorer.analysis.advice.sentences import plain_text
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.fixes.uses import Use, Uses
from tests.analysis.fixes.test_fixes import BASE, lines, with_history
from tests.images import file, layer, whiteout


def only_fix(tmp_path: Path, first: str, path: str, *later: str) -> Fix:
    """Returns the fix for a file that the first step makes and the last one removes."""
    between = [(text, layer(file(f"opt/{number}", b"1"))) for number, text in enumerate(later[:-1])]
    steps = [(BASE, layer(file("a", b"1"))), (first, layer(file(path, b"1"))), *between]
    (fix,) = with_history(tmp_path, *steps, (later[-1], layer(whiteout(path)))).fixes
    return fix


def test_a_moved_directory_is_copied_to_its_place(tmp_path: Path) -> None:
    """The COPY names the place to which a RUN moves its files; .dockerignore would lose them."""
    fix = only_fix(tmp_path, "COPY src /app/src", "app/src/a", "RUN mv /app/src /app/lib && echo done")
    assert (fix.id, fix.layers) == ("move-1", (1, 2))
    assert lines(fix) == [
        "- COPY src /app/src",
        "+ COPY src /app/lib",
        "- RUN mv /app/src /app/lib && echo done",
        "+ RUN echo done",
    ]


@pytest.mark.parametrize(
    "runs",
    [
        ["RUN tar xf /tmp/a.tgz -C /opt && rm /tmp/a.tgz"],
        ["RUN pip install --no-cache-dir --find-links=/tmp/a.tgz x", "RUN rm -rf /tmp/*"],
        ["RUN cd /tmp && tar xf a.tgz && rm a.tgz"],
    ],
)
def test_copied_files_that_a_run_needs_are_mounted(tmp_path: Path, runs: list[str]) -> None:
    """Files that a RUN reads before they go are not left out of the build context."""
    fix = only_fix(tmp_path, "COPY a.tgz /tmp/", "tmp/a.tgz", *runs)
    assert (fix.id, lines(fix)) == ("mount-1", [])
    assert "--mount=type=bind" in plain_text(fix.do)


def test_made_files_that_a_later_run_needs(tmp_path: Path) -> None:
    """RUNs that make, use and delete a file become one; no file goes before its use."""
    fix = only_fix(tmp_path, "RUN make", "src/target/a", "RUN cp target/a /a", "RUN rm -rf target")
    assert fix.id == "delete-after-use-3"
    assert lines(fix)[-1] == "+ RUN make && cp target/a /a && rm -rf target"


def test_installed_dependencies_stay_until_the_build(tmp_path: Path) -> None:
    """Commands read a directory like node_modules without its name."""
    fix = only_fix(tmp_path, "RUN npm ci", "app/node_modules/a", "RUN npm run build", "RUN rm -rf node_modules")
    assert lines(fix)[-1] == "+ RUN npm ci && npm run build && rm -rf node_modules"


def test_packages_that_a_later_run_needs(tmp_path: Path) -> None:
    """Packages stay until the RUN that uses them has ended; a COPY between leaves no lines."""
    install, remove = "RUN apt-get install -y gcc", "RUN apt-get remove -y gcc"
    fix = only_fix(tmp_path, install, "usr/bin/gcc", "RUN make", remove)
    assert lines(fix)[-1] == "+ RUN apt-get install -y gcc && make && apt-get remove -y gcc"
    fix = only_fix(tmp_path, install, "usr/bin/gcc", "COPY . /src", "RUN make && apt-get remove -y gcc")
    assert (fix.id, lines(fix)) == ("uninstall-3", [])
    assert plain_text(fix.do).startswith("Join the RUNs that install, use and remove the packages")
    fix = only_fix(tmp_path, install, "usr/bin/gcc", "RUN apt-get remove -y gcc && apt-get clean")
    assert lines(fix)[1] == "+ RUN apt-get install -y gcc && apt-get remove -y gcc"


@pytest.mark.parametrize(
    ("command", "use"),
    [
        ("cat /d/a && rm -r /d", Use.READ),
        ("rm -r /d && cat /d/a", Use.NONE),
        ("cat /da && rm -r /d", Use.NONE),
        ("chown -R a /d && rm -r /d/*", Use.NONE),
        ("cd /d && rm -r .git", Use.NONE),
        ("mv /d /e", Use.MOVED),
        ("mv /e /d", Use.NONE),
    ],
)
def test_use_before_the_end(tmp_path: Path, command: str, use: Use) -> None:
    """Only commands before the deletion use a file, and only if they name it, a file in it, or what goes with it."""
    image = with_history(tmp_path, ("COPY . /d", layer(file("d/a", b"1"))), (f"RUN {command}", layer(whiteout("d"))))
    assert Uses(build_steps(image.image.layers)).of("d/a", 0, 1) is use
