"""SQL Server's types: what a column, a parameter or an expression is declared as.

Source of names, limits and precedence: Transact-SQL reference, "Data types" and "Data type precedence".
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Family = Literal[
    "int", "bit", "decimal", "float", "text", "moment", "date", "time", "zoned", "guid", "binary", "variant"
]

FAMILIES: dict[str, Family] = {
    "tinyint": "int",
    "smallint": "int",
    "int": "int",
    "bigint": "int",
    "bit": "bit",
    "decimal": "decimal",
    "numeric": "decimal",
    "money": "decimal",
    "smallmoney": "decimal",
    "float": "float",
    "real": "float",
    "char": "text",
    "varchar": "text",
    "nchar": "text",
    "nvarchar": "text",
    "datetime": "moment",
    "datetime2": "moment",
    "smalldatetime": "moment",
    "date": "date",
    "time": "time",
    "datetimeoffset": "zoned",
    "uniqueidentifier": "guid",
    "binary": "binary",
    "varbinary": "binary",
    "timestamp": "binary",
    "sql_variant": "variant",
}
PRECEDENCE = (
    *("binary", "varbinary", "timestamp", "char", "varchar", "nchar", "nvarchar", "uniqueidentifier", "bit", "tinyint"),
    *("smallint", "int", "bigint", "smallmoney", "money", "numeric", "decimal", "real", "float", "time", "date"),
    *("smalldatetime", "datetime", "datetime2", "datetimeoffset", "sql_variant"),
)
"""Lowest first: of two types that meet, the one that stands later is what both become."""
BOUNDS = {
    "tinyint": (0, 255),
    "smallint": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
    "bit": (0, 1),
}
MAX = -1
"""Length of `varchar(max)` and its like."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type with its parameters."""

    name: str
    length: int = 0
    """Characters, or bytes for binary ones; `MAX` without limit; 0 where it does not apply."""
    precision: int = 0
    scale: int = 0
    """Digits behind the point, of numbers and of seconds."""

    @property
    def family(self) -> Family:
        """What is stored and compared alike."""
        return FAMILIES[self.name]

    @property
    def wide(self) -> bool:
        """Whether it holds Unicode."""
        return self.name in {"nchar", "nvarchar"}

    @property
    def spelt(self) -> str:
        """The type as it is declared."""
        if self.name in {"decimal", "numeric"}:
            return f"{self.name}({self.precision},{self.scale})"
        if self.family in {"text", "binary"} and self.name != "timestamp":
            return f"{self.name}({'max' if self.length == MAX else self.length})"
        if self.name in {"datetime2", "time", "datetimeoffset"}:
            return f"{self.name}({self.scale})"
        return self.name


TINYINT, SMALLINT, INT, BIGINT, BIT = Kind("tinyint"), Kind("smallint"), Kind("int"), Kind("bigint"), Kind("bit")
FLOAT, REAL = Kind("float"), Kind("real")
DATETIME, DATE = Kind("datetime", scale=3), Kind("date")
DATETIME2, ZONED = Kind("datetime2", scale=7), Kind("datetimeoffset", scale=7)
SYSNAME, GUID, VARIANT = Kind("nvarchar", 128), Kind("uniqueidentifier"), Kind("sql_variant")
ROWVERSION = Kind("timestamp", 8)
MONEY = Kind("money", precision=19, scale=4)


def decimal(precision: int, scale: int) -> Kind:
    """Gives an exact number, cut to the 38 digits there are."""
    whole = max(precision - scale, 0)
    if precision > 38:  # noqa: PLR2004  # the most digits that a number may have
        scale = max(38 - whole, min(scale, 6))
        precision = 38
    return Kind("decimal", precision=max(precision, 1), scale=scale)


def text(length: int, *, wide: bool = False) -> Kind:
    """Gives text of varying length."""
    limit = 4000 if wide else 8000
    return Kind("nvarchar" if wide else "varchar", MAX if length == MAX or length > limit else max(length, 1))


def named(name: str, *arguments: int) -> Kind:
    """Gives the type of a declaration.

    Args:
        name: in lower case.
        arguments: what stands in parentheses, `MAX` for max.

    Raises:
        KeyError: no such type, or none that the stand-in has.
    """
    name = _ALIASES.get(name, name)
    if name in {"text", "ntext", "image", "xml"}:
        return Kind({"text": "varchar", "image": "varbinary"}.get(name, "nvarchar"), MAX)
    if name == "sysname":
        return SYSNAME
    first = arguments[0] if arguments else None
    return _KINDS[FAMILIES[name]](name, first, arguments[1] if len(arguments) > 1 else 0)


_ALIASES = {"integer": "int", "dec": "decimal", "character": "char", "rowversion": "timestamp", "double": "float"}
_ALIASES |= {
    "timestamptz": "datetimeoffset",
    "uuid": "uniqueidentifier",
    "utinyint": "tinyint",
    "variant": "sql_variant",
}
"""Of T-SQL, and of what sqlglot makes of some names."""


def _number(name: str, precision: int | None, scale: int) -> Kind:
    if "money" in name:
        return Kind(name, precision=19 if name == "money" else 10, scale=4)
    return Kind(name, precision=18 if precision is None else precision, scale=scale)


def _float(name: str, bits: int | None, _: int) -> Kind:
    return REAL if name == "real" or (bits or 53) <= 24 else FLOAT  # noqa: PLR2004  # bits of a four-byte mantissa


def _sized(name: str, length: int | None, _: int) -> Kind:
    return ROWVERSION if name == "timestamp" else Kind(name, 1 if length is None else length)


def _timed(name: str, digits: int | None, _: int) -> Kind:
    fixed = {"datetime": 3, "smalldatetime": 0, "date": 0}
    return Kind(name, scale=fixed.get(name, 7 if digits is None else digits))


def _plain(name: str, _: int | None, __: int) -> Kind:
    return Kind(name)


_KINDS: dict[str, Callable[[str, int | None, int], Kind]] = dict.fromkeys(FAMILIES.values(), _plain) | {
    "decimal": _number,
    "float": _float,
    **dict.fromkeys(("text", "binary"), _sized),
    **dict.fromkeys(("moment", "date", "time", "zoned"), _timed),
}


def common(kinds: list[Kind]) -> Kind:
    """Gives the type that values of several types become when they meet in one column."""
    top = max(kinds, key=lambda kind: PRECEDENCE.index(kind.name))
    if top.name in {"decimal", "numeric"}:
        exact = [as_decimal(kind) for kind in kinds if kind.family in {"int", "bit", "decimal"}]
        scale = max(kind.scale for kind in exact)
        return decimal(max(kind.precision - kind.scale for kind in exact) + scale, scale)
    if top.family in {"text", "binary"} and top.name != "timestamp":
        lengths = [kind.length or 30 for kind in kinds]
        return replace(top, length=MAX if MAX in lengths else max(lengths))
    alike = [kind.scale for kind in kinds if kind.name == top.name]
    return replace(top, scale=max(alike))


def as_decimal(kind: Kind) -> Kind:
    """Gives the exact number that a whole number, or money, is taken for in arithmetic."""
    digits = {"bit": 1, "tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
    if kind.name in digits:
        return Kind("decimal", precision=digits[kind.name])
    return replace(kind, name="decimal")
