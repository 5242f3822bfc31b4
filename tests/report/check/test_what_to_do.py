"""The advice of a verdict: the fixes that help each rule that fails, and the part of the base."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.analysis.fixes.fix import Fix
from explorer.gate.helpful_fixes import HelpfulFix
from explorer.gate.judge import judge
from explorer.gate.limits import Baseline
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.model import Watcher
from explorer.pipeline import compare
from explorer.report.check import Check
from explorer.report.check.as_text import check_text
from explorer.report.check.formats import FORMATS
from explorer.report.check.what_to_do import diff_lines
from explorer.report.page import Page
from tests.analysis.packages.made_databases import dpkg_list, dpkg_status
from tests.images import Item, big, docker_archive, explored, file, image, layer, whiteout
from tests.markdown_reading import assert_harmless, fences

BASE = ("ADD rootfs.tar.xz /", layer(big("var/lib/apt/lists/base", 5), big("usr/share/doc/x", 3), big("bin/sh", 1)))
LATE = (
    BASE,
    ("RUN apt-get update", layer(big("var/lib/apt/lists/x", 4))),
    ("RUN apt-get install -y git", layer(big("usr/bin/git", 20), big("var/cache/apt/y", 2))),
    ("COPY . /app", layer(big("app/.env", 0.1), big("app/.git/z", 0.001))),
    ("RUN rm -rf /var/lib/apt/lists /app/.env", layer(whiteout("var/lib/apt/lists"), whiteout("app/.env"))),
)
AS_YOU_GO = (
    BASE,
    ("RUN apt-get update && … && rm -rf /var/lib/apt/lists", layer(whiteout("var/lib/apt/lists"), big("usr/a", 20))),
)


def verdict(tmp_path: Path, steps: tuple[tuple[str, bytes], ...], rules: Mapping[str, object]) -> Check:
    """Returns the verdict on an image whose steps made these layers."""
    made = image(*(content for _, content in steps), history=[{"created_by": command} for command, _ in steps])
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    found = explored(path)
    resolved = resolve_rules({key: RawSetting(value, f"--{key}") for key, value in rules.items()})
    judgement = judge(found.tree, found.usage, lambda: found.disposables, resolved, resolved.base_layers, None)
    return Check(found, resolved, judgement, explore_command="lx image.tar")


def advice(check: Check, rule: str, page: Page | None = None) -> list[str]:
    """Returns the lines below a rule in the text, without their indentation."""
    lines = check_text(check, page).splitlines()
    start = next(number for number, line in enumerate(lines) if rule in line)
    more = lines[start + 1 :]
    end = next(number for number, line in enumerate(more) if not line.startswith("        "))
    below = [line.strip() for line in more[:end]]
    return below[below.index("What to do:") :] if "What to do:" in below else below


def test_the_fixes_that_save_most_of_what_a_rule_counts(tmp_path: Path) -> None:
    """A rule about waste names fixes by the waste that they save, with all that they save, and their lines."""
    lines = advice(verdict(tmp_path, LATE, {"highest-wasted-bytes": 0}), "highest-wasted-bytes")
    first = " ".join(lines[1:3])
    assert first.startswith("4.0 MB  Delete apt's lists and cache")
    assert "(change layers 1 and 2; saves 6.0 MB in all)" in first
    assert "+ RUN apt-get update && apt-get install" in " ".join(lines)
    assert "100 kB  Leave files out of the COPY of layer 3 (saves 101 kB in all)" in lines
    assert lines[-3] == "5.0 MB  Base files that your layers delete or replace; the image gets no smaller"
    assert lines[-4] == "With all of these fixes: 5.0 MB, still fails"
    assert " ".join(lines[-2:]).startswith(
        "Use another base image; or apply the fixes and do not count most of its files"
    )


def test_disposable_bytes_are_helped_by_what_saves_them(tmp_path: Path) -> None:
    """A rule about disposable bytes names fixes by these bytes, and the base's own files with the way to leave out."""
    lines = advice(verdict(tmp_path, LATE, {"highest-disposable-bytes": 0}), "highest-disposable-bytes")
    assert lines[1].startswith("2.0 MB  Delete apt's lists and cache")
    assert lines[-3:] == [
        "With all of these fixes: 3.0 MB, still fails",
        "3.0 MB  Files of the base image",
        "Do not count them: `--base-layers 1` or `--base IMAGE`; or use another base image.",
    ]
    lines = advice(
        verdict(tmp_path, LATE, {"highest-disposable-bytes": 0, "base-layers": 1}), "highest-disposable-bytes"
    )
    assert not any("base image" in line for line in lines)


def test_sizes_are_helped_by_every_fix(tmp_path: Path) -> None:
    """A rule about sizes counts waste and disposable bytes of its layers, but none of ignored paths."""
    rules = {"highest-layer-bytes": "10MB", "ignored-paths": "/var/lib"}
    lines = advice(verdict(tmp_path, LATE, {"highest-image-bytes": 0}), "highest-image-bytes")
    assert lines[1].startswith("6.0 MB  Delete apt's lists")
    assert lines[-2:] == ["8.0 MB  Files of the base image", "Use another base image."]
    lines = advice(verdict(tmp_path, LATE, rules), "highest-layer-bytes")
    assert lines[1].startswith("2.0 MB  Delete apt's lists")
    assert not any("base image" in line for line in lines)


