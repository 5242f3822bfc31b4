"""The fixes that help a rule: together with the base they save exactly what the rule counts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.advice.build_steps import BuildStep
from explorer.analysis.disposables.disposables import Disposable, disposables
from explorer.analysis.fixes.fixes import fixes
from explorer.analysis.fixes.origins import origins
from explorer.analysis.waste import byte_usage
from explorer.gate.helpful_fixes import HelpfulFixes, helpful_fixes
from explorer.gate.judge import judge
from explorer.gate.limits import Case, Outcome
from explorer.gate.reached import reached
from explorer.gate.rules import RawSetting, resolve_rules
from explorer.layers.tree import Tree
from explorer.model import Waste
from tests.images import file, gzipped, layer, merged, whiteout

NAMES = st.sampled_from(["usr/share/doc/a", "var/cache/apt/b", "var/lib/apt/lists/c", "app/.git/d", "bin/e", "v/f"])
ITEMS = st.one_of(
    st.builds(lambda name, size: file(name, b"x" * size), NAMES, st.integers(0, 9)), st.builds(whiteout, NAMES)
)
LAYERS = st.lists(st.lists(ITEMS, max_size=5).map(lambda items: layer(*items)), min_size=1, max_size=5)
STEPS = (
    BuildStep(0, "ADD", "ADD base /", is_base=True),
    BuildStep(1, "RUN", "RUN apt-get update", ("apt-get update",)),
    BuildStep(2, "COPY", "COPY . /app"),
    BuildStep(3, "RUN", "RUN rm -rf /v", ("rm -rf /v",)),
    BuildStep(4, "RUN", "RUN chmod 1 /v", ("chmod 1 /v",)),
)


def helped(tree: Tree, rules: Mapping[str, object], base_layers: int = 1) -> tuple[Outcome, HelpfulFixes]:
    """Returns the outcome of the only rule, and its fixes."""
    resolved = resolve_rules({key: RawSetting(value, "--option") for key, value in rules.items()})
    usage, found = byte_usage(tree), disposables(tree)
    (outcome,) = judge(tree, usage, lambda: found, resolved, resolved.base_layers, None).outcomes
    every_fix = fixes(tree, usage.wasted, origins(tree, usage.wasted), found, STEPS)
    return outcome, helpful_fixes(outcome, every_fix, resolved.ignored_paths, base_layers)


def total(helpful: HelpfulFixes) -> int:
    """Returns the bytes of all fixes and of the base."""
    return sum(each.bytes for each in helpful.fixes) + helpful.base.bytes


@given(LAYERS, st.sampled_from(["highest-wasted-bytes", "highest-disposable-bytes"]), st.integers(0, 2), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_fixes_and_base_save_all_that_a_rule_counts(
    layers: list[bytes], rule: str, base_layers: int, ignores: bool
) -> None:
    """Each byte that a rule about waste or disposable files counts belongs to one fix, or to the base."""
    rules = {rule: 0, "base-layers": min(base_layers, len(layers)), **({"ignored-paths": "/var"} if ignores else {})}
    outcome, helpful = helped(merged(*map(gzipped, layers)), rules)
    assert total(helpful) == outcome.found
    assert [each.bytes for each in helpful.fixes] == sorted((each.bytes for each in helpful.fixes), reverse=True)
    assert all(each.bytes <= each.fix.bytes for each in helpful.fixes)


@given(LAYERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_smaller_image_needs_every_fix(layers: list[bytes]) -> None:
    """For a rule about the size of the image, each fix counts with all that it saves."""
    tree = merged(*map(gzipped, layers))
    outcome, helpful = helped(tree, {"highest-image-bytes": 0})
    assert total(helpful) == byte_usage(tree).wasted_bytes + sum(each.bytes for each in disposables(tree))
    assert all(each.bytes == each.fix.bytes for each in helpful.fixes)
    assert outcome.found is not None
    assert total(helpful) <= outcome.found


def test_the_number_of_layers_has_no_fix() -> None:
    """No fix is a help against too many layers."""
    tree = merged(gzipped(layer(file("tmp/a", b"a"))))
    assert helped(tree, {"most-layers": 0})[1] == HelpfulFixes()


@given(LAYERS, st.sampled_from(["highest-wasted-bytes", "highest-disposable-bytes"]), st.integers(0, 2), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_rule_finds_the_rest_after_its_fixes(layers: list[bytes], rule: str, base_layers: int, ignores: bool) -> None:
    """After all fixes that help, a rule counts only the part of the base; efficiency counts both its figures so."""
    rules = {rule: 0, "base-layers": min(base_layers, len(layers)), **({"ignored-paths": "/var"} if ignores else {})}
    tree = merged(*map(gzipped, layers))
    outcome, helpful = helped(tree, rules)
    made = [each.fix for each in helpful.fixes]
    assert reached(_case(tree, rules), outcome, made).found == helpful.base.bytes
    shares = {**rules, "lowest-efficiency": 0}
    del shares[rule]
    outcome, helpful = helped(tree, shares)
    made = [each.fix for each in helpful.fixes]
    account = _case(tree, shares).account
    saved: list[Waste | Disposable] = [file for fix in made for file in fix.wasted]
    saved += [file for fix in made for file in fix.disposables]
    counted = [file for file in saved if not (ignores and file.path.startswith("var/"))]
    of_base = sum(file.bytes for file in counted if isinstance(file, Waste) and file.hidden_in < base_layers)
    left = account.shipped_bytes - account.base_waste_bytes - sum(file.bytes for file in counted) + of_base
    wasted = account.wasted_bytes - sum(each.bytes for each in helpful.fixes)
    assert reached(_case(tree, shares), outcome, made).found == (1 - Fraction(wasted, left) if left else 1)


def _case(tree: Tree, rules: Mapping[str, object]) -> Case:
    resolved = resolve_rules({key: RawSetting(value, "--option") for key, value in rules.items()})
    return judge(tree, byte_usage(tree), lambda: disposables(tree), resolved, resolved.base_layers, None).case


def test_forbidden_files_that_a_fix_leaves_out_are_gone() -> None:
    """A rule about paths counts those that no fix saves."""
    tree = merged(*map(gzipped, (layer(), layer(), layer(file("app/.git/d", b"d"), file("app/x.pem", b"x")))))
    outcome, helpful = helped(tree, {"forbidden-paths": ["*.pem", ".git"]})
    after = reached(_case(tree, {"forbidden-paths": ["*.pem", ".git"]}), outcome, [each.fix for each in helpful.fixes])
    assert (outcome.found, after.found, [each.path for each in after.paths]) == (2, 1, ["app/x.pem"])


def test_the_directory_of_the_base_is_named() -> None:
    """The directory can be ignored, but only after the fixes if the rule counts other files in it."""
    lists = [file("var/lib/apt/lists/base", b"b" * 50)]
    base_only = merged(*map(gzipped, (layer(*lists), layer(whiteout("var/lib/apt/lists")))))
    assert helped(base_only, {"highest-wasted-bytes": 0})[1].base.directory == "var/lib/apt/lists"
    own_too = merged(
        *map(gzipped, (layer(*lists), layer(file("var/lib/apt/lists/own", b"o")), layer(whiteout("var/lib/apt/lists"))))
    )
    assert helped(own_too, {"highest-wasted-bytes": 0})[1].base.directory == "var/lib/apt/lists"
    assert helped(own_too, {"highest-wasted-bytes": 0})[1].base.has_own_files
