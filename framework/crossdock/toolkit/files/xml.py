"""XML, streamed and without what makes XML dangerous: no document type, no entities, nothing fetched.

A file may come from anywhere, so a document type declaration is refused whole: with it go entities that grow without
end, external files and external addresses (the list of the Python manual, "XML vulnerabilities"). Depth, size of a row
and attributes are limited. The parser is expat, as Python brings it; it reads a piece of the file at a time, so memory
does not grow with the file.

A row is an element with what is in it: children by name (without a namespace's prefix), attributes with `@` before
theirs, its own text as `#text` where there is anything else; an element that holds text alone is that text, an empty
one is None. A child that comes more than once is a list, and so is one that the caller says may.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from crossdock.contract import ConfigError, TransientError
from crossdock.toolkit.files.reading import LINE, opened_file

TEXT = "#text"
"""Name of an element's own text beside children or attributes."""
MOST_DEPTH = 64
"""Elements within elements."""
MOST_ROW = 8 * 1024 * 1024
"""Characters of names, attributes and texts in one row."""
_PIECE = 64 * 1024


@contextmanager
def open_xml(
    path: Path, *, element: str | None = None, lists: Collection[str] = ()
) -> Iterator[Iterator[dict[str, Any]]]:
    """Opens an XML file whose rows are elements; each gets `_line`, the line on which it begins.

    The encoding is the one that the file itself declares.

    Args:
        path: the file.
        element: name of the elements that are rows, wherever they are; one inside another belongs to that one's row.
            None: the children of the outermost element.
        lists: names of children that are lists, even where there is only one.

    Raises:
        ConfigError: there is no such file, it has a document type declaration, or a row is deeper or larger than the
            limits; the last two come when the row is reached.
        TransientError: the file cannot be opened now, or ends too early or is otherwise not well-formed; a file that is
            just being written looks like that.
    """
    with opened_file(path) as file:
        yield _Rows(path, element, frozenset(lists)).read(file)


class _Rows:
    """What the parser calls; finished rows wait here until they are taken."""

    def __init__(self, path: Path, element: str | None, lists: frozenset[str]) -> None:
        self.path, self.element, self.lists = path, element, lists
        self.done: list[dict[str, Any]] = []
        self.depth = self.size = self.fed = 0
        self.open: list[tuple[str, dict[str, Any], list[str]]] = []
        self.parser = self._parser()

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.UnparsedEntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse
        return parser

    def read(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        """Gives the rows, a piece of the file at a time."""
        try:
            while piece := file.read(_PIECE):
                self.parser.Parse(piece, False)  # noqa: FBT003  # expat's own
                self._check_progress(len(piece))
                yield from self._taken()
            self.parser.Parse(b"", True)  # noqa: FBT003
        except expat.ExpatError as error:
            message = (
                f"{self.path}, line {error.lineno}: not well-formed XML: {expat.ErrorString(error.code)}; "
                "if it is not being written just now, it must be mended"
            )
            raise TransientError(message) from error
        yield from self._taken()

    def _check_progress(self, size: int) -> None:
        """Stops at a tag or comment that does not end: the parser would keep all of it until it does."""
        self.fed += size
        if self.fed - max(0, self.parser.CurrentByteIndex) > MOST_ROW + _PIECE:
            self._stop(f"a tag, comment or instruction has more than {MOST_ROW} bytes")

    def _taken(self) -> list[dict[str, Any]]:
        found, self.done = self.done, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            self._stop(f"elements are more than {MOST_DEPTH} deep")
        name = _local(name)
        if not self.open:
            if not self._is_row(name):
                return
            self.size = 0
        inside: dict[str, Any] = {f"@{_local(one)}": value for one, value in attributes.items()}
        self._grow(len(name) + sum(len(one) + len(value) for one, value in attributes.items()))
        if not self.open:
            inside[LINE] = self.parser.CurrentLineNumber
        self.open.append((name, inside, []))

    def _is_row(self, name: str) -> bool:
        return self.depth == 2 if self.element is None else name == self.element  # noqa: PLR2004  # below the outermost

    def _text(self, text: str) -> None:
        if self.open:
            self._grow(len(text))
            self.open[-1][2].append(text)

    def _end(self, _: str) -> None:
        self.depth -= 1
        if not self.open:
            return
        name, inside, texts = self.open.pop()
        text = "".join(texts).strip()
        if not self.open:
            self.done.append({**inside, TEXT: text} if text else inside)
            return
        value: Any = inside
        if text:
            value = {**inside, TEXT: text} if inside else text
        self._put(name, value or None)

    def _put(self, name: str, value: Any) -> None:
        parent = self.open[-1][1]
        if name not in parent:
            parent[name] = [value] if name in self.lists else value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > MOST_ROW:
            self._stop(f"a row has more than {MOST_ROW} characters")

    def _refuse(self, *_: object) -> NoReturn:
        self._stop("document types and entities are not read; take the DOCTYPE out")

    def _stop(self, why: str) -> NoReturn:
        message = f"{self.path}, line {self.parser.CurrentLineNumber}: {why}"
        raise ConfigError(message)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
