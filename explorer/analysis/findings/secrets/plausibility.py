"""Tells secrets from placeholders, words and other texts in their place."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from itertools import pairwise

_MIN_TOKEN_ENTROPY_BITS = 2.8
"""Per character. Random tokens of 20 hexadecimal digits have 3.3, and less than one in a million has fewer."""
_MIN_PASSWORD_ENTROPY_BITS = 2.7
_MIN_KEY_ENTROPY_BITS = 3.2
_MIN_CLASS_CHANGES = 3
_MIN_KEY_CHARS, _MIN_HEX_KEY_CHARS = 16, 32
"""Shorter hexadecimal numbers are mostly identifiers."""

_PLACEHOLDER = re.compile(
    rb"(?i)example|change[-_. ]?(?:me|it|this)|placeholder|your[-_. ]|yourp|yours|my[-_.]?(?:pass|secret|token|key)"
    rb"|insert|replace|redacted|removed|dummy|sample|fake|foobar|\bfoo|barbaz|lorem|invalid|undefined|todo|not[-_.]?real"
    rb"|default|secret[-_.]?(?:key|token|value)|(?:user|pass)[-_.]?(?:word|name)|hunter2|correct[-_.]?horse|deadbeef"
    rb"|test|xxxx|\*\*\*|\.\.\.|___|---|^\$\w+$|\$\{|\$\([A-Za-z]+[ )]|\{\{|^\{.*\}$|^\[.*]$|#\{|<[\w -]{2,}>"
    rb"|^%\w+%$|^@\w+@$|\bnull\b|\bnone\b|\bnil\b|a-z0-9|a-zA-Z|A-Z0-9|0-9[a\]]|\\[dwsx]|^(?:pass|secret|string)$|^--|://"
    rb"|%\(\w+\)|^%.{0,2}$|^(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]"
)
_KNOWN_EXAMPLES = frozenset(
    (
        b"2YotnFZFEjr1zCsicMWpAA",
        b"tGzv3JOkF0XG5Qx2TlKWIA",
        b"czZCaGRSa3F0MzpnWDFmQmF0M2JW",
        b"QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        b"dGhlIHNhbXBsZSBub25jZQ==",
        b"7Fjfp0ZBr1KtDRbnfVdmIw",
        b"ad180jjd733klru7",
    )
)
"""Secrets of standards, which documentation and tests repeat."""
_RUNS = re.compile(
    rb"(?i)(.)\1{4}|(?:..)?(..)\2{3}|0123456|1234567|2345678|7654321|abcdefg|qwerty|asdfgh|fedcba|a1b2c3|1a2b3c"
)
_TYPED = re.compile(rb"(?i)(?:asd|sdf|qwe|zxc|jkl){2}|sdf[gh]|kjsh")
"""Keys that a hand without a thought hits."""
_HEX = re.compile(rb"(?i)[0-9a-f]+")
_UUID = re.compile(rb"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CALL_OR_NAME = re.compile(
    rb"[A-Za-z_][\w.]*[(\[][\w.,:'\"=)\]-]*|(?:[A-Za-z_]\w*(?:\.|::|->|/))+[A-Za-z_]\w*[,;]?|[A-Z_]+|[a-z_]+"
)
_PARTS = re.compile(rb"(?:[A-Za-z]+[0-9]{0,4}|[0-9]{1,8})(?:[-_.:/](?:[A-Za-z]+[0-9]{0,4}|[0-9]{1,8}))+")
_MIXED = re.compile(rb"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])(?=.*[!@#%^&*?+~$])(?!.*[/(){}\[\]<>,;:=])")
"""Characters of all four kinds, as rules for passwords want them: words in it are a person's choice."""
_NO_WORD = re.compile(rb"(?i)[bcdfghjklmnpqrstvwxz]{5}|[aeiou]{4}|q[^u]|[jvx][bcdfghjklmnpqrstvwxz]")
_WORDS = re.compile(rb"[A-Z]?[a-z]{4,}|[A-Z]{5,}")
_CLASSES = bytes.maketrans(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", b"a" * 26 + b"A" * 26 + b"0" * 10
)


