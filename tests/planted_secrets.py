"""Makes files with secrets that look real: right forms and checksums, random texts, and no owner."""

from __future__ import annotations

import base64
import json
import random
import string
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from explorer.analysis.findings.secrets.engine import SecretScanner
from explorer.analysis.findings.secrets.secret_rule import SecretMatch

_ALNUM = string.ascii_letters + string.digits
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE64 = _ALNUM + "+/"
_URL64 = _ALNUM + "-_"
_HEX = string.digits + "abcdef"


@dataclass(frozen=True, slots=True)
class PlantedFile:
    """A file with secrets, each with its kind."""

    path: str
    content: bytes
    secrets: tuple[tuple[str, bytes], ...]
    """Kind and text of each secret; the texts are parts of the content."""


class Maker:
    """Makes tokens from a seed, so that each run plants the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def text(self, alphabet: str, length: int) -> str:
        """Returns random characters."""
        return "".join(self._random.choice(alphabet) for _ in range(length))

    def bytes(self, length: int) -> bytes:
        """Returns random bytes."""
        return self._random.randbytes(length)

    def checked(self, prefix: str, length: int = 30) -> str:
        """Returns a token with the checksum that GitHub and npm append: CRC32 in base 62."""
        body = self.text(_ALNUM, length)
        rest, digits = zlib.crc32(body.encode()), ""
        for _ in range(6):
            rest, digit = divmod(rest, 62)
            digits = _BASE62[digit] + digits
        return prefix + body + digits

    def aws_id(self) -> str:
        """Returns an access key ID of AWS."""
        return "AKIA" + self.text(string.ascii_uppercase + "234567", 16)

    def aws_secret(self) -> str:
        """Returns a secret access key of AWS."""
        return self.text(_BASE64, 40)

    def github(self) -> str:
        """Returns a classic token of GitHub."""
        return self.checked("ghp_")

    def github_fine(self) -> str:
        """Returns a fine-grained token of GitHub."""
        return "github_pat_11" + self.text(string.ascii_uppercase + string.digits, 20) + "_" + self.text(_ALNUM, 59)

    def gitlab(self) -> str:
        """Returns a personal token of GitLab."""
        return "glpat-" + self.text(_URL64[:-2], 20)

    def slack(self) -> str:
        """Returns a bot's token of Slack."""
        return f"xoxb-{self.text(string.digits, 12)}-{self.text(string.digits, 13)}-{self.text(_ALNUM, 24)}"

    def slack_hook(self) -> str:
        """Returns the address of a hook of Slack."""
        parts = "T0" + self.text(string.ascii_uppercase, 9), "B0" + self.text(string.ascii_uppercase, 9)
        return "https://hooks.slack." + f"com/services/{parts[0]}/{parts[1]}/{self.text(_ALNUM, 24)}"

    def stripe(self) -> str:
        """Returns a live key of Stripe."""
        return "sk_live_51" + self.text(_ALNUM, 97)

    def npm(self) -> str:
        """Returns a token of npm."""
        return self.checked("npm_")

    def pypi(self) -> str:
        """Returns a token of PyPI: a macaroon."""
        identifier = b'{"version": 1, "permissions": "user"}'
        macaroon = b"\x02\x01\x08pypi.org\x02" + bytes([len(identifier)]) + identifier + b"\0\0\x06 " + self.bytes(100)
        return "pypi-" + base64.urlsafe_b64encode(macaroon).decode().rstrip("=")

    def google(self) -> str:
        """Returns an API key of Google."""
        return "AIzaSy" + self.text(_URL64, 33)

    def azure(self) -> str:
        """Returns the key of a storage account of Azure."""
        return base64.b64encode(self.bytes(64)).decode()

    def sas(self) -> str:
        """Returns the signature of a shared access to Azure, as URLs have it."""
        return quote(base64.b64encode(self.bytes(32)).decode(), safe="")

    def docker_logins(self) -> str:
        """Returns a login for a registry, as Docker keeps it."""
        auth = base64.b64encode(f"deploy:{self.password(20)}".encode()).decode()
        return json.dumps({"auths": {"registry.shop.io": {"auth": auth}}}, separators=(",", ":"))

    def jwt(self) -> str:
        """Returns a signed JSON web token."""

        def part(content: bytes) -> str:
            return base64.urlsafe_b64encode(content).decode().rstrip("=")

        header = part(b'{"alg":"HS256","typ":"JWT"}')
        claims = part(json.dumps({"sub": self.text(string.digits, 10), "iat": 1716239022}).encode())
        return f"{header}.{claims}.{part(self.bytes(32))}"

    def pem(self, label: str, size: int = 600) -> str:
        """Returns a private key in PEM."""
        start = (
            b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none"
            if "OPENSSH" in label
            else b"\x30\x82\x04\xa3\x02\x01\x00\x02\x82\x01\x01\x00"
        )
        start = b"\x95\x05\x86\x04" if "PGP" in label else start
        body = base64.encodebytes(start + self.bytes(size)).decode().replace("\n", "")
        width = 70 if "OPENSSH" in label else 64
        lines = "\n".join(body[at : at + width] for at in range(0, len(body), width))
        head = "\n" if "PGP" in label else ""
        return f"-----BEGIN {label}-----\n{head}{lines}\n-----END {label}-----\n"

    def twilio(self) -> str:
        """Returns an API key of Twilio."""
        return "SK" + self.text(_HEX, 32)

    def sendgrid(self) -> str:
        """Returns an API key of SendGrid."""
        return f"SG.{self.text(_URL64, 22)}.{self.text(_URL64, 43)}"

    def openai(self) -> str:
        """Returns a project's key of OpenAI."""
        return f"sk-proj-{self.text(_URL64, 74)}T3BlbkFJ{self.text(_URL64, 74)}"

    def anthropic(self) -> str:
        """Returns a key of Anthropic."""
        return f"sk-ant-api03-{self.text(_URL64, 93)}AA"

    def vault(self) -> str:
        """Returns a service token of Vault."""
        return "hvs.CAESI" + self.text(_URL64, 90)

    def terraform(self) -> str:
        """Returns a token of Terraform Cloud."""
        return f"{self.text(_ALNUM, 14)}.atlasv1.{self.text(_ALNUM, 67)}"

    def password(self, length: int = 16) -> str:
        """Returns a password of letters and digits."""
        return self.text(_ALNUM, length - 3) + "7Kq"

    def django(self) -> str:
        """Returns a key as Django makes it."""
        return self.text(string.ascii_lowercase + string.digits + "!@#$%^&*(-_=+)", 47) + "x7k"


