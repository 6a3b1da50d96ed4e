"""Keeps query strings out of httpx's own log: a token may stand in them."""

import logging


class WithoutQuery(logging.Filter):
    """Cuts the query off every address in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, its addresses cut."""
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(one) for one in record.args)
        return True


def quieten() -> None:
    """Puts the filter on httpx's logger, once."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(one, WithoutQuery) for one in logger.filters):
        logger.addFilter(WithoutQuery())


def _cut(value: object) -> object:
    text = str(value)
    if "?" in text and "://" in text:
        return text.split("?", 1)[0] + "?…"
    return value
