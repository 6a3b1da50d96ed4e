"""The beginning of a connection: PRELOGIN and LOGIN7.

Source: MS-TDS, 2.2.6.4 "LOGIN7", 2.2.6.5 "PRELOGIN".
"""

from typing import NamedTuple

from crossdock.testing.sqlserver.tokens import VERSION

ENCRYPT_OFF, ENCRYPT_ON, ENCRYPT_NEVER, ENCRYPT_ALWAYS = 0, 1, 2, 3
_VERSION, _ENCRYPTION, _INSTANCE, _THREAD, _MARS, _FEDERATED = 0, 1, 2, 3, 4, 6
_END = 0xFF


class LoginRequest(NamedTuple):
    """What a client says of itself."""

    user: str
    password: str
    database: str
    application: str
    packet_size: int

    def __repr__(self) -> str:
        """Leaves the password out."""
        return f"LoginRequest({self.user!r}, {self.database!r})"


def wanted_encryption(body: bytes) -> int:
    """Gives what the client says of encryption in its PRELOGIN."""
    at = 0
    while body[at] != _END:
        if body[at] == _ENCRYPTION:
            return body[int.from_bytes(body[at + 1 : at + 3], "big")]
        at += 5
    return ENCRYPT_NEVER


def prelogin_answer(encryption: int) -> bytes:
    """Gives the server's PRELOGIN."""
    version = bytes(VERSION[:2]) + VERSION[2].to_bytes(2, "big") + b"\0\0"
    options = (
        (_VERSION, version),
        (_ENCRYPTION, bytes((encryption,))),
        (_INSTANCE, b"\0"),
        (_THREAD, b""),
        (_MARS, b"\0"),
    )
    at, table, values = len(options) * 5 + 1, b"", b""
    for code, value in options:
        table += bytes((code,)) + at.to_bytes(2, "big") + len(value).to_bytes(2, "big")
        at, values = at + len(value), values + value
    return table + bytes((_END,)) + values


def login_request(body: bytes) -> LoginRequest:
    """Reads a LOGIN7."""

    def text(place: int) -> bytes:
        at, length = (int.from_bytes(body[place + more : place + more + 2], "little") for more in (0, 2))
        return body[at : at + length * 2]

    password = bytes(((one ^ 0xA5) >> 4 | (one ^ 0xA5) << 4) & 0xFF for one in text(44))
    user, database, application = (text(place).decode("utf-16-le") for place in (40, 68, 48))
    size = int.from_bytes(body[8:12], "little")
    return LoginRequest(user, password.decode("utf-16-le"), database, application, size)
