"""What can go wrong, named after what the framework does next.

CrossdockError
├── TransientError          worth another try: reads and idempotent writes are repeated with growing waits
├── RowError                one row cannot be mapped: it is quarantined, the next row goes on
├── RefusedError            the other system said a definite no to a write
├── NotSentError            proved: nothing left this machine
├── ConnectionSetupError    a person must act before this connection goes on
│   ├── ConfigError         a setting is wrong
│   └── AuthError           a credential is wrong or lacks a right
├── PluginError             a plugin broke the contract
├── LaneBusyError           another run holds the lane
└── FenceLostError          this run no longer owns its lane and must stop
"""


class CrossdockError(Exception):
    """Anything crossdock raises on purpose; its text says what failed, where, and what to do next."""

    trouble = ""
    """Short name of what went wrong, for scripts and `crossdock doctor`. Empty: the class says it all."""


class TransientError(CrossdockError):
    """A time-out, lock, rate limit or lost connection: worth another try."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Takes the seconds that the other system asked to wait, None where it did not say."""
        super().__init__(message)
        self.retry_after = retry_after


class RowError(CrossdockError, ValueError):
    """A value cannot be mapped; the row is set aside and the next one goes on."""

    def __init__(self, reason: str, code: str | None = None, field: str | None = None) -> None:
        """Takes the reason, and where known the item's code and the hub field."""
        super().__init__(reason)
        self.reason, self.code, self.field = reason, code, field


class RefusedError(CrossdockError):
    """The other system said a definite no to a write; its reason is the text."""


class NotSentError(CrossdockError):
    """Proved before the first byte left: the write did not happen."""


class ConnectionSetupError(CrossdockError):
    """This connection stops until a person acts."""


class ConfigError(ConnectionSetupError):
    """A setting is wrong."""


class AuthError(ConnectionSetupError):
    """A credential is wrong, expired, or lacks a right."""


class PluginError(CrossdockError):
    """A plugin broke the contract, crashed or hung."""

    def __init__(self, message: str, plugin: str = "", hook: str = "") -> None:
        """Takes the plugin and the hook to blame."""
        super().__init__(message)
        self.plugin, self.hook = plugin, hook


class LaneBusyError(CrossdockError):
    """Another run holds this lane; the text says which."""


class FenceLostError(CrossdockError):
    """Another run took this lane over: this one must not write any more."""


KINDS: dict[str, type[CrossdockError]] = {
    kind.__name__: kind
    for kind in (
        TransientError,
        RowError,
        RefusedError,
        NotSentError,
        ConnectionSetupError,
        ConfigError,
        AuthError,
        PluginError,
    )
}
"""Errors that cross from a child to the host, by name."""
