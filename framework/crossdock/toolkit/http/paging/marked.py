"""Paging by a mark: a cursor that the system gives, or the key of the last row."""

from dataclasses import dataclass

from crossdock.contract import ConfigError
from crossdock.toolkit.http.paging.step import Answer, Step, Value, value_at


@dataclass(frozen=True, kw_only=True)
class CursorMark:
    """A cursor in each answer, to be sent back for the next page."""

    cursor: str = "cursor"
    """Parameter that takes it."""
    at: str = "next_cursor"
    """Path of the cursor in an answer (JMESPath). Nothing or an empty text there: the last page."""
    more: str | None = None
    """Path of a flag that says whether there is more. None: the cursor alone says it."""
    size: str | None = None
    """Parameter with the rows a page. None: the system decides."""

    def first(self, size: int) -> Step:
        """Asks without a cursor."""
        return Step({self.size: size} if self.size else {})

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Sends the cursor back."""
        found = answer.at(self.at)
        if found is None or found == "" or (self.more is not None and not answer.at(self.more)):
            return None
        if not isinstance(found, str | int | float):
            message = f"the answer has no cursor at {self.at!r}: the plugin's paging does not fit this system"
            raise ConfigError(message)
        return Step({**step.params, self.cursor: found})


@dataclass(frozen=True, kw_only=True)
class KeyMark:
    """Rows in the order of their key, each page from behind the last one's: nothing that comes or goes moves others."""

    after_key: str
    """Parameter that takes the key of the last row, such as `since_id`."""
    key: str = "id"
    """Path of the key in a row."""
    size: str
    """Parameter with the rows a page."""
    start: Value | None = None
    """What the first call gives for the key. None: nothing."""

    def first(self, size: int) -> Step:
        """Asks for the first rows."""
        begin: dict[str, Value] = {} if self.start is None else {self.after_key: self.start}
        return Step({self.size: size, **begin})

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Goes on behind the last row, until a page is empty."""
        if not answer.rows:
            return None
        found = value_at(answer.rows[-1], self.key)
        if not isinstance(found, str | int | float):
            message = f"a row has no key at {self.key!r}: the plugin's paging does not fit this system"
            raise ConfigError(message)
        return Step({**step.params, self.after_key: found})
