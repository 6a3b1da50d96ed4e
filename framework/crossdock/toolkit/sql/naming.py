"""Names of tables as a field map writes them: `TABLE` or `SCHEMA.TABLE`, and in quotes what has a dot of its own."""

import re

DOTTED = re.compile(r'(?:(?P<schema>.+)\.)?"(?P<name>(?:[^"]|"")*\.(?:[^"]|"")*)"')
"""A last part in quotes. Only what has a dot within is read so: any other name means what is written, quotes too."""


def joined(schema: str | None, name: str) -> str:
    """Gives the name as a field map writes it."""
    last = '"' + name.replace('"', '""') + '"' if "." in name else name
    return last if schema is None else f"{schema}.{last}"


def parted(written: str) -> tuple[str | None, str]:
    """Gives schema and name of what a field map writes; None: no schema is named."""
    found = DOTTED.fullmatch(written)
    if found is not None:
        return found["schema"], found["name"].replace('""', '"')
    schema, _, name = written.rpartition(".")
    return schema or None, name
