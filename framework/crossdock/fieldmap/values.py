"""From a native value to the canonical value of each kind of hub field.

`canonical_lines` gives the lines that the generated mapper runs; the functions are what they call when a
value is not of the kind that drivers usually give.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from crossdock.fieldmap.declare import FieldMapError
from crossdock.fieldmap.hub import HubField
from crossdock.records import ImageRef, decimal_text

BLANK = " \t\r\n\x00\u00a0"
TRUE = frozenset(("true", "t", "yes", "y", "1", "-1", "active"))
FALSE = frozenset(("false", "f", "no", "n", "0", "", "delete"))
MAX_CODE = 200
UNMAPPABLE = (ValueError, TypeError, ArithmeticError, AttributeError, KeyError)


def to_text(value: Any) -> str:  # noqa: PLR0911  # one line a driver's type
    """Gives text for any scalar; true and false as the hub writes them, numbers without exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return decimal_text(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8").rstrip(BLANK)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, dict)):
        message = f"a list or object is not text: {str(value)[:40]!r}"
        raise ValueError(message)  # noqa: TRY004  # one error for every value that does not fit
    return str(value)


def to_code(value: Any) -> str:
    """Gives a code: text without blanks around it that is not empty and holds no control character."""
    if value is None:
        message = "is empty"
        raise ValueError(message)  # one error for every value that does not fit
    text = to_text(value).strip(BLANK)
    if not text or len(text) > MAX_CODE or not text.isprintable():
        message = "is empty" if not text else f"is not usable as a code: {text[:40]!r}"
        raise ValueError(message)  # one error for every value that does not fit
    return text


def to_group(value: Any) -> str:
    """Gives a product's code, empty where the item stands alone."""
    return "" if value is None or value == "" else to_code(value)


def to_number(value: Any) -> str | None:
    """Gives a number's canonical text, None for nothing or blanks."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return decimal_text(value)


def to_flag(value: Any) -> bool | None:
    """Gives true or false for what ERPs use as such, None for nothing."""
    if value is None or isinstance(value, bool):
        return value
    text = to_text(value).strip().casefold()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    message = f"neither yes nor no: {text[:40]!r}; say which with values = {{ ... }}"
    raise ValueError(message)  # one error for every value that does not fit


def to_tags(value: Any) -> tuple[str, ...]:
    """Gives labels, sorted, each once."""
    parts = value.split(",") if isinstance(value, str) else value or ()
    return tuple(sorted({to_text(part).strip() for part in parts} - {""}))


def to_paths(value: Any) -> tuple[tuple[str, ...], ...]:
    """Gives category paths; text is one path with `/` between its steps."""
    paths = [value.split("/")] if isinstance(value, str) else value or []
    found = [tuple(to_text(step).strip() for step in ([path] if isinstance(path, str) else path)) for path in paths]
    return tuple(path for path in found if path and all(path))


def to_image(value: Any) -> ImageRef | None:
    """Gives a reference for a URL, a code, or an object with src, url or code."""
    if isinstance(value, Mapping):
        url = value.get("url") or value.get("src")
        code = value.get("code") or url
        if not code:
            return None
        return ImageRef(
            code=to_text(code), url=url, source_key=value.get("source_key"), content_hash=value.get("content_hash")
        )
    text = "" if value is None else to_text(value).strip()
    if not text:
        return None
    return ImageRef(code=text, url=text if text.startswith(("https://", "http://")) else None)


def _pairs(value: Any) -> Iterable[tuple[str, Any]]:
    """Entries of an open list: a mapping, or the hub's lists of two-part objects."""
    if isinstance(value, Mapping):
        return [(str(key), one) for key, one in value.items()]
    return [(str(name), inner) for one in value or () for name, inner in [_pair(one)]]


def _pair(one: Any) -> tuple[Any, Any]:
    for name, inner in (("tier", "price"), ("description", "qty"), ("key", "value"), ("name", "value")):
        if isinstance(one, Mapping) and name in one:
            return one[name], one.get(inner)
    message = f"an entry needs tier and price, description and qty, or key and value: {str(one)[:60]!r}"
    raise ValueError(message)  # one error for every value that does not fit


def entries_number(value: Any) -> dict[str, str]:
    """Gives an open list of numbers by name."""
    found = ((name, to_number(inner)) for name, inner in _pairs(value))
    return {name: text for name, text in found if text is not None}


def entries_text(value: Any) -> dict[str, str]:
    """Gives an open list of texts by name."""
    return {name: to_text(inner) for name, inner in _pairs(value) if inner is not None}


def entries_names(value: Any) -> list[str]:
    """Gives option names in their order, from texts or the hub's objects with name and position."""
    found = list(value or ())
    if all(isinstance(one, Mapping) for one in found):
        found = [one["name"] for one in sorted(found, key=lambda one: one.get("position") or 0)]
    return [to_text(one) for one in found]


def entries_images(value: Any) -> list[ImageRef]:
    """Gives picture references from a list of URLs, codes or objects."""
    return [one for one in map(to_image, value or ()) if one is not None]


def merged(named: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    """Adds the entries of a list to named ones, which win; sorted by key as the encoding wants it."""
    both = {**more, **named}
    return {key: both[key] for key in sorted(both)}


def addresses(parts: dict[str, str]) -> tuple[dict[str, str], ...]:
    """Gives addresses from entries such as `1.city`; one without any text is left out."""
    found: dict[str, dict[str, str]] = {}
    for key, text in parts.items():
        number, _, name = key.partition(".")
        if text:
            found.setdefault(number, {})[name] = text
    return tuple(found[number] for number in sorted(found, key=int))


def checked_options(names: list[str], first: str | None, second: str | None, third: str | None) -> list[str]:
    """Cuts option names that have no value; refuses a value without a name or a gap between values."""
    if first is None and second is None and third is None:  # most items
        return []
    if (second is not None and first is None) or (third is not None and second is None):
        message = "option values leave a gap: fill option1 before option2 before option3"
        raise ValueError(message)  # one error for every value that does not fit
    count = 1 + (second is not None) + (third is not None)
    if count > len(names):
        message = f"has {count} option values but only {len(names)} option names (options.1 ...)"
        raise ValueError(message)  # one error for every value that does not fit
    if count > 1 and len(set(names[:count])) != count:
        message = "two options have the same name"
        raise ValueError(message)  # one error for every value that does not fit
    return names[:count]


def key_text(value: Any) -> str:
    """Gives a row's identity as text."""
    return value if type(value) is str else str(value)


def native(value: Any) -> str:
    """Gives a native code as JSON, so that its type is kept."""
    return msgspec.json.encode(value, enc_hook=str).decode()


class ValueTable:
    """Native values to canonical ones, by their text; letters' case and blanks around do not matter."""

    def __init__(self, pairs: Mapping[str, Any]) -> None:
        """Takes the declared `values`; `"*"` stands for any other value, NULL too."""
        self._exact = dict(pairs)
        self._folded = {key.strip().casefold(): value for key, value in pairs.items()}

    def __call__(self, value: Any) -> Any:
        """Gives the canonical value.

        Raises:
            ValueError: the table does not have it.
        """
        text = "" if value is None else to_text(value)
        if text in self._exact:
            return self._exact[text]
        folded = text.strip().casefold()
        if folded in self._folded:
            return self._folded[folded]
        if "*" in self._exact:
            return self._exact["*"]
        message = f"the value {text[:40]!r} is not among {', '.join(map(repr, self._exact))}"
        raise ValueError(message)  # one error for every value that does not fit


REQUIRED_TEXT = "title"
float_text = msgspec.json.Encoder().encode
"""The shortest digits that stand for a float: the same as `repr` gives within the bounds below, four times as fast."""
_NUMBER = (
    "if type({v}) is float and 1e-4 <= {v} < 1e15:",
    "    {v} = float_text({v}).decode()",
    "    if {v}[-2:] == '.0': {v} = {v}[:-2]",
    "elif type({v}) is int: {v} = str({v})",
    "else: {v} = to_number({v})",
)


def canonical_lines(place: HubField, variable: str, hub: str) -> list[str]:
    """Gives the lines that make a converted value canonical, by kind."""
    kinds: dict[str, tuple[str, ...]] = {
        "code": (
            "if type({v}) is not str or not {v} or not {v}.isprintable() or len({v}) > 200 or {v}[0] == ' ':",
            "    {v} = to_code({v})",
        ),
        "group": (
            "if type({v}) is not str or not {v}.isprintable() or len({v}) > 200 or {v}[:1] == ' ':",
            "    {v} = to_group({v})",
        ),
        "text": ("if type({v}) is not str: {v} = '' if {v} is None else to_text({v})",),
        "label": ("if type({v}) is not str or not {v}: {v} = to_text({v}) if {v} is not None and {v} != '' else None",),
        "number": _NUMBER,
        "flag": ("if type({v}) is not bool: {v} = to_flag({v})",),
        "tags": ("{v} = to_tags({v})",),
        "paths": ("{v} = to_paths({v})",),
        "names": ("{v} = to_text({v}) if {v} is not None else ''",),
        "images": ("{v} = to_image({v})",),
        "address": ("{v} = to_text({v}) if {v} is not None else None",),
    }
    lines = list(kinds[place.kind])
    if hub == REQUIRED_TEXT:
        lines.append("if not {v}: raise ValueError('is empty')")
    if place.kind == "flag":
        lines.append(
            "if {v} is None: {v} = " + ("None" if place.name in ("accepts_marketing", "prices_include_tax") else "True")
        )
    if place.kind == "text" and place.key is not None:
        lines = ["{v} = to_text({v}) if {v} is not None else None"]
    return [line.replace("{v}", variable) for line in lines]


def constant(value: Any, place: HubField, hub: str) -> Any:
    """Gives a constant's canonical value, worked out once.

    Raises:
        FieldMapError: the constant does not fit the hub field.
    """
    body = "\n    ".join(["def one(v):", *canonical_lines(place, "v", hub), "return v"])
    names = dict(NAMES)
    exec(compile(body, "<constant>", "exec"), names)  # noqa: S102  # the lines above
    try:
        return names["one"](value)
    except UNMAPPABLE as error:
        message = f"the constant of {hub!r} {error}"
        raise FieldMapError(message) from error


NAMES: dict[str, Any] = {
    one.__name__: one
    for one in (
        to_text,
        to_code,
        to_group,
        to_number,
        to_flag,
        to_tags,
        to_paths,
        to_image,
        entries_number,
        entries_text,
        entries_names,
        entries_images,
        merged,
        addresses,
        checked_options,
        key_text,
        native,
    )
} | {"BLANK": BLANK, "UNMAPPABLE": UNMAPPABLE, "float_text": float_text}
"""What generated code may call."""
