from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping
from contextlib import suppress

import pytest

from explorer.analysis.packages import java
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.java import FORMAT

MANIFEST = "META-INF/MANIFEST.MF"


def archive(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Returns a ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return file.getvalue()


def pom(group: str, name: str, version: str) -> dict[str, bytes]:
    """Returns the file that Maven puts into an archive."""
    content = f"groupId={group}\nartifactId={name}\nversion={version}\n".encode()
    return {f"META-INF/maven/{group}/{name}/pom.properties": content}


GUAVA = archive({MANIFEST: b"Manifest-Version: 1.0\n", **pom("com.google.guava", "guava", "33.0-jre")})


def test_archives_are_known_by_their_endings() -> None:
    """Libraries, web applications and plugins are archives; other ZIP files are not."""
    assert all(FORMAT.matches(path) for path in ("a.jar", "x/a.war", "a.ear", "a.hpi", "a.par"))
    assert not any(FORMAT.matches(path) for path in ("a.zip", "jar", "a.jar.asc", "a.class"))


def test_a_library_owns_its_archive() -> None:
    """A library has the name, group and version that Maven put into it."""
    path = "app/lib/guava-33.0-jre.jar"
    stated = FORMAT.parse(path, GUAVA)
    assert list(FORMAT.join({path: stated})) == [Found("guava", "33.0-jre", "", (path,), "com.google.guava")]


def test_shaded_and_nested_artifacts_own_nothing() -> None:
    """The outer archive owns the bytes; what it holds is installed, once each."""
    outer = archive(
        {
            MANIFEST: b"Implementation-Version: 9\n",
            **pom("org.slf4j", "slf4j-api", "2.0"),
            "BOOT-INF/lib/guava-33.0-jre.jar": GUAVA,
            "BOOT-INF/lib/copy.jar": GUAVA,
        },
        zipfile.ZIP_STORED,
    )
    main, *inner = FORMAT.parse("app.jar", outer)
    assert (main.name, main.version, main.paths) == ("app", "9", ("app.jar",))
    assert [(found.name, found.paths) for found in inner] == [("slf4j-api", ()), ("copy", ()), ("guava", ())]


def test_an_archive_without_a_manifest_is_what_maven_says() -> None:
    """Without a manifest the first artifact owns the archive; without any there is no package."""
    assert FORMAT.parse("x.jar", archive(pom("a", "b", "1"))) == (Found("b", "1", paths=("x.jar",), namespace="a"),)
    assert FORMAT.parse("x-1.jar", archive({"x": b""})) == ()


def test_a_start_script_in_front_does_no_harm() -> None:
    """An archive that is a program as well is read."""
    (found,) = FORMAT.parse("guava.jar", b"#!/bin/sh\nexit\n" + GUAVA)
    assert found.name == "guava"


def test_other_files_with_these_endings_are_no_packages() -> None:
    """Other programs' archives are left alone; an archive that is cut off is damage."""
    assert FORMAT.parse("x.rar", b"Rar!\x1a\7\0") == ()
    assert FORMAT.parse("x.jar", b"") == ()
    with pytest.raises(DatabaseDamaged, match="ZIP"):
        FORMAT.parse("x.jar", GUAVA[:-40])


def test_agents_that_name_another_library_are_not_it() -> None:
    """An archive that instruments a library has its name, but is none."""
    assert FORMAT.parse("x.jar", archive({MANIFEST: b"Implementation-Title: y\nWeave-Classes: a\n"})) == ()


def test_members_that_java_cannot_read_are_left_out() -> None:
    """Encrypted members and other compressions cost only themselves."""
    files = {MANIFEST: b"A: 1\n", "x.jar": GUAVA}
    found = FORMAT.parse("app.jar", archive(files, zipfile.ZIP_LZMA))
    assert found == ()
    encrypted = bytearray(archive(files))
    start = encrypted.rindex(b"PK\1\2")
    encrypted[start + 8] |= 1
    assert [found.name for found in FORMAT.parse("app.jar", bytes(encrypted))] == ["app"]


def test_broken_members_are_left_out() -> None:
    """A member whose bytes are damaged costs only itself."""
    whole = archive({MANIFEST: b"A: 1\n", "x.jar": GUAVA, **pom("a", "b", "1")}, zipfile.ZIP_STORED)
    broken = whole.replace(b"artifactId=b", b"artifactId=c").replace(GUAVA, b"\0" * len(GUAVA))
    assert [found.name for found in FORMAT.parse("app.jar", broken)] == ["app"]


def test_archives_inside_each_other_are_limited() -> None:
    """Archives that are nested deeper than any real one are not opened."""
    content = GUAVA
    for depth in range(20):
        content = archive({MANIFEST: b"A: 1\n", f"level{depth}x.jar": content}, zipfile.ZIP_STORED)
    assert [found.name for found in FORMAT.parse("app.jar", content)] == ["app", "level19x"] + [
        f"level{level}x" for level in (18, 17, 16)
    ]


def test_bombs_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives that would take much time or memory are refused, with the limit."""
    monkeypatch.setattr(java, "_MAX_READ_BYTES", 1_000_000)
    monkeypatch.setattr(java, "_MAX_ENTRIES", 100)
    monkeypatch.setattr(java, "_MAX_ALL_ENTRIES", 150)
    bombs = {
        "more than 1,000,000 bytes": {f"{number}.jar": b"\0" * 300_000 for number in range(4)},
        "101 entries, expected at most 100": {str(number): b"" for number in range(101)},
        "more than 150 entries": {"x.jar": archive({str(number): b"" for number in range(75)}), "y.jar": b"", "z": b""},
    }
    bombs["more than 150 entries"]["y.jar"] = bombs["more than 150 entries"]["x.jar"]
    for reason, files in bombs.items():
        with pytest.raises(DatabaseDamaged, match=reason):
            FORMAT.parse("x.jar", archive(files))


def test_what_was_read_before_a_limit_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that nests too much is still known itself."""
    monkeypatch.setattr(java, "_MAX_READ_BYTES", 10_000)
    with pytest.raises(DatabaseDamaged) as caught:
        FORMAT.parse("app.jar", archive({MANIFEST: b"A: 1\n", "x.jar": bytes(9_000)}))
    assert [found.name for found in caught.value.packages] == ["app"]


def test_a_large_nested_archive_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nested archive that does not fit in memory costs only itself."""
    monkeypatch.setattr(java, "_MAX_NESTED_BYTES", len(GUAVA) - 1)
    (found,) = FORMAT.parse("app.jar", archive({MANIFEST: b"A: 1\n", "x.jar": GUAVA}))
    assert found.name == "app"


def test_random_damage_never_ends_the_program() -> None:
    """An archive with any changed bytes is read, or is damage."""
    whole = archive({MANIFEST: b"A: 1\n" * 20, "x.jar": GUAVA, **pom("a", "b", "1")})
    dice = random.Random(1)
    for _ in range(1_000):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 5)):
            broken[-dice.randint(1, 300)] = dice.randrange(256)
        with suppress(DatabaseDamaged):
            FORMAT.parse("app.jar", bytes(broken))