def test_the_part_of_the_base_is_named_with_what_leaves_it_out(tmp_path: Path) -> None:
    """If a layer deletes files of the base, another base or ignored paths help, and these make the rule pass."""
    lines = advice(verdict(tmp_path, AS_YOU_GO, {"highest-wasted-bytes": "1MB"}), "highest-wasted-bytes")
    assert lines == [
        "What to do:",
        "5.0 MB  Base files that your layers delete or replace; the image gets no smaller",
        "Use another base image; or do not count most of its files: `--ignored-paths",
        "/var/lib/apt/lists`.",
    ]
    rules = {"highest-wasted-bytes": "1MB", "ignored-paths": "/var/lib/apt/lists"}
    assert verdict(tmp_path, AS_YOU_GO, rules).judgement.passes


def test_waste_inside_the_base(tmp_path: Path) -> None:
    """Waste that one layer of the base hides from another does not count if the number of base layers is set."""
    steps = (("FROM a", layer(big("a", 5))), ("FROM a", layer(whiteout("a"))), ("RUN b", layer(big("b", 1))))
    lines = advice(verdict(tmp_path, steps, {"highest-wasted-bytes": 0}), "highest-wasted-bytes")
    assert lines[2] == "Do not count them: `--base-layers 2` or `--base IMAGE`; or use another base image."
    assert verdict(tmp_path, steps, {"highest-wasted-bytes": 0, "base-layers": 2}).judgement.passes


def test_layers_that_the_rules_call_the_base_have_no_fix(tmp_path: Path) -> None:
    """If the rules set the number of base layers, files that these ship are those of the base."""
    check = verdict(tmp_path, LATE, {"highest-wasted-bytes": 0, "base-layers": 3})
    lines = advice(check, "highest-wasted-bytes")
    assert lines[1] == "100 kB  Leave files out of the COPY of layer 3 (saves 101 kB in all)"
    assert "9.0 MB  Base files that your layers delete or replace; the image gets no smaller" in lines


def test_rules_that_no_fix_helps(tmp_path: Path) -> None:
    """Too many layers, and forbidden files that are visible, have general advice."""
    check = verdict(tmp_path, LATE, {"most-layers": 1, "forbidden-paths": "/usr/bin/git"})
    assert advice(check, "most-layers")[-1].startswith("Join steps: several commands in one RUN")
    assert advice(check, "forbidden-paths")[-1].startswith("Name them in .dockerignore")
    check = verdict(tmp_path, LATE, {"forbidden-paths": "*.env"})
    assert advice(check, "forbidden-paths")[1].startswith("100 kB  Leave files out of the COPY of layer 3")


def grown(tmp_path: Path, *contents: Item, **rules: object) -> str:
    """Returns the verdict in Markdown on an image that has one more layer than its baseline."""
    old_path, new_path = tmp_path / "old.tar", tmp_path / "new.tar"
    base = layer(big("bin/sh", 0.5))
    old_path.write_bytes(docker_archive(image(base, tag="old:1")))
    history = [{"created_by": "ADD rootfs.tar.xz /"}, {"created_by": "COPY . /app"}]
    new_path.write_bytes(docker_archive(image(base, layer(*contents), history=history)))
    diff = compare(explored(old_path), explored(new_path), Watcher())
    baseline = Baseline(
        "old:1", diff.old.usage.shipped_bytes, 0, lambda: diff.growth, lambda: diff.update, lambda: diff.first_break
    )
    settings = {key.replace("_", "-"): RawSetting(value, f"--{key}") for key, value in rules.items()}
    resolved = resolve_rules({"baseline": RawSetting("old:1", "--baseline"), **settings})
    judgement = judge(diff.new.tree, diff.new.usage, lambda: (), resolved, None, baseline)
    return FORMATS["markdown"](Check(diff.new, resolved, judgement), Page())


def test_growth_without_waste_has_advice_about_what_grew_most(tmp_path: Path) -> None:
    """The largest new file or package is named; an update has its own advice and its own table."""
    text = grown(tmp_path, big("app/data", 3), file("app/x", b"x"), highest_growth="1MB", highest_update_bytes="1kB")
    assert (
        "**highest-growth**\n\n`/app/data` is new, 3.0 MB: if no container needs it, name it in `.dockerignore`, "
        "or delete it in the RUN that makes it." in text
    )
    assert "**highest-update-bytes**\n\nFirst difference: " in text
    assert "as for" not in text
    assert "### Largest layers" not in text
    assert "### Layers that an update downloads\n\n| Download | Layer |" in text
    assert "(`old:1` has 500 kB)" in text
    package = dpkg_status({"numpy": "1"}), dpkg_list("numpy", ["/usr/a", "/usr/b"]), big("usr/a", 1), big("usr/b", 1)
    text = grown(tmp_path, *package, highest_growth="1MB")
    assert "The package `numpy 1` is new, 2.0 MB: use a smaller one in its place" in text


