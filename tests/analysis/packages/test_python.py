from __future__ import annotations

from collections.abc import Mapping

import pytest

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.python import FORMAT

SITE = "usr/lib/python3.12/site-packages"
METADATA = b"Metadata-Version: 2.1\nName: Flask\nVersion: 3.1.3\n\nName: no field\n"


def installed(files: Mapping[str, bytes]) -> list[Found]:
    """Returns the packages that the files below site-packages state."""
    paths = {f"{SITE}/{path}": content for path, content in files.items()}
    return list(FORMAT.join({path: FORMAT.parse(path, content) for path, content in paths.items()}))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("flask-3.1.3.dist-info/METADATA", True),
        ("flask-3.1.3.dist-info/RECORD", True),
        ("flask-3.1.3.dist-info/WHEEL", False),
        ("PyYAML-6.0.egg-info", True),
        ("PyYAML-6.0.egg-info/PKG-INFO", True),
        ("PyYAML-6.0.egg-info/installed-files.txt", True),
        ("PyYAML-6.0.egg/EGG-INFO/PKG-INFO", True),
        ("flask/app.py", False),
    ],
)
def test_only_information_of_packages_is_read(path: str, expected: bool) -> None:
    """The files that state packages and their files are those of the information directories."""
    assert FORMAT.matches(f"{SITE}/{path}") is expected


def test_a_wheel_owns_what_its_record_lists() -> None:
    """A package has the name of the index, its files, its scripts, its bytecode and its information."""
    record = b'flask/app.py,sha256=x,1\r\n"flask/a,b.txt",,\r\n../../../bin/flask,,\r\nsix.py,,\r\n'
    (package,) = installed({"flask-3.1.3.dist-info/METADATA": METADATA, "flask-3.1.3.dist-info/RECORD": record})
    assert (package.name, package.version) == ("flask", "3.1.3")
    assert package.paths == (
        f"{SITE}/flask-3.1.3.dist-info/",
        f"{SITE}/flask/app.py",
        f"{SITE}/flask/__pycache__/",
        f"{SITE}/flask/a,b.txt",
        "usr/bin/flask",
        f"{SITE}/six.py",
    )


@pytest.mark.parametrize(("name", "expected"), [("Zope_Interface", "zope-interface"), ("ruamel..yaml", "ruamel-yaml")])
def test_names_are_those_of_the_index(name: str, expected: str) -> None:
    """Capitals and separators of a name do not matter."""
    (package,) = FORMAT.parse("a.dist-info/METADATA", f"Name: {name}\nVersion: 1\n".encode())
    assert package.name == expected


def test_fields_may_have_any_case_and_line_ends() -> None:
    """Fields are read as those of mails, and the first of equal ones counts."""
    (package,) = FORMAT.parse("a.egg-info", b"\r\nNAME: a\r\nName: b\r\nversion:1.0\r\n")
    assert (package.name, package.version) == ("a", "1.0")


def test_the_list_of_an_egg_is_relative_to_its_information() -> None:
    """A package that pip installed the old way owns what installed-files.txt lists."""
    files = {"a.egg-info/PKG-INFO": b"Name: a\n", "a.egg-info/installed-files.txt": b"../a/x.py\nPKG-INFO\n"}
    (package,) = installed({**files, "a.egg-info/top_level.txt": b"b\n"})
    assert package.paths == (
        f"{SITE}/a.egg-info/",
        f"{SITE}/a/x.py",
        f"{SITE}/a/__pycache__/",
        f"{SITE}/a.egg-info/PKG-INFO",
    )


def test_modules_stand_in_for_a_missing_list() -> None:
    """Without a list of files, a package owns the modules that it names."""
    (package,) = installed({"a.egg-info/PKG-INFO": b"Name: a\n", "a.egg-info/top_level.txt": b"yaml\n\n"})
    assert package.paths == (f"{SITE}/a.egg-info/", f"{SITE}/yaml/", f"{SITE}/yaml.py")


def test_sources_are_relative_to_the_setup_script() -> None:
    """A package that is used from its sources owns them, also if the information is deeper."""
    sources = b"setup.py\nsrc/a.egg-info/SOURCES.txt\nsrc/a/x.py\n"
    paths = {"app/src/a.egg-info/PKG-INFO": b"Name: a\n", "app/src/a.egg-info/SOURCES.txt": sources}
    (package,) = FORMAT.join({path: FORMAT.parse(path, content) for path, content in paths.items()})
    assert package.paths[1:3] == ("app/setup.py", "app/src/a.egg-info/SOURCES.txt")
    assert "app/src/a/x.py" in package.paths


def test_an_egg_file_and_an_unpacked_egg() -> None:
    """A lone file is its package's; the directory of an egg is wholly its package's."""
    file, egg = installed({"a-1.egg-info": b"Name: a\n", "b.egg/EGG-INFO/PKG-INFO": b"Name: b\n"})
    assert file.paths == (f"{SITE}/a-1.egg-info",)
    assert egg.paths == (f"{SITE}/b.egg/",)


def test_lists_without_metadata_are_no_package() -> None:
    """A package whose metadata is removed is not installed, whatever list is left."""
    assert installed({"a.dist-info/RECORD": b"a.py,,\n"}) == []


def test_the_interpreter_is_no_package() -> None:
    """Distributions ship metadata of Python itself, which is not in the index."""
    assert installed({"Python-2.7.egg-info": b"Name: Python\nVersion: 2.7\n"}) == []


def test_paths_that_leave_the_image_are_left_out() -> None:
    """A list can name no path outside of the image, and absolute paths begin at its root."""
    record = b"../../../../../../etc/passwd,,\n/opt/x.py,,\n\xff.py,,\n"
    (listing,) = FORMAT.parse(f"{SITE}/a.dist-info/RECORD", record)
    assert listing.paths == ("opt/x.py", f"{SITE}/\udcff.py")


def test_rows_that_cannot_be_read_are_left_out() -> None:
    """A broken row costs only itself."""
    record = b"a.py,,\n" + b"x" * 200_000 + b",,\nb.py,,\n\n"
    (listing,) = FORMAT.parse("a.dist-info/RECORD", record)
    assert listing.paths == ("a.py", "b.py")


def test_metadata_without_a_name_is_damage() -> None:
    """Metadata has a name at its beginning; a longer search would cost time."""
    for content in (b"", b"Version: 1\n", b"x: y\n" * 300_000 + b"Name: late\n", b"Name\n", b"Name: \n"):
        with pytest.raises(DatabaseDamaged, match="Name"):
            FORMAT.parse("a.dist-info/METADATA", content)


def test_a_list_of_too_many_files_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is longer than that of any package is refused, and the package stays."""
    monkeypatch.setattr(database_limits, "MAX_PATHS", 10)
    with pytest.raises(DatabaseDamaged, match="files"):
        FORMAT.parse("a.dist-info/RECORD", b"x,,\n" * 11)
