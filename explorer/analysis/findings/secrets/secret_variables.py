"""Variables that are secrets by their name, even if a word is their value."""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"(?:^|.*_)(?:api_?key|access_?key|secret_?key|private_?key|credentials?|passwd|password|pword|passphrase"
    r"|secret|token)|.+_pwd",
    re.IGNORECASE,
)
_PUBLIC_NAME = re.compile(r"(?:^|_)public(?:_|$)", re.IGNORECASE)
_NO_SECRET = re.compile(
    r"(?:true|false|yes|no|on|off|none|null|nil|undefined|unset|empty|dummy|unused|required|optional|default|auto|any"
    r"|enabled?|disabled?|basic|digest|bearer|plain|md5|trust|ldap|oauth2?|oidc|jwt|internal|external"
    r"|\d{0,3}|(?:\.{0,2}|~)/.*|[A-Z]:\\.*|\$.*|<.*>|\[.*\]|\{.*\}|%.*%|(.)\1*|(?:https?|file)://[^@]*"
    r"|[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|txt|json|ya?ml|toml|ini|conf|env|pub|gpg|asc|kdbx)"
    r"|(?:[\w-]+/)+[\w.-]+\.\w+"
    r"|.*(?:change[-_. ]?(?:me|it|this)|example|placeholder|replace[-_. ]?(?:me|this|with)|redacted|your[-_. ]|x{4}"
    r"|\.{3}|\*{3}|not[-_. ]?(?:a|real|used|set|needed)[-_. ]?|insert[-_. ]|to[-_.]?do\b|dummy|fake[-_. ]).*)",
    re.IGNORECASE | re.DOTALL,
)
"""Values that are no secrets: switches, modes, paths, names of files, addresses, references, masks, placeholders."""


def is_secret_variable(name: str, value: str) -> bool:
    """True if a variable is named like a secret, and its value is no placeholder."""
    is_named = _SECRET_NAME.fullmatch(name) and not _PUBLIC_NAME.search(name)
    return bool(is_named) and not _NO_SECRET.fullmatch(value.strip().strip("'\""))
