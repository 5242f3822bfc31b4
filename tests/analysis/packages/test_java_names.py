from __future__ import annotations

import pytest

from explorer.analysis.packages.java_names import (
    Artifact,
    file_name_parts,
    main_artifact,
    manifest_fields,
    pom_properties,
)

GUAVA = Artifact("com.google.guava", "guava", "25.0-jre")
CORE = Artifact("org.example", "shop-core", "2.0")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/guava-25.0-jre.jar", ("guava", "25.0-jre")),
        ("my-http2-server-5.war", ("my-http2-server", "5")),
        ("jetpack-build235-rc5.jar", ("jetpack", "build235-rc5")),
        ("org.eclipse.osgi_3.9.1.v2013.jar", ("org.eclipse.osgi", "3.9.1.v2013")),
        ("antlr.2.7.7.jar", ("antlr", "2.7.7")),
        ("plain.jar", ("plain", "")),
        ("with-hyphen.jar", ("with-hyphen", "")),
        ("42.jar", ("", "")),
        (".jar", ("", "")),
    ],
)
def test_file_names_have_a_name_and_a_version(path: str, expected: tuple[str, str]) -> None:
    """A version begins with a digit or a word for one, after a hyphen or else another separator."""
    assert file_name_parts(path) == expected


def test_long_file_names_take_no_time() -> None:
    """A hostile name is split in one go."""
    assert file_name_parts("a" + "-x" * 20_000 + ".jar") == ("a" + "-x" * 20_000, "")


def test_properties_state_an_artifact() -> None:
    """Comments, spaces and both separators are read; without a name or a version there is none."""
    assert pom_properties("#Mon\r\n\ngroupId = com.google.guava\nversion:25.0-jre\nartifactId=guava\n") == GUAVA
    assert pom_properties("artifactId=guava") is None
    assert pom_properties("version=1\nartifactId=\n???") is None


def test_manifests_have_folded_lines_and_sections() -> None:
    """A line that begins with a space goes on; a field of the main section hides those of others."""
    manifest = "Bundle-Name: long\n er\r\nA: 1\n\nName: x/\nA: 2\nB: 3\n broken\n"
    assert manifest_fields(manifest) == {"Bundle-Name": "longer", "A": "1", "Name": "x/", "B": "3broken"}


def test_the_file_name_chooses_among_shaded_artifacts() -> None:
    """An archive is the artifact that its file name names, or that it begins or ends with."""
    assert main_artifact("app/shop-core-2.0.jar", [GUAVA, CORE], {}) == CORE
    assert main_artifact("app/shop-2.0.jar", [GUAVA, CORE], {}) == CORE
    assert main_artifact("app/my-shop-core.jar", [GUAVA, CORE], {}) == CORE


def test_an_archive_that_only_shades_has_its_own_name() -> None:
    """The file name and the manifest name an archive that none of its artifacts names."""
    fields = {"Implementation-Version": "7", "Bundle-Version": "8", "Implementation-Vendor-Id": "org.example"}
    assert main_artifact("app/service.jar", [GUAVA], fields) == Artifact("org.example", "service", "7")
    assert main_artifact("app/42.jar", [], {"Implementation-Title": "Answer"}) == Artifact("", "Answer", "")


def test_bundles_of_maven_have_the_name_in_their_symbolic_name() -> None:
    """The last part of the symbolic name is the artifact, unless it is the vendor's or a shaded one."""
    fields = {"Created-By": "Apache Maven Bundle Plugin", "Bundle-SymbolicName": "org.apache.commons.io"}
    assert main_artifact("x-2.jar", [], fields) == Artifact("org.apache.commons.io", "io", "2")
    assert main_artifact("x-2.jar", [], {**fields, "Implementation-Vendor-Id": "org.apache.commons.io"}).name == "x"
    assert main_artifact("x-2.jar", [Artifact("commons-io", "io", "1")], fields) == Artifact("", "x", "2")


def test_a_group_in_the_file_name_is_left_out() -> None:
    """The last part of a name with dots is the artifact, except for those of Eclipse."""
    assert main_artifact("com.example.shop-1.jar", [], {}).name == "shop"
    assert main_artifact("org.eclipse.osgi-1.jar", [], {}).name == "org.eclipse.osgi"


def test_directives_are_no_part_of_a_group() -> None:
    """Only a name with dots is a group, without what OSGi puts behind it."""
    assert main_artifact("x.jar", [], {"Bundle-SymbolicName": "org.x.y;singleton:=true"}).group == "org.x.y"
    assert main_artifact("x.jar", [], {"Extension-Name": "x", "Group-Id": "not one. at all"}).group == ""
