"""The canonical encoding of a record, and its fingerprint.

The encoding is MessagePack: a map of the fields that are set, in the order of declaration, maps of open
lists sorted by key, `Decimal` as its plain text without exponent or trailing zeros, time as ISO 8601 in
UTC. Equal bytes mean equal records, which is the fast way to compare; where bytes differ the records are
compared, so that another codec re-sends nothing. An optional field added later changes no encoding in
which it is not set. `tests/records/vectors.json` pins both.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

import msgspec
import xxhash

from crossdock.records.product import Record

R = TypeVar("R", bound=Record)

_encoder = msgspec.msgpack.Encoder(decimal_format="string")
encode_fields = _encoder.encode
"""Encodes a record whose values are canonical already; the generated mapper's last step."""


def decimal_text(value: object) -> str:
    """Gives a number's canonical text: `10.50` is `10.5`, `1E+3` is `1000`, `-0` is `0`.

    Args:
        value: int, float, Decimal or numeric text with a decimal point.

    Raises:
        ValueError: not a finite number.
    """
    if type(value) is int:
        return str(value)
    if type(value) is float:
        text = repr(value)
        if text[-2:] == ".0":
            text = text[:-2]
        if "e" not in text and "n" not in text and text != "-0":
            return text
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        message = "true and false are not numbers"
        raise ValueError(message)  # noqa: TRY004  # one error for every value that is no number
    try:
        number = value if isinstance(value, Decimal) else Decimal(_digits(str(value).strip()))
    except InvalidOperation as error:
        message = f"not a number: {str(value)[:40]!r}"
        raise ValueError(message) from error
    if not number.is_finite() or number.adjusted() > MAX_DIGITS or number.adjusted() < -MAX_DIGITS:
        message = f"not a finite number of reasonable size: {str(value)[:40]!r}"
        raise ValueError(message)  # one error for every value that is no number
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _digits(text: str) -> str:
    """Gives numeric text, nothing of what Decimal takes beyond it: `1_000`, or digits of other scripts."""
    return text if text.isascii() and "_" not in text else "not a number"


MAX_DIGITS = 30
"""Digits before or after the point beyond which a number is a mistake, not money or stock."""


def canonical(value: Any) -> Any:  # noqa: PLR0911  # one line a kind
    """Gives the plain form of a record or a part of one: only set fields, decimals as text, keys sorted."""
    if isinstance(value, Record):
        pairs = ((name, getattr(value, name)) for name in value.__struct_fields__)
        unset = _defaults(type(value))
        return {name: canonical(one) for name, one in pairs if name not in unset or one != unset[name]}
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: canonical(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [canonical(one) for one in value]
    return value


@cache
def _defaults(kind: type[Record]) -> dict[str, Any]:
    found = {}
    for field in msgspec.structs.fields(kind):
        if field.default is not msgspec.NODEFAULT:
            found[field.name] = field.default
        elif field.default_factory is not msgspec.NODEFAULT:
            found[field.name] = field.default_factory()
    return found


def encode(record: Record) -> bytes:
    """Gives the canonical bytes of any record, however its values were built."""
    return encode_fields(_with_plain_values(record))


def _with_plain_values(record: R) -> R:
    return type(record)(**canonical(record))


def decode(body: bytes | bytearray, kind: type[R]) -> R:
    """Gives the record back.

    Raises:
        msgspec.ValidationError: the bytes are not such a record.
    """
    return msgspec.msgpack.decode(body, type=kind)


def fingerprint(*records: Record) -> bytes:
    """Gives 16 bytes that stand for the records: equal ones give equal bytes, on any codec and Python."""
    digest = xxhash.xxh3_128()
    for record in records:
        digest.update(encode_fields(canonical(record)))
    return digest.digest()
