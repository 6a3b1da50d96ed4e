"""What is inside of a query: literals, operators, conditions, casts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.collation import collation_of
from crossdock.testing.sqlserver.kinds import (
    BOUNDS,
    FLOAT,
    INT,
    MAX,
    ZONED,
    Kind,
    as_decimal,
    common,
    decimal,
    named,
    text,
)
from crossdock.testing.sqlserver.translate import functions
from crossdock.testing.sqlserver.translate.comparing import compared, converted, infer
from crossdock.testing.sqlserver.translate.context import Context, Scope, Typed, call, quoted, word

CAST_LENGTH = 30
"""Characters of a `varchar` without length in CAST (Transact-SQL reference, "char and varchar")."""
_SURE_DIGITS = 15
"""Digits that SQLite's floats keep; a number with more stays text."""
Walk = Callable[["Expressions", Any], Typed]


class Expressions:
    """Translates expressions within one scope."""

    def __init__(self, context: Context, scope: Scope, query: Callable[..., Any]) -> None:
        """Takes what translates a query inside of an expression."""
        self.context, self.scope, self.query = context, scope, query

    def typed(self, node: exp.Expr) -> Typed:
        """Translates an expression that has a value.

        Raises:
            SqlError: it means nothing here.
        """
        walk = _VALUES.get(type(node))
        if walk is None:
            if type(node) in _CONDITIONS:
                raise errors.syntax(node.sql("tsql")[:20])
            what = f"the expression {node.sql('tsql')[:200]}"
            raise errors.StandInLimitError(what)
        return walk(self, node)

    def condition(self, node: exp.Expr) -> exp.Expr:
        """Translates an expression that holds or does not.

        Raises:
            SqlError: 4145, it has a value instead.
        """
        walk = _CONDITIONS.get(type(node))
        if walk is None:
            if type(node) in _VALUES:
                raise errors.no_condition(node.sql("tsql")[:30])
            what = f"the condition {node.sql('tsql')[:200]}"
            raise errors.StandInLimitError(what)
        return walk(self, node)

    def column(self, node: exp.Column) -> Typed:
        """Translates a column."""
        name, qualifier = node.name, node.table
        if not qualifier and not node.this.args.get("quoted") and name.upper() in functions.WITHOUT_PARENTHESES:
            return functions.build(self, name.upper(), [])
        if (not qualifier or self.scope.of_union) and name.lower() in self.scope.aliases:
            return self.scope.aliases[name.lower()]
        source, column = self.scope.find(name, qualifier)
        node = exp.Column(this=quoted(column.name), table=quoted(source.alias))
        collation = column.collation if column.kind.family == "text" else None
        return Typed(node, column.kind, column.plain, collation, column.nullable, column.identity)

    def arithmetic(self, node: exp.Binary) -> Typed:
        """Translates +, -, *, / and %."""
        left, right = self.typed(node.left), self.typed(node.right)
        infer(self.context, left, [right])
        infer(self.context, right, [left])
        kind = common([one.kind for one in (left, right) if one.kind is not None] or [INT])
        if kind.family in {"text", "binary"}:
            return self._joined(node, left, right, kind)
        if kind.family == "moment":
            return self._moved(node, left, right, kind)
        if kind.family not in {"int", "bit", "decimal", "float"}:
            message = f"Operand data type {kind.name} is invalid for {node.key} operator."
            raise errors.SqlError(8117, message)
        left, right = (converted(one, kind) if one.type.family == "text" else one for one in (left, right))
        result = _result(node, left.type, right.type, kind)
        whole = exp.Literal.number(int(result.family == "int"))
        if isinstance(node, exp.Div | exp.Mod):
            return Typed(call(node.key, left.node, right.node, whole), result)
        return Typed(exp.Paren(this=type(node)(this=left.node, expression=right.node)), result)

    def _joined(self, node: exp.Binary, left: Typed, right: Typed, kind: Kind) -> Typed:
        if not isinstance(node, exp.Add):
            message = f"Operand data type {kind.name} is invalid for {node.key} operator."
            raise errors.SqlError(8117, message)
        lengths = [one.type.length for one in (left, right)]
        kind = text(MAX if MAX in lengths else sum(lengths), wide=kind.wide) if kind.family == "text" else kind
        joined = exp.DPipe(this=left.node, expression=right.node) if kind.family == "text" else None
        return Typed(exp.Paren(this=joined) if joined else call("join", left.node, right.node), kind)

    def _moved(self, node: exp.Binary, left: Typed, right: Typed, kind: Kind) -> Typed:
        days = right.node if isinstance(node, exp.Add) else exp.Neg(this=right.node)
        if left.type.family != "moment" or right.type.family not in {"int", "decimal", "float"}:
            what = f"arithmetic of dates such as {node.sql('tsql')[:100]}"
            raise errors.StandInLimitError(what)
        return Typed(call("add_days", left.node, days, word(kind.spelt)), kind)

    def common_of(self, nodes: list[exp.Expr]) -> tuple[list[Typed], Kind | None]:
        """Translates values that end in one column, each in their common type."""
        all_of = [self.typed(node) for node in nodes]
        kinds = [one.kind for one in all_of if one.kind is not None]
        if not kinds:
            return all_of, None
        kind = common(kinds)
        return [one if _fits(one, kind) else converted(one, kind) for one in all_of], kind


