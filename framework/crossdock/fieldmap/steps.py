"""Writes the lines that bring one declared field from its columns to its canonical value."""

from typing import Any

from crossdock.fieldmap import values
from crossdock.fieldmap.convert import find_converter
from crossdock.fieldmap.declare import Converter, Field
from crossdock.fieldmap.hub import HubField
from crossdock.fieldmap.paths import Access

IGNORE = "ignore"
"""Value of a `values` table that leaves a row, or an entry of a list, alone."""


class Steps:
    """Writes fields of rows that are reached in one way."""

    def __init__(self, access: Access, names: dict[str, Any], converters: dict[str, Converter], leave: str) -> None:
        """Takes how rows are reached, and what the lines may do.

        Args:
            access: writes the reading of a column of a row `r`.
            names: what the lines use is added to them.
            converters: the plugin's own.
            leave: the statement that leaves the row alone.
        """
        self.access, self.names, self.converters, self.leave = access, names, converters, leave

    def lines(self, field: Field, place: HubField, variable: str) -> list[str]:
        """Gives the lines that leave the canonical value of a field in a variable.

        Raises:
            FieldMapError: a column or converter that there is not, or a constant that does not fit.
        """
        if field.column is None:
            self.names[f"c_{variable}"] = values.constant(field.constant, place, field.hub)
            return [f"{variable} = c_{variable}"]
        lines = self.native(field, place.kind, variable)
        canonical = values.canonical_lines(place, variable, field.hub)
        if not field.optional or place.kind not in ("text", "tags", "paths"):
            return [*lines, *canonical]
        return [*lines, f"if {variable} is not None:", *(f"    {line}" for line in canonical)]

    def native(self, field: Field, kind: str, variable: str) -> list[str]:
        """Gives the lines that read, trim, translate and convert a field of a kind, in that order.

        What several columns hold is translated when the first converter has made one value of them.
        """
        reads = [self.access.expression(column) for column in field.columns]
        lines, steps = self._reads(field, reads, variable, kind), self._converters(field)
        table = self._values_table(field, variable)
        if len(reads) == 1:
            lines, table = [*lines, *table], []
        for number, (name, step) in enumerate(steps):
            self.names[name] = step
            several = number == 0 and len(reads) > 1
            arguments = ", ".join(f"{variable}_{i}" for i in range(len(reads))) if several else variable
            lines.append(f"{variable} = {name}({arguments})")
        return [*lines, *table]

    def _reads(self, field: Field, reads: list[str], variable: str, kind: str) -> list[str]:
        targets = [variable] if len(reads) == 1 else [f"{variable}_{i}" for i in range(len(reads))]
        lines = []
        for target, read in zip(targets, reads, strict=True):
            lines.append(f"{target} = {read}")
            if field.trim and kind not in ("number", "flag"):
                lines.append(f"if type({target}) is str: {target} = {target}.rstrip(BLANK)")
        return lines

    def _converters(self, field: Field) -> list[tuple[str, Converter]]:
        steps = [find_converter(name, self.converters) for name in field.converters]
        return [(f"f{len(self.names)}_{number}", step) for number, step in enumerate(steps)]

    def _values_table(self, field: Field, variable: str) -> list[str]:
        if not field.values:
            return []
        self.names[f"t_{variable}"] = values.ValueTable(field.values)
        lines = [f"{variable} = t_{variable}({variable})"]
        if IGNORE in field.values.values():
            lines.append(f"if {variable} == {IGNORE!r}: {self.leave}")
        return lines
