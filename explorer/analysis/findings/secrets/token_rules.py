"""Tokens and keys that tell by their form alone what they are."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.secrets.plausibility import is_aws_secret, is_jwt, is_token
from explorer.analysis.findings.secrets.private_keys import PEM, is_encrypted_key, is_open_key, is_wrapped_key
from explorer.analysis.findings.secrets.secret_rule import Detector, SecretRule

_TOKEN_FORMATS = Path(__file__).with_name("token_formats.toml")

_REVOKE = "Revoke it and create another."
_REPLACE = "Replace the key pair, also where its public key is trusted."
_LEFT, _RIGHT = rb"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))", rb"(?![A-Za-z0-9])"
_KEY_TRIGGER = rb"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY"
_WRAPPED_KEY = rb"LS0tLS1CRUdJTi(?:BSU0EgUF|BFQyBQU|BQUk|BPUEVOU1NI|BEU0Eg)"
"""``-----BEGIN``, a kind and ``PRIVATE`` in Base64."""
_PUTTY_KEY = rb"PuTTY-User-Key-File-[23]: "
_PUTTY_LINES = (
    rb"[^\n]{1,40}\nEncryption: none\r?\n(?:[A-Za-z-]{1,20}: ?[^\n]{0,80}\n|[A-Za-z0-9+/=]{1,64}\r?\n){0,100}?"
    rb"Private-Lines: [0-9]{1,3}\r?\n([A-Za-z0-9+/=]{30,64})"
)
_AZURE_SHARED = rb"sv=20[0-9]{2}-[0-9]{2}-[0-9]{2}&"
_GOOGLE_KEY = rb'"private_key_id"\s{0,4}:\s{0,4}"[0-9a-f]{40}"\s{0,4},\s{0,40}"private_key"\s{0,4}:\s{0,4}"'
_AWS_SECRET = rb"""(?i)(?:secret_?access_?key|aws_?secret(?:_?key)?)["'\\\])\s:=>,]{1,12}"""
_AZURE_KEY = rb"""(?i)(?:account|access|storage)[_-]?key["'\\\])\s:=>,]{1,8}"""


def token_detectors() -> Iterator[Detector]:
    """Yields the detectors of tokens and private keys, the most specific first."""
    yield _private_key("gcp-service-account", "Google service account key", is_open_key, _GOOGLE_KEY)
    yield _private_key("private-key", "Private key", is_open_key)
    rule = SecretRule("private-key", "Private key", Severity.CRITICAL, _REPLACE)
    yield Detector(rule, _PUTTY_KEY, _PUTTY_KEY + _PUTTY_LINES, is_token, in_binaries=True)
    yield _private_key("encrypted-private-key", "Private key with a password", is_encrypted_key)
    rule = SecretRule("private-key", "Private key", Severity.CRITICAL, _REPLACE)
    yield _form(rule, _WRAPPED_KEY, rb"[A-Za-z0-9+/]{60,30000}+", prefix=b"", is_plausible=is_wrapped_key)
    yield from _issued_tokens()
    yield _form(
        SecretRule("json-web-token", "Signed JSON web token", Severity.MEDIUM, _REVOKE),
        rb"eyJ[\w-]{10}",
        rb"[\w-]{0,400}+\.eyJ[\w-]{10,8000}+\.[\w-]{20,2000}+",
        prefix=rb"eyJ",
        is_plausible=is_jwt,
    )
    rule = SecretRule("azure-shared-access", "Azure shared access signature", Severity.HIGH, _REVOKE)
    value = rb"""[^\s"'<>]{0,400}?[&;]sig=([A-Za-z0-9%+/]{40,100})"""
    yield Detector(rule, _AZURE_SHARED, _AZURE_SHARED + value, is_token)
    yield _named_key("aws-secret-key", "AWS secret access key", _AWS_SECRET, rb"[A-Za-z0-9/+]{40}", is_aws_secret)
    yield _named_key("azure-storage-key", "Azure storage account key", _AZURE_KEY, rb"[A-Za-z0-9/+]{86}==", is_token)


def _issued_tokens() -> Iterator[Detector]:
    with _TOKEN_FORMATS.open("rb") as file:
        for form in tomllib.load(file)["tokens"]:
            start, body, more = (form.get(key, "").encode() for key in ("start", "body", "more"))
            rule = SecretRule(form["id"], form["title"], Severity(form["severity"]), _REVOKE)
            yield _form(rule, start + body, more, prefix=start, in_binaries=bool(start))


def _form(
    rule: SecretRule,
    body: bytes,
    more: bytes,
    *,
    prefix: bytes,
    is_plausible: Callable[[bytes], bool] = is_token,
    in_binaries: bool = False,
) -> Detector:
    pattern = _LEFT + b"(" + body + more + b")" + _RIGHT
    return Detector(rule, body, pattern, is_plausible, prefix=prefix, in_binaries=in_binaries)


def _named_key(rule_id: str, title: str, name: bytes, form: bytes, is_plausible: Callable[[bytes], bool]) -> Detector:
    rule = SecretRule(rule_id, title, Severity.CRITICAL, _REVOKE)
    pattern = name + b"(" + form + rb")(?![A-Za-z0-9/+=])"
    return Detector(rule, name + form, pattern, is_plausible)


def _private_key(rule_id: str, title: str, is_plausible: Callable[[bytes], bool], before: bytes = b"") -> Detector:
    severity = Severity.MEDIUM if is_plausible is is_encrypted_key else Severity.CRITICAL
    rule = SecretRule(rule_id, title, severity, _REPLACE)
    return Detector(rule, before + _KEY_TRIGGER, before + PEM, is_plausible, in_binaries=not before)
