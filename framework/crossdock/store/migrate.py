"""Bringing an older store up to date with Alembic; loaded only where the schema is old."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine

from crossdock.contract import ConfigError
from crossdock.store.schema import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Runs the migrations that a store lacks, each in a transaction.

    Raises:
        ConfigError: the store was written by a newer crossdock.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, to)
        except CommandError as error:
            message = (
                f"this store was written by a newer crossdock (this one knows {HEAD}): {error}; install that version"
            )
            raise ConfigError(message) from error
