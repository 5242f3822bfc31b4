"""Patterns of paths: the same matches as pathspec's own, without its combinations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from explorer.text.patterns import _spec, are_patterns, path_matcher

parts = st.text("aab*?.", min_size=1, max_size=5) | st.just("**")
patterns = st.builds(
    lambda sign, parts, end: sign + "/".join(parts) + end,
    st.sampled_from(["", "!", "/"]),
    st.lists(parts, min_size=1, max_size=5),
    st.sampled_from(["", "/"]),
)
paths = st.lists(st.text("aab.", min_size=1, max_size=4), min_size=1, max_size=7).map("/".join)


@given(st.lists(patterns.filter(lambda pattern: are_patterns(["a", pattern])), max_size=3), st.lists(paths))
def test_the_same_matches_as_pathspec(some: list[str], names: list[str]) -> None:
    """Each path matches, or does not, exactly as with the expressions that pathspec makes."""
    plain = GitIgnoreSpec.from_lines(some, backend="simple")
    matches = path_matcher(some)
    assert [matches(name) for name in names] == [plain.match_file(name) for name in names]


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("*.*.js", r"^(?:.+/)?(?>[^/]*?\.)[^/]*\.js(?:(?P<ps_d>/)|$)"),
        ("a/**/b*c/**/d", r"^(?>a(?=/))(?>(?:/.+?)??/b[^/]*c(?=/))(?:/.+)?/d(?:(?P<ps_d>/)|$)"),
    ],
)
def test_only_the_last_wildcard_is_tried_again(pattern: str, expression: str) -> None:
    """Wildcards before the last one are in atomic groups, so that work does not multiply."""
    (compiled,) = _spec([pattern]).patterns
    assert compiled.regex is not None
    assert compiled.regex.pattern == expression
    # With plain expressions, this takes longer than anybody waits.
    assert not path_matcher(["*.*.*.js"])("." * 4000)
