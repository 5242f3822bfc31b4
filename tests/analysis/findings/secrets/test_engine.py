"""Tests of the engine that finds secrets."""

from __future__ import annotations

import json
import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.findings.secrets import engine, private_keys
from explorer.analysis.findings.secrets.engine import MAX_MATCHES, SecretScanner, masked
from explorer.analysis.findings.secrets.rules import DETECTORS, RULES_BY_ID
from explorer.analysis.findings.secrets.secret_rule import SecretMatch
from explorer.text.printable import printable
from tests.planted_secrets import Maker, PlantedFile, find_secrets, planted_files

PLANTED = planted_files()
IDS = [f"{file.secrets[0][0]}:{file.path}" for file in PLANTED]
RULE_OF_KIND = {
    "aws-id": "aws-access-key",
    "aws-secret": "aws-secret-key",
    "github": "github-token",
    "github-fine": "github-token",
    "gitlab": "gitlab-token",
    "slack": "slack-token",
    "slack-hook": "slack-webhook",
    "stripe": "stripe-key",
    "npm": "npm-token",
    "npmrc-uuid": "npmrc-password",
    "pypi": "pypi-token",
    "google": "google-api-key",
    "azure-storage": "azure-storage-key",
    "jwt": "json-web-token",
    "private-key-rsa": "private-key",
    "private-key-openssh": "private-key",
    "private-key-ec": "private-key",
    "private-key-pgp": "private-key",
    "private-key-quoted": "private-key",
    "netrc": "netrc-password",
    "docker-auth": "registry-password",
    "database-url": "database-password",
    "basic-url": "url-password",
    "twilio": "twilio-key",
    "sendgrid": "sendgrid-key",
    "openai": "openai-key",
    "anthropic": "anthropic-key",
    "vault": "vault-token",
    "terraform": "terraform-token",
}
"""The rule of each kind of planted secret whose kind is not its rule."""


def texts(content: bytes, path: str = "app/conf.env") -> list[bytes]:
    """Returns the texts of the secrets that are found."""
    return [content[match.start : match.end] for match in find_secrets(content, path)]


