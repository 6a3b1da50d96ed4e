"""Values as they are written in `$filter`: escaped, typed, and nothing that could be more than a value.

Sources: OData 4.01 URL conventions, 5.1.1.14 "Literals"; OData 2.0 "Abstract Type System" for the older spellings
(`datetime'…'`, `guid'…'`, `10L`, `1.5M`), which version 3 kept.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crossdock.contract import ConfigError

OLD = 3
"""Versions up to this one write types into literals."""
_BARE = {
    "Edm.Date": re.compile(r"-?\d{4,}-\d\d-\d\d"),
    "Edm.DateTimeOffset": re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)"),
    "Edm.DateTime": re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?"),
}
_OLD_MARKS = {"Edm.DateTime": "datetime", "Edm.DateTimeOffset": "datetimeoffset", "Edm.Guid": "guid"}


def literal(value: Any, kind: str | None = None, version: int = 4) -> str:  # whatever a property holds
    """Gives a value as it is written in a filter.

    Args:
        value: as JSON gave it, or as Python has it.
        kind: type of the property, such as `Edm.Guid`. None: as the value looks; text is text.
        version: of the protocol.

    Raises:
        ConfigError: the value is not of that type.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, datetime | date):
        kind, value = kind or _kind_of(value), value.isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        kind = kind or "Edm.Guid"
    if kind == "Edm.String" or (kind is None and isinstance(value, str)):
        return "'" + str(value).replace("'", "''") + "'"
    if kind in ("Edm.Guid", *_BARE):
        return _marked(str(value), kind, version)
    return _number(value, kind, version)


def _kind_of(value: date) -> str:
    if not isinstance(value, datetime):
        return "Edm.Date"
    return "Edm.DateTimeOffset" if value.tzinfo else "Edm.DateTime"


def _marked(text: str, kind: str, version: int) -> str:
    try:
        is_right = bool(UUID(text)) if kind == "Edm.Guid" else bool(_BARE[kind].fullmatch(text))
    except ValueError:
        is_right = False
    if not is_right:
        raise _wrong(text, kind)
    return f"{_OLD_MARKS[kind]}'{text}'" if version <= OLD and kind in _OLD_MARKS else text


def _number(value: Any, kind: str | None, version: int) -> str:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise _wrong(value, kind or "a number") from None
    if not number.is_finite():
        raise _wrong(value, kind or "a number")
    text = format(number, "f")
    if version > OLD:
        return text
    mark = {"Edm.Int64": "L", "Edm.Decimal": "M", "Edm.Double": "d"}.get(kind or "", "")
    return text + mark


def _wrong(value: object, kind: str) -> ConfigError:
    return ConfigError(f"{str(value)[:60]!r} is not a value of {kind}: declare the type that the property has")


def both(*conditions: str | None) -> str | None:
    """Joins conditions that must all hold, None where there are none."""
    given = [one for one in conditions if one]
    if len(given) < 2:  # noqa: PLR2004  # one needs no brackets
        return given[0] if given else None
    return " and ".join(f"({one})" if " or " in one else one for one in given)
