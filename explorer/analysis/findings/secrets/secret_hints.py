"""Hints of secrets in a text, which decide if the engine is loaded.

Most images have none in their history and settings, and the engine takes a fifth of a second to load. Each expression
here matches all that the triggers of one or more rules match, and is fast to compile.
"""

from __future__ import annotations

import re

_NAMES = (
    rb"(?:passw(?:or)?d|passphrase|pwd|[_.-]pass|secret|token|credential"
    rb"|(?:api|access|auth|private|encryption|signing|account|storage)[_-]?key)"
)
_NAME_WORDS = (b"pass", b"pwd", b"secret", b"token", b"credential", b"key")
_NAMED = (
    (_NAME_WORDS, _NAMES + rb"[\w.:-]{0,26}[\"'\])\\]{0,3}\s{0,3}(?:[:=,>]|value)"),
    (_NAME_WORDS, rb"(?:env|arg|label)\s{1,40}[\w.-]{0,60}" + _NAMES + rb"[\w.-]{0,60}\s"),
    (_NAME_WORDS, rb"--[a-z-]{0,20}" + _NAMES + rb"[= ][\"']?(?!--)[^\s\"'`\\;|&<>$]{8}"),
    ((b"key",), rb"(?:secret|access|account|storage)[_-]?key[\"'\\\])\s:=>,]{1,12}[a-z0-9/+]{40}"),
    ((b"authorization", b"key"), rb"(?:authorization|x-[a-z-]{0,20}key)[\"']?\s{0,2}[:=]"),
    ((b"@",), rb"://[^\s/@]{0,80}:[^\s/@]{3,200}@"),
    ((b"-u",), rb"(?:-u|-user)[= ]{1,2}[\"']?[\w.@+-]{1,60}:"),
    ((b"machine",), rb"machine\s"),
    ((b"mysql",), rb"mysql[a-z]{0,6}\s[^\n\"'|;&]{0,100}\s-p"),
    ((b"putty-user-key",), rb""),
    ((b"auth",), rb":_auth|\"auth\"\s{0,3}:"),
    ((b"sshpass", b"chpasswd", b"&sig=", b";sig=", b"private key"), rb""),
)
"""Secrets that tell by the text around them, in small letters: words of which a text has one, and an expression."""
_TOKENS = (
    rb"[A-Za-z0-9]_[A-Za-z0-9]{20}|_ey[\w+/-]{20}|eyJ[\w-]{10}|eyJhdXR|A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}|LS0tLS1CRUdJTi",
    rb"gl(?:pat|[dr]t|ptt|soat|ft|imt|agent|oas|cbt)-|xox[abepr]|xapp-|pypi-AgE|AIza|GOCSPX-|ya29\.|LTAI|HRKU-AA",
    rb"fm[12][ar]?_|dapi[a-f0-9]{32}|v1\.0-[a-f0-9]{24}|ABSK|[0-9]Q~|sk-[\w-]{40}|pplx-|hv[sbr]\.[\w-]{24}|\.atlasv1\.",
    rb"pul-[a-f0-9]{40}|dp\.[a-z]{2,5}\.[A-Za-z0-9]{40}|AGE-SECRET|SG\.[\w-]{22}\.|[a-f0-9]{32}-us[0-9]|xkeysib-",
    rb"SK[a-f0-9]{32}|sq0[a-z]{3}-|EAA[ACM][\w-]{22}|_token\$|NRAK-|dt0[a-z][0-9]{2}\.|PMAK-|figd_|dckr_|pscale_",
    rb"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}|ATATT3|(?:AKCp|cmVmd)[A-Za-z0-9]{59}|sha256~|API-[A-Z0-9]{26}|EZ[AT]K",
    rb"duffel_live_|hooks\.slack\.com/|discord(?:app)?\.com/api/|\.webhook\.office\.com|[0-9]{8}:AA|cio[A-Za-z0-9]{32}",
    rb"CFPAT-|sl\.[\w.-]{130}|mdb_sa_sk_|tskey-|xai-[A-Za-z0-9]{80}|JQQJ99",
)
"""Tokens that tell by their form."""
_LONG_WORD = rb"[\w.~+/=$:@-]{20,}"
"""Each token is in one."""


def may_have_secrets(text: str) -> bool:
    """True if a text may have a secret; False if the engine finds none in it."""
    content = text.encode("utf-8", "surrogatepass").replace(b"\0", b"\n")
    small = content.lower()
    if any(re.search(form, small) for words, form in _NAMED if any(word in small for word in words)):
        return True
    return bool(re.search(b"|".join(_TOKENS), b"\n".join(re.findall(_LONG_WORD, content))))
