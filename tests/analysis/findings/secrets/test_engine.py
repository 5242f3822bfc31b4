"""Tests of the engine that finds secrets."""

from explorer.analysis.findings.secrets.engine import find_secrets

_KEY = b"AKIA" + b"Q3EGRIT7WXYZ2345"


def test_a_secret_is_found_with_its_line_and_masked() -> None:
    """The place is of the secret itself, and the mask does not show it."""
    (found,) = find_secrets(b"one\naws_access_key_id = " + _KEY + b"\n", "etc/conf")
    assert (found.rule.id, found.start, found.end, found.line) == ("aws-access-key", 24, 44, 2)
    assert found.masked == "AKIA****"
