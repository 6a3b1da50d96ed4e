"""Secrets do not survive in texts."""

import pytest

from crossdock.toolkit.redact import redact


@pytest.mark.parametrize("text", ["wrong: p@ss w/rd", "url db://me:p%40ss%20w%2Frd@host", "pwd=p%40ss+w%2Frd;"])
def test_every_spelling_is_hidden(text):
    """A secret is replaced as it is and as URLs write it."""
    assert "p" not in redact(text, ["p@ss w/rd"]).replace("pwd", "")
    assert "***" in redact(text, ["p@ss w/rd"])


def test_the_longest_goes_first():
    """A secret that begins with another leaves no rest behind."""
    assert redact("x abcdef y", ["abc", "abcdef"]) == "x *** y"


def test_no_secret_changes_nothing():
    """Without a secret the text stays."""
    assert redact("as it was", [None, ""]) == "as it was"
