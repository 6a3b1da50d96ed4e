"""Secrets do not survive in texts."""

import json
import re
from urllib.parse import quote

import pytest

from crossdock.toolkit.redact import redact


@pytest.mark.parametrize("text", ["wrong: p@ss w/rd", "url db://me:p%40ss%20w%2Frd@host", "pwd=p%40ss+w%2Frd;"])
def test_every_spelling_is_hidden(text):
    """A secret is replaced as it is and as URLs write it."""
    assert "p" not in redact(text, ["p@ss w/rd"]).replace("pwd", "")
    assert "***" in redact(text, ["p@ss w/rd"])


@pytest.mark.parametrize("secret", ['it\'s"q"', "a\\b", "né/w\n", "it's", 'q"q', "ключ"])
@pytest.mark.parametrize(
    "write",
    [
        repr,
        ascii,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: json.dumps(text).replace("/", r"\/"),
        lambda text: repr({"quotes": "'\"", "text": f"'\"{text}"}),
        lambda text: repr(text.encode()),
        lambda text: repr(json.dumps({"password": text})),
        lambda text: json.dumps(f"refused: {text!r}"),
        lambda text: quote(text).lower(),
    ],
)
def test_escaped_spellings_are_hidden(write, secret):
    """A secret is hidden too where repr, JSON or both, one within the other, have escaped it."""
    assert re.search(r"(<|%3c)[*]{3}(>|%3e)", redact(write(f"<{secret}>"), [secret]))


def test_the_longest_goes_first():
    """A secret that begins with another leaves no rest behind."""
    assert redact("x abcdef y", ["abc", "abcdef"]) == "x *** y"


def test_no_secret_changes_nothing():
    """Without a secret the text stays."""
    assert redact("as it was", [None, ""]) == "as it was"
