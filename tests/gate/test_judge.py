"""The gate: synthetic images with known verdicts, and the figures that rules count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.disposables.disposables import disposables
from explorer.analysis.packages.package import Package
from explorer.analysis.packages.package_usage import LayerShare, PackageUsage
from explorer.analysis.waste import byte_usage
from explorer.errors import UsageError
from explorer.gate.account import Account, build_account, divide_disposables
from explorer.gate.judge import count_base_layers, judge
from explorer.gate.limits import Baseline, ForbiddenFile, Outcome, Status
from explorer.gate.rules import RULES, RawSetting, resolve_rules
from explorer.layers.tree import Tree
from explorer.model import Cause, Image, Layer
from explorer.text.patterns import path_matcher
from tests.images import MB, big, directory, file, gzipped, hardlink, layer, merged, whiteout

PASS, FAIL, SKIP = Status.PASS, Status.FAIL, Status.SKIP


def accountable(*layers: bytes) -> Tree:
    """Returns the tree of layers, with the fingerprints of all files."""
    return merged(*map(gzipped, layers))


def judged(
    *layers: bytes, asked: Mapping[str, object] | None = None, base: int | None = None, before: Baseline | None = None
) -> dict[str, Outcome]:
    """Returns the outcome of each rule that is set, or of the defaults; ``base`` lowest layers are the base."""
    tree = accountable(*layers)
    rules = resolve_rules({key: RawSetting(value, "--option") for key, value in (asked or {}).items()})
    found = judge(tree, byte_usage(tree), lambda: disposables(tree), rules, base, before)
    assert found.passes is all(outcome.status is not FAIL for outcome in found.outcomes)
    return {outcome.name: outcome for outcome in found.outcomes}


def only(*layers: bytes, base: int | None = None, **asked: object) -> Outcome:
    """Returns the outcome of the only rule that is set."""
    words = {key.replace("_", "-"): value for key, value in asked.items()}
    (outcome,) = judged(*layers, asked=words, base=base).values()
    return outcome


REMOVED_LATER = (layer(big("base", 10)), layer(big("a", 10)), layer(whiteout("a")))
"""20 MB shipped, 10 of them wasted; 10 MB above the lowest layer."""


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("layers", "efficiency", "user_wasted"),
    [
        ([layer(big("a", 9))], (PASS, Fraction(1)), (SKIP, None)),
        ([], (PASS, Fraction(1)), (SKIP, None)),
        ([layer(), layer()], (PASS, Fraction(1)), (PASS, Fraction(0))),
        (REMOVED_LATER, (FAIL, Fraction(1, 2)), (FAIL, Fraction(1))),
        (
            [layer(big("a", 90)), layer(big("b", 10)), layer(whiteout("b"))],
            (PASS, Fraction(9, 10)),
            (FAIL, Fraction(1)),
        ),
        ([layer(big("a", 1)), layer(big("a", 9, 2))], (PASS, Fraction(9, 10)), (FAIL, Fraction(1, 9))),
        ([layer(big("a", 1)), layer(big("a", 10, 2))], (PASS, Fraction(10, 11)), (PASS, Fraction(1, 10))),
        ([layer(big("a", 5)), layer(whiteout("a"))], (FAIL, Fraction(0)), (FAIL, None)),
    ],
    ids=["one layer", "none", "empty ones", "removed", "on the limit", "overwritten", "both on it", "nothing shipped"],
)
def test_verdicts_by_default(
    layers: list[bytes], efficiency: tuple[Status, Fraction], user_wasted: tuple[Status, Fraction | None]
) -> None:
    """Efficiency below 0.9 fails, and user wasted above 0.1; on the limit both pass; without layers above, a skip."""
    found = judged(*layers)
    assert [(each.status, each.found) for each in found.values()] == [efficiency, user_wasted]
    assert list(found) == ["lowest-efficiency", "highest-user-wasted-percent"]


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("rule", "limit", "found"),
    [
        ("highest_wasted_bytes", 10 * MB, 10 * MB),
        ("highest_image_bytes", 20 * MB, 20 * MB),
        ("highest_layer_bytes", 10 * MB, 10 * MB),
        ("most_layers", 3, 3),
    ],
)
def test_limits_are_reached_but_not_crossed(rule: str, limit: int, found: int) -> None:
    """A figure equal to the limit passes; it fails if the limit is one byte, or one layer, lower."""
    assert only(*REMOVED_LATER, **{rule: limit}).status is PASS
    failed = only(*REMOVED_LATER, **{rule: limit - 1})
    assert (failed.status, failed.found, failed.limit) == (FAIL, found, limit - 1)


def test_a_share_is_compared_exactly() -> None:
    """Shares are exact: two thirds fail a minimum of 66.6666666666666667 percent."""
    layers = layer(big("a", 1)), layer(big("a", 2, 2))
    assert only(*layers, lowest_efficiency="0.6666666666666666").status is PASS
    assert only(*layers, lowest_efficiency="0.6666666666666667").status is FAIL


def test_a_rule_that_is_off_is_skipped() -> None:
    """A disabled rule is skipped for every image."""
    for rule in (name for name, key in RULES.items() if key.unit):
        (outcome,) = judged(layer(file("a", b"a")), asked={rule: "off"}).values()
        assert (outcome.name, outcome.status, outcome.reason) == (rule, SKIP, "off")


def test_all_layers_that_are_too_large_are_named() -> None:
    """The layers above the limit are named; a single one is named as the largest."""
    layers = layer(big("a", 3)), layer(big("b", 1)), layer(big("c", 4))
    assert only(*layers, highest_layer_bytes="2MB").reason == "layers 0 and 2 ship more"
    assert only(*layers, highest_layer_bytes="3MB").reason == "layer 2 ships most"


def test_forbidden_paths_count_though_they_are_deleted() -> None:
    """A forbidden path fails the rule, even if a later layer deletes it or the same tar replaces it."""
    found = only(
        layer(file("root/.ssh/id", b"1"), file("etc/a.pem", b"22")),
        layer(whiteout("root/.ssh"), file("x/b.pem", b"1"), file("x/b.pem", b"333")),
        forbidden_paths=["/root/.ssh", "*.pem"],
    )
    assert (found.status, found.found) == (FAIL, 4)
    assert found.paths == (
        ForbiddenFile("root/.ssh/id", 1, 0, 1, Cause.REMOVED),
        ForbiddenFile("etc/a.pem", 2, 0, None, None),
        ForbiddenFile("x/b.pem", 3, 1, None, None),
        ForbiddenFile("x/b.pem", 1, 1, 1, Cause.DUPLICATE),
    )


def test_forbidden_paths_have_the_cause_of_their_waste() -> None:
    """A forbidden file that a later layer ships again has the cause that its waste has."""
    found = only(
        layer(file("a", b"1"), file("b", b"2"), file("empty", b"")),
        layer(file("a", b"1", mode=0o600), file("b", b"3"), whiteout("empty")),
        forbidden_paths=["/*"],
    )
    assert found.paths[:3] == (
        ForbiddenFile("a", 1, 0, 1, Cause.RECOPIED),
        ForbiddenFile("b", 1, 0, 1, Cause.OVERWRITTEN),
        ForbiddenFile("empty", 0, 0, 1, None),
    )


def test_directories_are_forbidden_by_what_is_in_them() -> None:
    """An empty directory does not count; everything in a directory counts, including links."""
    assert only(layer(directory("secrets/")), forbidden_paths="secrets/").status is PASS
    assert (
        only(
            layer(directory("secrets/"), hardlink("secrets/b", "a"), file("a", b"a")), forbidden_paths="secrets/"
        ).found
        == 1
    )


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.pem", {"a.pem", "etc/ssl/b.pem"}),
        ("/*.pem", {"a.pem"}),
        ("/etc", {"etc/ssl/b.pem", "etc/hosts"}),
        ("ssl/", {"etc/ssl/b.pem"}),
        ("/etc/**/*.pem", {"etc/ssl/b.pem"}),
        ("*.PEM", set()),
        ("host?", {"etc/hosts"}),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, found: set[str]) -> None:
    """A pattern without a slash matches a name anywhere, one with a slash the path from the root; case matters."""
    outcome = only(layer(*(file(name) for name in ("a.pem", "etc/ssl/b.pem", "etc/hosts"))), forbidden_paths=pattern)
    assert {each.path for each in outcome.paths} == found


def test_names_that_are_not_utf8_are_found() -> None:
    """A name of any bytes can be forbidden and ignored."""
    layers = (layer(file("d/\udcff.pem", b"1"), file("d/a", b"22")),)
    assert [each.path for each in only(*layers, forbidden_paths="*.pem").paths] == ["d/\udcff.pem"]
    found = judged(*layers, asked={"ignored-paths": "*.pem", "highest-image-bytes": 0})
    assert found["highest-image-bytes"].found == 2


@pytest.mark.parametrize("path", ["d/a\n.pem", "d/a.pem\n", "d\n/a.pem", "secret\n/x/a"])
def test_line_breaks_hide_no_path(path: str) -> None:
    """A name with line breaks matches like others; a name that only begins like a forbidden one does not."""
    outcome = only(layer(file(path)), forbidden_paths=["*.pem", "/secret?/**"])
    assert [each.path for each in outcome.paths] == ([] if path.endswith("\n") else [path])


def test_an_exception_to_forbidden_paths() -> None:
    """A pattern with an exclamation mark excludes paths again."""
    outcome = only(layer(file("a.pem"), file("ca.pem")), forbidden_paths=["*.pem", "!ca.pem"])
    assert [each.path for each in outcome.paths] == ["a.pem"]


def test_ignored_paths_are_out_of_the_account() -> None:
    """Ignored paths and their waste do not count in any figure."""
    layers = (
        layer(big("v/a", 5), big("b", 1), big("v/twice", 1), big("v/twice", 2)),
        layer(whiteout("v"), big("b", 1, 2)),
    )
    rules = ("lowest-efficiency", "highest-wasted-bytes", "highest-image-bytes", "highest-layer-bytes")
    found = judged(*layers, asked={"ignored-paths": "/v", **dict.fromkeys(rules, "0")})
    assert {rule: outcome.found for rule, outcome in found.items()} == {
        "lowest-efficiency": Fraction(1, 2),
        "highest-wasted-bytes": MB,
        "highest-image-bytes": 2 * MB,
        "highest-layer-bytes": MB,
    }


def test_what_the_base_wastes_is_left_out() -> None:
    """Waste, layer sizes and paths of the base do not count; its bytes count in the size of the image."""
    layers = (
        layer(big("a", 10), file("old.pem")),
        layer(big("a", 10, 2)),
        layer(big("b", 4)),
        layer(whiteout("b"), file("new.pem")),
    )
    rules = ("highest-wasted-bytes", "highest-image-bytes", "highest-layer-bytes", "most-layers")
    asked = {**dict.fromkeys(rules, "0"), "lowest-efficiency": 1, "highest-user-wasted-percent": 0}
    found = judged(*layers, base=2, asked={**asked, "forbidden-paths": "*.pem"})
    assert {rule: outcome.found for rule, outcome in found.items()} == {
        "lowest-efficiency": Fraction(10, 14),
        "highest-wasted-bytes": 4 * MB,
        "highest-user-wasted-percent": Fraction(1),
        "highest-image-bytes": 24 * MB,
        "highest-layer-bytes": 4 * MB,
        "most-layers": 2,
        "forbidden-paths": 1,
    }


def test_efficiency_can_be_worked_out() -> None:
    """With a base and ignored paths, waste inside the base counts neither as wasted nor as shipped."""
    layers = (
        layer(big("a", 10), big("v/a", 3)),
        layer(big("a", 10, 2)),
        layer(big("b", 4)),
        layer(whiteout("b"), whiteout("v")),
    )
    tree = accountable(*layers)
    found = build_account(tree, byte_usage(tree), ["/v"], 2)
    assert (found.shipped_bytes, found.wasted_bytes, found.base_waste_bytes) == (24 * MB, 4 * MB, 10 * MB)
    assert found.efficiency == 1 - Fraction(found.wasted_bytes, found.shipped_bytes - found.base_waste_bytes)


def test_a_rule_that_fails_has_what_it_counts() -> None:
    """A rule about waste lists the files that it counts; a rule about sizes lists none; a baseline lists all."""
    layers = layer(big("a", 10)), layer(big("a", 10, 2)), layer(big("b", 4)), layer(whiteout("b"))
    asked = dict.fromkeys(("highest-wasted-bytes", "highest-user-wasted-percent", "highest-image-bytes"), 0)
    before = Baseline("before", 0, 0)
    found = judged(*layers, base=2, asked={**asked, "lowest-efficiency": 1, "baseline": "before"}, before=before)
    assert {rule: [waste.path for waste in outcome.wasted] for rule, outcome in found.items()} == {
        "lowest-efficiency": ["b"],
        "highest-wasted-bytes": ["b"],
        "highest-user-wasted-percent": ["b"],
        "highest-image-bytes": [],
        "baseline image bytes": [],
        "baseline wasted bytes": ["a", "b"],
    }


def test_a_rule_about_sizes_that_fails_has_its_layers() -> None:
    """A rule about sizes or layers lists the layers that it counts, the largest first; a baseline lists all layers."""
    layers = layer(big("a", 1)), layer(big("b", 3)), layer(big("c", 2)), layer(big("d", 4))
    asked = {"highest-image-bytes": 0, "highest-layer-bytes": 2 * MB, "most-layers": 0, "baseline": "before"}
    found = judged(*layers, base=2, asked=asked, before=Baseline("before", 0, 0))
    assert {rule: [(each.layer, each.bytes // MB) for each in outcome.layers] for rule, outcome in found.items()} == {
        "highest-image-bytes": [(3, 4), (1, 3), (2, 2), (0, 1)],
        "highest-layer-bytes": [(3, 4)],
        "most-layers": [(3, 4), (2, 2)],
        "baseline image bytes": [(3, 4), (1, 3), (2, 2), (0, 1)],
        "baseline wasted bytes": [],
    }


def test_disposable_bytes_are_those_above_the_base() -> None:
    """The rule counts visible disposable files; those of the base and ignored ones do not, and it says so."""
    layers = (
        layer(big("usr/share/doc/a", 4), big("usr/share/doc/kept", 8), big("bin/sh", 1)),
        layer(whiteout("usr/share/doc/kept"), big("var/cache/apt/pkgcache.bin", 2), big("tmp/x", 1)),
    )
    assert only(*layers, highest_disposable_bytes=7 * MB).status is PASS
    failed = only(*layers, highest_disposable_bytes=7 * MB - 1)
    assert (failed.status, failed.found, failed.reason) == (FAIL, 7 * MB, "")
    assert [each.path for each in failed.disposables] == ["usr/share/doc/a", "var/cache/apt/pkgcache.bin", "tmp/x"]
    found = judged(*layers, base=1, asked={"highest-disposable-bytes": 0, "ignored-paths": "/tmp"})
    outcome = found["highest-disposable-bytes"]
    assert (outcome.found, outcome.reason) == (2 * MB, "without 4.0 MB of the base")


def usage(name: str, megabytes: int, installed_in: int, removed_in: int | None = None) -> PackageUsage:
    """Returns the usage of a package; the bytes of a removed one are wasted."""
    package = Package("deb", name, "1", "amd64", "", "/var/lib/dpkg/status", installed_in, removed_in)
    visible, wasted = (megabytes * MB, 0) if removed_in is None else (0, megabytes * MB)
    return PackageUsage(package, {installed_in: LayerShare(1, visible, wasted)})


PACKAGES = (usage("gcc", 40, 1, 2), usage("libc6", 12, 0), usage("libc6-dev", 8, 1), usage("bash", 1, 0))


def judged_packages(base: int | None = None, packages: Sequence[PackageUsage] = PACKAGES, **asked: object) -> Outcome:
    """Returns the outcome of a rule about packages, for an image of three layers."""
    tree = accountable(*(layer(big(name, 1)) for name in "abc"))
    rules = resolve_rules({key.replace("_", "-"): RawSetting(value, "--option") for key, value in asked.items()})
    (outcome,) = judge(tree, byte_usage(tree), tuple, rules, base, None, lambda: packages).outcomes
    return outcome


def names(outcome: Outcome) -> list[str]:
    """Returns the names of the packages at fault."""
    return [usage.package.name for usage in outcome.packages if usage.package]


def test_forbidden_packages_count_even_if_removed() -> None:
    """The rule finds packages by name or URL, removed ones too, but not those of the base."""
    found = judged_packages(forbidden_packages=["gcc", "pkg:deb/libc6*"])
    assert (found.status, found.found, names(found)) == (FAIL, 3, ["gcc", "libc6", "libc6-dev"])
    assert names(judged_packages(base=1, forbidden_packages="libc6*")) == ["libc6-dev"]
    assert judged_packages(base=1, forbidden_packages=["bash", "libc6"]).status is PASS
    assert judged_packages(forbidden_packages="off").status is SKIP


@pytest.mark.parametrize(
    ("pattern", "similar"),
    [
        ("build-essentail", "build-essential"),
        ("Build_Essential", "build-essential"),
        ("libssl3-de", ""),
        ("libssl1-dev", ""),
        ("libss3-dev", "libssl3-dev"),
        ("build-essentail*", ""),
        ("pkg:deb/build-essentail", ""),
        ("bahs", ""),
        ("cowsay", ""),
    ],
)
def test_a_mistake_in_the_name_of_a_package_is_a_remark(pattern: str, similar: str) -> None:
    """A name that is almost that of a package, of the base too, gets a remark; the result stays."""
    packages = [*PACKAGES, usage("build-essential", 1, 0), usage("libssl3-dev", 1, 0)]
    found = judged_packages(base=1, packages=packages, forbidden_packages=["cowsay", pattern])
    remark = f"there is no {pattern.lower()}; did you mean {similar}?" if similar else ""
    assert (found.status, found.reason) == (PASS, remark)


def test_the_largest_package_counts_with_its_waste() -> None:
    """The rule compares the largest package above the base, and names those that have more."""
    found = judged_packages(highest_package_bytes="30MB")
    assert (found.status, found.found, found.reason, names(found)) == (FAIL, 40 * MB, "gcc has most", ["gcc"])
    assert judged_packages(highest_package_bytes="10MB").reason == "2 packages have more"
    assert judged_packages(base=2, highest_package_bytes=0).status is PASS
    assert judged_packages(base=1, highest_package_bytes="40MB").status is PASS


def test_a_base_that_is_changed_counts() -> None:
    """Files of the base that layers above ship again or delete are waste of those layers."""
    found = only(layer(big("a", 10)), layer(big("a", 10, mode=0o600)), base=1, highest_wasted_bytes=0)
    assert found.found == 10 * MB


def test_no_base_at_all() -> None:
    """With a base of no layers the user's share is that of the whole image."""
    found = only(*REMOVED_LATER, base=0, highest_user_wasted_percent="50%")
    assert (found.status, found.found) == (PASS, Fraction(1, 2))


