from __future__ import annotations

import io
import struct

import pytest

from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.golang import MARKER, modules_of
from explorer.analysis.packages.object_file import read_object_file
from tests.analysis.packages.programs import BASE, TARGETS, Target, elf, mach_o, pe

SENTINEL = b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
LISTING = (
    "path\tgithub.com/org/shop/cmd\nmod\tgithub.com/org/shop\tv1.2.3\th1:x=\ndep\tgolang.org/x/sys\tv0.5.0\th1:y=\n"
)
SHOP = (
    Found("shop", "v1.2.3", "", ("bin/shop",), "github.com/org"),
    Found("sys", "v0.5.0", namespace="golang.org/x"),
    Found("stdlib", "go1.22.1"),
)


def inline(listing: str = LISTING, version: bytes = b"go1.22.1") -> bytes:
    """Returns what Go 1.18 and later writes: the texts behind the header."""
    text = SENTINEL + listing.encode().rstrip() + b"\n" + SENTINEL
    return MARKER + b"\x08\x02" + bytes(16) + _length(version) + version + _length(text) + text + b"\0"


def _length(text: bytes) -> bytes:
    return bytes([len(text) & 0x7F | 0x80, len(text) >> 7 & 0x7F | 0x80, len(text) >> 14])


def pointers(target: Target) -> dict[str, bytes]:
    """Returns what older versions write: pointers to strings, which point to texts."""
    order, is_64 = target
    pointer = "Q" if is_64 else "I"
    version, text = b"go1.22.1", SENTINEL + LISTING.encode() + SENTINEL
    texts_at = BASE + 0x400
    strings_at = texts_at + len(version + text) + -len(version + text) % 16
    strings = struct.pack(f"{order}4{pointer}", texts_at, len(version), texts_at + len(version), len(text))
    header = MARKER + bytes([8 if is_64 else 4, order == ">"])
    places = struct.pack(f"{order}2{pointer}", strings_at, strings_at + len(strings) // 2)
    return {".rodata": version + text, ".data": strings, ".go.buildinfo": (header + places).ljust(32, b"\0")}


def stated(content: bytes) -> tuple[Found, ...]:
    """Returns the modules in a program."""
    program = read_object_file(io.BytesIO(content))
    assert program is not None
    return modules_of("bin/shop", program)


def full_name(module: Found) -> str:
    """Returns the path of a module."""
    return f"{module.namespace}/{module.name}"


def with_build(settings: str, main: str = "mod\tgithub.com/org/shop\t(devel)\t\n") -> str:
    """Returns the version of a main module that was built from a work tree."""
    return stated(elf({".go.buildinfo": inline(f"path\tgithub.com/org/shop/cmd\n{main}{settings}")}))[0].version


@pytest.mark.parametrize("target", TARGETS)
def test_old_programs_have_pointers(target: Target) -> None:
    """Programs before Go 1.18 point to their texts, in the order and size of the machine."""
    assert stated(elf(pointers(target))) == SHOP


def test_new_programs_have_the_texts_themselves() -> None:
    """Programs since Go 1.18 have the texts behind the header, in each format of programs."""
    for content in (
        *(elf({".text": b"x", ".go.buildinfo": inline()}, target) for target in TARGETS),
        elf({".data": bytes(4_096) + inline()}, has_sections=False),
        mach_o({"__go_buildinfo": inline()}),
        mach_o({"__data": bytes(64) + inline()}),
        pe({".data": bytes(64) + inline()}),
    ):
        assert stated(content) == SHOP


def test_a_marker_that_is_not_aligned_is_a_text() -> None:
    """A program that only knows the marker, as Go's own tools do, does not have it at its place."""
    content = b"x" + MARKER + bytes(32)
    assert stated(elf({".data": content}, has_sections=False)) == ()
    assert stated(elf({".data": content.ljust(64, b"\0") + inline()}, has_sections=False)) == SHOP


def test_other_programs_state_nothing() -> None:
    """A program of another language, and one that was built without modules, have no packages."""
    assert stated(elf({".text": b"x"})) == ()
    assert stated(elf({".go.buildinfo": inline("")})) == ()


def test_replaced_modules_have_the_name_of_what_is_built() -> None:
    """A replacement by another module has its name; one by a directory keeps the name."""
    listing = (
        "path\tx\nmod\tx\tv1\n"
        "dep\tgithub.com/a/a\tv1\n=>\tgithub.com/fork/a\tv2\th1:\n"
        "dep\tgithub.com/b/b\tv1\n=>\t./b\t(devel)\t\n"
    )
    modules = stated(elf({".go.buildinfo": inline(listing)}))
    assert [(full_name(module), module.version) for module in modules[1:3]] == [
        ("github.com/fork/a", "v2"),
        ("github.com/b/b", ""),
    ]


def test_a_program_without_a_main_module_has_its_path() -> None:
    """The only dependency built from a work tree is the main module, or else the path."""
    (main, other, _) = stated(elf({".go.buildinfo": inline("path\tx.org/a/cmd\ndep\tx.org/a\t(devel)\ndep\ty\tv1\n")}))
    assert (full_name(main), other.name) == ("x.org/a", "y")
    (main, _) = stated(elf({".go.buildinfo": inline("path\tx.org/a/cmd\n")}))
    assert (full_name(main), main.version, main.paths) == ("x.org/a/cmd", "", ("bin/shop",))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", ""),
        ("build\t-ldflags=-X main.version=1.2.3-rc1", "v1.2.3-rc1"),
        ('build\t-ldflags=" -X \\"github.com/org/shop/cli/version.Version=28.2.2\\" -s"', "v28.2.2"),
        ("build\t-ldflags=-X main.gitTag=refs/tags/v2.0.0", "v2.0.0"),
        ("build\t-ldflags=-X other.org/x/y.version=1.2.3", ""),
        ("build\t-ldflags=-X main.version=latest", ""),
        (
            "build\tvcs.revision=0123456789abcdef\nbuild\tvcs.time=2024-05-06T07:08:09+02:00",
            "v0.0.0-20240506050809-0123456789ab",
        ),
        ("build\tvcs.revision=0123\nbuild\tvcs.time=never", "v0.0.0-00010101000000-0123"),
        ("build\tvcs.revision=0123", ""),
    ],
)
def test_a_work_tree_has_the_version_of_the_build(settings: str, expected: str) -> None:
    """The version that the linker was given counts, then the commit."""
    assert with_build(settings) == expected


