"""Secrets stay out of texts: errors of drivers and servers pass through here before anyone reads them."""

from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"


def redact(text: str, secrets: Iterable[str | None]) -> str:
    """Gives the text with every secret replaced, as it is and as it is written in a URL.

    Args:
        text: what a driver, a server or a library said.
        secrets: values that must not be seen; empty ones and None are passed over.
    """
    spellings = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    return text
