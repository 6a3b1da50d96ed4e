"""The one place where errors of SQLAlchemy and of drivers become ours."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from crossdock.contract import AuthError, ConfigError, CrossdockError, TransientError
from crossdock.toolkit.redact import redact
from crossdock.toolkit.sql.dialects import Dialect

BY_CLASS: dict[str, type[CrossdockError]] = {
    "ProgrammingError": ConfigError,
    "DataError": ConfigError,
    "NotSupportedError": ConfigError,
}
"""By DB-API class, where the dialect knows no better; all others may pass with time."""
NEXT: dict[type[CrossdockError], str] = {
    TransientError: "it will be tried again",
    ConfigError: "correct the connection's settings or its field map",
    AuthError: "correct the login or its rights; reading needs SELECT only",
}

ADDRESS_HINT = "write it as dialect+driver://user@host/database, such as postgresql+psycopg://reader@erp/company"


@contextmanager
def translated(
    doing: str, dialect: Dialect, secrets: Iterable[str | None], driver_error: type[Exception] = DBAPIError
) -> Iterator[None]:
    """Turns what goes wrong inside into our errors, without a secret in their texts.

    Args:
        doing: what failed, as the message's beginning.
        dialect: knows what its driver's errors mean.
        secrets: what must not be seen.
        driver_error: the driver's own root class, for calls that do not go through SQLAlchemy.

    Raises:
        TransientError: connection lost, time-out, lock, server gone.
        AuthError: the login or its rights.
        ConfigError: an unknown table or column, a query that fails, a missing driver, an address that is wrong.
    """
    try:
        yield
    except (DBAPIError, driver_error) as error:
        native = getattr(error, "orig", None) or error
        kind = dialect.meaning(native) or _by_class(native)
        raise kind(_text(doing, str(native), NEXT[kind], secrets)) from error
    except ImportError as error:
        install = dialect.driver or f"install the Python package {error.name!r} beside crossdock"
        raise ConfigError(_text(doing, f"the driver is missing ({error.name})", install, secrets)) from error
    except SQLAlchemyError as error:
        hint = ADDRESS_HINT if isinstance(error, NoSuchModuleError) else NEXT[ConfigError]
        raise ConfigError(_text(doing, str(error), hint, secrets)) from error


def _by_class(native: BaseException) -> type[CrossdockError]:
    return next((BY_CLASS[one.__name__] for one in type(native).__mro__ if one.__name__ in BY_CLASS), TransientError)


def _text(doing: str, said: str, what_next: str, secrets: Iterable[str | None]) -> str:
    return redact(f"{doing}: {' '.join(said.split())}; {what_next}", secrets)
