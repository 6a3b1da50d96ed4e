"""The open connection: reads one file a stream, appends to one file a stream."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crossdock import Config, ConfigError, FieldMap, Json, Read, Rows, Table
from crossdock.toolkit.files import AppendedFile, open_csv, open_json_lines
from crossdock_flat_file import columns

FORMATS = {".csv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
"""Format by the file's suffix, where the setting does not say it."""
_CODE = {"products": "source_variant_code", "customers": "source_customer_code"}
_FLAT: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "products": columns.flat_product,
    "customers": columns.flat_customer,
}


class FlatFile:
    """A session: the files of one connection, each opened at its first use."""

    def __init__(self, config: Config) -> None:
        """Takes the connection's settings; opens nothing."""
        self._config = config
        self._paths = {"products": config.get("path"), "customers": config.get("customers_path")}
        self.encoding = config.get("encoding") or "utf-8"
        self.delimiter = config.get("delimiter") or ","
        self._files: dict[str, AppendedFile] = {}
        self._headers: dict[str, list[str]] = {}

    def path(self, stream: str) -> Path:
        """Gives a stream's file.

        Raises:
            ConfigError: the setting that names it is not there.
        """
        found = self._paths[stream]
        if not found:
            setting = "path" if stream == "products" else "customers_path"
            message = f"no file for {stream}: add {setting} to the connection"
            raise ConfigError(message)
        return Path(found)

    def has(self, stream: str) -> bool:
        """Says whether a file is set for a stream."""
        return bool(self._paths[stream])

    def format(self, stream: str) -> str:
        """Gives `csv` or `jsonl`.

        Raises:
            ConfigError: neither the setting nor the file's suffix says which.
        """
        path = self.path(stream)
        found = self._config.get("format") or FORMATS.get(path.suffix.lower())
        if found is None:
            message = f'the name {path.name} does not say what is in it: set format = "csv" or format = "jsonl"'
            raise ConfigError(message)
        return str(found)

    def read(self, stream: str, read: Read) -> Iterator[Rows]:
        """Reads a stream's file in pages, with no more than a page in memory.

        Raises:
            ConfigError: the map asks for child tables, which a file has not.
        """
        if read.fields.lists:
            message = f"{stream}: child tables are not supported by files; give the entries columns of their own"
            raise ConfigError(message)
        if self.format(stream) == "csv":
            yield from self._read_csv(stream, read)
        else:
            yield from self._read_json_lines(stream, read)

    def _read_csv(self, stream: str, read: Read) -> Iterator[Rows]:
        with open_csv(self.path(stream), encoding=self.encoding, delimiter=self.delimiter) as table:
            names, rows = table.columns, table.rows
            wanted = _wanted(read)
            if wanted is not None:
                place = _position(read.fields, stream, names)
                rows = (row for row in rows if str(row[place]) in wanted)
            yield from read.paged(rows, names)

    def _read_json_lines(self, stream: str, read: Read) -> Iterator[Rows]:
        with open_json_lines(self.path(stream), encoding=self.encoding) as objects:
            rows: Iterator[dict[str, Any]] = objects
            if isinstance(read.fields.source, Table):
                rows = map(_FLAT[stream], objects)
            wanted, column = _wanted(read), _code_column(read.fields, stream)
            if wanted is not None and _is_within_reach(read.fields, column):
                rows = (row for row in rows if str(_reach(row, column)) in wanted)
            yield from read.paged(rows)

    def append(self, stream: str, lines: bytes) -> None:
        """Adds whole lines to a stream's file, on the disk before it returns.

        Raises:
            TransientError: not now; the file is as it was.
        """
        self._file(stream, b"\n").append(lines)

    def append_rows(self, stream: str, rows: Sequence[Mapping[str, Any]], plain: Sequence[str]) -> None:
        """Adds rows to a stream's CSV file, with a header where the file is new; errors as in `append`."""
        file = self._file(stream, columns.LINE_END.encode())
        start = b""
        if stream not in self._headers:
            first = file.first_line()
            header = columns.read_header(first, self.delimiter) if first else columns.header_for(rows, plain)
            _check_header(self.path(stream), header, _CODE[stream])
            start = b"" if first else columns.header_line(header, self.delimiter)
        else:
            header = self._headers[stream]
        file.append(start + columns.to_csv(rows, header, self.delimiter))
        self._headers[stream] = header

    def close(self) -> None:
        """Closes every file."""
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._headers.clear()

    def _file(self, stream: str, line_end: bytes) -> AppendedFile:
        if stream not in self._files:
            self._files[stream] = AppendedFile(self.path(stream), line_end=line_end)
        return self._files[stream]


def _check_header(path: Path, header: Sequence[str], code: str) -> None:
    if code not in header or columns.MORE not in header:
        message = (
            f"{path} was not made by this plugin: its first line lacks {code!r} or {columns.MORE!r}; "
            "name another file or move this one away"
        )
        raise ConfigError(message)


def _wanted(read: Read) -> frozenset[str] | None:
    return None if read.codes is None else frozenset(map(str, read.codes))


def _code_column(fields: FieldMap, stream: str) -> str:
    field = fields.field(_CODE[stream])
    return field.columns[0] if field is not None and field.columns else _CODE[stream]


def _position(fields: FieldMap, stream: str, names: Sequence[str]) -> int:
    column = _code_column(fields, stream).casefold()
    folded = [name.casefold() for name in names]
    if column not in folded:
        message = f"the file has no column {column!r}; it has {', '.join(names)}"
        raise ConfigError(message)
    return folded.index(column)


def _is_within_reach(fields: FieldMap, column: str) -> bool:
    """Says whether a code can be found in a whole line; where it cannot, more than the wanted items are read."""
    is_inside = isinstance(fields.source, Json) and fields.source.each is not None
    return not is_inside and not any(sign in column for sign in "[]|?*@(")


def _reach(row: Mapping[str, Any], column: str) -> object:
    """Gives a value by its name, or by the names on the way to it."""
    if column in row:
        return row[column]
    found: Any = row
    for name in column.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
