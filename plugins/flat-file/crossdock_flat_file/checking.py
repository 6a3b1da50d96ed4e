"""What `crossdock connections check` says about a connection to files."""

import os
from collections.abc import Sequence

from crossdock import AuthError, ConfigError, Finding, TransientError
from crossdock.toolkit.files import open_csv
from crossdock_flat_file.client import FlatFile


def findings(session: FlatFile) -> Sequence[Finding]:
    """Looks at every file that is set; writes nothing."""
    return [one for stream in ("products", "customers") if session.has(stream) for one in _look(session, stream)]


def _look(session: FlatFile, stream: str) -> list[Finding]:
    try:
        kind = session.format(stream)
        if not session.path(stream).exists():
            return [_missing(session, stream)]
        text = f"{session.place(stream)}: {_content(session, stream, kind)}"
    except (AuthError, ConfigError, TransientError) as error:
        return [Finding(f"{stream}_file", "error", str(error))]
    return [Finding(f"{stream}_file", "ok", text)]


def _missing(session: FlatFile, stream: str) -> Finding:
    path = session.path(stream)
    if path.parent.is_dir() and os.access(path.parent, os.W_OK):
        text = f"{path} is not there: a channel makes it, a source needs it"
        return Finding(f"{stream}_file", "warning", text)
    text = f"{path} is not there and cannot be made: its folder is missing or not writable"
    return Finding(f"{stream}_file", "error", text)


def _content(session: FlatFile, stream: str, kind: str) -> str:
    path = session.path(stream)
    if path.stat().st_size == 0:
        return "empty"
    if kind == "csv":
        with open_csv(path, encoding=session.encoding, delimiter=session.delimiter) as table:
            shown = [name for name in table.columns if not name.startswith("_")]
            return f"CSV with {len(shown)} columns: {', '.join(shown[:12])}"
    with session.objects(stream, kind) as objects:
        first = next(objects, {})
    what = "XML; the first row" if kind == "xml" else "JSON lines; the first"
    return f"{what} has {', '.join(name for name in first if not name.startswith('_')) or 'nothing'}"