def test_a_base_of_more_layers_than_there_are() -> None:
    """A base of more layers than the image has is an error."""
    with pytest.raises(UsageError, match="base-layers is 3, but the image has only 2 layers"):
        judged(layer(file("a")), layer(file("b")), base=3)


def test_a_base_of_all_layers() -> None:
    """Without layers above the base there is no user's share, and nothing fails."""
    found = judged(*REMOVED_LATER, base=3, asked={"highest-user-wasted-percent": 0, "highest-wasted-bytes": 0})
    assert [each.status for each in found.values()] == [PASS, SKIP]


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("allowance", "shipped", "wasted", "statuses"),
    [
        ("0", 20 * MB, 10 * MB, (PASS, PASS)),
        ("0", 20 * MB - 1, 10 * MB - 1, (FAIL, FAIL)),
        ("1", 20 * MB - 1, 10 * MB - 1, (PASS, PASS)),
        ("10%", 18_181_819, 9_090_910, (PASS, PASS)),
        ("10%", 18_181_818, 9_090_909, (FAIL, FAIL)),
        ("0", 90 * MB, 9 * MB, (PASS, FAIL)),
    ],
)
def test_no_worse_than_a_baseline_by_so_much(
    allowance: str, shipped: int, wasted: int, statuses: tuple[Status, Status]
) -> None:
    """Shipped and wasted bytes may each exceed the baseline by the allowance, but not by more."""
    before = Baseline("before", shipped, wasted)
    found = judged(*REMOVED_LATER, before=before, asked={"baseline": "before", "baseline-allowance": allowance})
    assert {rule: outcome.status for rule, outcome in found.items()} == dict(
        zip(("baseline image bytes", "baseline wasted bytes"), statuses, strict=True)
    )


