"""Secrets stay out of texts: errors of drivers and servers pass through here before anyone reads them."""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_BOTH_QUOTES = "'\""
"""Before a text, it makes `repr` choose single quotes and escape those within."""


def redact(text: str, secrets: Iterable[str | None]) -> str:
    """Gives the text with every secret replaced, as it is and as a URL, `repr` and JSON write it.

    Args:
        text: what a driver, a server or a library said.
        secrets: values that must not be seen; empty ones and None are passed over.
    """
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    return text


def _spellings(secret: str) -> Iterator[str]:
    """Gives every way in which a secret is written; what is escaped may be quoted and escaped once more."""
    yield secret
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%..", lambda found: found[0].lower(), encoded)
    for escaped in {*_escaped(secret)}:
        yield escaped
        yield from _escaped(escaped)


def _escaped(text: str) -> Iterator[str]:
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    for write in (repr, ascii):
        yield write(_BOTH_QUOTES + text)[4:-1]
    yield repr(text.encode(errors="surrogateescape"))[2:-1]
    for is_ascii in (True, False):
        written = json.dumps(text, ensure_ascii=is_ascii)[1:-1]
        yield written
        yield written.replace("/", r"\/")
        yield re.sub(r"\\u....", lambda found: rf"\u{found[0][2:].upper()}", written)
