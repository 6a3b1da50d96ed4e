"""A stand-in for SQL Server: the real wire (TDS 7.4) for real drivers, over SQLite.

    with sqlserver.start(folder, schema="CREATE TABLE dbo.StkItem (...)") as server:
        server.execute("INSERT INTO StkItem ...")            # as the ERP does
        pyodbc.connect(server.odbc("FreeTDS"))               # as a login that may only SELECT
        server.fault("close_after_rows", rows=10, matching="StkItem")

It answers what drivers, SQLAlchemy and crossdock ask, with SQL Server's types, comparison of text, errors by number,
locks and permissions, and refuses by name whatever it does not know. Logins: `reader`, `writer`, `sa` (`logins.py`).

What differs from a real server, on purpose: a lock is on a whole table, and there is one writer at a time; NOLOCK and
READ UNCOMMITTED do not wait, but read what was committed last; an exact number is exact as stored, compared and bound,
but a calculation has 15 digits; -0.0 becomes 0.0; text cannot hold half of a surrogate pair; an error ends its batch.
"""

from crossdock.testing.sqlserver.faults import Fault
from crossdock.testing.sqlserver.logins import OWNER, READER, WRITER
from crossdock.testing.sqlserver.server import SqlServer, start

__all__ = ["OWNER", "READER", "WRITER", "Fault", "SqlServer", "start"]
