"""A new home: `crossdock.toml` with what is needed to fill it in."""

from collections.abc import Mapping
from pathlib import Path

from crossdock.host.appending import written_new

HEAD = """\
# crossdock: what is read, where it is sent, and how often.
#
# Sections are added by `crossdock connections add NAME` and `crossdock syncs add NAME`, or by hand: every key is in
# docs/reference/configuration.md. Relative paths begin at this folder. No secret belongs in here: write
#   password = { env = "VARIABLE" }    or    { keyring = "NAME" }    or    { file = "PATH" }
#
"""
STEPS = """\
# 1. crossdock connections add erp        the system that has products and customers
# 2. crossdock connections add shop       a channel that they are sent to
# 3. crossdock syncs add main             which source goes to which channels
# 4. crossdock sync --dry-run             see what would be sent, then without --dry-run
"""


def start_home(path: Path, plugins: Mapping[str, str]) -> None:
    """Writes a configuration that holds comments alone.

    Args:
        path: where; its folder is made.
        plugins: installed plugins and their versions, named in it.

    Raises:
        AlreadyThereError: there is one already.
        ConfigError: it cannot be written there.
    """
    names = ", ".join(f"{name} {version}".strip() for name, version in plugins.items()) or "none yet"
    written_new(path, f"{HEAD}# Plugins installed when this was written: {names}.\n#\n{STEPS}")
