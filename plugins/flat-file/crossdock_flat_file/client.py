"""The open connection: reads one file a stream, appends to one file a stream."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock import Config, ConfigError, FieldMap, Json, Memory, Read, Rows, Table
from crossdock.toolkit.files import AppendedFile, open_csv, open_json_lines, open_xml
from crossdock_flat_file import columns

if TYPE_CHECKING:
    from crossdock_flat_file.remote import RemoteFile

FORMATS = {".csv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".xml": "xml"}
"""Format by the file's suffix, where the setting does not say it."""
_CODE = {"products": "source_variant_code", "customers": "source_customer_code"}
_SETTINGS = {
    "products": ("path", "url", "element"),
    "customers": ("customers_path", "customers_url", "customers_element"),
}
"""Settings of a stream: its file, the address in place of a file, and the name of an XML element that is a row."""
_LISTS = re.compile(r"([\w:@-]+)\[")
"""Name of what a path takes for a list."""
_FLAT: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "products": columns.flat_product,
    "customers": columns.flat_customer,
}


class FlatFile:
    """A session: the files of one connection, each opened at its first use."""

    def __init__(self, config: Config, memory: Memory) -> None:
        """Takes the connection's settings and its memory; opens nothing."""
        self._config = config
        self._paths = {stream: config.get(names[0]) for stream, names in _SETTINGS.items()}
        self._remote = {stream: one for stream in _SETTINGS if (one := _remote(stream, config, memory)) is not None}
        self.encoding = config.get("encoding") or "utf-8"
        self.delimiter = config.get("delimiter") or ","
        self._files: dict[str, AppendedFile] = {}
        self._headers: dict[str, list[str]] = {}

    def path(self, stream: str) -> Path:
        """Gives a stream's file; one behind an address is fetched first, once a session.

        Raises:
            ConfigError: the setting that names it is not there, or the address cannot be used.
            TransientError: the address is not reachable now.
        """
        if stream in self._remote:
            return self._remote[stream].fetched()
        found = self._paths[stream]
        if not found:
            path, url, _ = _SETTINGS[stream]
            message = f"no file for {stream}: add {path} or {url} to the connection"
            raise ConfigError(message)
        return Path(found)

    def place(self, stream: str) -> str:
        """Gives the address or the path of a stream's file: what a person knows it by."""
        return self._remote[stream].url if stream in self._remote else str(self.path(stream))

    def has(self, stream: str) -> bool:
        """Says whether a file is set for a stream."""
        return stream in self._remote or bool(self._paths[stream])

    def is_remote(self, stream: str) -> bool:
        """Says whether a stream's file is behind an address."""
        return stream in self._remote

    def format(self, stream: str) -> str:
        """Gives `csv`, `jsonl` or `xml`.

        Raises:
            ConfigError: neither the setting nor the file's suffix says which.
        """
        remote = self._remote.get(stream)
        suffix = self.path(stream).suffix.lower() if remote is None else remote.suffix
        found = self._config.get("format") or FORMATS.get(suffix)
        if found is None:
            message = f'the name {self.place(stream)} does not say what is in it: set format to "csv", "jsonl" or "xml"'
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
        kind = self.format(stream)
        if kind == "csv":
            yield from self._read_csv(stream, read)
        else:
            yield from self._read_objects(stream, read, kind)

    def _read_csv(self, stream: str, read: Read) -> Iterator[Rows]:
        with open_csv(self.path(stream), encoding=self.encoding, delimiter=self.delimiter) as table:
            names, rows = table.columns, table.rows
            wanted = _wanted(read)
            if wanted is not None:
                place = _position(read.fields, stream, names)
                rows = (row for row in rows if str(row[place]) in wanted)
            yield from read.paged(rows, names)

    def _read_objects(self, stream: str, read: Read, kind: str) -> Iterator[Rows]:
        with self.objects(stream, kind, read.fields) as objects:
            rows: Iterator[dict[str, Any]] = objects
            if isinstance(read.fields.source, Table):
                rows = map(_FLAT[stream], objects)
            wanted, column = _wanted(read), _code_column(read.fields, stream)
            if wanted is not None and _is_within_reach(read.fields, column):
                rows = (row for row in rows if str(_reach(row, column)) in wanted)
            yield from read.paged(rows)

    def objects(
        self, stream: str, kind: str, fields: FieldMap | None = None
    ) -> AbstractContextManager[Iterator[dict[str, Any]]]:
        """Opens a file of objects: one a line, or one an XML element."""
        if kind == "xml":
            element = self._config.get(_SETTINGS[stream][2])
            return open_xml(self.path(stream), element=element, lists=_lists_in(fields) if fields else ())
        return open_json_lines(self.path(stream), encoding=self.encoding)

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
        """Closes every file, and removes copies that are not to be kept."""
        for file in self._files.values():
            file.close()
        for copy in self._remote.values():
            copy.close()
        self._files.clear()
        self._headers.clear()

    def _file(self, stream: str, line_end: bytes) -> AppendedFile:
        if stream in self._remote or self.format(stream) == "xml":
            path = _SETTINGS[stream][0]
            message = f"{stream} cannot be written: an address and XML are only read; set {path}, to CSV or JSON lines"
            raise ConfigError(message)
        if stream not in self._files:
            self._files[stream] = AppendedFile(self.path(stream), line_end=line_end)
        return self._files[stream]


def _remote(stream: str, config: Config, memory: Memory) -> "RemoteFile | None":
    path, url, _ = _SETTINGS[stream]
    if not config.get(url):
        return None
    from crossdock_flat_file.remote import RemoteFile  # noqa: PLC0415  # only an address needs HTTP

    keep = Path(config[path]) if config.get(path) else None
    return RemoteFile(str(config[url]), keep, config, memory)


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


def _lists_in(fields: FieldMap) -> frozenset[str]:
    """Gives the names that the map's paths take for lists: in XML one entry alone looks like no list."""
    paths = [column for one in fields.fields for column in one.columns]
    each = fields.source.each if isinstance(fields.source, Json) else None
    inside = [each.removesuffix("[]").rpartition(".")[2]] if each else []
    return frozenset((*inside, *(name for path in (*paths, each or "") for name in _LISTS.findall(path))))


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
