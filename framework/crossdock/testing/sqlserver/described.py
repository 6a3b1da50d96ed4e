"""A type in the numbers that catalogues and drivers describe it with.

Source: `sys.types` as documented; ODBC reference, appendix D "Data types".
"""

from crossdock.testing.sqlserver.kinds import MAX, Kind

_TYPE_NUMBERS = {
    "image": 34,
    "uniqueidentifier": 36,
    "date": 40,
    "time": 41,
    "datetime2": 42,
    "datetimeoffset": 43,
    "tinyint": 48,
}
_TYPE_NUMBERS |= {"smallint": 52, "int": 56, "smalldatetime": 58, "real": 59, "money": 60, "datetime": 61, "float": 62}
_TYPE_NUMBERS |= {
    "sql_variant": 98,
    "bit": 104,
    "decimal": 106,
    "numeric": 108,
    "smallmoney": 122,
    "bigint": 127,
    "varbinary": 165,
}
_TYPE_NUMBERS |= {"varchar": 167, "binary": 173, "char": 175, "timestamp": 189, "nvarchar": 231, "nchar": 239}
_BYTES = {
    "tinyint": 1,
    "bit": 1,
    "smallint": 2,
    "int": 4,
    "bigint": 8,
    "real": 4,
    "float": 8,
    "money": 8,
    "smallmoney": 4,
}
_BYTES |= {"date": 3, "datetime": 8, "smalldatetime": 4, "uniqueidentifier": 16, "sql_variant": 8016}
_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19, "real": 24, "float": 53, "money": 19, "smallmoney": 10}
_ODBC = {
    "tinyint": -6,
    "smallint": 5,
    "int": 4,
    "bigint": -5,
    "bit": -7,
    "decimal": 3,
    "numeric": 2,
    "money": 3,
    "smallmoney": 3,
}
_ODBC |= {"float": 6, "real": 7, "char": 1, "varchar": 12, "nchar": -8, "nvarchar": -9, "datetime": 93, "datetime2": 93}
_ODBC |= {"smalldatetime": 93, "date": 91, "time": -154, "datetimeoffset": -155, "uniqueidentifier": -11, "binary": -2}
_ODBC |= {"varbinary": -3, "timestamp": -2, "sql_variant": -150}


def type_number(kind: Kind) -> int:
    """Gives `system_type_id`."""
    return _TYPE_NUMBERS[kind.name]


def byte_length(kind: Kind) -> int:
    """Gives `max_length`: bytes, -1 without limit."""
    if kind.family in {"text", "binary"}:
        return MAX if kind.length == MAX else kind.length * (2 if kind.wide else 1)
    if kind.name in {"decimal", "numeric"}:
        return next(size for limit, size in ((9, 5), (19, 9), (28, 13), (38, 17)) if kind.precision <= limit)
    timed = {"time": 3, "datetime2": 6, "datetimeoffset": 8}
    if kind.name in timed:
        return timed[kind.name] + (0, 0, 0, 1, 1, 2, 2, 2)[kind.scale]
    return _BYTES[kind.name]


def numeric_precision(kind: Kind) -> int | None:
    """Gives the digits of a number; None for what is none."""
    return kind.precision if kind.name in {"decimal", "numeric"} else _DIGITS.get(kind.name)


def odbc_type(kind: Kind) -> int:
    """Gives ODBC's number of the type, SQL Server's own where ODBC has none."""
    if kind.length == MAX:
        return {"varchar": -1, "nvarchar": -10, "varbinary": -4}[kind.name]
    return _ODBC[kind.name]


def column_size(kind: Kind) -> int:
    """Gives ODBC's column size: digits, characters or the length of the shown moment."""
    if kind.family in {"text", "binary"}:
        return 0 if kind.length == MAX else kind.length
    shown = {"date": 10, "time": 8, "datetime": 23, "smalldatetime": 16, "datetime2": 19, "datetimeoffset": 26}
    if kind.name in shown:
        fraction = kind.scale + 1 if kind.scale and kind.name in {"time", "datetime2", "datetimeoffset"} else 0
        return shown[kind.name] + fraction
    other = {"bit": 1, "uniqueidentifier": 36, "float": 53, "real": 24, "sql_variant": 8000}
    return other.get(kind.name) or numeric_precision(kind) or 0