def entropy_bits(text: bytes) -> float:
    """Returns the entropy of a text, in bits for each byte."""
    length = len(text)
    return -sum(count / length * math.log2(count / length) for count in Counter(text).values()) if text else 0.0


def is_token(text: bytes) -> bool:
    """True if a text that has the form of a token looks random."""
    return entropy_bits(text) >= _MIN_TOKEN_ENTROPY_BITS and not _RUNS.search(text) and b"EXAMPLE" not in text.upper()


def is_password(text: bytes) -> bool:
    """True if a text can be a password, and is no placeholder."""
    if len(text) < 4 or len(set(text)) < 4 or text in _KNOWN_EXAMPLES:
        return False
    return not _PLACEHOLDER.search(text) and not _RUNS.search(text)


def is_hard_password(text: bytes) -> bool:
    """True if a text with a name such as ``password`` looks like one and like no word."""
    if not is_password(text) or len(text) < 8 or _CALL_OR_NAME.fullmatch(text) or _TYPED.search(text):
        return False
    if not re.search(rb"[0-9]", text) or not re.search(rb"[A-Za-z]", text):
        return False
    return (
        entropy_bits(text) >= _MIN_PASSWORD_ENTROPY_BITS
        and _class_changes(text) >= 2
        and (bool(_MIXED.match(text)) or not _is_wordy(text))
    )


def is_password_of_groups(text: bytes) -> bool:
    """True if a text with blanks looks like a password, and not like a sentence."""
    groups = text.split()
    return len(groups) > 1 and is_hard_password(b"".join(groups)) and not _is_wordy(text)


def is_random_key(text: bytes) -> bool:
    """True if a text with a name such as ``api_key`` looks random."""
    if not is_hard_password(text) or len(text) < (_MIN_HEX_KEY_CHARS if _HEX.fullmatch(text) else _MIN_KEY_CHARS):
        return False
    if _UUID.fullmatch(text):
        return False
    return entropy_bits(text) >= _MIN_KEY_ENTROPY_BITS and _class_changes(text) >= _MIN_CLASS_CHANGES


def is_aws_secret(text: bytes) -> bool:
    """True if 40 characters can be a secret access key, and not a hexadecimal digest."""
    return entropy_bits(text) >= 4.0 and is_token(text) and not _HEX.fullmatch(text)


def is_basic_auth(text: bytes) -> bool:
    """True if a text is name and password in Base64, or looks random."""
    try:
        name, colon, password = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True).partition(b":")
    except binascii.Error:
        return False
    return bool(colon) and name.isascii() and password.isascii() and is_password(password)


def is_registry_login(text: bytes) -> bool:
    """True if a text is the logins of registries in Base64, as Kubernetes keeps them."""
    try:
        logins = base64.b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return False
    return b'"auth"' in logins or b'"password"' in logins


def is_jwt(text: bytes) -> bool:
    """True if a text is a signed JSON web token that is no example."""
    header, _, rest = text.partition(b".")
    claims = rest.partition(b".")[0]
    try:
        content = json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))
        body = base64.urlsafe_b64decode(claims + b"=" * (-len(claims) % 4))
    except (ValueError, RecursionError):
        return False
    is_example = b'"1234567890"' in body or b"John Doe" in body or b'"joe"' in body or b"example" in body
    return isinstance(content, dict) and isinstance(content.get("alg"), str) and not is_example and is_token(text)


def _class_changes(text: bytes) -> int:
    """Counts the places where small letters, capitals, digits and others change."""
    classes = text.translate(_CLASSES)
    return sum(one != other for one, other in pairwise(classes))


def _is_wordy(text: bytes) -> bool:
    """True if a text is words and numbers, as ``scram-sha-256``, or mostly words."""
    return bool(_PARTS.fullmatch(text)) or _word_chars(text) * 2 >= len(text)


def _word_chars(text: bytes) -> int:
    return sum(len(word) for word in _WORDS.findall(text) if not _NO_WORD.search(word))
