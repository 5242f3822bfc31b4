"""The rules that find secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from explorer.analysis.findings.secrets.password_rules import password_detectors
from explorer.analysis.findings.secrets.secret_rule import Detector, SecretRule
from explorer.analysis.findings.secrets.token_rules import TOKEN_FORMATS, token_detectors

DETECTORS: Sequence[Detector] = (*token_detectors(), *password_detectors())
"""The detectors, the most specific first."""

RULES_BY_ID: Mapping[str, SecretRule] = {detector.rule.id: detector.rule for detector in DETECTORS}
"""The rules, in the order of their detectors."""


def _rules_version() -> str:
    sha256 = hashlib.sha256()
    for path in (*sorted(Path(__file__).parent.glob("*.py")), TOKEN_FORMATS):
        sha256.update(path.read_bytes())
    return sha256.hexdigest()[:16]


RULES_VERSION = _rules_version()
"""Changes with each change of a rule, so that no cache keeps what other rules found."""
