"""Any SQL database as a source: the operator names the tables and maps their columns in `crossdock.toml`."""

from crossdock.toolkit.sql import SqlSource
from crossdock_custom_database.fields import MAPS

plugin = SqlSource("custom-database", "Custom database", MAPS)
