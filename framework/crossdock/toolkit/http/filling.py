"""Settings put into an address or a header, such as `https://login.example/{tenant}/oauth2/v2.0/token`."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crossdock.contract import ConfigError


def filled_address(url: str, settings: Mapping[str, Any]) -> str:
    """Puts settings into an address, each as one step of a path.

    Raises:
        ConfigError: it names a setting that the connection has not.
    """
    return _filled(url, {name: quote(str(value), safe="") for name, value in settings.items() if value is not None})


def filled_header(text: str, settings: Mapping[str, Any]) -> str:
    """Puts settings into a header's value; errors as in `filled_address`."""
    return _filled(text, settings)


def _filled(text: str, values: Mapping[str, Any]) -> str:
    if "{" not in text:
        return text
    try:
        return text.format_map(values)
    except (KeyError, ValueError, IndexError) as error:
        message = f"{text!r} names a setting that the connection has not: {error}"
        raise ConfigError(message) from error
