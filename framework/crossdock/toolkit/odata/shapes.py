"""What an OData service answers, in the shapes of versions 2, 3 and 4, made into plain rows.

Version 4: `{"value": [...], "@odata.nextLink": "…"}`. Version 3, as SAP Business One's `/b1s/v1`: the same with
`odata.nextLink`. Version 2: `{"d": {"results": [...], "__next": "…"}}`, lists inside entities as `{"results": [...]}`,
points in time as `/Date(1764028800000+0000)/`. Sources: OData JSON format 4.01, 4.6 and 4.5.5; OData 2.0 "JSON format".
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_DATE = re.compile(r"/Date\((-?\d+)([+-]\d+)?\)/")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LINKS = ("@odata.nextLink", "@nextLink", "odata.nextLink", "__next")
_SPARE = ("__metadata", "__deferred")


def list_in(body: Any) -> Any:  # whatever the service says
    """Gives the list of entities in an answer, a single entity as a list of one; None where there is neither."""
    inner = body.get("d", body) if isinstance(body, Mapping) else body
    if isinstance(inner, Mapping):
        for name in ("value", "results"):
            if isinstance(inner.get(name), list):
                return inner[name]
        return [inner] if inner and "error" not in inner else None
    return inner if isinstance(inner, list) else None


def next_link(body: Any) -> str | None:  # whatever the service says
    """Gives the link to the next page, None on the last."""
    for part in (body, body.get("d") if isinstance(body, Mapping) else None):
        if isinstance(part, Mapping):
            for name in _LINKS:
                found = part.get(name)
                if isinstance(found, str) and found:
                    return found
    return None


def plain(value: Any) -> Any:  # whatever the service says
    """Gives an entity without the service's own notes, lists as lists, points in time as ISO text."""
    if isinstance(value, dict):
        if isinstance(value.get("results"), list) and set(value) <= {"results", "__count", "__next"}:
            return [plain(one) for one in value["results"]]
        return {
            name: plain(one) if isinstance(one, dict | list | str) else one
            for name, one in value.items()
            if not _is_note(name, one)
        }
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, str) and value.startswith("/Date("):
        return _moment(value)
    return value


def _is_note(name: str, value: Any) -> bool:
    is_deferred = isinstance(value, dict) and "__deferred" in value
    return "@" in name or name.startswith("odata.") or name in _SPARE or is_deferred


def _moment(text: str) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    try:
        moment = _START + timedelta(milliseconds=int(found[1]))
    except OverflowError:
        return text
    written = moment.replace(tzinfo=None).isoformat(timespec="milliseconds" if int(found[1]) % 1000 else "seconds")
    return f"{written}Z" if found[2] else written
