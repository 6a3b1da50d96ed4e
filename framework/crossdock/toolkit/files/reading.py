"""CSV and JSON lines, streamed; a line that cannot be read becomes a row that says so.

Every row carries the number of its line, which tells rows apart that have the same code. A broken row
has no other column, so the field map finds no code in it and sets it aside with its text.
"""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from crossdock.contract import ConfigError, TransientError

LINE = "_line"
"""Column with the number of the line on which a row begins, from 1."""
RAW = "_raw"
"""Column with the text of a line that could not be read, else None."""
ERROR = "_error"
"""Column with the reason why a line could not be read, else None."""

_LONGEST_FIELD = 8 * 1024 * 1024
_LONGEST_RAW = 2000
_CSV_COLUMNS = (LINE, RAW, ERROR)


@dataclass(frozen=True)
class CsvRows:
    """An open CSV file."""

    columns: tuple[str, ...]
    """`_line`, `_raw` and `_error`, then the names in the header."""
    rows: Iterator[tuple[Any, ...]]
    """Values in the order of `columns`: a number, two Nones unless the row is broken, then texts."""


@contextmanager
def open_csv(path: Path, *, encoding: str = "utf-8", delimiter: str = ",") -> Iterator[CsvRows]:
    """Opens a CSV file whose first row is a header; quoted fields may hold line ends.

    Args:
        path: the file.
        encoding: of the file; a byte order mark is passed over. Encodings with more than one byte to a
            line end, such as UTF-16, are not read.
        delimiter: one character between fields.

    Raises:
        ConfigError: there is no such file, no such encoding, or no usable header.
        TransientError: the file cannot be opened now.
    """
    if len(delimiter) != 1:
        message = f"delimiter must be one character, not {delimiter!r}"
        raise ConfigError(message)
    with _opened(path, encoding) as file:
        csv.field_size_limit(_LONGEST_FIELD)
        seen: list[str] = []
        faults: list[str] = []
        reader = csv.reader(_decoded(file, encoding, seen, faults), delimiter=delimiter, strict=True)
        header = _header(path, reader, faults)
        yield CsvRows(_CSV_COLUMNS + header, _csv_rows(reader, len(header), seen, faults))


def _header(path: Path, reader: Iterator[list[str]], faults: list[str]) -> tuple[str, ...]:
    try:
        header = tuple(name.strip() for name in next(reader, ()))
    except csv.Error as error:
        message = f"{path}, line 1: the header cannot be read: {error}"
        raise ConfigError(message) from error
    if faults:
        message = f"{path}, line 1: {faults[0]}; set `encoding` to the file's own"
        raise ConfigError(message)
    if not any(header):
        message = f"{path} has no header: its first line must name the columns"
        raise ConfigError(message)
    double = sorted({name for name in header if header.count(name) > 1})
    if double:
        message = f"{path}, line 1: more than one column is called {', '.join(map(repr, double))}"
        raise ConfigError(message)
    return header


def _csv_rows(reader: Iterator[list[str]], width: int, seen: list[str], faults: list[str]) -> Iterator[tuple[Any, ...]]:
    line = 1 + len(seen)
    while True:
        seen.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(str(error))
            row = []
        if len(row) == width and not faults:
            yield (line, None, None, *row)
        elif row or faults:
            reason = faults[0] if faults else f"{len(row)} fields where the header has {width}"
            yield (line, "".join(seen)[:_LONGEST_RAW], reason, *[None] * width)
            faults.clear()
        line += len(seen)


@contextmanager
def open_json_lines(path: Path, *, encoding: str = "utf-8") -> Iterator[Iterator[dict[str, Any]]]:
    """Opens a file with one JSON object a line.

    Each object gets `_line`. A line that is no JSON object gives `_line`, `_raw` and `_error` alone; blank
    lines are passed over. Numbers with a decimal point are `Decimal`, exactly as written.

    Raises:
        ConfigError: there is no such file or no such encoding.
        TransientError: the file cannot be opened now.
    """
    with _opened(path, encoding) as file:
        yield _objects(file, encoding)


def _objects(file: BinaryIO, encoding: str) -> Iterator[dict[str, Any]]:
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    seen: list[str] = []
    faults: list[str] = []
    for line, text in enumerate(_decoded(file, encoding, seen, faults), 1):
        seen.clear()
        if not faults:
            if text.isspace():
                continue
            try:
                found = decode(text)
            except msgspec.DecodeError as error:
                faults.append(str(error))
            else:
                if isinstance(found, dict):
                    found[LINE] = line
                    yield found
                    continue
                faults.append("not a JSON object")
        yield {LINE: line, RAW: text[:_LONGEST_RAW], ERROR: faults[0]}
        faults.clear()


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[BinaryIO]:
    _check_encoding(encoding)
    with opened_file(path) as file:
        yield file


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """Opens a file to be read.

    Raises:
        ConfigError: there is none.
        TransientError: it cannot be opened now.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        near = "the folder is there" if path.parent.is_dir() else "the folder is not there either"
        message = f"there is no file {path} ({near})"
        raise ConfigError(message) from error
    except IsADirectoryError as error:
        message = f"{path} is a folder, not a file"
        raise ConfigError(message) from error
    except OSError as error:
        message = f"{path} cannot be opened now: {error.strerror}"
        raise TransientError(message) from error
    with file:
        yield file


def _check_encoding(encoding: str) -> None:
    try:
        is_usable = "\n".encode(encoding).removeprefix(codecs.BOM_UTF8) == b"\n"
    except LookupError:
        is_usable = False
    if not is_usable:
        message = f"encoding {encoding!r} is not one that can be read; use utf-8, cp1252, latin-1 or the like"
        raise ConfigError(message)


def _decoded(file: BinaryIO, encoding: str, seen: list[str], faults: list[str]) -> Iterator[str]:
    """Yields lines as text, keeps those of the present row, and notes what is not in the encoding."""
    for raw in _without_mark(file):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            text = raw.decode(encoding, "replace")
            faults.append(f"not {encoding} text: {error.reason} at byte {error.start + 1} of the line")
        seen.append(text)
        yield text


def _without_mark(file: BinaryIO) -> BinaryIO:
    if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        file.seek(0)
    return file
