"""How SQL Server compares, for SQLite to sort and look up by.

Text compares as under `SQL_Latin1_General_CP1_CI_AS`, the default of an English installation: case does not count,
trailing blanks do not count, accents do. Source: Transact-SQL reference, "Collation and Unicode support", and for
blanks "= (Equals)", remarks. Characters beyond U+FFFF have no weight in collations without `_SC`: two codes that
differ in an emoji only are one ("Supplementary characters"). The order is simplified: punctuation, digits, letters.
GUIDs sort by their last six bytes first (`SqlGuid`, .NET reference). Numbers kept as text compare as numbers.
"""

import sqlite3
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from crossdock.testing.sqlserver.errors import SqlError

CI, CS, BIN, NUMBER, GUID, ZONED = "tsql_ci", "tsql_cs", "tsql_bin", "tsql_number", "tsql_guid", "tsql_zoned"
DEFAULT_NAME = "SQL_Latin1_General_CP1_CI_AS"
_REMEMBERED = 65_536


def collation_of(name: str) -> str:
    """Gives what SQLite calls a collation of SQL Server's.

    Raises:
        SqlError: 448, no name of a collation.
    """
    words = name.upper().split("_")
    if name.lower() == "database_default":
        return CI
    if "LATIN1" in words or words[0] in {"LATIN1", "SQL"}:
        return BIN if words[-1] in {"BIN", "BIN2"} else CS if "CS" in words else CI
    text = f"Invalid collation '{name}'."
    raise SqlError(448, text)


def _comparing(key: Callable[[str], Any]) -> Callable[[str, str], int]:
    def compare(left: str, right: str) -> int:
        if left == right:
            return 0
        one, other = key(left), key(right)
        return 1 if one > other else -1 if one < other else 0

    return compare


@lru_cache(_REMEMBERED)
def _folded(text: str) -> tuple[Any, ...]:
    letters: list[tuple[int, str]] = []
    accents: list[tuple[int, str]] = []
    for one in unicodedata.normalize("NFD", text.rstrip(" ").casefold()):
        if unicodedata.combining(one):
            accents.append((len(letters), one))
        elif one <= "\uffff":
            letters.append((one.isalnum() + one.isalpha(), one))
    return tuple(letters), tuple(accents)


def folded(text: str) -> tuple[Any, ...]:
    """Gives the key by which text is compared without regard to case."""
    return _folded(text)


def _cased(text: str) -> tuple[Any, ...]:
    return *_folded(text), text.rstrip(" ").swapcase()


@lru_cache(_REMEMBERED)
def _number(text: str) -> Decimal:
    return Decimal(text)


def _guid(text: str) -> bytes:
    data = UUID(text).bytes_le
    return data[10:] + data[8:10] + data[6:8] + data[4:6] + data[:4]


def register(connection: sqlite3.Connection) -> None:
    """Makes the collations known to a connection."""
    connection.create_collation(CI, _comparing(_folded))
    connection.create_collation(CS, _comparing(_cased))
    connection.create_collation(BIN, _comparing(lambda text: text.rstrip(" ")))
    connection.create_collation(NUMBER, _comparing(_number))
    connection.create_collation(GUID, _comparing(_guid))
    connection.create_collation(ZONED, _comparing(lambda text: text[:27]))
