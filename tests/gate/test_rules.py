"""The rules: their values, their origins, and their files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UsageError
from explorer.gate import value_types
from explorer.gate.rules import DEFAULT, RULES, RawSetting, Rules, resolve_rules, rule_key
from explorer.gate.rules_file import find_rules, find_shared_rules, read_rules


def asked(**values: object) -> Rules:
    """Returns the rules in force if options set all of these."""
    return resolve_rules({key.replace("_", "-"): RawSetting(value, "--option") for key, value in values.items()})


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [
        ("0", 0),
        ("512", 512),
        ("512B", 512),
        ("1kB", 1000),
        ("1KB", 1000),
        ("20MB", 20_000_000),
        ("20Mb", 20_000_000),
        ("20 MB", 20_000_000),
        ("20mb", 20_000_000),
        ("1.5GB", 1_500_000_000),
        ("1KiB", 1024),
        ("20MiB", 20 * 1024**2),
        ("0.5 GiB", 2**29),
        ("3M", 3_000_000),
        ("3Mi", 3 * 1024**2),
        (".5GiB", 2**29),
        ("10M", 10_000_000),
        (12, 12),
    ],
)
def test_sizes_as_people_write_them(written: object, bytes_: int) -> None:
    """A size is a number of bytes, or a number with a decimal or binary unit in any case."""
    assert value_types.size(written) == bytes_


@pytest.mark.parametrize("written", ["", "MB", "20XB", "-1", "1e9", "20iB", -1, True, 1.5, "9" * 40, "٣MB", [], None])
def test_what_is_no_size(written: object) -> None:
    """Other values are not sizes."""
    assert value_types.size(written) is None


@pytest.mark.parametrize(
    ("written", "share"),
    [
        ("0.9", "0.9"),
        ("90%", "0.9"),
        ("90 %", "0.9"),
        ("1", "1"),
        ("0", "0"),
        (".5", "0.5"),
        ("99.9%", "0.999"),
        ("1e-1", "0.1"),
        ("+0.1", "0.1"),
        (0.9, "0.9"),
        (1, "1"),
        (0, "0"),
        (1e-05, "0.00001"),
    ],
)
def test_ratios_as_people_write_them(written: object, share: str) -> None:
    """A ratio is a number from 0 to 1 or a percentage, and is exact."""
    assert value_types.ratio(written) == Fraction(share)


@pytest.mark.parametrize("written", ["1.1", "101%", "-0.1", "90", "", "%", "nan", "inf", "1/2", True, -1, 2, [], None])
def test_what_is_no_ratio(written: object) -> None:
    """Other values are not ratios; 90 without a percent sign is probably a mistake."""
    assert value_types.ratio(written) is None


@given(st.text(max_size=40) | st.integers() | st.floats() | st.none() | st.lists(st.text(max_size=4)))
def test_no_value_is_worse_than_refused(written: object) -> None:
    """Any object as a value is parsed or rejected, without an exception."""
    for key in RULES.values():
        key.type.parse(written)


def test_without_any_rule_the_defaults_apply() -> None:
    """Without any limit, efficiency 0.9 and user wasted percent 0.1 apply, with their origin."""
    found = asked()
    assert (found.values.get("lowest-efficiency"), found.values.get("highest-user-wasted-percent")) == (
        Fraction("0.9"),
        Fraction("0.1"),
    )
    assert found.origins == {"lowest-efficiency": DEFAULT, "highest-user-wasted-percent": DEFAULT}


def test_what_rules_look_at_is_no_rule() -> None:
    """Ignored paths and a base are not limits: the defaults apply."""
    found = asked(ignored_paths=["/vendor"], base_layers=2)
    assert found.values.get("lowest-efficiency") == Fraction("0.9")
    assert (found.ignored_paths, found.base_layers) == (("/vendor",), 2)


def test_only_what_is_asked_for_applies() -> None:
    """If one rule is set, no other rule applies."""
    assert asked(most_layers="9") == Rules({"most-layers": 9}, {"most-layers": "--option"})


@pytest.mark.parametrize("off", ["off", "OFF", "disabled", " false ", False])
def test_a_rule_that_is_off_is_asked_for_and_does_not_apply(off: object) -> None:
    """Each spelling of off disables the rule, and the defaults do not apply."""
    found = asked(lowest_efficiency=off)
    assert (found.values.get("lowest-efficiency"), found.values.get("highest-user-wasted-percent")) == (None, None)
    assert found.origins == {"lowest-efficiency": "--option"}


@pytest.mark.parametrize("key", [key for key, each in RULES.items() if not each.is_list])
def test_an_empty_value_is_a_mistake(key: str) -> None:
    """An empty value, as from an unset variable, is an error."""
    with pytest.raises(UsageError, match="takes"):
        resolve_rules({key: RawSetting("", f"--{key}")})


def test_an_allowance_may_be_more_than_all() -> None:
    """An allowance may exceed 100 %."""
    assert asked(baseline_allowance="200%").baseline_allowance == 2


def test_who_speaks_first_wins() -> None:
    """An option overrides the file, key by key; other rules of the file stay in force."""
    option = {"most-layers": RawSetting("3", "--most-layers")}
    file = {"most-layers": RawSetting(5, "file"), "highest-image-bytes": RawSetting("1GB", "file")}
    found = resolve_rules(option, file)
    assert (found.values.get("most-layers"), found.values.get("highest-image-bytes")) == (3, 1_000_000_000)
    assert found.origins == {"most-layers": "--most-layers", "highest-image-bytes": "file"}


def test_an_option_switches_off_what_the_file_asks_for() -> None:
    """The option ``off`` disables the rule of the file."""
    assert (
        resolve_rules({"most-layers": RawSetting("off", "o")}, {"most-layers": RawSetting(5, "file")}).values.get(
            "most-layers"
        )
        is None
    )


def test_the_base_is_named_or_counted() -> None:
    """Setting both the number of base layers and the base image is an error."""
    with pytest.raises(UsageError, match="base-layers"):
        asked(base="debian:12", base_layers=1)


@pytest.mark.parametrize(("said", "filed"), [("base", "base-layers"), ("base-layers", "base")])
def test_a_base_that_an_option_says_wins_over_the_files(said: str, filed: str) -> None:
    """The number of base layers and the base image exclude each other: an option for one overrides both of the file."""
    values: dict[str, object] = {"base": "debian:12", "base-layers": 1}
    found = resolve_rules({said: RawSetting(values[said], "option")}, {filed: RawSetting(values[filed], "file")})
    assert found.values.get(said) == values[said]
    assert found.values.get(filed) is None
    assert filed not in found.origins


def test_a_base_that_is_off_leaves_the_other_way_to_say_it() -> None:
    """``off`` for one of them does not disable the other."""
    assert resolve_rules({"base": RawSetting("off", "option")}, {"base-layers": RawSetting(1, "file")}).base_layers == 1


def test_patterns_that_are_off() -> None:
    """A list of only ``off`` disables the rule."""
    assert asked(forbidden_paths=["off"]).origins == {"forbidden-paths": "--option"}
    assert "forbidden-paths" not in asked(forbidden_paths=["off"]).values


def test_a_link_to_no_file(tmp_path: Path) -> None:
    """A rules file that cannot be read is an error."""
    (tmp_path / ".layer-explorer.toml").symlink_to("nowhere")
    with pytest.raises(UsageError, match="is a link to a file that does not exist"):
        find_rules(tmp_path)


@pytest.mark.parametrize("name", ["lowest-efficiency", "lowest_efficiency", "lowestEfficiency"])
def test_keys_in_any_spelling(name: str) -> None:
    """A key can be spelled with hyphens, with underscores or in dive's camel case."""
    assert rule_key(name) == "lowest-efficiency"
    assert rule_key(f"{name}s") is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "#a",
        "/",
        "!",
        "\\",
        5,
        ["a", 5],
        [""],
        {"a": 1},
        "[[:alpha:]]",
        "[z-a]",
        "a\nb",
        "a\0b",
        "*a*a*a*a*a*a",
        "./a",
        "a//b",
        "//a",
        "a/./b",
        "..",
        "!a",
        ["off", "*.pem"],
    ],
)
def test_what_is_no_pattern(written: object) -> None:
    """A pattern that cannot match anything is an error."""
    assert value_types.patterns(written) is None