def _fits(one: Typed, kind: Kind) -> bool:
    numbers = {"int", "bit", "decimal", "float"}
    return one.kind is None or one.kind.family == kind.family or {one.kind.family, kind.family} <= numbers


def _result(node: exp.Binary, left: Kind, right: Kind, kind: Kind) -> Kind:
    """Gives the type of a calculation (Transact-SQL reference, "Precision, scale, and length")."""
    if kind.family != "decimal":
        return INT if kind.name in {"bit", "tinyint", "smallint"} else kind
    if "money" in kind.name:
        return Kind("money", precision=19, scale=4)
    one, other = as_decimal(left), as_decimal(right)
    if isinstance(node, exp.Mul):
        return decimal(one.precision + other.precision + 1, one.scale + other.scale)
    if isinstance(node, exp.Div):
        scale = max(6, one.scale + other.precision + 1)
        return decimal(one.precision - one.scale + other.scale + scale, scale)
    scale = max(one.scale, other.scale)
    return decimal(max(one.precision - one.scale, other.precision - other.scale) + scale + 1, scale)


def _literal(_: Expressions, node: exp.Literal) -> Typed:
    if node.is_string:
        return Typed(exp.Literal.string(node.this), text(len(node.this)), nullable=False)
    written = node.this
    if "e" in written.lower():
        return Typed(exp.Literal.number(written), FLOAT, nullable=False)
    number = Decimal(written)
    low, high = BOUNDS["int"]
    if number == number.to_integral_value() and "." not in written and low <= number <= high:
        return Typed(exp.Literal.number(written), INT, nullable=False)
    digits = len(number.as_tuple().digits)
    scale = max(-int(number.as_tuple().exponent), 0)
    exact = exp.Literal.number if digits <= _SURE_DIGITS else exp.Literal.string
    return Typed(exact(written), decimal(max(digits, scale), scale), nullable=False)


def _national(_: Expressions, node: exp.National) -> Typed:
    return Typed(exp.Literal.string(node.name), text(len(node.name), wide=True), nullable=False)


