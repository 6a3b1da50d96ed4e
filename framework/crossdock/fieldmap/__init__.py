"""Floor 1: field maps, declared as data and made into a mapper."""

from crossdock.fieldmap.declare import Field, FieldMap, FieldMapError, Json, Many, Table

__all__ = ["Field", "FieldMap", "FieldMapError", "Json", "Many", "Table"]
