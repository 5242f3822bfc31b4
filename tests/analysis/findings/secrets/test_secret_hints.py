"""Tests of the hints that keep the engine from being loaded."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.analysis.findings.secrets.rules import DETECTORS
from explorer.analysis.findings.secrets.secret_hints import may_have_secrets
from explorer.analysis.findings.secrets.secret_rule import Detector
from tests.planted_secrets import find_secrets, planted_files

_OF_SETTINGS = [
    each
    for each in DETECTORS
    if (not each.path or any(re.search(each.path, path) for path in ("", ".env")))
    and b"PRIVATE KEY" not in each.trigger
]
"""Private keys, which take long to make, are among the planted secrets."""
_POSSESSIVE = re.compile(rb"(?<=\})\+")
"""Hypothesis makes no texts for it."""
_PLAIN = (
    "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
    "ENV PYTHON_SHA256=8d3ed8ec5c88c1c95f5e558612a725450d2452813ddad5e58fdb1a53b1209b78",
    "RUN adduser --disabled-password --no-create-home app && sed -i s/a/b/ /etc/passwd && cd $(pwd)",
    "RUN curl -fsSL https://keys.example.com:8443/key.asc | apt-key add - && apt-get install -y ca-certificates",
    "COPY dir:3a1b6e1b0ae18b8d57e2de1c6c2a7b43ce4d8f0ffb36bd4cff80a2d3da3a1b6e in /usr/share/nginx/html/static",
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NPM_CONFIG_LOGLEVEL=info",
)


@pytest.mark.end_to_end
@pytest.mark.parametrize("detector", _OF_SETTINGS, ids=lambda each: each.rule.id)
def test_whatever_a_rule_matches_has_a_hint(detector: Detector) -> None:
    """No rule is missed: each text that its pattern matches may have a secret."""

    @settings(max_examples=4, database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(re.compile(_POSSESSIVE.sub(b"", detector.pattern))))
    def has_hint(content: bytes) -> None:
        content = content.replace(b"\0", b"\n")
        text = content.decode("utf-8", "surrogateescape")
        starts = [match.start() for match in re.finditer(detector.pattern, content)]
        assert may_have_secrets(text) or not any(re.match(detector.trigger, content[start:]) for start in starts)

    has_hint()


def test_each_planted_secret_has_a_hint() -> None:
    """Secrets that a file of settings would hold are not missed either."""
    for file in planted_files():
        if find_secrets(file.content, "") or find_secrets(file.content, ".env"):
            assert may_have_secrets(file.content.decode())


@pytest.mark.parametrize("text", _PLAIN)
def test_common_texts_have_none(text: str) -> None:
    """The engine is not loaded for names, checksums and paths."""
    assert not may_have_secrets(text)
