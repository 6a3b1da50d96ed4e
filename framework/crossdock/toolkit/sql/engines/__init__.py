"""All that differs from one database, or one of its drivers, to the next; no other file asks which it talks to.

`dialect.py` is what a database can be asked for, one file a database says it in its own words. `driver.py` is what
a driver does in its own way: how it cancels, keeps time, reports errors, and binds values.
`troubles.py` are the things that go wrong, each with its cure. A new database is one more `Dialect` here.
"""

from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.driver import Driver
from crossdock.toolkit.sql.engines.known import dialect_named, dialect_of, driver_of, install_of

__all__ = ["Dialect", "Driver", "dialect_named", "dialect_of", "driver_of", "install_of"]