def test_long_settings_take_no_time() -> None:
    """Flags of the linker that a hostile program states are read in one go."""
    assert with_build("build\t-ldflags=" + "main/" * 200_000) == ""
    assert with_build("build\t-ldflags=main." + "ver" * 300_000) == ""


def test_versions_of_go_are_releases() -> None:
    """The standard library has the release, without experiments; a compiler under development has none."""
    assert stated(elf({".go.buildinfo": inline(version=b"go1.21.0 X:boringcrypto")}))[-1] == Found("stdlib", "go1.21.0")
    assert stated(elf({".go.buildinfo": inline(version=b"devel go1.23-abc")})) == SHOP[:2]


@pytest.mark.parametrize(
    ("information", "reason"),
    [
        (inline()[:60], "cut off"),
        (inline()[:20], "does not end"),
        (MARKER + b"\x08\x02" + bytes(16) + b"\xff" * 20, "does not end"),
        (MARKER + b"\x08\x02" + bytes(16) + b"\xff\xff\xff\xff\x07" + bytes(20), "2,147,483,647 bytes"),
        (MARKER + b"\x08\x00" + struct.pack("<QQ", BASE + 0x400, 0), "bytes"),
    ],
    ids=["no text", "no header", "long varint", "2 GB", "pointer to itself"],
)
def test_lying_information_is_damage(information: bytes, reason: str) -> None:
    """A length that the program does not have, or that is too long, is damage."""
    with pytest.raises(DatabaseDamaged, match=reason):
        stated(elf({".go.buildinfo": information}))
