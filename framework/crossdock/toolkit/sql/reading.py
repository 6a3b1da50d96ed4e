"""How the rows of one stream are read: page by page where that can be, in one stream where it cannot."""

from collections.abc import Iterator

from crossdock.contract import ConfigError, Read, Rows
from crossdock.fieldmap import Table
from crossdock.toolkit.sql.engines.troubles import ORDER_IN_QUERY, WRONG_QUERY
from crossdock.toolkit.sql.paging import read_pages
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import columns_of
from crossdock.toolkit.sql.streaming import read_stream


def pages_of(session: SqlSession, read: Read) -> Iterator[Rows]:
    """Reads the rows of one map, lazily.

    Raises:
        ConfigError: a table, column or key is not as the map says.
        TransientError: worth trying again from the last page's cursor.
    """
    source = read.fields.source
    if isinstance(source, Table) and is_streamed(session, source):
        return read_stream(session, read)
    return read_pages(session, read)


def is_streamed(session: SqlSession, source: Table) -> bool:
    """Whether rows come in one stream: a procedure's, and those of a query that cannot stand within another.

    SQL Server takes no ORDER BY there, and of a database that is known by the standard alone nothing is certain. What
    is wrong with the query as it stands is an error still: it comes when the stream begins.
    """
    if source.procedure or not source.query:
        return bool(source.procedure)
    try:
        columns_of(session, source)
    except ConfigError as error:
        if error.trouble == ORDER_IN_QUERY.code:
            return True
        if error.trouble == WRONG_QUERY.code and not session.dialect.grammar:
            return True
        raise
    return False