def _hex(_: Expressions, node: exp.HexString) -> Typed:
    digits = node.name if len(node.name) % 2 == 0 else f"0{node.name}"
    return Typed(exp.HexString(this=digits), Kind("varbinary", max(len(digits) // 2, 1)), nullable=False)


def _parameter(walk: Expressions, node: exp.Parameter) -> Typed:
    if isinstance(node.this, exp.Parameter):
        return functions.build(walk, f"@@{node.this.name.upper()}", [])
    return walk.context.parameter(node.name)


def _negated(walk: Expressions, node: exp.Neg) -> Typed:
    one = walk.typed(node.this)
    return Typed(exp.Neg(this=one.node), one.kind, nullable=one.nullable)


def _parenthesised(walk: Expressions, node: exp.Paren) -> Typed:
    one = walk.typed(node.this)
    return Typed(exp.Paren(this=one.node), one.kind, one.plain, one.collation, one.nullable)


def _bits(walk: Expressions, node: exp.Binary) -> Typed:
    left, right = walk.typed(node.left), walk.typed(node.right)
    kind = common([left.type, right.type])
    if kind.family not in {"int", "bit"}:
        message = f"The data types {left.type.name} and {right.type.name} are incompatible in the operator."
        raise errors.SqlError(402, message)
    if isinstance(node, exp.BitwiseXor):
        return Typed(call("xor", left.node, right.node), kind)
    return Typed(exp.Paren(this=type(node)(this=left.node, expression=right.node)), kind)


def _case(walk: Expressions, node: exp.Case) -> Typed:
    branches = [one.args["true"] for one in node.args["ifs"]]
    default = node.args.get("default")
    values, kind = walk.common_of([*branches, *([default] if default is not None else [])])
    tests = [_test(walk, node.this, one.this) for one in node.args["ifs"]]
    ifs = [exp.If(this=test, true=value.node) for test, value in zip(tests, values, strict=False)]
    last = values[-1].node if default is not None else None
    return Typed(exp.Paren(this=exp.Case(ifs=ifs, default=last)), kind)


def _test(walk: Expressions, subject: exp.Expr | None, when: exp.Expr) -> exp.Expr:
    return walk.condition(when if subject is None else exp.EQ(this=subject.copy(), expression=when.copy()))


def _cast(walk: Expressions, node: exp.Cast) -> Typed:
    return cast(walk, node.this, node.args["to"], trying=isinstance(node, exp.TryCast))


def _convert(walk: Expressions, node: exp.Convert) -> Typed:
    style = node.args.get("style")
    return cast(walk, node.expression, node.this, style, trying=bool(node.args.get("safe")))


def cast(
    walk: Expressions, value: exp.Expr, wanted: exp.DataType, style: exp.Expr | None = None, *, trying: bool
) -> Typed:
    """Translates CAST, CONVERT and their TRY forms."""
    kind, one = kind_of_node(wanted, CAST_LENGTH), walk.typed(value)
    shape = walk.typed(style).node if style is not None else exp.Literal.number(0)
    function = "try_convert" if trying else "convert"
    node = call(function, one.node, word(one.type.spelt), word(kind.spelt), shape)
    return Typed(node, kind, collation=one.collation, nullable=trying or one.nullable)


def kind_of_node(node: exp.DataType, length: int = 1) -> Kind:
    """Gives the type that a declaration names.

    Args:
        node: the declaration.
        length: of text and binary that is declared without.

    Raises:
        SqlError: 243, no such type.
    """
    spelt = str(node.args.get("kind") or "") or str(getattr(node.this, "value", node.this))
    arguments = [MAX if one.name.upper() == "MAX" else int(one.name) for one in node.expressions]
    try:
        kind = named(spelt.lower(), *arguments)
    except KeyError as native:
        message = f"Type {spelt.lower()} is not a defined system type."
        raise errors.SqlError(243, message) from native
    sized = kind.name in {"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"} and not arguments
    return Kind(kind.name, length) if sized and kind.length == 1 else kind


def _collate(walk: Expressions, node: exp.Collate) -> Typed:
    one = walk.typed(node.this)
    return Typed(one.node, one.kind, one.plain, collation_of(node.expression.name), one.nullable)


def _subquery(walk: Expressions, node: exp.Subquery | exp.Query) -> Typed:
    inner, columns = walk.query(walk.context, node, walk.scope)
    if len(columns) != 1:
        message = (
            "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS."
        )
        raise errors.SqlError(116, message)
    return Typed(exp.Paren(this=inner), columns[0][1].kind, collation=columns[0][1].collation)


def _anonymous(walk: Expressions, node: exp.Anonymous) -> Typed:
    return functions.build(walk, str(node.this).upper(), node.expressions)


def _dotted(walk: Expressions, node: exp.Dot) -> Typed:
    if isinstance(node.expression, exp.Anonymous) and node.this.name.lower() == "sys":
        return _anonymous(walk, node.expression)
    written = node.sql("tsql")[:100]
    said = f'Cannot find either column "{node.this.name}" or the user-defined function or aggregate "{written}"'
    raise errors.SqlError(4121, f"{said}, or the name is ambiguous.")


def _window(walk: Expressions, node: exp.Window) -> Typed:
    one = walk.typed(node.this)
    parts = [walk.typed(part) for part in node.args.get("partition_by") or ()]
    order = node.args.get("order")
    if order is None and isinstance(node.this, exp.Anonymous) and str(node.this.this).upper() in functions.NUMBERING:
        message = f"The function '{node.this.this}' must have an OVER clause with ORDER BY."
        raise errors.SqlError(4112, message)
    order = exp.Order(expressions=[walk_order(walk, by) for by in order.expressions]) if order else None
    spec = node.args.get("spec")
    return Typed(
        exp.Window(
            this=one.node, partition_by=[ordered_of(part) for part in parts], order=order, spec=spec, over="OVER"
        ),
        one.kind,
    )


def ordered_of(one: Typed) -> exp.Expr:
    """Gives an expression as it is sorted by."""
    from crossdock.testing.sqlserver.translate.comparing import ordered  # noqa: PLC0415

    return ordered(one)


def walk_order(walk: Expressions, node: exp.Ordered) -> exp.Ordered:
    """Translates one term of an ORDER BY; NULL comes first, as in SQLite."""
    return exp.Ordered(
        this=ordered_of(walk.typed(node.this)), desc=bool(node.args.get("desc")), nulls_first=not node.args.get("desc")
    )


def _string_agg(walk: Expressions, node: exp.GroupConcat) -> Typed:
    inner = node.this
    order = inner if isinstance(inner, exp.Order) else None
    one = walk.typed(order.this if order else inner)
    between = walk.typed(node.args["separator"])
    if order is not None:
        what = "STRING_AGG with WITHIN GROUP"
        raise errors.StandInLimitError(what)
    return Typed(
        exp.Anonymous(this="group_concat", expressions=[one.node, between.node]),
        text(MAX if one.type.length == MAX else 8000),
    )


def _zone(walk: Expressions, node: exp.AtTimeZone) -> Typed:
    one, zone = walk.typed(node.this), node.args["zone"]
    if zone.name.upper() != "UTC":
        what = f"the time zone {zone.name}"
        raise errors.StandInLimitError(what)
    return converted(one, ZONED)


def _null(*_: Any) -> Typed:
    return Typed(exp.Null(), None)


def _moment_escape(walk: Expressions, node: exp.Expr) -> Typed:
    """Translates ODBC's {ts '...'} and {d '...'}."""
    return converted(walk.typed(node.this), Kind("datetime", scale=3))


_VALUES: dict[type, Walk] = {
    exp.Column: Expressions.column,
    exp.Literal: _literal,
    exp.National: _national,
    exp.HexString: _hex,
    exp.Null: _null,
    exp.Parameter: _parameter,
    exp.Neg: _negated,
    exp.Paren: _parenthesised,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Convert: _convert,
    exp.Collate: _collate,
    exp.Subquery: _subquery,
    exp.Select: _subquery,
    exp.Anonymous: _anonymous,
    exp.Dot: _dotted,
    exp.Window: _window,
    exp.GroupConcat: _string_agg,
    exp.AtTimeZone: _zone,
    exp.Timestamp: _moment_escape,
    exp.Date: _moment_escape,
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), Expressions.arithmetic),
    **dict.fromkeys((exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor), _bits),
}


def _comparison(walk: Expressions, node: exp.Binary) -> exp.Expr:
    left, right = walk.typed(node.left), walk.typed(node.right)
    infer(walk.context, left, [right])
    infer(walk.context, right, [left])
    one, other = compared(left, [right])
    return type(node)(this=one, expression=other)


def _connected(walk: Expressions, node: exp.Connector) -> exp.Expr:
    return type(node)(this=walk.condition(node.left), expression=walk.condition(node.right))


def _not(walk: Expressions, node: exp.Not) -> exp.Expr:
    return exp.Not(this=walk.condition(node.this))


def _grouped(walk: Expressions, node: exp.Paren) -> exp.Expr:
    return exp.Paren(this=walk.condition(node.this))


def _is(walk: Expressions, node: exp.Is) -> exp.Expr:
    if not isinstance(node.expression, exp.Null):
        raise errors.syntax(node.expression.sql("tsql")[:20])
    return exp.Is(this=walk.typed(node.this).node, expression=exp.Null())


def _in(walk: Expressions, node: exp.In) -> exp.Expr:
    one, query = walk.typed(node.this), node.args.get("query")
    if query is not None:
        inner = _subquery(walk, query)
        left, _ = compared(one, [Typed(inner.node, inner.kind, plain=True, collation=inner.collation)])
        return exp.In(this=left, query=exp.Subquery(this=inner.node.this))
    others = [walk.typed(other) for other in node.expressions]
    for other in others:
        infer(walk.context, other, [one])
    left, *rest = compared(one, others)
    return exp.In(this=left, expressions=rest)


def _between(walk: Expressions, node: exp.Between) -> exp.Expr:
    one, low, high = (walk.typed(node.args[name]) for name in ("this", "low", "high"))
    for other in (low, high):
        infer(walk.context, other, [one])
    left, first, last = compared(one, [low, high])
    return exp.Between(this=left, low=first, high=last)


def _like(walk: Expressions, node: exp.Like, escape: Typed | None = None) -> exp.Expr:
    value, pattern = walk.typed(node.this), walk.typed(node.expression)
    infer(walk.context, pattern, [value])
    wanted = text(MAX, wide=True)
    sides = [one.node if one.type.family == "text" else converted(one, wanted).node for one in (value, pattern)]
    how = exp.Literal.number(int((value.collation or "tsql_ci") == "tsql_ci"))
    return exp.EQ(
        this=call("like", *sides, escape.node if escape else exp.Null(), how), expression=exp.Literal.number(1)
    )


def _escape(walk: Expressions, node: exp.Escape) -> exp.Expr:
    return _like(walk, node.this, walk.typed(node.expression))


def _exists(walk: Expressions, node: exp.Exists) -> exp.Expr:
    inner, _ = walk.query(walk.context, node.this, walk.scope)
    return exp.Exists(this=inner)


_CONDITIONS: dict[type, Callable[[Expressions, Any], exp.Expr]] = {
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _comparison),
    **dict.fromkeys((exp.And, exp.Or), _connected),
    exp.Not: _not,
    exp.Paren: _grouped,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.Escape: _escape,
    exp.Exists: _exists,
}
