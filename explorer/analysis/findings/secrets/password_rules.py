"""Passwords and keys that tell by the text around them what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.analysis.findings.finding import Severity
from explorer.analysis.findings.secrets.plausibility import (
    is_basic_auth,
    is_hard_password,
    is_password,
    is_password_of_groups,
    is_random_key,
    is_registry_login,
    is_token,
)
from explorer.analysis.findings.secrets.secret_rule import Detector, SecretRule

_CHANGE = "Change it."
_DATABASES = (
    rb"(?i)(?:postgres(?:ql)?|mysql2?|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|couchdb|clickhouse|ldaps?)"
    rb"(?:\+[a-z0-9]{1,10})?"
)
_WEB = rb"(?i)(?:https?|ftps?|sftp|ssh|smtps?|git|svn|socks5h?)"
_USER = rb"""://[^\s/:@"'<>\[\]{}()`\\,;|]{0,80}:"""
_URL_PASSWORD, _HOST = rb"""[^\s/@"'<>`\\]""", rb"@(?!(?:[\w-]+\.)*example\.|host\b|hostname\b)[A-Za-z0-9\[]"
_SAMPLE_HOST = rb"@(?:[\w-]{1,60}\.){0,8}example\."
"""The host of documentation, where only a random password is no sample."""
_PASSWORD_NAME = rb"(?:passw(?:or)?d|passphrase|passwd|pwd|[_.-]pass)"
_KEY_NAME = (
    rb"(?:secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key"
    rb"|credentials?)"
)
_VARIABLE = (
    rb"[A-Z0-9_]{0,40}(?:PASSW(?:OR)?D|PASSPHRASE|PASSWD|SECRET|TOKEN|(?:API|ACCESS|AUTH|PRIVATE|SECRET|SIGNING)_?KEY)"
    rb"[A-Z0-9_]{0,20}="
)
_QUOTE_END = rb"""["'\])]{0,2}"""
_NAME_END = rb"[\w.-]{0,24}" + _QUOTE_END
_NO_OTHER_NAME = (
    rb"(?!(?:[\w.-]{0,23}[_.-])?(?:ids?|names?|files?|path|dir|ur[il]s?|types?|fields?|hash|digest|checksum|length|size|ttl"
    rb"|expir\w{0,5}|policy|algorithm|version|header|prefix|suffix|label|hint|regexp?|pattern|arn|ref|endpoint|class"
    rb"|title|text|message|error|help|format|count|limit|max|min|index|pub(?:lic)?)" + _QUOTE_END + rb"\s{0,3}[:=,])"
)
_ASSIGN = rb"\s{0,3}(?::=|=>|=|:|,)\s{0,3}"
_QUOTED = rb"""["'`]([^\s"'`\\]{8,200})["'`]"""
_NO_PATH = rb"(?!~?\.{0,2}/[a-z]+/)"
_BARE = _NO_PATH + rb"""([^\s"'`\\,;(){}\[\]<>]{8,200})[ \t]{0,80}(?=[\r\n&;]|\Z|\\n)"""
_IN_TAG = rb""">\s{0,3}([^\s<>"']{8,200})\s{0,3}</"""
_XML_VALUE = rb"""\s{0,3}=\s{0,3}["']([^\s"'<>]{8,200})["']"""
_OPTION = rb"""[= ]["']?([^\s"'`\\;|&<>$]{8,200})"""
_SETTINGS = (
    r"(?i)(?:^|/)(?:[^/]*\.(?:env|ini|cfg|conf|cnf|properties|toml|ya?ml|tfvars|config|secrets?)|\.env[^/]*"
    r"|[._]netrc|\.pypirc|\.npmrc|\.s3cfg|\.boto|\.my\.cnf|credentials|settings\.xml|wp-config\.php)$"
)
_ASSIGNMENTS = r"(?i)(?:^|/)(?:[^/]*\.env|\.env[^/]*)$"
_SCRIPTS = (
    r"(?i)(?:^|/)(?:[^/]*\.(?:sh|bash|zsh|ksh|env)|[^/.]*|\.[^/]*(?:rc|profile|login|history|env[^/]*)"
    r"|dockerfile[^/]*)$"
)
"""Scripts and their kin, those without an ending too, and commands of steps, which have no path."""
_EXPORTED = _NO_PATH + rb"([^\s\"'`\\,;(){}\[\]<>|&$]{8,200})"
_QUOTED_BLANKS = rb"""["']([^\s"'`\\$][^\n"'`\\$]{6,200}[^\s"'`\\$])["']"""
_BARE_BLANKS = rb"""([^\s"'`\\$#][^\r\n"'`\\$#]{6,200}[^\s"'`\\$#])[ \t]{0,80}(?=[\r\n]|\Z)"""


def password_detectors() -> Iterator[Detector]:
    """Yields the detectors of passwords, the most specific first."""
    yield from _in_urls()
    yield from _in_known_files()
    yield from _in_commands()
    yield from _named()


def _detector(
    rule: SecretRule,
    trigger: bytes,
    rest: bytes,
    is_plausible: Callable[[bytes], bool],
    path: str = "",
) -> Detector:
    pattern = trigger.replace(_NAME_END, _NO_OTHER_NAME + _NAME_END) + rest
    return Detector(rule, trigger, pattern, is_plausible, path)


def _rule(rule_id: str, title: str, severity: Severity = Severity.HIGH) -> SecretRule:
    return SecretRule(rule_id, title, severity, _CHANGE)


