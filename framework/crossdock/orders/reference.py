"""The reference: the short text that is written into a document and can be searched for."""

import hashlib
import re

from crossdock.contract import ConfigError

SHORTEST = 8
"""Characters below which no reference is unique enough."""
PLAIN = re.compile(r"[A-Z0-9][A-Z0-9-]*")
"""What every ERP's field keeps as it is: no small letters (some fields are upper case), no blanks, no signs."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not taken for each other."""
TRIES = 8


def references(key: tuple[int, str, int, str], length: int, *, is_only: bool) -> list[str]:
    """Derives references from a document's key, the best first; the same key always gives the same.

    Args:
        key: channel by permanent number, the channel's order code, target, kind.
        length: characters that the target's field holds.
        is_only: whether it is the order's first document at this target, which may then show the order's code.

    Raises:
        ConfigError: the field is too short.
    """
    if length < SHORTEST:
        message = f"a reference field of {length} characters is too short to be unique; it needs at least {SHORTEST}"
        raise ConfigError(message)
    channel, code, _, _ = key
    shown = f"{channel}-{code}"
    plain = [shown] if is_only and len(shown) <= length and PLAIN.fullmatch(shown) else []
    return plain + [_hashed(f"{channel}-", key, length, salt) for salt in range(TRIES)]


def account_reference(target: int, customer_key: str, length: int) -> list[str]:
    """Derives references of an account, as `references` does of a document."""
    return [_hashed("C-", (target, customer_key), length, salt) for salt in range(TRIES)]


def _hashed(prefix: str, key: object, length: int, salt: int) -> str:
    room = min(length, 20)
    prefix = prefix if len(prefix) + SHORTEST <= room else ""
    number = int.from_bytes(hashlib.sha256(f"{salt}|{key!r}".encode()).digest(), "big")
    digits = []
    for _ in range(room - len(prefix)):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return prefix + "".join(digits)
