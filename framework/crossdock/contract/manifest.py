"""What a plugin says about itself before anything is opened."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

CONTRACT_VERSION = 1
"""Version of the hooks and frames; a plugin built for another is refused at load."""


class Setting(Struct, frozen=True, omit_defaults=True):
    """One key of a connection in `crossdock.toml`."""

    name: str
    """The key."""
    help: str
    """One line for the operator."""
    kind: str = "text"
    """`text`, `integer`, `number`, `flag`, `choice`, `path` or `url`; files begin at the configuration's folder."""
    required: bool = False
    """Whether it must be given."""
    secret: bool = False
    """Whether it is a credential: `{ env = … }`, `{ keyring = … }` or `{ file = … }`, never shown."""
    default: Any = None
    """Value where it is not given."""
    choices: tuple[str, ...] = ()
    """Allowed values of a `choice`."""


class Manifest(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A plugin's declaration: pure data, no input or output behind it."""

    name: str
    """The entry point's name."""
    title: str
    """What people call the system."""
    settings: tuple[Setting, ...] = ()
    """Settings beyond the ones every connection has."""
    features: tuple[str, ...] = ()
    """What it does and does not do, a sentence each."""
    contract: int = CONTRACT_VERSION
    """Contract it was built for."""
    order_key: Literal["enforced", "searchable", "neither"] = "neither"
    """Whether the system enforces a unique reference on documents, can search it, or neither."""
    reference_length: int = 20
    """Characters that the document's reference field holds."""
    max_commit_delay_s: float = 60.0
    """Longest time after a time-out that a write may still be committed."""
    batch_size: int = 500
    """Deliveries a call of `write_products` takes at most."""
    rate_per_s: float | None = None
    """Requests a second that the system allows. None: no limit known."""
    sessions: int | None = None
    """Sessions open at once that the system allows. None: no limit known."""
    hosts: tuple[str, ...] = ()
    """Settings that hold the addresses it contacts; it contacts no other."""
    whole_products: bool = False
    """Whether a page holds whole products, so that a missing variant is gone."""


class Config(Mapping[str, Any]):
    """A connection's settings as the plugin sees them; secrets never show in its repr."""

    def __init__(self, values: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> None:
        """Takes the settings and the names of the secret ones."""
        self._values, self._secrets = dict(values), secrets

    def __getitem__(self, name: str) -> Any:
        """Gives a setting, its default where it was not given.

        Raises:
            KeyError: the manifest has no such setting.
        """
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """Gives the settings' names."""
        return iter(self._values)

    def __len__(self) -> int:
        """Gives the number of settings."""
        return len(self._values)

    def __repr__(self) -> str:
        """Shows the settings, never a secret."""
        shown = {name: "***" if name in self._secrets else value for name, value in self._values.items()}
        return f"Config({shown!r})"


class Finding(Struct, frozen=True):
    """One thing that `check` found out."""

    code: str
    """Short name for scripts, such as `login_can_write`."""
    level: str
    """`ok`, `warning` or `error`."""
    text: str
    """What was found and, unless all is well, what to do."""
