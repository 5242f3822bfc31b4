"""The command ``packages``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_usage import LayerShare, PackageUsage
from explorer.report.packages import as_text
from explorer.report.page import Page
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.cli.running import run
from tests.hostile import assert_golden
from tests.images import big, docker_archive, file, image, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An archive with packages of two kinds, one upgraded and one removed."""
    packages = {"bash": "5.2", "libssl3": "3.0.1"}
    requests = "usr/lib/python3/dist-packages/requests-2.28.dist-info"
    bottom = layer(
        dpkg_status(packages),
        dpkg_list("bash", ["/usr/bin/bash"]),
        dpkg_list("libssl3", ["/usr/lib/libssl.so"]),
        big("usr/bin/bash", 0.1),
        big("usr/lib/libssl.so", 0.2),
        big("opt/shop", 0.3),
    )
    middle = layer(
        dpkg_status({"bash": "5.2", "gcc": "12", "libssl3": "3.0.2"}),
        dpkg_list("gcc", ["/usr/bin/gcc"]),
        big("usr/bin/gcc", 4),
        big("usr/lib/libssl.so", 0.2, edition=2),
        file(f"{requests}/METADATA", b"Name: requests\nVersion: 2.28\n"),
        file(f"{requests}/RECORD", b"requests/__init__.py,,\n"),
        big("usr/lib/python3/dist-packages/requests/__init__.py", 0.05),
    )
    top = layer(
        dpkg_status({"bash": "5.2", "libssl3": "3.0.2"}),
        whiteout("usr/bin/gcc"),
        whiteout("var/lib/dpkg/info/gcc.list"),
        file("srv/node_modules/x/package.json", b"{"),
    )
    path = tmp_path_factory.mktemp("image") / "shop.tar"
    path.write_bytes(docker_archive(image(bottom, middle, top)))
    return str(path)


def test_text(shop: str) -> None:
    """The largest packages come first, and the last line is the image."""
    done = run("packages", shop)
    assert_golden("packages.txt", done.stdout)
    assert done.stderr.startswith("layer 2: /srv/node_modules/x/package.json is not read: ")


@pytest.mark.end_to_end
def test_json(shop: str) -> None:
    """The keys are those of the schema, and options that leave out packages change no figure."""
    done = run("packages", "--format", "json", shop)
    assert_golden("packages.json", done.stdout)
    fewer = json.loads(run("packages", "--format", "json", "--top", "1", shop, "is:removed").stdout)
    (gcc,) = fewer["packages"]
    assert gcc["name"] == "gcc"
    assert gcc in json.loads(done.stdout)["packages"]
    assert fewer["unowned"] == json.loads(done.stdout)["unowned"]


@pytest.mark.end_to_end
def test_problems_are_in_the_documents(tmp_path: Path) -> None:
    """Documents say that packages may be missing, and a name on stderr is no command of a build's runner."""
    path = tmp_path / "odd.tar"
    path.write_bytes(docker_archive(image(layer(file("##[error]/node_modules/x/package.json", b"{")))))
    done = run("packages", "--format", "json", str(path))
    ((layer_number, problem),) = [each.values() for each in json.loads(done.stdout)["problems"]]
    assert (layer_number, problem.startswith("/##[error]/node_modules/x/package.json is not read: ")) == (0, True)
    assert "##[" not in done.stdout + done.stderr
    text = run("packages", "--format", "cyclonedx", str(path)).stdout
    assert json.loads(text)["compositions"] == [{"aggregate": "incomplete", "assemblies": ["image"]}]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_cyclonedx(shop: str) -> None:
    """The bill of materials is valid, and has the packages that a container has."""
    text = run("packages", "--format", "cyclonedx", shop).stdout
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = json.loads(text)["components"]
    assert {each["purl"].partition("?")[0] for each in components} == {
        "pkg:deb/bash@5.2",
        "pkg:deb/libssl3@3.0.2",
        "pkg:pypi/requests@2.28",
    }


@pytest.mark.end_to_end
def test_equal_bills_of_materials_have_one_number(shop: str) -> None:
    """The number comes from the content: the same list has the same, and a shorter one another."""
    whole, again, fewer = (
        json.loads(run("packages", "--format", "cyclonedx", shop, *words).stdout) for words in ([], [], ["bash"])
    )
    assert whole == again
    assert whole["serialNumber"].startswith("urn:uuid:")
    assert whole["serialNumber"] != fewer["serialNumber"]


def test_wrong_filters() -> None:
    """A filter that is wrong ends with 2 before the image is read, and says what is possible."""
    done = run("packages", "no-such-image.tar", "is:big")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is: installed, removed, upgraded or wasted" in done.stderr


def test_no_match(shop: str) -> None:
    """A filter that nothing matches is said, and is no error."""
    done = run("packages", shop, "nothing")
    assert (done.exit_code, "No package matches nothing." in done.stderr) == (0, True)


@pytest.mark.end_to_end
def test_unowned_files_alone(shop: str) -> None:
    """The filter for unowned files lists their sum, as the whole list has it, and names the command that lists them."""
    done = run("packages", shop, "is:unowned")
    whole = run("packages", shop).stdout.splitlines()
    expected = next(line for line in whole if line.endswith("unowned files"))
    assert [line.split() for line in done.stdout.splitlines()[1:]] == [expected.split()]
    assert f"To list these files: lx ls --sort size {shop} is:unowned" in done.stderr
    assert run("ls", "--sort", "size", shop, "is:unowned").stdout.splitlines()[0].endswith("/opt/shop")
    assert "is:unowned is wrong" in run("packages", shop, "bash", "is:unowned").stderr.replace("bash ", "")


@pytest.mark.end_to_end
def test_orders(shop: str) -> None:
    """Packages come in the order of their visible or wasted bytes, names or layers."""
    first = {}
    for order in ("size", "wasted", "name", "layer"):
        lines = run("packages", "--sort", order, "--top", "3", shop, "kind:deb").stdout.splitlines()[1:4]
        first[order] = [line.partition(" deb  ")[2] for line in lines]
    assert first["size"] == ["libssl3 3.0.2", "bash 5.2", "gcc 12"]
    assert first["wasted"][:2] == ["gcc 12", "libssl3 3.0.1, replaced by 3.0.2"]
    assert first["name"][0] == "bash 5.2"
    assert first["layer"] == ["libssl3 3.0.1, replaced by 3.0.2", "bash 5.2", "gcc 12"]


def test_the_kinds_in_the_help() -> None:
    """The help lists all kinds, although it is written without loading them."""
    from explorer.analysis.packages.formats import PACKAGE_KINDS

    words = " ".join(run("packages", "--help").stdout.split())
    assert f"kind:KIND {', '.join(PACKAGE_KINDS[:-1])} or {PACKAGE_KINDS[-1]}" in words


def test_a_narrow_terminal_has_fewer_columns() -> None:
    """Below 60 columns files and kinds are left out, and no line is too long."""
    package = Package("deb", "texlive-latex-extra", "2022.20230122-4", "all", "", "/db", 4, 5)
    usage = PackageUsage(package, {4: LayerShare(4955, 76_000_000, 94_000)})
    lines = list(as_text([usage], None, Page(40, is_terminal=True)))
    assert lines[0].split() == ["size", "wasted", "layer", "removed"]
    assert [line.strip() for line in lines[-2:]] == ["texlive-latex-extra", "2022.20230122-4"]
    assert all(len(line) <= 40 for line in lines)
