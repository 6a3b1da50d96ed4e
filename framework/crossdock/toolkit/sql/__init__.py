"""SQL sources: `SqlSource` is a whole plugin, the rest of this package is how it reads.

Importing this loads neither SQLAlchemy nor sqlglot nor a driver; opening a session does.
"""

from crossdock.toolkit.sql.source import SqlSource

__all__ = ["SqlSource"]
