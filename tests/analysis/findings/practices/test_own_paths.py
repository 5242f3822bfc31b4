"""Practices of the files above the base: rights, names and links."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.findings.finding import PathPlace, Severity
from explorer.analysis.findings.practices.practices import practice_findings
from tests.analysis.findings.practices.cases import BASE_STEP, base_layer, findings, ids, own_step, practice_case, run
from tests.images import Item, big, directory, explored_layers, file, layer, symlink, whiteout


@pytest.mark.parametrize(
    ("practice", "broken", "kept"),
    [
        ("set-id-files", file("srv/tool", b"x", mode=0o4755), directory("srv/shared", mode=0o2775)),
        ("world-writable", file("srv/a", b"x", mode=0o666), file("srv/a", b"x", mode=0o664)),
        ("world-writable", directory("srv/d", mode=0o777), directory("tmp", mode=0o1777)),
        ("dangling-links", symlink("srv/a", "/nowhere"), symlink("srv/a", "/proc/self/fd/1")),
        ("dangling-links", symlink("srv/a", "../b/c"), symlink("srv/a", "../etc/passwd")),
        ("dangling-links", symlink("srv/a", "../../b"), symlink("srv/a", "/run/x.sock")),
        ("credential-file", file("root/.ssh/id_rsa", b"x"), file("root/.ssh/id_rsa.pub", b"x")),
        ("credential-file", file("root/.aws/credentials", b"x"), file("usr/share/doc/.aws/credentials", b"x")),
    ],
)
def test_own_paths(tmp_path: Path, practice: str, broken: Item, kept: Item) -> None:
    """A path that breaks a practice is found, one that keeps it or is of the base is not."""
    found = [each for each in findings(tmp_path, [run("make")], [layer(broken)]) if each.id == practice]
    assert [(each.place, each.layer) for each in found] == [(PathPlace(broken.name), 1)]
    assert practice not in ids(findings(tmp_path, [run("make")], [layer(kept)]))
    assert practice not in ids(findings(tmp_path, [run("make")], base=base_layer(broken)))


def test_rights_that_the_base_has(tmp_path: Path) -> None:
    """A file that a step ships again with a right of the base is not found."""
    tool = file("usr/bin/su", b"x", mode=0o4755)
    assert "set-id-files" not in ids(findings(tmp_path, [run("chown")], [layer(tool)], base_layer(tool)))


def test_rights_of_packages(tmp_path: Path) -> None:
    """A right that a package brings is less severe than one that a step gives."""
    status = b"Package: su\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n"
    database = (file("var/lib/dpkg/status", status), file("var/lib/dpkg/info/su.list", b"/usr/bin/su\n"))
    installed = layer(*database, file("usr/bin/su", b"x", mode=0o4755))
    (found,) = [each for each in findings(tmp_path, [run("make")], [installed]) if each.id == "set-id-files"]
    assert (found.severity, found.package and found.package.name) == (Severity.INFO, "su")
    given = [layer(*database, file("usr/bin/su", b"x")), layer(file("usr/bin/su", b"x", mode=0o4755))]
    steps = [run("make"), run("chmod")]
    (found,) = [each for each in findings(tmp_path, steps, given) if each.id == "set-id-files"]
    assert (found.severity, found.package) == (Severity.MEDIUM, None)


def test_a_credential_that_a_later_step_deletes(tmp_path: Path) -> None:
    """A deleted key is found with the layer that hides it; a file that is settings, too, is less severe."""
    keys = layer(file("root/.ssh/id_ed25519", b"key"), file("srv/.env", b"A=b"))
    found = findings(tmp_path, [run("make"), run("rm")], [keys, layer(whiteout("root/.ssh"))])
    listed = [(each.place, each.hidden_in, each.bytes, each.severity) for each in found if each.id == "credential-file"]
    assert listed == [
        (PathPlace("srv/.env"), None, 3, Severity.LOW),
        (PathPlace("root/.ssh/id_ed25519"), 2, 3, Severity.MEDIUM),
    ]


@pytest.mark.parametrize(
    ("path", "is_found"),
    [
        ("app/Dockerfile", True),
        ("app/.github/workflows/ci.yml", True),
        ("app/compose.yaml", True),
        ("app/node_modules/x/Dockerfile", False),
        ("app/Makefile", False),
    ],
)
def test_files_that_only_the_build_needs(tmp_path: Path, path: str, is_found: bool) -> None:
    """Files of the build context are found in layers of COPY, but not in those of packages and of RUN."""
    found = findings(tmp_path, [own_step("COPY . /app # buildkit")], [layer(file(path, b"x"))])
    assert ("context-files" in ids(found)) is is_found
    assert "context-files" not in ids(findings(tmp_path, [run("make")], [layer(file(path, b"x"))]))


@pytest.mark.parametrize(
    ("step", "is_found"),
    [
        ("COPY . /app # buildkit", True),
        ("COPY --from=build /app /app # buildkit", False),
        (f"/bin/sh -c #(nop) COPY dir:{'0' * 64} in /app ", False),
        ("RUN npm ci", False),
    ],
)
def test_packages_of_the_machine_that_builds(tmp_path: Path, step: str, is_found: bool) -> None:
    """node_modules of the build context are found with their bytes, if the step certainly copies the context."""
    found = findings(tmp_path, [own_step(step)], [layer(big("app/node_modules/x/a.node", 2))])
    assert [each.bytes for each in found if each.id == "copied-dependencies"] == [2_000_000] * is_found


def test_links_of_an_image_with_a_layer_that_is_not_read(tmp_path: Path) -> None:
    """The target of a link may be in the layer that is not read."""
    exploration = explored_layers(
        tmp_path, base_layer(), layer(symlink("srv/a", "/nowhere")), config={"User": "1"}, history=[BASE_STEP, run("x")]
    )
    case = practice_case(exploration)
    assert "dangling-links" in ids(practice_findings(case))
    exploration.tree.layers[0] = replace(exploration.tree.layers[0], is_unread=True)
    assert "dangling-links" not in ids(practice_findings(case))


def test_links_of_several_layers(tmp_path: Path) -> None:
    """The finding has the first path, and the layer of this path."""
    links = [layer(symlink(path, "/nowhere")) for path in ("srv/b", "srv/a")]
    found = findings(tmp_path, [run("make"), run("install")], links)
    assert [(each.place, each.layer) for each in found if each.id == "dangling-links"] == [(PathPlace("srv/a"), 2)]
