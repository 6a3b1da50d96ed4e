"""Two expressions meet: which is converted, and by what order they are compared."""

from collections.abc import Sequence

from sqlglot import exp

from crossdock.testing.sqlserver.catalogue import Column
from crossdock.testing.sqlserver.kinds import PRECEDENCE, Kind
from crossdock.testing.sqlserver.translate.context import Context, Typed, call, word

_ALIKE = ({"int", "bit", "decimal", "float"}, {"moment", "date"})


def converted(one: Typed, kind: Kind) -> Typed:
    """Gives an expression in another type; the same where nothing must be done."""
    if one.kind is None or one.kind == kind:
        return Typed(one.node, kind, one.plain and one.kind is not None, one.collation, one.nullable)
    return Typed(call("convert", one.node, word(one.kind.spelt), word(kind.spelt), exp.Literal.number(0)), kind)


def matched(one: Typed, others: Sequence[Typed]) -> Typed:
    """Gives an expression in a type in which it can be compared with others."""
    kind = one.kind
    if kind is None:
        return one
    for other in others:
        if other.kind is not None and not _comparable(kind, other.kind) and _rank(other.kind) > _rank(kind):
            kind = other.kind
    if kind.family == "decimal" and one.kind is not None and one.kind.family == "text":
        kind = Kind(kind.name, precision=38, scale=kind.scale)
    return one if kind is one.kind else converted(one, kind)


def _rank(kind: Kind) -> int:
    return PRECEDENCE.index(kind.name)


def _comparable(left: Kind, right: Kind) -> bool:
    return left.family == right.family or any({left.family, right.family} <= alike for alike in _ALIKE)


def infer(context: Context, one: Typed, others: Sequence[Typed]) -> None:
    """Notes the type that a parameter of unknown type takes from its neighbour."""
    if isinstance(one.node, exp.Placeholder):
        known = next((other.kind for other in others if other.kind is not None), None)
        if known is not None:
            context.inferred.setdefault(one.node.name, known)


def ordered(one: Typed) -> exp.Expr:
    """Gives an expression so that SQLite orders it as SQL Server would."""
    if one.kind is None:
        return one.node  # type: ignore[no-any-return]
    if one.kind.family == "decimal":
        return one.node if one.plain else exp.Cast(this=one.node, to=exp.DataType.build("REAL"))
    by = Column("", one.kind, collation=one.collation or "tsql_ci").sorts_by
    return exp.Collate(this=_wrapped(one.node), expression=exp.Var(this=by)) if by else one.node


def compared(left: Typed, others: Sequence[Typed]) -> list[exp.Expr]:
    """Gives the sides of a comparison, converted and ordered, the left one first."""
    all_of = [left, *others]
    sides = [matched(one, [other for other in all_of if other is not one]) for one in all_of]
    kinds = [one.kind for one in sides if one.kind is not None]
    if any(kind.family == "decimal" for kind in kinds):
        return _numbers(sides)
    collation = next((one.collation for one in sides if one.collation), None)
    first = sides[0] if sides[0].kind is not None else Typed(sides[0].node, kinds[0] if kinds else None)
    return [ordered(Typed(first.node, first.kind, first.plain, collation)), *(_wrapped(one.node) for one in sides[1:])]


def _numbers(sides: Sequence[Typed]) -> list[exp.Expr]:
    """Compares exact numbers as text where one of them is a column as stored, else as floats."""
    if any(one.plain and one.type.family == "decimal" for one in sides) and all(
        one.plain or isinstance(one.node, exp.Placeholder | exp.Literal | exp.Null) for one in sides
    ):
        return [_wrapped(one.node) for one in sides]
    return [_as_float(one) for one in sides]


def _as_float(one: Typed) -> exp.Expr:
    exact = one.type.family == "decimal"
    return exp.Cast(this=one.node, to=exp.DataType.build("REAL")) if exact else _wrapped(one.node)


def _wrapped(node: exp.Expr) -> exp.Expr:
    bare = isinstance(
        node, exp.Column | exp.Literal | exp.Placeholder | exp.Null | exp.Anonymous | exp.Cast | exp.Paren
    )
    return node if bare or isinstance(node, exp.Query | exp.Subquery) else exp.Paren(this=node)
