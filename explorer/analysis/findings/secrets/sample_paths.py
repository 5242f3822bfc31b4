"""Samples of secrets: in the tests and the documentation of packages."""

from __future__ import annotations

import re

_PACKAGES = re.compile(
    r"(?:^|/)(?:(?:site|dist)-packages|node_modules|gems/[^/]+-[^/]+|vendor/[^/]+/[^/]+|pkg/mod|\.?cargo/registry|go-[\d.]+/src"
    r"|lib(?:64)?/python[23][\d.]*|(?:lib(?:64)?|share)/(?:[^/]+/)?(?:perl5?|ruby|php)|google-cloud-sdk|\.m2|\.gradle)/"
)
_DOCUMENTATION = re.compile(r"^usr/(?:local/)?share/(?:doc|man|info)/")
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
    """True if a file is a test or documentation of a package."""
    package = _PACKAGES.search(path)
    return bool(_DOCUMENTATION.match(path) or (package and _TESTS.search(path, package.end() - 1)))