def identified(reference: str, *diff_ids: str) -> Image:
    """Returns an image whose layers are never read."""
    nobody: Any = None
    return Image(reference, "", tuple(Layer(number, nobody, diff_id) for number, diff_id in enumerate(diff_ids)))


def test_the_base_is_found_by_its_layers() -> None:
    """An image is built on a base if its lowest layers are all layers of the base."""
    assert count_base_layers(identified("i", "a", "b", "c"), identified("b", "a", "b")) == 2
    assert count_base_layers(identified("i", "a"), identified("b")) == 0
    with pytest.raises(UsageError, match="its layer 1 is b, expected x"):
        count_base_layers(identified("i", "a", "b"), identified("b", "a", "x"))
    with pytest.raises(UsageError, match="fewer than the 2"):
        count_base_layers(identified("i", "a"), identified("b", "a", "b"))


def test_layers_without_diff_ids_are_compared_by_digest() -> None:
    """Without diff IDs the digests are compared; without both, layers are different."""
    nobody: Any = None
    one = Image("i", "", (Layer(0, nobody, digest="sha256:1"),))
    assert count_base_layers(one, one) == 1
    unknown = replace(one, layers=(Layer(0, nobody),))
    with pytest.raises(UsageError, match="of unknown digest"):
        count_base_layers(unknown, unknown)


