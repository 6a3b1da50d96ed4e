"""Who may enter, and what they may do."""

from dataclasses import dataclass, field
from typing import Literal

Rights = Literal["read", "write", "owner"]


@dataclass
class Login:
    """One SQL Server login, with the same rights in the whole database.

    `read` is `db_datareader`: SELECT and nothing else. `write` is `db_datareader` and `db_datawriter` with EXECUTE.
    `owner` is `sa`.
    """

    name: str
    password: str = field(repr=False)
    rights: Rights = "read"
    denied: set[str] = field(default_factory=set)
    """Tables, in lower case, that it may not even read."""

    def may(self, right: str, table: str = "") -> bool:
        """Whether it has a right such as SELECT, on a table where one is named."""
        if self.rights == "owner":
            return True
        if table.lower() in self.denied:
            return False
        return right in _RIGHTS[self.rights]


_RIGHTS = {"read": {"SELECT", "CONNECT"}, "write": {"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CONNECT"}}
READER, WRITER, OWNER = "reader", "writer", "sa"


def defaults() -> dict[str, Login]:
    """Gives the three logins that every stand-in has."""
    return {
        READER: Login(READER, "Read-0nly", "read"),
        WRITER: Login(WRITER, "Wr1te-too", "write"),
        OWNER: Login(OWNER, "All-p0wer", "owner"),
    }
