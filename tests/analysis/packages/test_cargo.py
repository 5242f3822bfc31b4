from __future__ import annotations

import io
import json
import zlib
from typing import Any

import pytest

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.cargo import crates_of
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.object_file import read_object_file
from tests.analysis.packages.programs import elf, mach_o, pe


def stated(content: bytes) -> tuple[Found, ...]:
    """Returns the crates in a program."""
    program = read_object_file(io.BytesIO(content))
    assert program is not None
    return crates_of("bin/shop", program)


def listing(*crates: Any) -> dict[str, bytes]:
    """Returns the section that cargo-auditable writes."""
    return {".dep-v0": zlib.compress(json.dumps({"packages": crates}).encode())}


SERDE = {"name": "serde", "version": "1.0.1", "source": "crates.io"}
SHOP = {"name": "shop", "version": "0.2.0", "source": "local", "dependencies": [0], "root": True}


def test_crates_of_a_program() -> None:
    """The root crate owns the program, in each format of programs."""
    sections = listing(SERDE, SHOP)
    for content in (elf(sections), mach_o(sections), pe(sections)):
        assert stated(content) == (Found("serde", "1.0.1"), Found("shop", "0.2.0", paths=("bin/shop",)))


def test_crates_that_only_build_are_left_out() -> None:
    """Crates that run at build time are not in the program, and odd rows are none."""
    odd = [{**SERDE, "kind": "build"}, {"version": "1"}, {"name": 3}, "serde", None]
    assert stated(elf(listing(*odd, {**SERDE, "kind": "runtime"}))) == (Found("serde", "1.0.1"),)


def test_programs_without_a_list_state_nothing() -> None:
    """A program without the section, or with an empty one, has no crates."""
    assert stated(elf({".text": b"x"})) == ()
    assert stated(elf({".dep-v0": b""})) == ()
    assert stated(elf({".dep-v0": zlib.compress(b'{"packages": {"a": 1}}')})) == ()


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        (b"not compressed", "decompressed"),
        (zlib.compress(b"{"), "JSON"),
        (zlib.compress(b'{"packages": []}')[:-9], "JSON"),
        (zlib.compress(bytes(20_000_000)), "more than 8,388,608 bytes"),
        (listing(*[SERDE] * 11)[".dep-v0"], "more than 10 packages"),
    ],
    ids=["not compressed", "not JSON", "cut off", "bomb", "many"],
)
def test_hostile_lists_are_damage(section: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is broken, cut off or very long when it is decompressed is refused."""
    monkeypatch.setattr(database_limits, "MAX_PACKAGES", 10)
    with pytest.raises(DatabaseDamaged, match=reason):
        stated(elf({".dep-v0": section}))