def _in_urls() -> Iterator[Detector]:
    rest = b"(" + _URL_PASSWORD + b"{3,200})" + _HOST
    of_sample = b"(" + _URL_PASSWORD + b"{16,200})" + _SAMPLE_HOST
    for rule, scheme in (
        (_rule("database-password", "Password in the URL of a database"), _DATABASES),
        (_rule("url-password", "Password in a URL"), _WEB),
    ):
        yield _detector(rule, scheme + _USER, rest, is_password)
        yield _detector(rule, scheme + _USER, of_sample, is_random_key)


def _in_known_files() -> Iterator[Detector]:
    rule = _rule("netrc-password", "Password in netrc")
    login = (
        rb"""[^\s"']{1,120}\s{1,20}login\s{1,20}(?!anonymous)[^\s"']{1,120}\s{1,20}password\s{1,20}([^\s"']{4,200})"""
    )
    yield _detector(rule, rb"machine\s", rb"{0,20}" + login, is_password)
    npmrc = rb":_(?:authToken|password|auth)"
    value = rb"""\s{0,3}=\s{0,3}["']?([^\s"']{8,400})"""
    yield _detector(_rule("npmrc-password", "Password or token of npm"), npmrc, value, is_password)
    value = rb"\s{0,3}[=:]\s{0,3}(\S{4,400})"
    rule = _rule("pypirc-password", "Password of a package index")
    yield _detector(rule, rb"password", value, is_password, r"(?:^|/)\.pypirc$")
    rule = _rule("pgpass-password", "Password of PostgreSQL in pgpass")
    value = rb"[^\s:]{1,60}:[^\s:]{1,60}:(\S{4,200})"
    yield _detector(rule, rb"[\w.*-]{1,60}:[0-9*]{1,5}:", value, is_password, r"(?:^|/)\.?pgpass(?:\.conf)?$")
    value = rb'([A-Za-z0-9+/]{12,2000}={0,2})"'
    rule = _rule("registry-password", "Password of a registry")
    yield _detector(rule, rb'"auth"\s{0,3}:\s{0,3}"', value, is_basic_auth)
    form = rb"eyJhdXRocyI6[A-Za-z0-9+/]{30}"
    yield Detector(rule, form, rb"(" + form + rb"[A-Za-z0-9+/]{0,8000})", is_registry_login)
    rule = _rule("password-hash", "Hash of a user's password", Severity.LOW)
    paths = r"(?:^|/)(?:etc/g?shadow-?|[^/]*htpasswd)$"
    yield _detector(rule, rb":\$", rb"([A-Za-z0-9]{1,5}\$[A-Za-z0-9./$,=]{20,200})", is_token, paths)


def _in_commands() -> Iterator[Detector]:
    rule = _rule("command-password", "Password in a command")
    user = rb"""(?:-u|--user|--proxy-user)[= ]{1,2}["']?[\w.@+-]{1,60}:"""
    yield _detector(rule, user, rb"""([^\s"'$:]{4,200})""", is_hard_password)
    yield _detector(rule, rb"sshpass -p", rb""" ?["']?([^\s"'$]{4,200})""", is_password)
    client = rb"""mysql(?:dump|admin|import|show)?\s[^\n"'|;&]{0,100}\s-p"""
    yield _detector(rule, client, rb"""["']?([^\s"'$|;&]{8,200})""", is_hard_password)
    user = rb"""echo (?:-e )?["']?[a-z_][\w-]{0,31}:"""
    yield _detector(rule, user, rb"""([^\s"'$:]{4,200})["']? ?\| ?chpasswd""", is_password)
    name = rb"""(?i)(?:authorization|private-token|x-[a-z-]{0,20}(?:key|token))["']?\s{0,2}[:=]\s{0,2}["']?"""
    value = rb"(?:bearer |token |basic )?([\w=~@.+/-]{16,400})"
    yield _detector(_rule("authorization-header", "Secret in an HTTP header"), name, value, is_random_key)


def _named() -> Iterator[Detector]:
    password = _rule("password", "Password", Severity.MEDIUM)
    key = _rule("secret-value", "Secret key or token", Severity.MEDIUM)
    for rule, name, is_plausible in ((password, _PASSWORD_NAME, is_hard_password), (key, _KEY_NAME, is_random_key)):
        start = rb"(?i)" + name + _NAME_END
        yield _detector(rule, start + _ASSIGN, _QUOTED, is_plausible)
        yield _detector(rule, start + rb"\s{0,3}[:=]", rb"[ \t]{0,3}" + _BARE, is_plausible, _SETTINGS)
        yield _detector(rule, rb"(?i)<[\w.:-]{0,40}" + name + rb"[\w.:-]{0,24}", _IN_TAG, is_plausible)
        yield _detector(rule, start + rb"\s{1,3}value", _XML_VALUE, is_plausible)
        yield _detector(rule, rb"(?i)--[a-z-]{0,20}" + name, _OPTION, is_plausible)
        yield _detector(
            rule, rb"(?i)export\s{1,3}[A-Z0-9_]{0,40}" + name + _NAME_END + b"=", _EXPORTED, is_plausible, _SCRIPTS
        )
    for rest, path in ((_QUOTED_BLANKS, _SCRIPTS), (_QUOTED_BLANKS, _SETTINGS), (_BARE_BLANKS, _ASSIGNMENTS)):
        yield _detector(password, rb"(?i)" + _PASSWORD_NAME + _NAME_END + b"=", rest, is_password_of_groups, path)
    yield _detector(key, _VARIABLE, _NO_PATH + rb"([^\s\"'$]{8,200})", is_random_key)
