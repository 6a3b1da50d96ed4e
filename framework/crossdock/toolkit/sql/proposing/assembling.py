"""Making a field map of a guess: one column for each hub field, and what the columns' values ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crossdock.contract import Proposal
from crossdock.fieldmap import Field, FieldMap, Table
from crossdock.fieldmap.hub import CODE_FIELD
from crossdock.toolkit.sql.proposing.guessing import Fit, Guess, held_back, looks_like_time_of_change
from crossdock.toolkit.sql.proposing.patterns import STATES, TARGETS
from crossdock.toolkit.sql.proposing.words import concepts_of

SPLIT = {"first_name": "first_name", "last_name": "last_name"}
"""Hub fields that a contact's one name is split into, and the converters that do."""
OPTIONS = {"variants.option1": "size", "variants.option2": "colour"}
UNLESS = {"0": True, "false": True, "f": True, "n": True, "no": True, "": True, "*": False}
"""What a column that says "blocked" means for "active"; `*` is any other value."""
Rows = Sequence[Mapping[str, Any]]


def proposal_of(guess: Guess, sample: Rows | None = None) -> Proposal | None:
    """Makes a whole map; None where nothing can be the code.

    Args:
        guess: a table as one stream's.
        sample: some rows by column; None: only the names are known.
    """
    code = _code(guess, sample)
    if code is None:
        return None
    order = [one.hub for one in TARGETS[guess.stream]]
    chosen = dict(sorted(_chosen(guess, code), key=lambda one: order.index(one[0])))
    fields = [*_codes(guess.stream, code, chosen), *_rest(guess, chosen, sample)]
    key = guess.table.key[0] if len(guess.table.key) == 1 else code.column
    sureness = guess.score * (1.0 if sample is None or is_unique(sample, code.column) else 0.5)
    return Proposal(
        map=FieldMap(guess.stream, Table(guess.table.name, key=key), tuple(fields)),
        table=guess.table.name,
        sureness=round(sureness, 2),
        reasons={CODE_FIELD[guess.stream]: _reason(code)} | {hub: _reason(one) for hub, one in chosen.items()},
        notes=tuple(_notes(guess, code, fields, sample)),
    )


def is_unique(sample: Rows, column: str) -> bool:
    """Says whether no value of a column is missing or comes twice in a sample."""
    values = [row.get(column) for row in sample]
    return None not in values and len(set(map(str, values))) == len(values)


def _code(guess: Guess, sample: Rows | None) -> Fit | None:
    """Chooses the code: the likeliest name whose values are unique, the likeliest at all where none is."""
    found = [one for one in guess.fits if one.hub == CODE_FIELD[guess.stream]]
    unique = found if sample is None else [one for one in found if is_unique(sample, one.column)]
    return next(iter(unique or found), None)


def _chosen(guess: Guess, code: Fit) -> Iterator[tuple[str, Fit]]:
    """Gives each hub field its likeliest column, the surest first, none twice."""
    taken, done = {code.column}, {CODE_FIELD[guess.stream]}
    for one in guess.fits:
        if one.hub not in done and one.column not in taken:
            taken.add(one.column)
            done.add(one.hub)
            yield one.hub, one
    if "first_name" in done and "last_name" not in done:  # a first name beside a plain name: that is the last one
        found = next((one for one in guess.fits if one.hub == "company" and one.column not in taken), None)
        if found:
            yield "last_name", found


def _codes(stream: str, code: Fit, chosen: Mapping[str, Fit]) -> Iterator[Field]:
    if stream == "customers":
        yield Field("source_customer_code", code.column)
        return
    group = chosen.get("source_product_code")
    yield Field("source_product_code", group.column if group else code.column)
    yield Field("source_variant_code", code.column)
    title = chosen.get("title")
    yield Field("title", title.column if title else code.column)
    yield Field("variants.sku", code.column)


def _rest(guess: Guess, chosen: Mapping[str, Fit], sample: Rows | None) -> Iterator[Field]:
    """Gives what is not a code, each as its kind wants it."""
    for hub, one in chosen.items():
        if hub == "person":
            yield from _person(one, chosen)
        elif hub not in ("source_product_code", "title") or guess.stream != "products":
            yield _field(guess, hub, one, sample)


def _field(guess: Guess, hub: str, one: Fit, sample: Rows | None) -> Field:
    if hub == STATES[guess.stream]:
        return _state(hub, one)
    if hub == "variants.qty":
        return _quantity(guess, one, sample)
    if hub in OPTIONS:  # as attributes: options must be named, and have no gap between them
        return Field(f"variants.meta.{OPTIONS[hub]}", one.column)
    if hub == "addresses.1.country" and _is_country_code(guess, one):
        return Field("addresses.1.country_code", one.column)
    comma = hub == "variants.price" and _has_comma(sample, one.column)
    return Field(hub, one.column, convert="decimal_comma" if comma else ())


def _person(one: Fit, chosen: Mapping[str, Fit]) -> Iterator[Field]:
    """Splits a contact's name where the parts have no columns of their own."""
    if not SPLIT.keys() & chosen.keys():
        yield from (Field(hub, one.column, convert=converter) for hub, converter in SPLIT.items())


def _state(hub: str, one: Fit) -> Field:
    is_inverse = any("inactive" in concepts_of(word) for word in one.words)
    return Field(hub, one.column, values=UNLESS if is_inverse else None)


def _quantity(guess: Guess, one: Fit, sample: Rows | None) -> Field:
    """Takes off what is promised already, unless the column is free stock itself."""
    is_free = any("free" in concepts_of(word) for word in one.words)
    held = [] if is_free else [name for name in held_back(guess.table) if name != one.column]
    if held:
        return Field(one.hub, (one.column, *held), convert=("subtract", "not_negative"))
    if _has_comma(sample, one.column):
        return Field(one.hub, one.column, convert=("decimal_comma", "not_negative"))
    return Field(one.hub, one.column, convert="not_negative")


def _has_comma(sample: Rows | None, column: str) -> bool:
    return any(isinstance(row.get(column), str) and "," in row[column] for row in sample or ())


def _is_country_code(guess: Guess, one: Fit) -> bool:
    kind = next(column.type for column in guess.table.columns if column.name == one.column)
    return "(2)" in kind


def _reason(one: Fit) -> str:
    return f"reads as {' '.join(one.words)!r}"


def _notes(guess: Guess, code: Fit, fields: Sequence[Field], sample: Rows | None) -> Iterator[str]:
    hubs = {one.hub for one in fields}
    yield "Guessed by the names of the columns: look at each before you use it."
    if sample is not None and not is_unique(sample, code.column):
        yield f"{code.column} is missing or twice in the rows that were looked at: choose a column that is unique."
    if guess.stream == "products":
        if guess.best("title") is None:
            yield "No column looks like a name: the code stands in its place."
        if "variants.price" not in hubs:
            yield "No column looks like a price: join the table that has it in a query, or read it by a list."
        if "variants.qty" not in hubs:
            yield "No column looks like a quantity: join the table that has it in a query, or read it by a list."
    for name in looks_like_time_of_change(guess.table):
        yield f'If every change of a row moves {name}, also of stock and price, add: changed = "{name}".'
        break
    if not guess.table.key:
        yield f"The table tells no primary key: {code.column} is taken; it must be unique and never NULL."
