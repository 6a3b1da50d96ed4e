"""What SQL Server says when it refuses, by number; drivers and our toolkit go by the number.

Source of numbers, severities and wording: `sys.messages` as documented in "Database Engine events and errors".
"""


class SqlError(Exception):
    """One error as it goes over the wire."""

    def __init__(self, number: int, text: str, severity: int = 16, state: int = 1) -> None:
        """Takes the number, what is said, the severity (20 and more end the connection) and the state."""
        super().__init__(text)
        self.number, self.text, self.severity, self.state = number, text, severity, state

    @property
    def fatal(self) -> bool:
        """Whether the connection ends with it."""
        return self.severity >= 20  # noqa: PLR2004  # as documented for severities

    @property
    def dooms(self) -> bool:
        """Whether the transaction is rolled back."""
        return self.number in {1205, 3960}


class StandInLimitError(SqlError):
    """Asked for something that a real server has and this one does not: refused, never answered by nothing."""

    def __init__(self, what: str) -> None:
        """Takes what was asked."""
        super().__init__(50000, f"the SQL Server stand-in does not know {what}", 16)


def syntax(near: str) -> SqlError:
    """Gives 102."""
    return SqlError(102, f"Incorrect syntax near '{near}'.", 15)


def no_object(name: str) -> SqlError:
    """Gives 208."""
    return SqlError(208, f"Invalid object name '{name}'.")


def no_column(name: str) -> SqlError:
    """Gives 207."""
    return SqlError(207, f"Invalid column name '{name}'.")


def ambiguous(name: str) -> SqlError:
    """Gives 209."""
    return SqlError(209, f"Ambiguous column name '{name}'.")


def unbound(name: str) -> SqlError:
    """Gives 4104."""
    return SqlError(4104, f'The multi-part identifier "{name}" could not be bound.')


def no_procedure(name: str) -> SqlError:
    """Gives 2812."""
    return SqlError(2812, f"Could not find stored procedure '{name}'.", 16, 62)


def no_variable(name: str) -> SqlError:
    """Gives 137."""
    return SqlError(137, f'Must declare the scalar variable "{name}".', 15, 2)


def denied(right: str, name: str, database: str) -> SqlError:
    """Gives 229."""
    place = f"the object '{name}', database '{database}', schema 'dbo'"
    return SqlError(229, f"The {right} permission was denied on {place}.", 14, 5)


def denied_in_database(right: str, database: str) -> SqlError:
    """Gives 262."""
    return SqlError(262, f"{right} permission denied in database '{database}'.", 14)


def login_failed(user: str) -> SqlError:
    """Gives 18456."""
    return SqlError(18456, f"Login failed for user '{user}'.", 14)


def no_database_at_login(database: str) -> SqlError:
    """Gives 4060."""
    text = f'Cannot open database "{database}" requested by the login. The login failed.'
    return SqlError(4060, text, 11)


def no_database(database: str) -> SqlError:
    """Gives 911."""
    return SqlError(911, f"Database '{database}' does not exist. Make sure that the name is entered correctly.")


def duplicate(table: str, value: str, constraint: str, *, primary: bool) -> SqlError:
    """Gives 2627 for a key, 2601 for an index."""
    if not primary:
        said = f"Cannot insert duplicate key row in object 'dbo.{table}' with unique index '{constraint}'."
        return SqlError(2601, f"{said} The duplicate key value is ({value}).", 14)
    said = f"Cannot insert duplicate key in object 'dbo.{table}'. The duplicate key value is ({value})."
    return SqlError(2627, f"Violation of PRIMARY KEY constraint '{constraint}'. {said}", 14)


def null_refused(column: str, table: str, verb: str) -> SqlError:
    """Gives 515."""
    text = f"Cannot insert the value NULL into column '{column}', table '{table}'; column does not allow nulls. "
    return SqlError(515, f"{text}{verb} fails.", 16, 2)


def not_converted(kind: str, value: str, wanted: str) -> SqlError:
    """Gives 245."""
    return SqlError(245, f"Conversion failed when converting the {kind} value '{value}' to data type {wanted}.")


def not_a_number(kind: str, wanted: str) -> SqlError:
    """Gives 8114."""
    return SqlError(8114, f"Error converting data type {kind} to {wanted}.", 16, 5)


def not_a_date() -> SqlError:
    """Gives 241."""
    return SqlError(241, "Conversion failed when converting date and/or time from character string.")


def date_out_of_range(kind: str) -> SqlError:
    """Gives 242."""
    text = f"The conversion of a varchar data type to a {kind} data type resulted in an out-of-range value."
    return SqlError(242, text, 16, 3)


def not_a_guid() -> SqlError:
    """Gives 8169."""
    return SqlError(8169, "Conversion failed when converting from a character string to uniqueidentifier.", 16, 2)


def overflow(kind: str) -> SqlError:
    """Gives 8115."""
    return SqlError(8115, f"Arithmetic overflow error converting expression to data type {kind}.", 16, 2)


def divided_by_zero() -> SqlError:
    """Gives 8134."""
    return SqlError(8134, "Divide by zero error encountered.")


def cut_off(table: str, column: str, value: str) -> SqlError:
    """Gives 2628."""
    place = f"table '{table}', column '{column}'. Truncated value: '{value}'"
    return SqlError(2628, f"String or binary data would be truncated in {place}.")


def lock_timed_out() -> SqlError:
    """Gives 1222."""
    return SqlError(1222, "Lock request time out period exceeded.", 16, 51)


def deadlocked(session: int) -> SqlError:
    """Gives 1205."""
    text = f"Transaction (Process ID {session}) was deadlocked on lock resources with another process and has been "
    return SqlError(1205, f"{text}chosen as the deadlock victim. Rerun the transaction.", 13, 51)


def disk_full(table: str, database: str) -> SqlError:
    """Gives 1105."""
    said = f"Could not allocate space for object 'dbo.{table}' in database '{database}' because the 'PRIMARY' "
    return SqlError(1105, f"{said}filegroup is full.", 17, 2)


def snapshot_not_allowed(database: str) -> SqlError:
    """Gives 3952."""
    text = f"Snapshot isolation transaction failed accessing database '{database}' because snapshot isolation is not "
    return SqlError(3952, f"{text}allowed in this database.", 16)


def not_in_transaction(word: str) -> SqlError:
    """Gives 3902 or 3903."""
    number = 3902 if word == "COMMIT" else 3903
    return SqlError(number, f"The {word} TRANSACTION request has no corresponding BEGIN TRANSACTION.")


def argument_missing(routine: str, name: str) -> SqlError:
    """Gives 201."""
    text = f"Procedure or function '{routine}' expects parameter '{name}', which was not supplied."
    return SqlError(201, text, 16, 4)


def no_condition(near: str) -> SqlError:
    """Gives 4145."""
    text = "An expression of non-boolean type specified in a context where a condition is expected"
    return SqlError(4145, f"{text}, near '{near}'.", 15)


def not_allowed() -> SqlError:
    """Gives 15247."""
    return SqlError(15247, "User does not have permission to perform this action.")


def too_many_arguments(name: str) -> SqlError:
    """Gives 8144."""
    return SqlError(8144, f"Procedure or function {name} has too many arguments specified.", 16, 2)


def not_an_instance(name: str, kind: str) -> SqlError:
    """Gives 8023."""
    said = f'Parameter ("{name}"): The supplied value is not a valid instance of data type {kind}.'
    return SqlError(8023, f"The incoming tabular data stream (TDS) RPC protocol stream is incorrect. {said}", 16, 4)
