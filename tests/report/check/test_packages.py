"""Verdicts about packages, in every format; the packages have hostile names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from explorer.gate.judge import judge
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.report.check import Check
from explorer.report.check.formats import FORMATS
from explorer.report.page import Page
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.images import explored_layers, file, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "gcc\x1b[31m|`<b>::error::x"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """A verdict on an image whose second layer removes a package, and has a damaged database."""
    packages = {HOSTILE: "12", **{f"lib{number}": "1" for number in range(12)}}
    found = explored_layers(
        tmp_path,
        layer(dpkg_status(packages), dpkg_list("lib0", ["/a"]), file("a", b"a" * 5000)),
        layer(whiteout("a"), dpkg_status({"lib0": "1"}), file("node_modules/x/package.json", b"{")),
    )
    rules = resolve_rules({"forbidden-packages": RawSetting("*", "--option")})
    judgement = judge(found.tree, found.usage, tuple, rules, None, None, lambda: found.packages.usages)
    return Check(found, rules, judgement)


@pytest.mark.parametrize("name", ["text", "markdown", "github", "junit"])
def test_packages_are_named(check: Check, name: str) -> None:
    """Each format names the largest packages and what is not known of others, without a character that does harm."""
    text = FORMATS[name](check, Page())
    assert "lib0 1" in text
    assert "13 packages" in text
    assert "/node_modules/x/package.json is not read" in text.replace("`", "")
    assert "in a build stage" in text
    assert "\x1b" not in text
    assert "and 3 more" in text.lower() or "of 3 more packages" in text
    if name == "text":
        assert "lib0 1  (deb, installed by layer 0)" in text
        assert "(deb, installed by layer 0, removed by layer 1)" in text


def test_json_has_the_packages(check: Check) -> None:
    """The JSON has all packages at fault, and the problems of their databases."""
    document = json.loads(FORMATS["json"](check, Page()))
    (rule,) = document["rules"]
    assert len(rule["packages"]) == 13
    assert rule["packages"][0] == {
        "kind": "deb",
        "name": "lib0",
        "version": "1",
        "installed_in": 0,
        "removed_in": None,
        "bytes": 3,
        "wasted_bytes": 5000,
    }
    assert "package.json is not read" in document["problems"][-1]["problem"]


@pytest.mark.parametrize(
    ("rule", "advice"),
    [("forbidden-packages", "in the RUN that installs them"), ("highest-package-bytes", "smaller packages")],
)
@pytest.mark.parametrize("name", ["text", "markdown", "github", "junit"])
def test_advice_about_packages_has_their_bytes(check: Check, rule: str, advice: str, name: str) -> None:
    """A rule about packages that fails says what to do, and how much that saves."""
    rules = resolve_rules({rule: RawSetting("*" if rule == "forbidden-packages" else 1000, "--option")})
    found = check.exploration
    judgement = judge(found.tree, found.usage, tuple, rules, None, None, lambda: found.packages.usages)
    text = " ".join(FORMATS[name](Check(found, rules, judgement), Page()).split())
    assert advice in text
    assert "That saves up to 5.0 kB." in text