@pytest.mark.parametrize("file", PLANTED, ids=IDS)
def test_each_planted_secret_is_found_with_its_line(file: PlantedFile) -> None:
    """Nothing else is found, and the mask shows at most four characters and less than a quarter."""
    found = find_secrets(file.content, file.path)
    assert len(found) == len(file.secrets)
    for match, (kind, secret) in zip(found, file.secrets, strict=True):
        text = file.content[match.start : match.end]
        assert secret in text or text in secret
        assert match.line == file.content[: match.start].count(b"\n") + 1
        if kind in RULE_OF_KIND:
            assert match.rule.id == RULE_OF_KIND[kind]
        shown = match.masked.removesuffix("****")
        assert len(shown) <= 4
        assert len(shown) * 4 < len(secret)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AWS's own example", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE"),
        ("AWS's own example", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("a placeholder", "password = changeme123"),
        ("a placeholder", "DB_PASSWORD=your-password-1234"),
        ("a placeholder", "api_key: <YOUR_API_KEY_12345>"),
        ("a placeholder", "token = xxxxxxxxxxxxxxxx1234"),
        ("a placeholder", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("a placeholder", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("a variable", "DATABASE_URL=postgres://${DB_USER}:${DB_PASSWORD}@db/shop"),
        ("a variable", "password: {{ vault_db_password1 }}"),
        ("a variable", "SECRET_KEY=$(openssl rand -hex 32)"),
        ("a variable", "git clone https://oauth2:$GITLAB_TOKEN@git.shop.io/x"),
        ("a call", "password = get_password_from_env2(name)"),
        ("a call", "token = self.tokenizer.next_token2"),
        ("a name", 'secret_name: "shop-production-tls-2024"'),
        ("a name", "password_file = /run/secrets/db_password_1"),
        ("a name", "token_url = https://login.shop.io/oauth2/v2.0/token"),
        ("an algorithm", "password_encryption = scram-sha-256"),
        ("documentation", "postgresql://user:password@host:5432/name"),
        ("documentation", "https://user:pass@example.com/simple"),
        ("a hash", "sha256 = 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ("a commit", "commit: 8f14e45fceea167a5a36dedd4bea2543aabbccdd"),
        ("an integrity hash", f'"integrity": "sha512-{Maker(1).azure()}"'),
        ("a date", 'password_changed: "2024-05-06T07:08:09Z"'),
        ("a short hexadecimal number", 'token_widget: "48205d4ffd7feba3"'),
        ("a row of keys", 'client_secret="2kjshdfp92i34asdasd"'),
        ("an address", 'token_endpoint_2 = "https://login.shop.io/Oauth2/v1/certs7"'),
        ("a UUID", "api_key = 2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d"),
        ("a public key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7Kq0Z+3 me@shop"),
        ("a public key", Maker(1).pem("PUBLIC KEY", 60)),
        ("a certificate", Maker(1).pem("CERTIFICATE", 800)),
        ("dots for a key", "-----BEGIN RSA PRIVATE KEY-----\n" + "." * 90 + "\n-----END RSA PRIVATE KEY-----"),
        ("a header without a key", "if text.startswith('-----BEGIN PRIVATE KEY-----'): return"),
        ("an example of a standard", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("jwt.io's example", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwi"
         "aWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"),
        ("one character less", Maker(1).github()[:-1]),
        ("one character more", Maker(1).aws_id() + "A"),
        ("a longer word", "x" + Maker(1).github()),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_secret_is_not_found(kind: str, text: str) -> None:
    """Placeholders, examples, hashes and public keys are no secrets."""
    assert texts(f"# {kind}\n".encode() + text.encode() + b"\n") == []


@pytest.mark.parametrize(
    "path",
    [
        "usr/lib/python3/dist-packages/shop/tests/key.pem",
        "opt/venv/lib/python3.11/site-packages/shop/test_keys.py",
        "opt/venv/lib/python3.11/site-packages/shop-1.dist-info/METADATA",
        "app/node_modules/shop/README.md",
        "usr/share/doc/shop/examples/key.pem",
        "usr/lib/x86_64-linux-gnu/libgnutls.so.30.34.3",
    ],
)
def test_samples_of_code_from_elsewhere_are_not_found(path: str) -> None:
    """Tests and documentation of packages, and libraries of cryptography, have keys for tests."""
    key = Maker(2).pem("RSA PRIVATE KEY").encode()
    assert texts(key, path) == []


@pytest.mark.parametrize(
    "path",
    [
        "app/tests/key.pem",
        "app/vendor/docs/key.pem",
        "app/php/docs/key.pem",
        "go/src/app/docs/key.pem",
        "usr/share/nginx/html/docs/index.html",
        "usr/src/app/README.md",
        "usr/src/app/demo/.env",
        "tests/node_modules/shop/key.pem",
    ],
)
def test_tests_and_documentation_of_ones_own_are_searched(path: str) -> None:
    """Only packages bring keys that everybody has."""
    assert len(texts(Maker(2).pem("RSA PRIVATE KEY").encode(), path)) == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("client-key-data: " + b64encode(Maker(3).pem("EC PRIVATE KEY", 110).encode()).decode(), "private-key"),
        (".dockerconfigjson: " + b64encode(Maker(3).docker_logins().encode()).decode(), "registry-password"),
        (f"https://shop.blob.core.windows.net/x?sv=2023-11-03&sr=b&sig={Maker(3).sas()}", "azure-shared-access"),
        (f"RUN curl -u deploy:{Maker(3).password()} https://shop.io", "command-password"),
        (f"RUN echo 'root:{Maker(3).password()}' | chpasswd", "command-password"),
        (f"RUN sshpass -p {Maker(3).password()} ssh shop.io", "command-password"),
        (f"RUN curl -H 'Authorization: Bearer {Maker(3).text('abcdef0123456789', 40)}' x", "authorization-header"),
        (f"RUN pip config set x --password={Maker(3).password()}", "password"),
        (f"<server><password>{Maker(3).password()}</password></server>", "password"),
        (f"define('DB_PASSWORD', '{Maker(3).password()}');", "password"),
        (f"Server=db;User Id=sa;Password={Maker(3).password()};", "password"),
        ("DB_PASSWORD=Winter2031!", "password"),
        (f"ENV API_TOKEN={Maker(3).password(32)}", "secret-value"),
    ],
)
def test_secrets_in_commands_and_settings(text: str, rule: str) -> None:
    """Histories and settings have forms of their own."""
    assert [match.rule.id for match in find_secrets(text.encode(), "app/shop.config")] == [rule]


def test_encrypted_keys_and_hashes_are_less_severe() -> None:
    """A key with a password is apart, and a hash is found only where systems keep them."""
    key = (
        b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n"
        + Maker(4).azure().encode()
        + b"\n-----END RSA PRIVATE KEY-----\n"
    )
    (match,) = find_secrets(key, "root/key.pem")
    assert match.rule.id == "encrypted-private-key"
    line = b"root:$y$j9T$" + Maker(4).password(22).encode() + b"$" + Maker(4).password(43).encode() + b":19000:0:::::\n"
    assert [match.rule.id for match in find_secrets(line, "etc/shadow")] == ["password-hash"]
    assert texts(line, "app/notes") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_texts_of_any_encoding(encoding: str) -> None:
    """Places are those of the bytes in the file."""
    token = Maker(5).github()
    content = f"naïve\ntoken = {token}\n".encode(encoding)
    (match,) = find_secrets(content, "x")
    unit = "utf-16-le" if content[match.start + 1] == 0 else "utf-16-be" if b"\0" in content else encoding
    assert (content[match.start : match.end].decode(unit), match.line) == (token, 2)


def test_binaries_have_tokens_and_keys_but_no_passwords() -> None:
    """In a binary only texts with a form of their own are secrets."""
    token, key = Maker(6).github().encode(), Maker(6).pem("EC PRIVATE KEY", 110).encode()
    content = b"\x7fELF\0\0\1" * 40 + token + b"\0password=" + Maker(6).password().encode() + b"\0" + key + b"\0"
    assert [match.rule.id for match in find_secrets(content, "app/shop")] == ["github-token", "private-key"]


def all_in_one() -> bytes:
    """Returns all planted files as one text."""
    return b"\n".join(file.content for file in PLANTED)


@pytest.mark.end_to_end
@given(sizes=st.lists(st.integers(1, 3_000), min_size=1, max_size=8), block_bytes=st.sampled_from([64, 1_000, 40_000]))
def test_pieces_of_any_size_give_the_same_secrets(sizes: list[int], block_bytes: int) -> None:
    """The borders of pieces and of blocks change nothing."""
    content = all_in_one() * 2
    scanner = SecretScanner("x", block_bytes=block_bytes)
    at = number = 0
    while at < len(content):
        size = sizes[number % len(sizes)]
        scanner.feed(content[at : at + size])
        at, number = at + size, number + 1
    assert list(scanner.finish()) == list(find_secrets(content, "x"))


def test_blocks_change_nothing_in_wide_texts() -> None:
    """Pieces may end in the middle of a character."""
    content = all_in_one().decode().encode("utf-16")
    scanner = SecretScanner("x", block_bytes=5_001)
    for at in range(0, len(content), 777):
        scanner.feed(content[at : at + 777])
    found = scanner.finish()
    assert [match.line for match in found] == [match.line for match in find_secrets(all_in_one(), "x")]
    assert list(found) == list(find_secrets(content, "x"))


@given(secret=st.binary(min_size=1, max_size=60), number=st.integers(0, len(DETECTORS) - 1))
def test_a_mask_never_has_the_secret(secret: bytes, number: int) -> None:
    """It shows at most four characters, less than a quarter, and only those that all secrets of the kind have."""
    shown = masked(secret, DETECTORS[number]).removesuffix("****")
    assert len(shown) <= 4
    assert len(shown) * 4 < len(secret)
    assert not shown or re.match(DETECTORS[number].prefix, secret)


def test_a_match_holds_no_secret() -> None:
    """Neither the match nor its text in a log has the secret."""
    for file in PLANTED:
        for match in find_secrets(file.content, file.path):
            assert file.content[match.start + 4 : match.end].decode() not in repr(match)
            assert not any(isinstance(getattr(match, name), bytes) for name in SecretMatch.__slots__)


def test_a_million_secrets_are_bounded() -> None:
    """The search ends at a number of secrets, and tells that there may be more."""
    make = Maker(7)
    lines = [f"token = {make.github()}\n".encode() for _ in range(MAX_MATCHES + 10)]
    scanner = SecretScanner("x")
    for line in lines:
        scanner.feed(line)
    found = scanner.finish()
    assert (len(found), scanner.is_cut) == (MAX_MATCHES, True)


def test_near_secrets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many near-secrets only tokens are found, with too many near-tokens nothing more, and it is known."""
    monkeypatch.setattr(engine, "_MAX_TRIGGERS", 100)
    near_passwords, near_tokens = b"password=aaaaaaaaaaaaaaa1\n" * 200, b"ghp_" + b"a" * 36 + b"\n"
    token = Maker(8).github().encode() + b"\n"
    scanner = SecretScanner("x.env", block_bytes=1_000)
    scanner.feed(near_passwords + token + near_passwords + token)
    assert [match.rule.id for match in scanner.finish()] == ["github-token"] * 2
    assert scanner.is_cut
    scanner = SecretScanner("x.env", block_bytes=1_000)
    scanner.feed(token + b" " * 50_000 + near_tokens * 300 + b" " * 50_000 + token)
    assert [match.line for match in scanner.finish()] == [1]
    assert scanner.is_cut


NEAR_SECRETS = (
    b"-----BEGIN RSA PRIVATE KEY-----\n",
    b"eyJhbGciOiJIUzI1NiJ9.eyJhbGciOiJIUzI1NiJ9",
    b"https://" + b"a" * 79 + b":" + b"b" * 150,
    b"password" * 30,
    b"password_token_secret=",
    b"machine a login b ",
    b"ghp_" * 20,
    b'"auth":"' + b"A" * 500,
    b" " * 200,
    b"a:1:b:c:" * 10,
    b"A" * 500,
    b"-" * 500,
)


@pytest.mark.parametrize("near", NEAR_SECRETS, ids=[near[:20].decode() for near in NEAR_SECRETS])
def test_twice_the_near_secrets_need_twice_the_steps(near: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text makes the search quadratic: the number of tries grows with the text, and each try is bounded."""
    tries: list[int] = []
    real = SecretScanner._try

    def counted(self: SecretScanner, number: int, start: int) -> None:
        tries.append(start)
        real(self, number, start)

    monkeypatch.setattr(SecretScanner, "_try", counted)

    def count(times: int) -> int:
        tries.clear()
        find_secrets(near * times, ".netrc")
        return len(tries)

    once = count(200)
    assert count(400) <= 2 * once + 20
    assert once <= 40 * 200


def test_expressions_are_bounded() -> None:
    """No match is longer than what the scanner keeps around a start, so none is lost, and no try takes long."""
    for detector in DETECTORS:
        assert widest(detector.trigger) < engine._BEFORE_BYTES
        assert widest(detector.pattern) < engine._BEHIND_BYTES


def widest(expression: bytes) -> int:
    """Returns the most bytes that an expression can match."""
    width: int = re._parser.parse(expression).getwidth()[1]  # type: ignore[attr-defined]
    return width


def test_a_line_of_megabytes_and_nuls() -> None:
    """Line and place of a secret behind a very long line are right."""
    token = Maker(9).github().encode()
    content = b"a" * 5_000_000 + b"\nb " + token + b"\0" * 100_000
    (match,) = find_secrets(content, "x")
    assert (match.line, match.start) == (2, 5_000_003)


def test_rules_have_plain_words() -> None:
    """Each rule has an ID, a title and an advice in printable words, the same for all its detectors."""
    for detector in DETECTORS:
        rule = detector.rule
        assert RULES_BY_ID[rule.id] == rule
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", rule.id)
        assert printable(rule.title) == rule.title
        assert len(rule.title) <= 50
        assert rule.do.endswith(".")
    assert json.dumps(list(RULES_BY_ID)).isascii()


def near_keys(count: int) -> bytes:
    """Returns blocks with the form of private keys, each with another text."""
    return b"".join(
        b"-----BEGIN RSA PRIVATE KEY-----\n%08d%b\n-----END RSA PRIVATE KEY-----\n" % (number, b"ABCD" * 2_000)
        for number in range(count)
    )


def test_a_block_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of open and of encrypted keys share what they know of it."""
    decoded: list[bytes] = []
    real = private_keys._key

    def counting(block: bytes) -> bytes | None:
        decoded.append(block)
        return real(block)

    monkeypatch.setattr(private_keys, "_key", counting)
    assert list(find_secrets(near_keys(20), "x")) == []
    assert len(decoded) == 20


def test_the_bytes_that_are_decoded_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of nothing but near-keys ends the search, and the result says so."""
    monkeypatch.setattr(engine, "_MAX_TRIED_BYTES", 100_000)
    scanner = SecretScanner("x")
    scanner.feed(near_keys(20))
    assert list(scanner.finish()) == []
    assert scanner.is_cut


@pytest.mark.parametrize("start", ["", "    ", '"', " * ", "// "])
def test_a_key_with_headers_in_any_line_is_found(start: str) -> None:
    """Headers in indented, quoted and commented lines are no part of the key."""
    first, *body = Maker(5).pem("RSA PRIVATE KEY").splitlines()
    lines = [first, "Version: 1 of a-b", "", *body]
    end = '\\n" +' if start == '"' else ""
    comment = start.strip() == "//"
    content = "\n".join(f"{'' if comment and ': ' not in line else start}{line}{end}" for line in lines)
    assert [match.rule.id for match in find_secrets(content.encode(), "x")] == ["private-key"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/run.sh", "export DB_PASSWORD=Xk39dkP2qZ7w\n"),
        ("usr/local/bin/docker-entrypoint", "export DB_PASSWORD=Xk39dkP2qZ7w; exec app\n"),
        ("root/.bash_history", "mysql -u root -pXk39dkP2qZ7w shop\n"),
        ("", "RUN export DB_PASSWORD=Xk39dkP2qZ7w && make"),
        ("", "RUN export DB_PASSWORD='Xk39 dkP2 qZ7w' && make"),
        ("app/.env", "DB_PASSWORD='Xk39 dkP2 qZ7w'\n"),
        ("app/.env", "DB_PASSWORD=Xk39 dkP2 qZ7w\n"),
        (
            "id.ppk",
            f"PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: none\r\nPrivate-Lines: 1\r\n{'Xk39dkP2qZ7w' * 4}\r\n",
        ),
    ],
)
def test_secrets_of_shells_are_found(path: str, text: str) -> None:
    """Variables that a script exports, values with blanks, passwords of commands, and keys of PuTTY are read."""
    (match,) = find_secrets(text.encode(), path)
    assert b"dkP2" in text.encode()[match.start : match.end]


@pytest.mark.parametrize(
    "line",
    [
        "export DB_PASSWORD=$(cat /run/secrets/db1)",
        "export DB_PASSWORD=/run/secrets/db1",
        "export PASSWORD_FILE=/run/secrets/db1_password",
        "export TOKEN=${TOKEN:-a1b2}",
        "export DB_PASSWORD=changeme123",
        "PASSWORD='Must have 8 characters!'",
        'PASSWORD="$1 and 2 x"',
        'if [ "$password" = "a1 b2" ]; then',
        "mysql -u root -p$PASSWORD shop",
        "mysql -u root -p shop",
    ],
)
def test_variables_of_scripts_without_a_secret_are_no_alarm(line: str) -> None:
    """Paths, other variables, sentences and placeholders are no passwords."""
    assert not any(find_secrets(line.encode(), path) for path in ("app/run.sh", "app/.env", ""))


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("SECRET_KEY=aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9n", ["secret-value"]),
        ("AWS_SECRET_ACCESS_KEY=aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9n", ["aws-secret-key"]),
        ("DB=postgres://shop:Qx7vP2mK9sL4tR8w@db.internal.example.net/shop", ["database-password"]),
        ("DB=postgres://shop:shop-password@db.internal.example.net/shop", []),
        ("DB=postgres://shop:p4ssw0rd@example.com/shop", []),
    ],
)
def test_a_secret_has_the_name_of_its_kind(text: str, rules: list[str]) -> None:
    """Not each key of 40 characters is from AWS; at a host of documentation a random password is no sample."""
    assert [each.rule.id for each in find_secrets(text.encode(), "app/.env")] == rules