def test_the_same_advice_is_given_once(tmp_path: Path) -> None:
    """A later rule with the same fixes refers to the first one, and the details of a fix stand once."""
    check = verdict(tmp_path, LATE, {"lowest-efficiency": 1, "highest-wasted-bytes": 0, "highest-image-bytes": 0})
    text = check_text(check)
    assert "What to do: as for lowest-efficiency" in text
    assert text.count("Use one RUN: `RUN apt-get update") == 1
    assert (
        "**highest-wasted-bytes**: as for lowest-efficiency; with all of these fixes: 5.0 MB, still fails."
        in FORMATS["markdown"](check, Page())
    )


def test_a_rule_that_passes_needs_no_fix(tmp_path: Path) -> None:
    """Without a failed rule there is no advice, and nothing is computed for it."""
    check = verdict(tmp_path, LATE, {"most-layers": 9})
    texts = [FORMATS[name](check, Page()) for name in ("text", "markdown", "github", "junit")]
    assert "fixes" not in vars(check.exploration)
    texts.append(FORMATS["json"](check, Page()))
    assert not any("What to do" in text or "To look at it" in text for text in texts)


def test_every_format_has_the_advice(tmp_path: Path) -> None:
    """Markdown shows the lines as a diff, GitHub and JUnit name the fixes, JSON has their IDs and their figures."""
    check = verdict(tmp_path, LATE, {"highest-wasted-bytes": 0})
    texts = {name: write(check, Page()) for name, write in FORMATS.items()}
    assert_harmless(texts["markdown"])
    assert any("+ RUN apt-get update && apt-get install -y git" in block for block in fences(texts["markdown"]))
    base = "Base files that your layers delete or replace; the image gets no smaller"
    assert f"- 5.0 MB: {base}. Use" in texts["markdown"]
    assert "%0AFix, 100 kB: Leave files out of the COPY of layer 3 (saves 101 kB in all)%0A" in texts["github"]
    assert f"%0A5.0 MB: {base}. Use" in texts["github"]
    failure = ET.fromstring(texts["junit"]).findtext(".//failure")
    assert "  4.0 MB  Delete apt's lists and cache in the RUN that uses apt" in (failure or "")
    found = json.loads(texts["json"])
    (rule,) = found["rules"]
    assert rule["fixes"] == [{"id": "apt", "saves_bytes": 4_000_000}, {"id": "leave-out-3", "saves_bytes": 100_000}]
    assert rule["base_bytes"] == 5_000_000
    assert [(fix["id"], fix["saves_bytes"]) for fix in found["fixes"]] == [("apt", 6_000_000), ("leave-out-3", 101_000)]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_advice_fits_the_terminal(tmp_path: Path, width: int) -> None:
    """On a terminal no line of advice is wider than it, and only there are colours."""
    check = verdict(tmp_path, LATE, {"highest-wasted-bytes": 0})
    text = check_text(check, Page(width, is_terminal=True, has_colours=True))
    plain = re.sub(r"\x1b\[\d*m", "", text)
    start = plain.index("What to do")
    assert all(len(line) <= max(width, 62) for line in plain[start : plain.index("Wasted most")].splitlines())
    assert "\x1b[31mFAIL\x1b[m  highest-wasted-bytes" in text
    assert "\x1b[31mFAIL:\x1b[m 1 of 1 rule fails" in text
    assert re.search(r"\x1b\[32m *\+ RUN", text)
    assert plain == check_text(check, Page(width, is_terminal=True))


def test_a_long_line_wraps_as_in_a_report(tmp_path: Path) -> None:
    """No command is cut off a terminal; on one, the new line shows what it adds."""
    command = f"RUN apt-get install -y {'package ' * 100}".rstrip()
    steps = (BASE, (command, layer(file("var/cache/apt/y", b"y"))))
    check = verdict(tmp_path, steps, {"highest-disposable-bytes": 0, "base-layers": 1})
    text = " ".join(advice(check, "highest-disposable-bytes"))
    added = "&& rm -rf /var/lib/apt/lists/* && apt-get clean"
    assert f"- {command} + {command} {added}" in text
    text = " ".join(advice(check, "highest-disposable-bytes", Page(100, is_terminal=True)))
    assert f"… + RUN … {added}" in text


def _shown(signs: str) -> str:
    fix = Fix("x", "X", (1,), (), (), (), (), tuple(DiffLine(sign, "RUN x") for sign in signs))
    return "".join(line.sign if line.text == "RUN x" else "…" for line in diff_lines(HelpfulFix(fix, 1)))


@pytest.mark.parametrize(
    ("diff", "shown"),
    [
        ("--+-+", "--+-+"),
        ("-+-+-+", "-+-+…"),
        ("-+-++-", "-+-++-"),
        ("-+-++-+", "-+-++…"),
        ("-------+", "-------+"),
        ("-----+-+", "-----+…"),
        ("-+--#+++", "-+--…"),
        ("#+++++++++", "#++++…"),
    ],
)
def test_a_cut_diff_has_whole_changes(diff: str, shown: str) -> None:
    """A line that goes stands with the one in its place, and no single line is hidden."""
    assert _shown(diff) == shown
