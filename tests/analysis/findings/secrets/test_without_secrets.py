"""Texts without their secrets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.analysis.findings.secrets import engine
from explorer.analysis.findings.secrets.secret_mask import SecretMask
from explorer.analysis.findings.secrets.without_secrets import without_secrets

TOKEN = "ghp_" + "ogyjey4XVnHrkgn5ZYXltMT02fLPFlDf51Hs"


def test_secrets_are_masked() -> None:
    """Each secret is masked, and all else stays, whatever it is."""
    text = f"RUN curl -u x:{TOKEN} https://a \udcff größe && echo {TOKEN}"
    assert without_secrets(text) == "RUN curl -u x:ghp_**** https://a \udcff größe && echo ghp_****"
    assert without_secrets("RUN apt-get update") == "RUN apt-get update"


@pytest.mark.parametrize("mask", [without_secrets, lambda text: SecretMask([(text, "")]).text(text)])
def test_a_text_of_too_many_secrets_is_masked_as_a_whole(
    mask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets behind the limit are not known, so nothing of it shows; NULs hide none."""
    monkeypatch.setattr(engine, "MAX_MATCHES", 2)
    assert mask(f"RUN a\0 {TOKEN}") == "RUN a\0 ghp_****"
    assert mask(f"RUN {TOKEN} {TOKEN} {TOKEN}") == "****"
