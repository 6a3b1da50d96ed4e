"""The one place where errors of SQLAlchemy and of drivers become ours."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from crossdock.contract import CrossdockError
from crossdock.toolkit.redact import redact
from crossdock.toolkit.sql.engines import Dialect, Driver
from crossdock.toolkit.sql.engines.troubles import (
    DRIVER_MISSING,
    PASSING,
    WRONG_DATA,
    WRONG_QUERY,
    WRONG_SETTING,
    Trouble,
)

BY_CLASS = {"ProgrammingError": WRONG_QUERY, "DataError": WRONG_DATA, "NotSupportedError": WRONG_QUERY}
"""By DB-API class, where neither database nor standard say more; all others may pass with time."""
DRIVER_MANAGER = "install the ODBC driver manager: unixODBC (apt install unixodbc, brew install unixodbc)"
ADDRESS_HINT = "write it as dialect+driver://user@host/database, such as postgresql+psycopg://reader@erp/company"


@contextmanager
def translated(
    doing: str,
    dialect: Dialect,
    driver: Driver,
    secrets: Iterable[str | None],
    driver_error: type[Exception] = DBAPIError,
) -> Iterator[SimpleNamespace]:
    """Turns what goes wrong inside into our errors, without a secret in their texts.

    Args:
        doing: what failed, as the message's beginning.
        dialect: knows what its database's errors mean.
        driver: takes its errors apart; what it is may be found out inside, as `driver` of what this yields.
        secrets: what must not be seen.
        driver_error: the driver's own root class, for calls that do not go through SQLAlchemy.

    Raises:
        TransientError: connection lost, time-out, lock, server gone.
        AuthError: the login or its rights.
        ConfigError: an unknown table or column, a query that fails, a missing driver, an address that is wrong.
    """
    found = SimpleNamespace(driver=driver)
    try:
        yield found
    except (CrossdockError, AssertionError):
        raise
    except ImportError as error:
        raise _missing(doing, error, dialect, secrets) from error
    except Exception as error:
        native = getattr(error, "orig", None) or error
        if isinstance(error, DBAPIError | driver_error) or _is_driver_error(native):
            trouble = dialect.meaning(found.driver.fault(native)) or _by_class(native)
            raise _error(trouble, doing, str(native), dialect.cure(trouble), secrets) from error
        if isinstance(error, UnicodeDecodeError):
            raise _error(WRONG_DATA, doing, str(error), WRONG_DATA.cure, secrets) from error
        if not isinstance(error, SQLAlchemyError | OSError):
            raise
        hint = ADDRESS_HINT if isinstance(error, NoSuchModuleError) else WRONG_SETTING.cure
        raise _error(WRONG_SETTING, doing, str(error), hint, secrets) from error


def _missing(doing: str, error: ImportError, dialect: Dialect, secrets: Iterable[str | None]) -> CrossdockError:
    """Says what to install: the driver's package, or beneath pyodbc the system's driver manager."""
    if "odbc" in str(error).lower() and error.name != "pyodbc":
        return _error(DRIVER_MISSING, doing, f"the driver is missing ({error})", DRIVER_MANAGER, secrets)
    install = dialect.install or f"install the Python package {error.name!r} beside crossdock"
    return _error(DRIVER_MISSING, doing, f"the driver is missing ({error.name})", install, secrets)


def _is_driver_error(native: BaseException) -> bool:
    """Whether an error is pyodbc's own: opened without SQLAlchemy, it comes bare."""
    return type(native).__module__ == "pyodbc"


def _by_class(native: BaseException) -> Trouble:
    return next((BY_CLASS[one.__name__] for one in type(native).__mro__ if one.__name__ in BY_CLASS), PASSING)


def _error(trouble: Trouble, doing: str, said: str, cure: str, secrets: Iterable[str | None]) -> CrossdockError:
    error = trouble.kind(redact(f"{doing}: {' '.join(said.split())}; {cure}", secrets))
    error.trouble = trouble.code
    return error