def write(directory: Path, name: str, text: str) -> Path:
    """Writes a file."""
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_of_the_projects_own_file(tmp_path: Path) -> None:
    """``.layer-explorer.toml`` sets rules as TOML values."""
    write(
        tmp_path,
        ".layer-explorer.toml",
        'lowest-efficiency = 0.95\nhighest-wasted-bytes = "20MB"\nmost_layers = 12\nhighestLayerBytes = false\n'
        'forbidden-paths = ["/root/.ssh", "*.pem"]\nbaseline-allowance = "2%"\n',
    )
    found = resolve_rules(find_rules(tmp_path))
    assert found.values.get("lowest-efficiency") == Fraction("0.95")
    assert found.values.get("highest-wasted-bytes") == 20_000_000
    assert found.values.get("most-layers") == 12
    assert found.values.get("highest-layer-bytes") is None
    assert found.values.get("forbidden-paths") == ("/root/.ssh", "*.pem")
    assert found.baseline_allowance == Fraction("0.02")
    assert set(found.origins.values()) == {".layer-explorer.toml"}


def test_rules_of_a_python_project(tmp_path: Path) -> None:
    """The table ``[tool.layer-explorer]`` of ``pyproject.toml`` sets rules; other tables are ignored."""
    write(tmp_path, "pyproject.toml", "[tool.other]\nx = 1\n[tool.layer-explorer]\nmost-layers = 7\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("most-layers") == 7


def test_a_project_file_without_rules_is_passed_over(tmp_path: Path) -> None:
    """A ``pyproject.toml`` without rules, even if it is not TOML, is skipped for the next file."""
    write(tmp_path, "pyproject.toml", "[tool.other\n")
    write(tmp_path, ".dive-ci", "rules:\n  lowestEfficiency: 0.7\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("lowest-efficiency") == Fraction("0.7")


def test_the_first_file_counts(tmp_path: Path) -> None:
    """The own file comes before ``pyproject.toml``, which comes before dive's file."""
    assert find_rules(tmp_path) == {}
    write(tmp_path, ".dive-ci", "rules:\n  lowestEfficiency: 0.1\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("lowest-efficiency") == Fraction("0.1")
    write(tmp_path, "pyproject.toml", "[tool.layer-explorer]\nlowest-efficiency = 0.2\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("lowest-efficiency") == Fraction("0.2")
    write(tmp_path, ".layer-explorer.toml", "lowest-efficiency = 0.3\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("lowest-efficiency") == Fraction("0.3")


@pytest.mark.parametrize("own", ["", "# nothing yet\n", "[rules]\n"])
@pytest.mark.parametrize("project", ["", "[tool.layer-explorer]\n"])
def test_a_file_without_rules_hides_none(tmp_path: Path, own: str, project: str) -> None:
    """The first file with rules counts; a disabled rule is a rule."""
    write(tmp_path, ".layer-explorer.toml", own)
    write(tmp_path, "pyproject.toml", project)
    write(tmp_path, ".dive-ci", "rules:\n  lowestEfficiency: 0.1\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("lowest-efficiency") == Fraction("0.1")
    write(tmp_path, ".layer-explorer.toml", 'lowest-efficiency = "off"\n')
    assert resolve_rules(find_rules(tmp_path)).values.get("lowest-efficiency") is None


DIVES_OWN = """\
---
plugins:
  - plugin1

rules:
  # If the efficiency is measured below X%, mark as failed. (expressed as a percentage between 0-1)
  lowestEfficiency: 0.95

  # If the amount of wasted space is at least X or larger than X, mark as failed. (expressed in B, KB, MB, and GB)
  highestWastedBytes: 20Mb

  highestUserWastedPercent: 0.5

  plugin1/rule1: error
"""


def test_a_file_of_dives_as_it_is(tmp_path: Path) -> None:
    """A ``.dive-ci`` with comments, plugins and their rules sets dive's three rules."""
    write(tmp_path, ".dive-ci", DIVES_OWN)
    found = resolve_rules(find_rules(tmp_path))
    assert found.values.get("lowest-efficiency") == Fraction("0.95")
    assert found.values.get("highest-wasted-bytes") == 20_000_000
    assert found.values.get("highest-user-wasted-percent") == Fraction("0.5")


@pytest.mark.parametrize("off", ["disabled", "Disabled", "off", "OFF", "false", '"disabled"'])
def test_dives_spellings_of_off(tmp_path: Path, off: str) -> None:
    """Each spelling of off in a ``.dive-ci`` disables the rule; missing rules do not apply."""
    write(tmp_path, ".dive-ci", f"rules:\n  lowestEfficiency: {off}\n  highestWastedBytes: 1MB\n")
    found = resolve_rules(find_rules(tmp_path))
    assert found.values.get("lowest-efficiency") is None
    assert found.values.get("highest-user-wasted-percent") is None
    assert set(found.origins) == {"lowest-efficiency", "highest-wasted-bytes"}


@pytest.mark.parametrize("nothing", ["", "~", "null", "# to do"])
def test_no_value_in_a_file_of_dives(tmp_path: Path, nothing: str) -> None:
    """A rule without a value in a ``.dive-ci`` is missing, as for dive, and not disabled."""
    write(tmp_path, ".dive-ci", f"rules:\n  lowestEfficiency: {nothing}\n")
    assert resolve_rules(find_rules(tmp_path)).origins == {
        "lowest-efficiency": DEFAULT,
        "highest-user-wasted-percent": DEFAULT,
    }
    write(tmp_path, ".dive-ci", f"rules:\n  lowestEfficiency: {nothing}\n  highestWastedBytes: 1MB\n")
    assert set(resolve_rules(find_rules(tmp_path)).origins) == {"highest-wasted-bytes"}


def test_dives_names_in_any_capitals(tmp_path: Path) -> None:
    """Names in a ``.dive-ci`` can be in any case, as for dive."""
    write(tmp_path, ".dive-ci", "rules:\n  LowestEfficiency: 0.5\n  highestwastedbytes: 1MB\n")
    found = resolve_rules(find_rules(tmp_path))
    assert (found.values.get("lowest-efficiency"), found.values.get("highest-wasted-bytes")) == (
        Fraction("0.5"),
        1_000_000,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Rules:\n  lowestEfficiency: 0.5\n",
        "rules.lowestEfficiency: 0.5\n",
        "rules:\n  lowestEfficiency: 0.5\n---\nrules:\n  lowestEfficiency: 0.7\n",
        '{"rules": {"lowestEfficiency": 0.5}}',
    ],
)
def test_a_file_of_dives_in_any_form_that_dive_reads(tmp_path: Path, text: str) -> None:
    """Upper case, flat names, JSON and a second document are parsed as dive does, for any file name."""
    path = write(tmp_path, "rules-of-ci", text)
    assert resolve_rules(read_rules(path)).values.get("lowest-efficiency") == Fraction("0.5")


@pytest.mark.parametrize("text", ["", "rules:\n", "rules: null\n", "---\n"])
def test_a_file_of_dives_without_rules(tmp_path: Path, text: str) -> None:
    """An empty ``.dive-ci`` has no rules: the defaults apply."""
    write(tmp_path, ".dive-ci", text)
    assert resolve_rules(find_rules(tmp_path)).origins["lowest-efficiency"] == DEFAULT


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            ".layer-explorer.toml",
            "\nlowest-efficency = 1",
            "line 2: there is no rule lowest-efficency; the rules are lowest-",
        ),
        (".layer-explorer.toml", "lowest-efficiency = 9", "line 1: lowest-efficiency takes a ratio from 0 to 1"),
        (".layer-explorer.toml", 'highest-wasted-bytes = "9 XB"', 'highest-wasted-bytes takes a size .* not "9 XB"'),
        (".layer-explorer.toml", "most-layers = 1\nmost_layers = 2", "most-layers is set twice"),
        (".layer-explorer.toml", "most-layers = ", "is not TOML"),
        (".layer-explorer.toml", "[screen]\ntheme = 1", "there is no rule screen"),
        ("pyproject.toml", "[tool.layer-explorer]\nmost-layers = true", "line 2: most-layers takes a whole number"),
        ("pyproject.toml", "[tool]\nlayer-explorer = 1", r"\[tool.layer-explorer\]"),
        (".dive-ci", "rules:\n  lowestEfficiency: 1.5", '.dive-ci: lowestEfficiency takes a ratio .* not "1.5"'),
        (".dive-ci", 'rules:\n  lowestEfficiency: ""', 'lowestEfficiency takes a ratio .* not ""'),
        (".dive-ci", "rules:\n  lowestEfficiency: '~'", "lowestEfficiency takes a ratio"),
        (".dive-ci", "rules:\n  lowestEfficiency: 0.9\n  lowestEfficiency: 0.5", "line 3.*set twice"),
        (".dive-ci", "rules:\n  lowestEfficiency: 0.9\n  LowestEfficiency: 0.5", "LowestEfficiency is set twice"),
        (".dive-ci", "rules:\n  lowestEfficiency: [1]", "lowestEfficiency takes a ratio .* not a list"),
        (".dive-ci", "rules:\n  most-layers: 5", '.dive-ci: there is no rule "most-layers"; dive has lowestEfficiency'),
        (".dive-ci", "rules:\n  lowestEfficency: 1", 'there is no rule "lowestEfficency"'),
        (".dive-ci", "rules:\n" + "# \n" * 30_000, "too large for three rules"),
        (".dive-ci", "a: &a {lowestEfficiency: 1}\nrules:\n  <<: *a\n", "merge keys"),
        ("pyproject.toml", "[tool.layer_explorer]\nmost-layers = 1", "line 1: rules belong in a table"),
        ("pyproject.toml", "[layer-explorer]\nmost-layers = 1", "line 1: rules belong in a table"),
        (".dive-ci", "rules: [", ".dive-ci, line 1: this is not YAML"),
        (".dive-ci", "rules: {}}", "this is not YAML"),
        (".dive-ci", "- a", "rules must be a mapping"),
        (".dive-ci", "rules: many", "rules must be a mapping"),
        pytest.param(".dive-ci", "[" * 5000, "nested too deeply|not YAML", id="deep"),
    ],
)
def test_a_wrong_file_names_the_key_and_what_it_takes(tmp_path: Path, name: str, text: str, words: str) -> None:
    """An error in a file names the file, the key, and the values that it takes."""
    write(tmp_path, name, text)
    with pytest.raises(UsageError, match=words) as error:
        resolve_rules(find_rules(tmp_path))
    assert error.value.message.startswith(name)


def test_only_the_wanted_paths_of_a_file(tmp_path: Path) -> None:
    """Commands that do not check find the wanted paths of the first file with rules, and ignore its other mistakes."""
    assert find_shared_rules(tmp_path) == {}
    write(tmp_path, "pyproject.toml", '[tool.layer-explorer]\nwanted_paths = "/srv"\ntypo = 1\n')
    assert resolve_rules(find_shared_rules(tmp_path)).wanted_paths == ("/srv",)
    write(tmp_path, ".layer-explorer.toml", "typo = 1\n")
    assert find_shared_rules(tmp_path) == {}
    write(tmp_path, ".layer-explorer.toml", '[rules]\nwantedPaths = ["[[:x:]]"]\n')
    with pytest.raises(UsageError, match=r"\.layer-explorer\.toml, line 2: wantedPaths takes patterns"):
        resolve_rules(find_shared_rules(tmp_path))
    (tmp_path / ".layer-explorer.toml").write_bytes(b"\xff")
    assert resolve_rules(find_shared_rules(tmp_path)).wanted_paths == ("/srv",)


def test_a_file_that_somebody_names(tmp_path: Path) -> None:
    """A file on the command line can have any name; its ending decides its format."""
    assert resolve_rules(read_rules(write(tmp_path, "strict.toml", "most-layers = 4"))).values.get("most-layers") == 4
    found = resolve_rules(read_rules(write(tmp_path, "ci.yaml", "rules:\n  lowestEfficiency: 0.6")))
    assert found.values.get("lowest-efficiency") == Fraction("0.6")


def test_a_named_file_must_be_there_and_say_something(tmp_path: Path) -> None:
    """A missing file, or a ``pyproject.toml`` without rules, is an error if the user names it."""
    with pytest.raises(UsageError, match="there is no file"):
        read_rules(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="has no rules"):
        read_rules(write(tmp_path, "pyproject.toml", "[tool.other]"))


def test_a_file_with_a_table_of_rules(tmp_path: Path) -> None:
    """Rules can be in a table ``[rules]``, as in dive's files."""
    write(tmp_path, ".layer-explorer.toml", "[rules]\nmost-layers = 4\n")
    assert resolve_rules(find_rules(tmp_path)).values.get("most-layers") == 4
    write(tmp_path, ".layer-explorer.toml", "most-layers = 4\n[rules]\nmost-layers = 4\n")
    with pytest.raises(UsageError, match="there is no rule rules"):
        find_rules(tmp_path)


@pytest.mark.parametrize("type_", [value_types.IMAGE, value_types.IMAGE_OR_REPORT])
def test_an_image_has_no_nul(type_: value_types.ValueType) -> None:
    """A reference with a NUL, which no path can have, is no image."""
    assert type_.parse("a\0b") is None
    assert type_.parse("ab") == "ab"
