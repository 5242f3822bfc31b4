"""Samples of secrets: in the tests and the documentation of code from elsewhere."""

from __future__ import annotations

import re

_CODE_FROM_ELSEWHERE = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|python[23][\d.]*|gems|cargo/registry|\.cargo/registry|pkg/mod"
    r"|vendor|go-?[\d.]*/src|perl5?|ruby|php|google-cloud-sdk|\.m2|\.gradle)/|^usr/(?:lib|share|src|local/go)/"
)
_TESTS = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|test[-_]?data|testsuite|fixtures?|__tests__|spec|examples?|samples?|demos?|docs?"
    r"|doc-base|certdata|mocks?)(?:/|$)|(?:^|/)(?:test|examples?)[-_][^/]*$|[._-](?:tests?|spec)\.[a-z]{1,4}$|(?:^|/)conftest\.py$"
    r"|\.(?:dist|egg)-info/|(?:^|/)(?:man|info)/|(?:^|/)(?:README|CHANGELOG|NEWS|HISTORY)[^/]*$|\.(?:md|rst|pod|html)(?:\.gz)?$"
)
_LIBRARY = re.compile(r"\.(?:so(?:\.[\d.]+)?|a|dylib|dll)$")


def is_library_path(path: str) -> bool:
    """True if a file is a library of machine code.

    Those for cryptography hold private keys that they test themselves with.
    """
    return bool(_LIBRARY.search(path))


def is_sample_path(path: str) -> bool:
    """True if a file is a test or documentation of code from elsewhere."""
    return bool(_CODE_FROM_ELSEWHERE.search(path) and _TESTS.search(path))
