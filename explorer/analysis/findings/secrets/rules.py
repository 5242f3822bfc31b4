"""The rules that find secrets."""

from __future__ import annotations

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.secrets.secret_rule import SecretRule

RULES_VERSION = "1"
"""Changes with each change of a rule, so that what other rules found is not kept."""

_DO = "Revoke it, then keep it out of the image: RUN --mount=type=secret for a build, .dockerignore for a file."

RULES: tuple[tuple[SecretRule, bytes], ...] = (
    (
        SecretRule("private-key", "Private key", Severity.CRITICAL, _DO),
        rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----[\r\n]{1,2}[A-Za-z0-9+/=\r\n]{40,20000}",
    ),
    (
        SecretRule("aws-access-key", "Access key of AWS", Severity.CRITICAL, _DO),
        rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    ),
    (
        SecretRule("github-token", "Token of GitHub", Severity.CRITICAL, _DO),
        rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b",
    ),
)
"""Each rule with its regular expression; the whole match is the secret."""
