"""What `crossdock connections check` finds out about a SQL source; it looks and leaves nothing behind."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import Integer, delete, false, func, literal_column, select

from crossdock.contract import AuthError, ConfigError, ConnectionSetupError, Finding, Read
from crossdock.fieldmap import FieldMap, Table
from crossdock.toolkit.sql.reading import is_streamed, pages_of
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import clause, describe, shape_of

COUNT_TO = 1_000_000
"""Rows counted at most; a check shall not scan a huge table."""
PAGE = 1000
"""Rows read to see how long a first sync would take."""
OWN_S = 25e-6
"""Seconds a row that a first sync takes beside the database (docs/explanation/performance.md)."""
MINUTE_S = 60


def find_all(session: SqlSession, maps: Sequence[FieldMap]) -> list[Finding]:
    """Looks at everything; a thing that is wrong is a finding, not an error.

    Args:
        session: an open session: that it opened is the first finding.
        maps: the effective maps; a stream without one is not looked at.

    Raises:
        TransientError: the database went away meanwhile.
    """
    title = session.dialect.title
    return [
        Finding("reachable", "ok", f"{title} answers and accepts the login"),
        _read_only(session),
        *_rights(session, maps),
        *_facts(session),
        _time_outs(session),
        *(finding for one in maps for finding in _stream(session, one)),
    ]


def _read_only(session: SqlSession) -> Finding:
    with session.transaction("the session could not be asked") as connection:
        answer = session.dialect.is_read_only(connection)
    if answer:
        return Finding("read_only_session", "ok", "the session refuses writes")
    why = f"{session.dialect.title} has no read-only session"
    if answer is not None:
        why = "the session was told to refuse writes, and does not (a pooler between?)"
    text = f"{why}: every page is rolled back, and the statement guard and the login's rights protect the data"
    return Finding("read_only_session", "warning", text)


def _rights(session: SqlSession, maps: Sequence[FieldMap]) -> Iterator[Finding]:
    """Asks the catalogue what the login may write; where that says nothing, it is tried, on no row."""
    with session.transaction("the login's rights could not be read") as connection:
        what = session.dialect.can_write(connection)
    if what:
        cure = session.dialect.cures.get("login_can_write", "")
        text = f"the login could write: {what}. Use a login that has SELECT only{cure and f'; {cure}'}"
        yield Finding("login_can_write", "warning", text)
        return
    tables = [one.source for one in maps if isinstance(one.source, Table) and one.source.name]
    tried = _tried_to_write(session, tables[0]) if tables else None
    if what == "":
        yield Finding("login_can_write", "ok", "the login has no right to write")
    if tried is not None:
        yield tried
    elif what is None:
        text = "whether the login could write cannot be found out here: make sure it has SELECT only"
        yield Finding("login_can_write", "warning", text)


def _tried_to_write(session: SqlSession, table: Table) -> Finding | None:
    """Deletes no row, in a transaction that is rolled back; None where the answer says nothing of rights."""
    try:
        with session.transaction("a DELETE of no row was refused") as connection:
            connection.execute(delete(clause(session, table)).where(false()))  # type: ignore[arg-type]  # a table here
    except AuthError:
        return Finding("write_tried", "ok", f"a DELETE of no row of {describe(table)} was refused for want of rights")
    except ConfigError as error:
        if error.trouble == "read_only":
            return Finding("write_tried", "ok", f"a DELETE of no row of {describe(table)} was refused by the session")
        return None
    text = f"a DELETE of no row of {describe(table)} was let through: the login can write. Use one that has SELECT only"
    return Finding("login_can_write", "warning", text)


def _facts(session: SqlSession) -> Iterator[Finding]:
    try:
        with session.transaction("the database did not say how it is set up") as connection:
            yield from list(session.dialect.facts(connection))
    except ConnectionSetupError as error:
        yield Finding("isolation", "warning", str(error))


def _time_outs(session: SqlSession) -> Finding:
    page, connect = session.settings["statement_timeout_s"], session.settings["connect_timeout_s"]
    keeper = "the server or its driver" if session.keeps_time else "a timer that cancels it"
    return Finding("time_outs", "ok", f"a page may take {page:g} s, kept by {keeper}; a connection {connect:g} s")


def _stream(session: SqlSession, fields: FieldMap) -> Iterator[Finding]:
    if not isinstance(fields.source, Table):
        return
    try:
        name, count = describe(fields.source), None
        if not is_streamed(session, fields.source):
            shape = shape_of(session, fields)
            yield Finding("columns", "ok", f"{fields.stream}: {shape.name} has all {len(shape.columns)} columns")
            count = _counted(session, fields.source)
            shown = f"more than {COUNT_TO:,}" if count > COUNT_TO else f"{count:,}"
            yield Finding("row_count", "ok" if count else "warning", f"{fields.stream}: {shown} rows in {name}")
        yield from _first_page(session, fields, count)
    except ConnectionSetupError as error:
        yield Finding("columns", "warning", f"{fields.stream}: {error}")


def _counted(session: SqlSession, source: Table) -> int:
    some = select(literal_column("1", Integer).label("one")).select_from(clause(session, source)).limit(COUNT_TO + 1)
    ((count,),) = session.fetch(select(func.count()).select_from(some.subquery("some")))
    return int(count)


def _first_page(session: SqlSession, fields: FieldMap, count: int | None) -> Iterator[Finding]:
    """Reads one page, to say how it is read and how long all of them would take."""
    assert isinstance(fields.source, Table)  # noqa: S101  # the caller asked
    began = time.perf_counter()
    read = sum(len(page.rows) for page in islice(pages_of(session, Read(fields=fields, page_size=PAGE, limit=PAGE)), 1))
    took = time.perf_counter() - began
    if fields.source.procedure:
        text = (
            "it skips the statement guard: only the read-only session or the roll-back keeps it from writing, and a "
            "COMMIT of its own may get past both"
        )
        yield Finding("procedure", "warning", f"{fields.stream}: {describe(fields.source)} is called; {text}")
    if count is None:
        text = "its rows come in one stream: one transaction until the last, from the first row again if it breaks off"
        yield Finding("streamed", "warning", f"{fields.stream}: {describe(fields.source)} cannot be paged; {text}")
    if read and count:
        whole = count * (took / read + OWN_S)
        shown = f"{whole / MINUTE_S:.0f} minutes" if whole > 2 * MINUTE_S else f"{max(1, whole):.0f} s"
        pages = -(-count // PAGE)
        text = f"{fields.stream}: a first sync would read {pages:,} pages of {PAGE:,} rows, in about {shown}"
        yield Finding("first_sync", "ok", text)