NAMES = st.sampled_from(["a", "b", "v/a", "v/b"])
ITEMS = st.one_of(
    st.builds(lambda name, size: file(name, b"x" * size), NAMES, st.integers(0, 9)), st.builds(whiteout, NAMES)
)
LAYERS = st.lists(st.lists(ITEMS, max_size=5).map(lambda items: layer(*items)), max_size=4)


@given(LAYERS, st.integers(0, 5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_wasted_byte_is_the_bases_or_the_users(layers: list[bytes], base_layers: int) -> None:
    """For every base, the waste inside it and the waste of the layers above add up to all wasted bytes."""
    tree = accountable(*layers)
    account = byte_usage(tree)
    found = build_account(tree, account, (), base_layers)
    assert found.wasted_bytes + found.base_waste_bytes == account.wasted_bytes
    assert found.shipped_bytes == account.shipped_bytes
    assert 0 <= found.efficiency <= 1


DISPOSABLE_NAMES = st.sampled_from(["usr/share/doc/a", "var/cache/apt/b", "tmp/c", "app/.git/d", "bin/e"])
DISPOSABLE_ITEMS = st.one_of(
    st.builds(lambda name, size: file(name, b"x" * size), DISPOSABLE_NAMES, st.integers(0, 9)),
    st.builds(hardlink, DISPOSABLE_NAMES, DISPOSABLE_NAMES),
    st.builds(whiteout, DISPOSABLE_NAMES),
)
DISPOSABLE_LAYERS = st.lists(st.lists(DISPOSABLE_ITEMS, max_size=5).map(lambda items: layer(*items)), max_size=4)


@given(DISPOSABLE_LAYERS, st.integers(0, 5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_disposable_byte_is_the_bases_or_the_users(layers: list[bytes], base_layers: int) -> None:
    """For every base, its disposable bytes and those of the layers above add up to all, and all are visible."""
    tree = accountable(*layers)
    everything = disposables(tree)
    shares = divide_disposables(everything, (), base_layers)
    assert shares.own_bytes + shares.base_bytes == sum(each.bytes for each in everything)
    assert sum(each.bytes for each in everything) <= byte_usage(tree).visible_bytes
    assert divide_disposables(everything, ["*"], base_layers) == ((), 0)


@given(DISPOSABLE_LAYERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_nothing_that_is_wanted_is_disposable(layers: list[bytes]) -> None:
    """With everything wanted nothing is disposable; with a pattern only what it does not match."""
    tree = accountable(*layers)
    assert disposables(tree, path_matcher(["*"])) == ()
    is_wanted = path_matcher(["/usr/share/doc", "*.git"])
    assert not any(is_wanted(each.path) for each in disposables(tree, is_wanted))


@given(LAYERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_ignoring_splits_the_account(layers: list[bytes]) -> None:
    """The accounts of ignored and of other paths add up to the whole; ignoring everything leaves nothing."""
    tree = accountable(*layers)
    account = byte_usage(tree)

    def figures(found: Account) -> tuple[int, int]:
        return found.shipped_bytes, found.wasted_bytes

    kept, rest = (figures(build_account(tree, account, which, 0)) for which in (["v/"], ["/a", "/b"]))
    assert (kept[0] + rest[0], kept[1] + rest[1]) == (account.shipped_bytes, account.wasted_bytes)
    assert figures(build_account(tree, account, ["*"], 0)) == (0, 0)