_Plant = Callable[[Maker], tuple[str, str, tuple[tuple[str, str], ...]]]


def _one(kind: str, path: str, text: str, token: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return path, text.replace("@@", token), ((kind, token.strip()),)


def _aws(make: Maker, path: str, text: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    key_id, secret = make.aws_id(), make.aws_secret()
    return path, text.replace("@ID@", key_id).replace("@SECRET@", secret), (("aws-id", key_id), ("aws-secret", secret))


def _service_account(make: Maker) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    key = make.pem("PRIVATE KEY", 1200)
    text = json.dumps(
        {
            "type": "service_account",
            "project_id": "shop-4711",
            "private_key_id": make.text(_HEX, 40),
            "private_key": key,
            "client_email": "shop@shop-4711.iam.gserviceaccount.com",
        },
        indent=2,
    )
    return (
        "srv/keys/shop-4711.json",
        text,
        (("gcp-service-account", json.dumps(key)[1:-1].partition("\\n-----END")[0]),),
    )


def _docker_auth(make: Maker, path: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    auth = base64.b64encode(f"deploy:{make.password(20)}".encode()).decode()
    return path, json.dumps({"auths": {"registry.shop.io": {"auth": auth}}}, indent=1), (("docker-auth", auth),)


PLANTS: tuple[_Plant, ...] = (
    lambda m: _aws(
        m, "root/.aws/credentials", "[default]\naws_access_key_id = @ID@\naws_secret_access_key = @SECRET@\n"
    ),
    lambda m: _aws(m, "app/.env", "# deploy\nexport AWS_ACCESS_KEY_ID=@ID@\nexport AWS_SECRET_ACCESS_KEY='@SECRET@'\n"),
    lambda m: _aws(
        m, "app/s3.js", 'new S3({ accessKeyId: "@ID@",\n  secretAccessKey: "@SECRET@", region: "eu-west-1" });\n'
    ),
    lambda m: _one("github", "root/.bash_history", "ls\ngit clone https://@@@github.com/shop/api\n", m.github()),
    lambda m: _one(
        "github", "root/.config/gh/hosts.yml", "github.com:\n    oauth_token: @@\n    user: me\n", m.github()
    ),
    lambda m: _one("github", "ci/build.sh", "#!/bin/sh\nGITHUB_TOKEN=@@ make release\n", m.github()),
    lambda m: _one("github-fine", "app/settings.py", "import os\nTOKEN = '@@'\n", m.github_fine()),
    lambda m: _one("github-fine", "app/deploy.yaml", "env:\n  - name: GH\n    value: @@\n", m.github_fine()),
    lambda m: _one("gitlab", "root/.gitconfig", "[http]\n  extraHeader = PRIVATE-TOKEN: @@\n", m.gitlab()),
    lambda m: _one("gitlab", "etc/pip.conf", "[global]\nindex-url = https://ci:@@@git.shop.io/simple\n", m.gitlab()),
    lambda m: _one("slack", "app/notify.rb", 'client = Slack.new(token: "@@")\n', m.slack()),
    lambda m: _one("slack", "app/bot.json", '{"bot": {"token":"@@"}}', m.slack()),
    lambda m: _one("slack-hook", "opt/alert.sh", "curl -d @- @@\n", m.slack_hook()),
    lambda m: _one("stripe", "app/pay.php", "<?php\n\\Stripe\\Stripe::setApiKey('@@');\n", m.stripe()),
    lambda m: _one("stripe", "app/pay.env", "STRIPE_KEY=@@\n", m.stripe()),
    lambda m: _one("npm", "root/.npmrc", "//npm.example.com/:_authToken=@@\n", m.npm()),
    lambda m: _one("npm", "app/publish.sh", "npm publish --token @@\n", m.npm()),
    lambda m: _one("npmrc-uuid", "home/node/.npmrc", "//npm.shop.io/:_authToken=@@\n", _uuid(m)),
    lambda m: _one("npmrc-password", "app/.npmrc", "//npm.shop.io/:_auth=@@\nalways-auth=true\n", _basic(m)),
    lambda m: _one("pypi", "root/.pypirc", "[pypi]\nusername = __token__\npassword = @@\n", m.pypi()),
    lambda m: _one("pypirc-password", "home/me/.pypirc", "[shop]\nusername: me\npassword: @@\n", m.password()),
    lambda m: _one(
        "google", "app/map.html", '<script src="https://maps.googleapis.com/x?key=@@"></script>', m.google()
    ),
    lambda m: _one("google", "app/AndroidManifest.xml", '<meta-data android:value="@@"/>\n', m.google()),
    _service_account,
    lambda m: _one(
        "azure-storage",
        "app/appsettings.json",
        '{"Storage":"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=@@;EndpointSuffix=core.windows.net"}',
        m.azure(),
    ),
    lambda m: _one("azure-storage", "app/up.sh", "az storage blob upload --account-key @@ -f x\n", m.azure()),
    lambda m: _one("jwt", "app/session.txt", "Authorization: Bearer @@\n", m.jwt()),
    lambda m: _one("jwt", "app/supabase.ts", 'const key = "@@";\n', m.jwt()),
    lambda m: _one("private-key-rsa", "root/.ssh/id_rsa", "@@", m.pem("RSA PRIVATE KEY", 1180)),
    lambda m: _one("private-key-rsa", "etc/ssl/private/shop.pem", "@@", m.pem("PRIVATE KEY", 1200)),
    lambda m: _one("private-key-openssh", "home/me/.ssh/id_ed25519", "@@", m.pem("OPENSSH PRIVATE KEY", 250)),
    lambda m: _one("private-key-ec", "app/jwt.key", "@@", m.pem("EC PRIVATE KEY", 110)),
    lambda m: _one("private-key-pgp", "root/release.asc", "@@", m.pem("PGP PRIVATE KEY BLOCK", 900)),
    lambda m: _one(
        "private-key-quoted", "app/keys.js", 'module.exports = "@@";\n', json.dumps(m.pem("RSA PRIVATE KEY", 600))[1:-1]
    ),
    lambda m: _one("netrc", "root/.netrc", "machine git.shop.io\nlogin ci\npassword @@\n", m.password(12)),
    lambda m: _one("netrc", "home/me/.netrc", "machine git.shop.io login ci password @@\n", m.password(20)),
    lambda m: _docker_auth(m, "root/.docker/config.json"),
    lambda m: _docker_auth(m, "kaniko/.docker/config.json"),
    lambda m: _one(
        "database-url", "app/db.env", "DATABASE_URL=postgres://shop:@@@db.shop.io:5432/shop\n", m.password()
    ),
    lambda m: _one("database-url", "app/mongo.yml", "uri: mongodb+srv://root:@@@c0.mongodb.net/x\n", m.password()),
    lambda m: _one("database-url", "app/redis.toml", 'url = "redis://:@@@cache:6379/0"\n', m.password(24)),
    lambda m: _one("basic-url", "root/.git-credentials", "https://me:@@@git.shop.io\n", m.password(14)),
    lambda m: _one(
        "basic-url", "etc/apt/sources.list.d/x.list", "deb https://a:@@@deb.shop.io/ x main\n", m.password()
    ),
    lambda m: _one("twilio", "app/sms.py", 'client = Client("@@", secret)\n# twilio\n', m.twilio()),
    lambda m: _one("sendgrid", "app/mail.env", "SENDGRID_API_KEY=@@\n", m.sendgrid()),
    lambda m: _one("sendgrid", "app/mail.go", 'sendgrid.NewSendClient("@@")\n', m.sendgrid()),
    lambda m: _one("openai", "app/ai.env", "OPENAI_API_KEY=@@\n", m.openai()),
    lambda m: _one("anthropic", "app/ai.py", "Anthropic(api_key='@@')\n", m.anthropic()),
    lambda m: _one("vault", "root/.vault-token", "@@", m.vault()),
    lambda m: _one(
        "terraform", "root/.terraformrc", 'credentials "app.terraform.io" {\n  token = "@@"\n}\n', m.terraform()
    ),
    lambda m: _one("generic", "app/config.py", "DEBUG = False\nSECRET_KEY = '@@'\n", m.django()),
    lambda m: _one("generic", "app/application.properties", "spring.datasource.password=@@\n", m.password()),
    lambda m: _one("generic", "app/config.yml", "db:\n  user: shop\n  password: @@\n", m.password(20)),
    lambda m: _one("generic", "app/main.tf", 'variable "x" {\n  api_key = "@@"\n}\n', m.text(_HEX, 40)),
    lambda m: _one("generic", "app/config.json", '{\n "client_secret": "@@"\n}', m.password(32)),
    lambda m: _one("generic", "app/web.config", '<add key="ApiToken" value="@@" />\n', m.password(32)),
    lambda m: _one("generic", "etc/shop.conf", "db_passwd = @@\n", m.password(18)),
)
"""One function for each file."""


def _uuid(make: Maker) -> str:
    return "-".join(make.text(_HEX, size) for size in (8, 4, 4, 4, 12))


def _basic(make: Maker) -> str:
    return base64.b64encode(f"deploy:{make.password()}".encode()).decode()


def planted_files(seed: int = 18) -> list[PlantedFile]:
    """Returns files with 60 secrets of over 20 kinds."""
    make = Maker(seed)
    return [
        PlantedFile(path, text.encode(), tuple((kind, secret.encode()) for kind, secret in secrets))
        for path, text, secrets in (plant(make) for plant in PLANTS)
    ]


def find_secrets(content: bytes, path: str) -> Sequence[SecretMatch]:
    """Returns the secrets in the content of a file, in the order of their places.

    None overlaps another.

    Args:
        content: The bytes of the file.
        path: The path of the file; some rules are for files of certain names.
    """
    scanner = SecretScanner(path)
    scanner.feed(content)
    return scanner.finish()
