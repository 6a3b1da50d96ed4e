"""From T-SQL to what SQLite runs, with the type of every column of the answer.

`queries.py` walks SELECTs, `expressions.py` what is inside of them, `functions.py` what a function gives;
`runtime.py` is what those functions do when rows pass.
"""

from crossdock.testing.sqlserver.translate.context import Answer, Context
from crossdock.testing.sqlserver.translate.queries import translate_query

__all__ = ["Answer", "Context", "translate_query"]
