"""Converters for what ERPs really deliver, by the names that field maps and `crossdock.toml` use.

A converter takes a native value (several, where its field reads several columns) and gives another one,
None for nothing. It raises ValueError for what it cannot convert; the row is then quarantined.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from crossdock.fieldmap.declare import Converter, FieldMapError
from crossdock.records import decimal_text

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def number(value: Any) -> Decimal | None:
    """Gives a Decimal of a number or of numeric text, None for nothing or blanks."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return Decimal(decimal_text(value))


def subtract(total: Any, *parts: Any) -> Decimal | None:
    """Gives the first column less all others (free stock: on hand less committed); NULL counts as 0."""
    first = number(total)
    if first is None:
        return None
    return first - sum((number(part) or Decimal(0) for part in parts), Decimal(0))


def add(*parts: Any) -> Decimal | None:
    """Gives the sum of all columns; NULL counts as 0, all NULL gives nothing."""
    found = [one for one in map(number, parts) if one is not None]
    return sum(found, Decimal(0)) if found else None


def not_negative(value: Any) -> Any:
    """Gives 0 for a negative number."""
    if type(value) is float or type(value) is int:
        return value if value > 0 else 0
    found = number(value)
    return found if found is None or found > 0 else Decimal(0)


def positive(value: Any) -> Any:
    """Gives nothing for a number that is not above 0 (a price of 0 that means "no price")."""
    found = number(value)
    return found if found is not None and found > 0 else None


def whole(value: Any) -> Decimal | None:
    """Cuts the fraction off."""
    found = number(value)
    return None if found is None else Decimal(int(found))


def decimal_comma(value: Any) -> Decimal | None:
    """Reads `1.234,50` and `1 234,50` as 1234.5."""
    if not isinstance(value, str):
        return number(value)
    return number(re.sub(r"[\s.\u00a0\u202f']", "", value).replace(",", "."))


def padded(value: Any) -> str | None:
    """Takes blanks around and leading zeros off a code: `  000042 ` is `42`."""
    if value is None:
        return None
    return str(value).strip().lstrip("0") or "0"


def no_control(value: Any) -> str | None:
    """Takes control characters out of text; line ends and tabs stay."""
    return None if value is None else CONTROL.sub("", str(value))


def comma(*parts: Any) -> list[str]:
    """Gives one list of labels from columns that hold one label or several between commas."""
    return [label.strip() for part in parts if part is not None for label in str(part).split(",") if label.strip()]


def slash_path(*parts: Any) -> list[list[str]]:
    """Gives category paths from columns such as `Shoes/Running`."""
    texts = [str(part) for part in parts if part is not None and str(part).strip()]
    return [[step.strip() for step in text.split("/") if step.strip()] for text in texts]


def first_name(value: Any) -> str | None:
    """Gives all but the last word of a contact's name, the one word where there is only one."""
    words = str(value or "").split()
    return " ".join(words[:-1] or words) or None


def last_name(value: Any) -> str | None:
    """Gives the last word of a contact's name, nothing where there is only one."""
    words = str(value or "").split()
    return words[-1] if len(words) > 1 else None


def upper(value: Any) -> str | None:
    """Gives text in capitals."""
    return None if value is None else str(value).upper()


def lower(value: Any) -> str | None:
    """Gives text in small letters."""
    return None if value is None else str(value).lower()


def local_time(zone: str, value: Any) -> datetime | None:
    """Gives a time with the zone that the ERP's server keeps, such as `local_time:Africa/Johannesburg`."""
    if value is None or value == "":
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


CONVERTERS: dict[str, Converter] = {
    one.__name__: one
    for one in (
        number,
        subtract,
        add,
        not_negative,
        positive,
        whole,
        decimal_comma,
        padded,
        no_control,
        comma,
        slash_path,
        first_name,
        last_name,
        upper,
        lower,
    )
}
WITH_ARGUMENT: dict[str, Callable[..., Any]] = {"local_time": local_time}


def find_converter(name: str, own: dict[str, Converter]) -> Converter:
    """Finds a converter by name; the plugin's own come first, `name:argument` fixes the argument.

    Raises:
        FieldMapError: there is none of that name.
    """
    found = own.get(name) or CONVERTERS.get(name)
    if found is not None:
        return found
    head, _, argument = name.partition(":")
    if argument and head in WITH_ARGUMENT:
        return partial(WITH_ARGUMENT[head], argument)
    known = ", ".join(sorted([*own, *CONVERTERS, *(one + ":…" for one in WITH_ARGUMENT)]))
    message = f"no converter is named {name!r}; known: {known}"
    raise FieldMapError(message)
