"""One connection: greets, logs in, answers messages until it ends."""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.testing.sqlserver import errors, greeting, packets, tokens
from crossdock.testing.sqlserver.errors import SqlError
from crossdock.testing.sqlserver.locks import InterruptedStatementError
from crossdock.testing.sqlserver.procedures import NUMBERS, Procedures
from crossdock.testing.sqlserver.reading import Parameter, Reader
from crossdock.testing.sqlserver.results import Result, Value
from crossdock.testing.sqlserver.session import CutError, Session

if TYPE_CHECKING:
    from crossdock.testing.sqlserver.server import SqlServer

_BY_NUMBER = 0xFFFF
_BEGIN, _COMMIT, _ROLLBACK, _SAVE = 5, 7, 8, 9
_LOOK_EVERY_ROWS = 64
_SEPARATORS = {0xFF, 0x80, 0xFE}


class Conversation:
    """Serves one client in one thread."""

    def __init__(self, server: "SqlServer", wire: socket.socket, number: int) -> None:
        """Takes the accepted socket and the session's number."""
        self.server, self.number = server, number
        self.channel = packets.Channel(wire)
        self.session: Session | None = None
        self._procedures: Procedures | None = None
        self._encrypted = False

    def serve(self) -> None:
        """Answers until either side hangs up."""
        try:
            while True:
                kind, body = self.channel.read_message()
                if not self._answer(kind, body):
                    return
        except (OSError, CutError):
            return  # the client went away, or a fault wants it cut
        finally:
            if self.session is not None:
                self.server.forget(self.session)
                self.session.close()

    def _answer(self, kind: int, body: bytes) -> bool:
        if kind == packets.PRELOGIN:
            return self._greet(body)
        if kind == packets.LOGIN:
            return self._log_in(body)
        if self.session is None or self._procedures is None:
            return False
        if self.channel.resets:
            self.session.reset()
        if kind == packets.ATTENTION:
            self._end(tokens.done(tokens.DONE, tokens.ATTENTION))
            return True
        return self._carry_out(kind, body, self._procedures)

    def _greet(self, body: bytes) -> bool:
        wanted, context = greeting.wanted_encryption(body), self.server.tls
        if context is None:
            self._end(greeting.prelogin_answer(greeting.ENCRYPT_NEVER))
            return True
        self._end(greeting.prelogin_answer(greeting.ENCRYPT_ALWAYS))
        if wanted == greeting.ENCRYPT_NEVER:
            return False
        try:
            self.channel.start_tls(context)
        except ssl.SSLError:
            return False  # it does not trust us
        self._encrypted = True
        return True

    def _log_in(self, body: bytes) -> bool:
        asked = greeting.login_request(body)
        try:
            login = self.server.admitted(asked)
        except SqlError as trouble:
            self._end(tokens.error(trouble) + tokens.done(tokens.DONE, tokens.ERROR))
            return False
        self.session = Session(self.server, login, self.number, self.channel.attention_waits)
        self.session.application, self.session.encrypted = asked.application, self._encrypted
        self._procedures = Procedures(self.session)
        self.server.remember(self.session)
        database = self.session.database
        said = tokens.environment(1, database, "master") + tokens.info(
            5701, f"Changed database context to '{database}'."
        )
        said += tokens.collation() + tokens.environment(2, "us_english", "") + tokens.login_done()
        size = min(max(asked.packet_size, 512), 32767) if asked.packet_size else packets.DEFAULT_SIZE
        said += tokens.environment(4, str(size), str(packets.DEFAULT_SIZE))
        self._end(said + tokens.done(tokens.DONE, 0))
        self.channel.size = size
        return True

    def _carry_out(self, kind: int, body: bytes, procedures: Procedures) -> bool:
        reader = Reader(body)
        carry = {packets.BATCH: self._batch, packets.RPC: self._calls, packets.TRANSACTION: self._transaction}.get(kind)
        try:
            if carry is None:
                what = f"messages of the type 0x{kind:02X}"
                raise errors.StandInLimitError(what)
            reader.skip_headers()
            carry(reader, procedures)
        except InterruptedStatementError:
            # Without an error before it, Microsoft's driver 18.6 takes what was cancelled for what has ended well.
            ended = tokens.done(tokens.DONE, tokens.ERROR | tokens.MORE)
            self._end(ended + tokens.done(tokens.DONE, tokens.ATTENTION))
            self.channel.read_message()
        except SqlError as trouble:
            self._refuse(trouble, tokens.DONE)
        return True

    def _refuse(self, trouble: SqlError, code: int) -> None:
        said = tokens.error(trouble)
        if trouble.dooms and self.session is not None:
            said += tokens.transaction(10, self.session.transaction_number)
        self._end(said + tokens.done(code, tokens.ERROR))

    def _end(self, data: bytes) -> None:
        self.channel.write(data)
        self.channel.end_message()

    def _batch(self, reader: Reader, procedures: Procedures) -> None:
        text = reader.take(reader.left).decode("utf-16-le", "surrogatepass")
        self._write_results(procedures.batch.run(text), last=b"")

    def _write_results(self, results: Iterator[Result], last: bytes) -> None:
        """Writes results as they come; `last` stands for the end of a call, empty for that of a batch."""
        waiting = b""
        for result in results:
            self.channel.write(_continued(waiting))
            waiting = self._write(result)
        if last:
            self.channel.write(_continued(waiting) + last)
        else:
            self.channel.write(waiting or tokens.done(tokens.DONE, 0))
        self.channel.end_message()

    def _write(self, result: Result) -> bytes:
        """Writes a result and gives the DONE that it ends with."""
        self.channel.write(result.notes)
        count = result.count
        if result.columns is not None and result.rows is not None:
            self.channel.write(tokens.columns(result.columns))
            count = self._write_rows(result.columns, result.rows)
        counts = count is not None and not (self.session and self.session.nocount)
        return tokens.done(result.code, tokens.COUNT if counts else 0, result.command, count or 0)

    def _write_rows(self, columns: Sequence[Any], rows: Iterator[Sequence[Any]]) -> int:
        count = 0
        try:
            for row in tokens.rows(columns, rows):
                self.channel.write(row)
                count += 1
                if count % _LOOK_EVERY_ROWS == 0 and self.channel.attention_waits():
                    raise InterruptedStatementError
        except (struct.error, OverflowError) as native:
            kind = next((one.kind.name for one in columns if one.kind.family in {"int", "decimal"}), "expression")
            raise errors.overflow(kind) from native
        finally:
            close = getattr(rows, "close", None)
            if close is not None:
                close()
        if self.session is not None:
            self.session.row_count = count
        return count

    def _calls(self, reader: Reader, procedures: Procedures) -> None:
        while reader.left:
            length = reader.number(2)
            name = (
                NUMBERS.get(reader.number(2), "")
                if length == _BY_NUMBER
                else reader.take(length * 2).decode("utf-16-le")
            )
            reader.number(2)
            given = list(_parameters(reader))
            self._call(procedures, name, given, last=not reader.left)

    def _call(self, procedures: Procedures, name: str, given: list[Parameter], *, last: bool) -> None:
        values = [(one.name.lower(), Value(one.kind, one.value)) for one in given]
        results = procedures.run(name, values)
        waiting = b""
        try:
            for result in results:
                self.channel.write(_continued(waiting))
                waiting = self._write(result)
        except SqlError as trouble:
            self.channel.write(_continued(waiting))
            if not last:
                self.channel.write(tokens.error(trouble) + tokens.done(tokens.DONE_PROC, tokens.ERROR | tokens.MORE))
                return
            self._refuse(trouble, tokens.DONE_PROC)
            return
        said = tokens.return_status(0)
        for place, (_, value) in zip(
            (at for at, one in enumerate(given) if one.output), procedures.returned, strict=False
        ):
            said += tokens.return_value(place, given[place].name, value.kind, value.value)
        self.channel.write(_continued(waiting) + said + tokens.done(tokens.DONE_PROC, 0 if last else tokens.MORE))
        if last:
            self.channel.end_message()

    def _transaction(self, reader: Reader, procedures: Procedures) -> None:
        asked = reader.number(2)
        act: Callable[[], bytes] | None = {
            _BEGIN: self._begin,
            _COMMIT: procedures.batch.commit,
            _ROLLBACK: procedures.batch.rollback,
        }.get(asked)
        if act is None or self.session is None:
            what = f"the transaction request {asked}"
            raise errors.StandInLimitError(what)
        if asked == _BEGIN:
            level = reader.number(1)
            self.session.isolation = level or self.session.isolation
            self._end(act() + tokens.done(tokens.DONE, 0))
            return
        fault = self.session.strike("COMMIT" if asked == _COMMIT else "ROLLBACK", writes=False)
        said = act()
        if fault is not None:
            raise CutError
        reader.text()
        if reader.left and reader.number(1) & 1:
            said += self.session.begin_transaction()
        self._end(said + tokens.done(tokens.DONE, 0))

    def _begin(self) -> bytes:
        return self.session.begin_transaction() if self.session else b""


def _parameters(reader: Reader) -> Iterator[Parameter]:
    while reader.left:
        if reader.data[reader.at] in _SEPARATORS:
            reader.number(1)
            return
        yield reader.parameter()


def _continued(done: bytes) -> bytes:
    """Gives a DONE with the mark that more follows."""
    return done[:1] + bytes((done[1] | tokens.MORE,)) + done[2:] if done else b""
