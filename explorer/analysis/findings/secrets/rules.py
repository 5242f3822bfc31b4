"""The rules that find secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.analysis.findings.secrets.password_rules import password_detectors
from explorer.analysis.findings.secrets.secret_rule import Detector, SecretRule
from explorer.analysis.findings.secrets.token_rules import token_detectors

DETECTORS: Sequence[Detector] = (*token_detectors(), *password_detectors())
"""The detectors, the most specific first."""

RULES_BY_ID: Mapping[str, SecretRule] = {detector.rule.id: detector.rule for detector in DETECTORS}
"""The rules, in the order of their detectors."""
