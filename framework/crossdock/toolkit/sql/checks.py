"""What `crossdock connections check` finds out about a SQL source; it looks and leaves nothing behind."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Integer, func, literal_column, select

from crossdock.contract import ConnectionSetupError, Finding
from crossdock.fieldmap import FieldMap, Table
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import clause, shape_of

COUNT_TO = 100_000
"""Rows counted at most; a check shall not scan a large table."""


def find_all(session: SqlSession, maps: Sequence[FieldMap]) -> list[Finding]:
    """Looks at everything; a thing that is wrong is a finding, not an error.

    Args:
        session: an open session: that it opened is the first finding.
        maps: the plugin's declared maps. Those that an operator wrote are proved by reading with them.

    Raises:
        TransientError: the database went away meanwhile.
    """
    title = session.dialect.title
    return [
        Finding("reachable", "ok", f"{title} answers and accepts the login"),
        _read_only(session),
        _login_can_write(session),
        *(finding for one in maps for finding in _stream(session, one)),
    ]


def _read_only(session: SqlSession) -> Finding:
    with session.transaction("the session could not be asked") as connection:
        answer = session.dialect.is_read_only(connection)
    if answer:
        return Finding("read_only_session", "ok", "the session refuses writes")
    text = "the session is not read-only: only the statement guard and the login's rights protect the data"
    return Finding("read_only_session", "warning", text)


def _login_can_write(session: SqlSession) -> Finding:
    with session.transaction("the login's rights could not be read") as connection:
        what = session.dialect.can_write(connection)
    if what == "":
        return Finding("login_can_write", "ok", "the login has no right to write")
    if what is None:
        text = "whether the login could write cannot be found out here: make sure it has SELECT only"
        return Finding("login_can_write", "warning", text)
    return Finding("login_can_write", "warning", f"the login could write: {what}. Use a login that has SELECT only")


def _stream(session: SqlSession, fields: FieldMap) -> Iterator[Finding]:
    try:
        shape = shape_of(session, fields)
        assert isinstance(fields.source, Table)  # noqa: S101  # shape_of refuses any other
        some = select(literal_column("1", Integer)).select_from(clause(session, fields.source)).limit(COUNT_TO + 1)
        ((count,),) = session.fetch(select(func.count()).select_from(some.subquery("some")))
    except ConnectionSetupError as error:
        yield Finding("columns", "warning", f"{fields.stream}, as the plugin declares it: {error}")
        return
    yield Finding("columns", "ok", f"{fields.stream}: {shape.name} has all {len(shape.columns)} columns")
    shown = f"more than {COUNT_TO:,}" if count > COUNT_TO else f"{count:,}"
    yield Finding("row_count", "ok" if count else "warning", f"{fields.stream}: {shown} rows in {shape.name}")
