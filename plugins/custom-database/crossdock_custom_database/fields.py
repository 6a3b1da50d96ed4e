"""No field map is declared here: nobody but the operator knows the tables.

The maps are the sections `[connections.NAME.products]` and `[connections.NAME.customers]` of `crossdock.toml`.
`fake.py` has a complete example of both; a plugin for one particular system declares its maps in this file instead.
"""

from crossdock import FieldMap

MAPS: tuple[FieldMap, ...] = ()
"""Declared maps: none."""
