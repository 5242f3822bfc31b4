"""Secrets in the history and in the settings of an image, as findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from explorer.analysis.findings.finding import Finding, FindingKind, StepPlace
from explorer.analysis.findings.secrets.engine import SecretMatch, find_secrets
from explorer.analysis.findings.secrets.secret_words import setting_remedy, setting_why
from explorer.analysis.findings.secrets.setting_texts import SettingText, setting_texts
from explorer.model import Image

_MAX_TEXT_BYTES = 1 << 20
_MAX_SECRETS = 1_000


@dataclass(slots=True)
class _Secret:
    """A secret with the texts that have it; the first of them is to blame."""

    match: SecretMatch
    first: SettingText
    others: list[SettingText] = field(default_factory=list)


def setting_findings(image: Image, base_layers: int) -> Iterator[Finding]:
    """Yields the secrets in the history and in the settings.

    Args:
        image: The image.
        base_layers: The number of lowest layers that are certainly the base's.
    """
    of_base = [number for number, step in enumerate(image.history) if step.layer in range(base_layers)]
    for secret in _secrets(image).values():
        place, rule = secret.first.place, secret.match.rule
        layer = image.history[place.step].layer if isinstance(place, StepPlace) else None
        yield Finding(
            rule.id,
            FindingKind.SECRET,
            rule.severity,
            rule.title,
            place,
            layer,
            setting_why(secret.match.masked, secret.first, secret.others),
            f"{setting_remedy(secret.first)} {rule.do}",
            is_base=isinstance(place, StepPlace) and bool(of_base) and place.step <= of_base[-1],
        )


def _secrets(image: Image) -> dict[bytes, _Secret]:
    """Returns the secrets by their texts, in the order of the places to blame."""
    found: dict[bytes, _Secret] = {}
    for text in setting_texts(image):
        content = text.text.encode("utf-8", "surrogateescape")[:_MAX_TEXT_BYTES]
        for match in find_secrets(content, text.path):
            secret = found.get(content[match.start : match.end])
            if secret is None and len(found) < _MAX_SECRETS:
                found[content[match.start : match.end]] = _Secret(match, text)
            elif secret is not None and all(text.place != known.place for known in (secret.first, *secret.others)):
                secret.others.append(text)
    return found
