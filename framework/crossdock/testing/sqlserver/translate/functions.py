"""T-SQL's functions: the type that each gives, and what computes it. One that is not here is refused by name.

Source: Transact-SQL reference, the page of each function.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.kinds import (
    BIGINT,
    DATE,
    DATETIME,
    DATETIME2,
    FLOAT,
    GUID,
    INT,
    MAX,
    SMALLINT,
    SYSNAME,
    TINYINT,
    VARIANT,
    ZONED,
    Kind,
    decimal,
    text,
)
from crossdock.testing.sqlserver.translate.comparing import converted, infer, ordered
from crossdock.testing.sqlserver.translate.context import Typed, call, word

if TYPE_CHECKING:
    from crossdock.testing.sqlserver.translate.expressions import Expressions

Nodes = Sequence[exp.Expr]
Build = Callable[["Expressions", str, Nodes], Typed]
NUMBERING = {"ROW_NUMBER", "RANK", "DENSE_RANK"}
AGGREGATES = {"COUNT", "COUNT_BIG", "SUM", "AVG", "MIN", "MAX"}
WITHOUT_PARENTHESES = {"CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER"}
DATE_PARTS = {
    **dict.fromkeys(("year", "yy", "yyyy"), "year"),
    **dict.fromkeys(("quarter", "qq", "q"), "quarter"),
    **dict.fromkeys(("month", "mm", "m"), "month"),
    **dict.fromkeys(("dayofyear", "dy", "y"), "dayofyear"),
    **dict.fromkeys(("day", "dd", "d"), "day"),
    **dict.fromkeys(("week", "wk", "ww"), "week"),
    **dict.fromkeys(("weekday", "dw"), "weekday"),
    **dict.fromkeys(("hour", "hh"), "hour"),
    **dict.fromkeys(("minute", "mi", "n"), "minute"),
    **dict.fromkeys(("second", "ss", "s"), "second"),
    **dict.fromkeys(("millisecond", "ms"), "millisecond"),
    **dict.fromkeys(("microsecond", "mcs"), "microsecond"),
    **dict.fromkeys(("nanosecond", "ns"), "nanosecond"),
}


def build(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    """Translates a call.

    Raises:
        SqlError: 195 for a name that is no function; 174 for a wrong number of arguments.
    """
    make = _FUNCTIONS.get(name)
    if make is None:
        message = f"'{name}' is not a recognized built-in function name."
        raise errors.SqlError(195, message, 15, 10)
    try:
        return make(walk, name, nodes)
    except (IndexError, ValueError) as native:
        message = f"The {name.lower()} function does not take {len(nodes)} argument(s)."
        raise errors.SqlError(174, message, 15) from native


def _runs(kind: Kind, *wanted: Kind) -> Build:
    """Gives a function that our runtime computes, with arguments converted to the types wanted."""

    def make(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
        values = [walk.typed(node) for node in nodes]
        fitted = [
            converted(one, to) if one.type.family != to.family else one for one, to in zip(values, wanted, strict=False)
        ]
        return Typed(call(name.lower(), *(one.node for one in [*fitted, *values[len(fitted) :]])), kind)

    return make


def _like_first(*wanted: Kind) -> Build:
    """Gives a function whose result has its first argument's type."""

    def make(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
        first = walk.typed(nodes[0])
        made = _runs(first.type, first.type, *wanted)(walk, name, nodes)
        return replace(made, collation=first.collation)

    return make


def _text_like_first(*wanted: Kind) -> Build:
    def make(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
        first = walk.typed(nodes[0])
        kind = first.type if first.type.family == "text" else text(8000)
        varying = Kind(
            kind.name if kind.name.startswith(("v", "nv")) else kind.name.replace("char", "varchar"), kind.length
        )
        if name in {"REPLACE", "STUFF", "REPLICATE"}:
            varying = text(MAX if kind.length == MAX else 8000, wide=kind.wide)
        made = _runs(varying, text(MAX, wide=True), *wanted)(walk, name, nodes)
        return replace(made, collation=first.collation)

    return make


def _fact(kind: Kind) -> Build:
    """Gives a function that asks the server about itself or the session."""

    def make(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
        return Typed(call("fact", word(name), *(walk.typed(node).node for node in nodes)), kind)

    return make


def _count(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    (node,) = nodes
    if isinstance(node, exp.Star):
        inner: exp.Expr = exp.Star()
    elif isinstance(node, exp.Distinct):
        inner = exp.Distinct(expressions=[ordered(walk.typed(one)) for one in node.expressions])
    else:
        inner = walk.typed(node).node
    return Typed(
        exp.Anonymous(this="COUNT", expressions=[inner]), BIGINT if name == "COUNT_BIG" else INT, nullable=False
    )


def _aggregate(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    (node,) = nodes
    distinct = isinstance(node, exp.Distinct)
    one = walk.typed(node.expressions[0] if distinct else node)
    kind = one.type if name in {"MIN", "MAX"} else _summed(name, one.type)
    inner = ordered(one) if name in {"MIN", "MAX"} or distinct else one.node
    inner = exp.Distinct(expressions=[inner]) if distinct else inner
    plain = one.plain and name in {"MIN", "MAX"} and one.type.family != "decimal"
    return Typed(exp.Anonymous(this=name, expressions=[inner]), kind, plain, one.collation)


def _summed(name: str, kind: Kind) -> Kind:
    if kind.family in {"int", "bit"}:
        if kind.family == "bit":
            message = f"Operand data type bit is invalid for {name.lower()} operator."
            raise errors.SqlError(8117, message)
        return BIGINT if kind.name == "bigint" else INT
    if "money" in kind.name:
        return Kind("money", precision=19, scale=4)
    if kind.family == "decimal":
        return decimal(38, max(kind.scale, 6) if name == "AVG" else kind.scale)
    if kind.family == "float":
        return FLOAT
    message = f"Operand data type {kind.name} is invalid for {name.lower()} operator."
    raise errors.SqlError(8117, message)


def _numbering(_: "Expressions", name: str, nodes: Nodes) -> Typed:
    if nodes:
        raise ValueError
    return Typed(exp.Anonymous(this=name), BIGINT, nullable=False)


def _neighbour(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    values = [walk.typed(node) for node in nodes]
    return Typed(exp.Anonymous(this=name, expressions=[one.node for one in values]), values[0].kind)


def _isnull(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    first, second = (walk.typed(node) for node in nodes)
    infer(walk.context, first, [second])
    infer(walk.context, second, [first])
    kind = first.kind or second.kind
    other = converted(second, kind) if kind and second.kind and second.kind.family != kind.family else second
    node = exp.Anonymous(this="IFNULL", expressions=[first.node, other.node])
    return Typed(node, kind, collation=first.collation, nullable=first.nullable and second.nullable)


def _coalesce(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    values, kind = walk.common_of(list(nodes))
    if len(values) < 2:  # noqa: PLR2004  # there must be something to choose from
        raise ValueError
    node = exp.Anonymous(this="COALESCE", expressions=[one.node for one in values])
    return Typed(node, kind, collation=values[0].collation, nullable=all(one.nullable for one in values))


def _nullif(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    first, second = nodes
    same = walk.condition(exp.EQ(this=first.copy(), expression=second.copy()))
    one = walk.typed(first)
    return Typed(
        exp.Case(ifs=[exp.If(this=same, true=exp.Null())], default=one.node), one.kind, collation=one.collation
    )


def _iif(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    condition, yes, no = nodes
    (one, other), kind = walk.common_of([yes, no])
    return Typed(exp.Case(ifs=[exp.If(this=walk.condition(condition), true=one.node)], default=other.node), kind)


def _len(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    (node,) = nodes
    one = walk.typed(node)
    inner = one.node if one.type.family in {"text", "binary"} else converted(one, text(8000)).node
    return Typed(call("len", inner), BIGINT if one.type.length == MAX else INT)


def _datalength(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    (node,) = nodes
    one = walk.typed(node)
    return Typed(call("datalength", one.node, word(one.type.spelt)), INT)


def _concat(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    values = [walk.typed(node) for node in nodes]
    if len(values) < 2:  # noqa: PLR2004  # as documented
        raise ValueError
    wide = any(one.type.wide for one in values)
    long = any(one.type.length == MAX for one in values)
    parts = [one if one.type.family == "text" else converted(one, text(8000)) for one in values]
    return Typed(call("concat", *(one.node for one in parts)), text(MAX if long else 8000, wide=wide), nullable=False)


def _round(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    number, digits = walk.typed(nodes[0]), walk.typed(nodes[1])
    cutting = walk.typed(nodes[2]).node if len(nodes) > 2 else exp.Literal.number(0)  # noqa: PLR2004
    return Typed(call("round", number.node, digits.node, cutting, word(number.type.spelt)), number.type)


def _whole(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    (node,) = nodes
    one = walk.typed(node)
    kind = decimal(one.type.precision, 0) if one.type.name in {"decimal", "numeric"} else one.type
    return Typed(call(name.lower(), one.node, exp.Literal.number(int(kind.family == "float"))), kind)


def _part(node: exp.Expr) -> exp.Literal:
    name = node.name.lower()
    if name not in DATE_PARTS:
        message = f"'{node.name}' is not a recognized datepart option."
        raise errors.SqlError(155, message, 15)
    return word(DATE_PARTS[name])


def _moment(walk: "Expressions", node: exp.Expr) -> Typed:
    one = walk.typed(node)
    return one if one.type.family in {"moment", "date", "time", "zoned"} else converted(one, DATETIME)


def _dateadd(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    part, number, node = nodes
    moment, count = _moment(walk, node), walk.typed(number)
    return Typed(
        call("dateadd", _part(part), converted(count, INT).node, moment.node, word(moment.type.spelt)), moment.kind
    )


def _datediff(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    part, first, last = nodes
    sides = [_moment(walk, node).node for node in (first, last)]
    return Typed(call("datediff", _part(part), *sides), BIGINT if name == "DATEDIFF_BIG" else INT)


def _datepart(walk: "Expressions", _: str, nodes: Nodes) -> Typed:
    part, node = nodes
    return Typed(call("datepart", _part(part), _moment(walk, node).node), INT)


def _named_part(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    (node,) = nodes
    return Typed(call("datepart", word(name.lower()), _moment(walk, node).node), INT)


def _now(kind: Kind) -> Build:
    def make(_: "Expressions", name: str, __: Nodes) -> Typed:
        return Typed(call("now", word(kind.spelt), exp.Literal.number(int("UTC" in name))), kind, nullable=False)

    return make


def _checksum(walk: "Expressions", name: str, nodes: Nodes) -> Typed:
    values = [walk.typed(node) for node in nodes]
    if not values:
        raise ValueError
    folded = exp.Literal.number(int(name == "CHECKSUM"))
    return Typed(call("checksum", folded, *(one.node for one in values)), INT, nullable=False)


_WIDE, _BYTES = text(4000, wide=True), Kind("varbinary", 8000)
_FUNCTIONS: dict[str, Build] = {
    **dict.fromkeys(("COUNT", "COUNT_BIG"), _count),
    **dict.fromkeys(("SUM", "AVG", "MIN", "MAX"), _aggregate),
    **dict.fromkeys(NUMBERING, _numbering),
    **dict.fromkeys(("LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE"), _neighbour),
    "ISNULL": _isnull,
    "COALESCE": _coalesce,
    "NULLIF": _nullif,
    "IIF": _iif,
    "LEN": _len,
    "DATALENGTH": _datalength,
    "CONCAT": _concat,
    **dict.fromkeys(("UPPER", "LOWER", "LTRIM", "RTRIM", "TRIM", "REVERSE"), _text_like_first()),
    **dict.fromkeys(("LEFT", "RIGHT", "REPLICATE"), _text_like_first(INT)),
    "SUBSTRING": _text_like_first(INT, INT),
    "REPLACE": _text_like_first(_WIDE, _WIDE),
    "STUFF": _text_like_first(INT, INT, _WIDE),
    "CHARINDEX": _runs(INT, _WIDE, _WIDE, INT),
    "SPACE": _runs(text(8000), INT),
    "CHAR": _runs(Kind("char", 1), INT),
    "NCHAR": _runs(Kind("nchar", 1), INT),
    "ASCII": _runs(INT, text(8000)),
    "UNICODE": _runs(INT, _WIDE),
    "QUOTENAME": _runs(text(258, wide=True), _WIDE),
    "ISNUMERIC": _runs(INT),
    "ABS": _like_first(),
    "SIGN": _like_first(),
    "POWER": _like_first(FLOAT),
    "SQRT": _runs(FLOAT, FLOAT),
    "ROUND": _round,
    **dict.fromkeys(("FLOOR", "CEILING"), _whole),
    "DATEADD": _dateadd,
    **dict.fromkeys(("DATEDIFF", "DATEDIFF_BIG"), _datediff),
    "DATEPART": _datepart,
    **dict.fromkeys(("YEAR", "MONTH", "DAY"), _named_part),
    "DATEFROMPARTS": _runs(DATE, INT, INT, INT),
    **dict.fromkeys(("GETDATE", "GETUTCDATE", "CURRENT_TIMESTAMP"), _now(DATETIME)),
    **dict.fromkeys(("SYSDATETIME", "SYSUTCDATETIME"), _now(DATETIME2)),
    "SYSDATETIMEOFFSET": _now(ZONED),
    "NEWID": _runs(GUID),
    **dict.fromkeys(("CHECKSUM", "BINARY_CHECKSUM"), _checksum),
    "HASHBYTES": _runs(_BYTES, text(10)),
    **dict.fromkeys(("@@VERSION",), _fact(text(300, wide=True))),
    **dict.fromkeys(("@@SERVERNAME", "@@SERVICENAME", "@@LANGUAGE"), _fact(SYSNAME)),
    **dict.fromkeys(("@@TRANCOUNT", "@@ROWCOUNT", "@@ERROR", "@@LOCK_TIMEOUT", "@@OPTIONS", "@@NESTLEVEL"), _fact(INT)),
    "@@SPID": _fact(SMALLINT),
    "@@DATEFIRST": _fact(TINYINT),
    "@@MAX_PRECISION": _fact(TINYINT),
    "@@DBTS": _fact(Kind("varbinary", 8)),
    "MIN_ACTIVE_ROWVERSION": _fact(Kind("binary", 8)),
    "@@IDENTITY": _fact(decimal(38, 0)),
    "SCOPE_IDENTITY": _fact(decimal(38, 0)),
    "@@MICROSOFTVERSION": _fact(INT),
    **dict.fromkeys(
        ("DB_NAME", "SUSER_SNAME", "SUSER_NAME", "ORIGINAL_LOGIN", "SYSTEM_USER", "USER_NAME", "USER"), _fact(SYSNAME)
    ),
    **dict.fromkeys(
        ("CURRENT_USER", "SESSION_USER", "SCHEMA_NAME", "HOST_NAME", "APP_NAME", "OBJECT_NAME"), _fact(SYSNAME)
    ),
    **dict.fromkeys(("OBJECT_SCHEMA_NAME", "TYPE_NAME", "COL_NAME"), _fact(SYSNAME)),
    **dict.fromkeys(("SERVERPROPERTY", "DATABASEPROPERTYEX", "SESSIONPROPERTY", "CONNECTIONPROPERTY"), _fact(VARIANT)),
    **dict.fromkeys(
        ("HAS_PERMS_BY_NAME", "HAS_DBACCESS", "IS_MEMBER", "IS_ROLEMEMBER", "IS_SRVROLEMEMBER"), _fact(INT)
    ),
    **dict.fromkeys(
        ("OBJECT_ID", "SCHEMA_ID", "TYPE_ID", "OBJECTPROPERTY", "COLUMNPROPERTY", "INDEXPROPERTY"), _fact(INT)
    ),
    "DB_ID": _fact(SMALLINT),
    "COL_LENGTH": _fact(SMALLINT),
}
