"""A stand-in for an OData service: entity sets of plain objects, strict about what it is asked.

    service = ODataService({"Items": [{"ItemCode": "A", "Price": 1.5}]}, keys={"Items": "ItemCode"})
    with HttpStandIn(service) as server:
        ...  # point a connection at server.url

It knows `$select`, `$filter` (comparisons joined by `and` and `or`), `$orderby`, `$top`, `$skip`, `$skiptoken`,
`$expand` and the header `Prefer: odata.maxpagesize`, and refuses any other option and any property that no entity of
the set has. It gives pages of `page_size` rows with a link to the next, in the shape of version 2, 3 or 4. A POST adds
an entity.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from crossdock.testing.http_standin import Asked, Given

_OPTIONS = frozenset(("$select", "$filter", "$orderby", "$top", "$skip", "$skiptoken", "$expand"))
_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<marked>(?:datetime|datetimeoffset|guid)'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_][\w/]*)|(?P<bare>[-\w.:+]+))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
}
_BAD = "Query option"
Test = Callable[[Mapping[str, Any]], bool]


class QueryError(Exception):
    """The service does not understand a query; the text says what of it."""


class ODataService:
    """Entity sets by name, as a function for `HttpStandIn`."""

    def __init__(
        self,
        sets: Mapping[str, list[dict[str, Any]]],
        *,
        keys: Mapping[str, str],
        version: int = 4,
        page_size: int = 20,
        navigations: Sequence[str] = (),
    ) -> None:
        """Takes the sets, the key of each, and how it answers.

        Args:
            sets: entities by the set's name; what is posted is added to them.
            keys: name of the key of each set.
            version: shape of the answers and spelling of literals: 2, 3 or 4.
            page_size: rows a page at most.
            navigations: properties that only come where `$expand` asks for them.
        """
        self.sets, self.keys = dict(sets), dict(keys)
        self.version, self.page_size, self.navigations = version, page_size, frozenset(navigations)
        self.refuse: Callable[[str, dict[str, Any]], str | None] = lambda _set, _entity: None
        """Says why an entity may not be added; None: it may."""

    def __call__(self, asked: Asked) -> Given:
        """Answers a request."""
        name = asked.path.strip("/")
        if name not in self.sets:
            return self.error(404, f"Resource not found for the segment '{name}'")
        if asked.method == "POST":
            return self._added(name, asked.json())
        try:
            return self._page(name, asked)
        except QueryError as error:
            return self.error(400, str(error))

    def error(self, status: int, text: str, code: int | str = -1000) -> Given:
        """Gives an error as services of this version write it."""
        message: Any = text if self.version > 3 else {"lang": "en-us", "value": text}  # noqa: PLR2004  # its versions
        return Given(status, {"error": {"code": str(code) if self.version > 3 else code, "message": message}})  # noqa: PLR2004

    def _added(self, name: str, entity: dict[str, Any]) -> Given:
        reason = self.refuse(name, entity)
        if reason is not None:
            return self.error(400, reason, -5002)
        key = self.keys[name]
        added = {key: len(self.sets[name]) + 1, **entity}
        self.sets[name].append(added)
        return Given(201, {"d": added} if self.version == 2 else added)  # noqa: PLR2004

    def _page(self, name: str, asked: Asked) -> Given:
        query = asked.query
        strange = set(query) - _OPTIONS
        if strange:
            message = f"{_BAD} not supported: {', '.join(sorted(strange))}"
            raise QueryError(message)
        rows = self._sorted(name, self._filtered(name, query.get("$filter")), query.get("$orderby"))
        start = int(query.get("$skip", 0)) + int(query.get("$skiptoken", 0))
        end = len(rows) if "$top" not in query else min(len(rows), start + int(query["$top"]))
        size = self._size(asked)
        page = rows[start : min(end, start + size)]
        link = self._link(name, query, start + size, end)
        return self._shaped([self._chosen(one, query) for one in page], link)

    def _size(self, asked: Asked) -> int:
        told = re.search(r"odata\.maxpagesize=(\d+)", asked.headers.get("prefer", ""))
        return min(self.page_size, int(told[1])) if told and int(told[1]) else self.page_size

    def _link(self, name: str, query: Mapping[str, str], start: int, end: int) -> str | None:
        if start >= end:
            return None
        kept = {one: value for one, value in query.items() if one not in ("$skip", "$skiptoken", "$top")}
        if "$top" in query:
            kept["$top"] = str(end - start)
        told = {**kept, "$skiptoken": str(start)}
        return f"{name}?" + "&".join(f"{one}={quote(value)}" for one, value in told.items())

    def _shaped(self, rows: list[dict[str, Any]], link: str | None) -> Given:
        if self.version == 2:  # noqa: PLR2004
            noted = [{"__metadata": {"type": "Entity"}, **_old(one)} for one in rows]
            return Given(200, {"d": {"results": noted, **({"__next": link} if link else {})}})
        mark = "@odata." if self.version > 3 else "odata."  # noqa: PLR2004
        noted = [{f"{mark}etag": f'W/"{number}"', **one} for number, one in enumerate(rows)]
        return Given(200, {f"{mark}metadata": "x", "value": noted, **({f"{mark}nextLink": link} if link else {})})

    def _filtered(self, name: str, text: str | None) -> list[dict[str, Any]]:
        if not text:
            return list(self.sets[name])
        test = _Filter(text, self._names(name), self.version).test()
        return [one for one in self.sets[name] if test(one)]

    def _sorted(self, name: str, rows: list[dict[str, Any]], text: str | None) -> list[dict[str, Any]]:
        """Sorts rows; those that nobody wants sorted come last first, so that nobody gets used to an order."""
        if text is None:
            return rows[::-1]
        for one in reversed(text.split(",") if text else []):
            prop, _, way = one.strip().partition(" ")
            self._check(name, prop)
            rows.sort(key=lambda row: (row.get(prop) is not None, row.get(prop)), reverse=way == "desc")
        return rows

    def _chosen(self, row: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        brought = frozenset(query["$expand"].split(",")) if "$expand" in query else frozenset()
        if not brought <= self.navigations:
            message = f"{_BAD} $expand: not a navigation property: {', '.join(brought - self.navigations)}"
            raise QueryError(message)
        found = {name: value for name, value in row.items() if name not in self.navigations - brought}
        if "$select" not in query:
            return found
        wanted = query["$select"].split(",")
        strange = set(wanted) - set(row)
        if strange:
            message = f"{_BAD} $select: no property {', '.join(sorted(strange))}"
            raise QueryError(message)
        return {name: value for name, value in found.items() if name in wanted or name in brought}

    def _check(self, name: str, prop: str) -> None:
        if self.sets[name] and prop not in self._names(name):
            message = f"Property '{prop}' of '{name}' is invalid"
            raise QueryError(message)

    def _names(self, name: str) -> frozenset[str]:
        return frozenset(prop for one in self.sets[name] for prop in one)


class _Filter:
    """Reads one `$filter`: comparisons of a property with a literal, `and`, `or`, brackets."""

    def __init__(self, text: str, names: frozenset[str], version: int) -> None:
        self._tokens = list(self._split(text))
        self._names, self._version = names, version
        self._place = 0

    def test(self) -> Test:
        """Gives the condition as a function."""
        found = self._either()
        if self._place != len(self._tokens):
            message = f"{_BAD} $filter: unexpected {self._tokens[self._place][1]!r}"
            raise QueryError(message)
        return found

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                message = f"{_BAD} $filter: cannot read {text[place : place + 20]!r}"
                raise QueryError(message)
            place = found.end()
            yield found.lastgroup, found[found.lastgroup]

    def _next(self, *kinds: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] not in kinds:
            message = f"{_BAD} $filter: expected {' or '.join(kinds)}"
            raise QueryError(message)
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _is_next(self, text: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1] == text:
            self._place += 1
            return True
        return False

    def _either(self) -> Test:
        parts = [self._all()]
        while self._is_next("or"):
            parts.append(self._all())
        return lambda row: any(one(row) for one in parts)

    def _all(self) -> Test:
        parts = [self._one()]
        while self._is_next("and"):
            parts.append(self._one())
        return lambda row: all(one(row) for one in parts)

    def _one(self) -> Test:
        if self._is_next("("):
            inner = self._either()
            self._next("close")
            return inner
        name, sign = self._next("word"), self._next("word")
        if (self._names and name not in self._names) or sign not in _COMPARE:
            message = f"{_BAD} $filter: cannot compare {name!r} {sign}"
            raise QueryError(message)
        value = self._value()
        compare = _COMPARE[sign]

        def holds(row: Mapping[str, Any]) -> bool:
            given = row.get(name)
            if given is None or value is None:
                return sign in ("eq", "ne") and compare(given, value)
            return type(given) is type(value) and compare(given, value)

        return holds

    def _value(self) -> Any:  # whatever a literal stands for
        kind, text = self._tokens[self._place] if self._place < len(self._tokens) else ("nothing", "")
        self._place += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "marked" and self._version < 4:  # noqa: PLR2004
            return text[text.index("'") + 1 : -1]
        if kind == "word" and text in ("null", "true", "false"):
            return {"null": None, "true": True, "false": False}[text]
        if kind == "bare" and re.fullmatch(r"-?\d+(\.\d+)?[LMd]?", text):
            plain = text.rstrip("LMd")
            return float(plain) if "." in plain else int(plain)
        if kind == "bare" and self._version > 3:  # noqa: PLR2004
            return text
        message = f"{_BAD} $filter: not a literal: {text!r}"
        raise QueryError(message)


def _old(value: Any) -> Any:  # whatever an entity holds
    """Writes lists inside entities as version 2 does."""
    if isinstance(value, dict):
        return {name: {"results": one} if isinstance(one, list) else one for name, one in value.items()}
    return value
