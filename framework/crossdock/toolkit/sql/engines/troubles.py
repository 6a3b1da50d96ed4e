"""What goes wrong with a database, each with the error to raise and the cure; and the signs it is known by."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from crossdock.contract import AuthError, ConfigError, CrossdockError, TransientError

AGAIN = "it will be tried again"


class Fault(Struct, frozen=True):
    """What a driver said, taken apart."""

    text: str
    state: str = ""
    """SQLSTATE. Empty: the driver gave none."""
    number: int | None = None
    """The database's own number. None: the driver gave none."""


class Trouble(Struct, frozen=True):
    """One kind of thing that goes wrong."""

    code: str
    """Short name, for scripts and for `crossdock doctor`."""
    kind: type[CrossdockError]
    """Error to raise: what the framework does next."""
    cure: str
    """What a person does next."""


UNREACHABLE = Trouble(
    "unreachable",
    TransientError,
    "check that the server runs, its name and port, and that no firewall is between; " + AGAIN,
)
HOST_UNKNOWN = Trouble("host_unknown", ConfigError, "correct the server's name, or give its address")
CERTIFICATE = Trouble(
    "certificate_untrusted",
    ConfigError,
    "install the certificate of the authority that signed the server's, or, only on a network you trust, "
    "tell the driver to accept it (its own option, such as TrustServerCertificate=yes)",
)
ENCRYPTION = Trouble(
    "encryption_failed",
    ConfigError,
    "server and driver do not agree on encryption: allow it on the server, or set the driver's option (Encrypt=no)",
)
LOGIN_REFUSED = Trouble("login_refused", AuthError, "correct the user name or the password")
LOGIN_EXPIRED = Trouble("login_expired", AuthError, "set a new password for the login, then give it here")
LOGIN_LOCKED = Trouble("login_locked", AuthError, "unlock or enable the login on the server")
HOST_REFUSED = Trouble("host_refused", AuthError, "allow the login from this machine on the server")
DATABASE_UNKNOWN = Trouble("database_unknown", ConfigError, "correct the database's name, or let the login into it")
NOT_PERMITTED = Trouble("not_permitted", AuthError, "grant the login SELECT on it; reading needs no more")
NO_TABLE = Trouble("table_unknown", ConfigError, "correct `table` or `query`, or grant SELECT on it")
NO_COLUMN = Trouble("column_unknown", ConfigError, "correct the field map or the table")
WRONG_QUERY = Trouble("query_fails", ConfigError, "correct the connection's settings or its field map")
WRONG_DATA = Trouble("data_unreadable", ConfigError, "correct the query, or the value in the ERP")
ORDER_IN_QUERY = Trouble("query_ordered", ConfigError, "leave ORDER BY out of `query`: pages are ordered by `key`")
READ_ONLY = Trouble("read_only", ConfigError, "the session only reads: give a SELECT")
WRONG_SETTING = Trouble("setting_wrong", ConfigError, "correct the connection's address or options")
DRIVER_MISSING = Trouble("driver_missing", ConfigError, "install the driver, or correct its name")
DRIVER_BITNESS = Trouble(
    "driver_bitness",
    ConfigError,
    "install the ODBC driver in the bitness of this Python: a 64-bit Python needs the 64-bit driver",
)
NOT_A_DATABASE = Trouble("not_a_database", ConfigError, "correct the path: the file is damaged or no database")
CONNECTION_LOST = Trouble("connection_lost", TransientError, AGAIN)
TIME_OUT = Trouble("time_out", TransientError, AGAIN + "; `statement_timeout_s` says how long a page may take")
CANCELLED = Trouble("cancelled", TransientError, AGAIN)
LOCKED = Trouble("locked", TransientError, "another program holds a lock; " + AGAIN)
DEADLOCK = Trouble("deadlock", TransientError, "the server chose this read to end a deadlock; " + AGAIN)
BUSY = Trouble("busy", TransientError, "the server takes no more connections just now; " + AGAIN)
DISK_FULL = Trouble("disk_full", TransientError, "make room on the server's disk; " + AGAIN)
CHANGED_MEANWHILE = Trouble("table_changed", TransientError, "the table was altered meanwhile; " + AGAIN)
PASSING = Trouble("unknown", TransientError, AGAIN)


class Signs(Struct, frozen=True):
    """By what a database's troubles are known."""

    numbers: Mapping[int, Trouble] = {}
    """By its own number, the surest sign."""
    words: Sequence[tuple[str, Trouble]] = ()
    """By words in the text, in lower case; looked for only where the state says little."""
    states: Mapping[str, Trouble] = {}
    """By the beginning of SQLSTATE; the longest counts."""
    vague: tuple[str, ...] = ("08", "HY", "IM", "01", "28", "S1")
    """Beginnings of states that say so little that the words count first."""

    def read(self, fault: Fault) -> Trouble | None:
        """Finds what a fault means, None where no sign is known."""
        if fault.number is not None and fault.number in self.numbers:
            return self.numbers[fault.number]
        if not fault.state or fault.state.startswith(self.vague):
            said = fault.text.lower()
            found = next((trouble for words, trouble in self.words if words in said), None)
            if found is not None:
                return found
        return self._by_state(fault.state)

    def _by_state(self, state: str) -> Trouble | None:
        beginnings = (state[:length] for length in (5, 3, 2))
        return next((self.states[one] for one in beginnings if one in self.states), None)


STANDARD = Signs(
    words=(
        ("wrong elf class", DRIVER_BITNESS),
        ("not a valid win32 application", DRIVER_BITNESS),
        ("architecture mismatch", DRIVER_BITNESS),
        ("can't open lib", DRIVER_MISSING),
        ("no default driver specified", DRIVER_MISSING),
        ("certificate", CERTIFICATE),
        ("could not translate host name", HOST_UNKNOWN),
        ("name or service not known", HOST_UNKNOWN),
    ),
    states={
        "01": WRONG_SETTING,
        "08": UNREACHABLE,
        "08S01": CONNECTION_LOST,
        "08003": CONNECTION_LOST,
        "08006": CONNECTION_LOST,
        "21": WRONG_QUERY,
        "22": WRONG_DATA,
        "25006": READ_ONLY,
        "28": LOGIN_REFUSED,
        "3D": DATABASE_UNKNOWN,
        "3F": NO_TABLE,
        "40": DEADLOCK,
        "42": WRONG_QUERY,
        "42501": NOT_PERMITTED,
        "42S02": NO_TABLE,
        "42S22": NO_COLUMN,
        "0A": WRONG_QUERY,
        "HY008": CANCELLED,
        "HYT": TIME_OUT,
        "IM": DRIVER_MISSING,
        "IM014": DRIVER_BITNESS,
        "S0002": NO_TABLE,
        "S0022": NO_COLUMN,
    },
)
"""SQLSTATE as ISO 9075 and the ODBC reference (appendix A) give it, and the words of driver managers."""
