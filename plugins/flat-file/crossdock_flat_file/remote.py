"""A file behind an address: fetched once a session, over a guarded client, and only when it is another than last time.

With `path` beside the address the copy is kept there, and the next session asks for it only if it has changed
(`ETag`, `Last-Modified`); without, it lives as long as the session does.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from crossdock import Config, ConfigError, Memory, RefusedError, TransientError
from crossdock.toolkit.http import HttpClient, HttpSettings
from crossdock.toolkit.http.auth.basic import BasicCredential
from crossdock.toolkit.http.auth.bearer import HeaderCredential
from crossdock.toolkit.http.credential import Credential
from crossdock.toolkit.http.retrying import tries

NEEDS_HTTP = 'files behind an address need more than is installed: pip install "crossdock-flat-file[url]"'
_NOT_CHANGED = 304
_MEGABYTE = 1024 * 1024
_ANSWER_S = 3600.0
_ATTEMPTS, _PATIENCE_S = 4, 2 * _ANSWER_S


class Version(Struct, omit_defaults=True):
    """Which version of a file the kept copy is; what the memory holds."""

    size: int
    """Bytes of the copy: another size, and somebody else wrote to it."""
    etag: str | None = None
    """The server's mark. None: it gave none."""
    modified: str | None = None
    """The server's date, as it wrote it. None: it gave none."""


class RemoteFile:
    """One address and its copy."""

    def __init__(self, url: str, keep: Path | None, config: Config, memory: Memory) -> None:
        """Takes the address, where to keep the copy (None: nowhere), and the connection; contacts nobody yet."""
        self.url, self._keep, self._config, self._memory = url, keep, config, memory
        self._fetched: Path | None = None

    @property
    def suffix(self) -> str:
        """End of the file's name in the address, such as `.xml`."""
        return Path(urlsplit(self.url).path).suffix.lower()

    def fetched(self) -> Path:
        """Gives the copy, after fetching it where this session has not yet.

        Raises:
            TransientError: not reachable now, or the copy cannot be written.
            ConfigError: there is nothing there, it is larger than allowed, or it leads to another host.
            AuthError: user, password or token are refused.
        """
        if self._fetched is None:
            self._fetched = self._fetch()
        return self._fetched

    def close(self) -> None:
        """Removes a copy that is not to be kept."""
        if self._fetched is not None and self._keep is None:
            with suppress(OSError):
                self._fetched.unlink()
        self._fetched = None

    def _fetch(self) -> Path:
        folder = None if self._keep is None else self._keep.parent
        if folder is not None and not folder.is_dir():
            message = f"{self._keep} cannot be written: there is no folder {folder}"
            raise ConfigError(message)
        try:
            place, name = tempfile.mkstemp(prefix="crossdock-", suffix=self.suffix or ".part", dir=folder)
            with os.fdopen(place, "wb") as file:
                version = self._download(file)
        except OSError as error:
            message = f"the copy of {self.url} cannot be written: {error.strerror}"
            raise TransientError(message) from error
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        return self._kept(Path(name), version)

    def _download(self, file: BinaryIO) -> Version | None:
        """Writes what is at the address into a file; gives its version, None where the kept copy is still good."""
        try:
            with self._client() as http:
                for attempt in tries(_ATTEMPTS, _PATIENCE_S):
                    with attempt:
                        return self._try(http, file)
        except RefusedError as error:
            message = f"{error}; check the address"
            raise ConfigError(message) from error
        except ImportError as error:
            raise ConfigError(NEEDS_HTTP) from error
        raise AssertionError  # pragma: no cover  # the last try returns or raises

    def _try(self, http: HttpClient, file: BinaryIO) -> Version | None:
        """Fetches once, from the beginning."""
        file.seek(0)
        file.truncate()
        reply = http.download(self.url, file.write, headers=self._conditions())
        if reply.status == _NOT_CHANGED:
            return None
        return Version(file.tell(), reply.headers.get("etag"), reply.headers.get("last-modified"))

    def _kept(self, new: Path, version: Version | None) -> Path:
        if self._keep is None:
            return new
        try:
            if version is None:
                new.unlink()
                return self._keep
            new.replace(self._keep)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            message = f"{self._keep} cannot be written now: {error.strerror}"
            raise TransientError(message) from error
        self._memory.set(self._key, msgspec.json.encode(version).decode(), secret=False)
        return self._keep

    def _conditions(self) -> Mapping[str, str]:
        """Gives headers that ask for the file only where it is another than the copy."""
        if self._keep is None or not self._keep.is_file():
            return {}
        text = self._memory.get(self._key)
        version = msgspec.json.decode(text, type=Version) if text else None
        if version is None or version.size != self._keep.stat().st_size:
            return {}
        told = {"If-None-Match": version.etag, "If-Modified-Since": version.modified}
        return {name: value for name, value in told.items() if value}

    @property
    def _key(self) -> str:
        mark = hashlib.sha256(f"{self.url} {self._keep}".encode()).hexdigest()[:16]
        return f"file:{mark}"

    def _client(self) -> HttpClient:
        settings = HttpSettings(
            base_url=self.url,
            max_answer_bytes=int(float(self._setting("max_megabytes", 1024)) * _MEGABYTE),
            answer_timeout_s=_ANSWER_S,
            certificate=self._config.get("certificate"),
            headers={"Accept": "*/*"},
        )
        secrets = [self._config.get(name) for name in ("password", "token")]
        return HttpClient(settings, secrets=secrets, credential=self._credential())

    def _credential(self) -> Credential | None:
        username, password, token = (self._config.get(name) for name in ("username", "password", "token"))
        if token:
            return HeaderCredential("Authorization", f"Bearer {token}")
        return BasicCredential(str(username), str(password or "")) if username else None

    def _setting(self, name: str, default: Any) -> Any:  # whatever the setting holds
        found = self._config.get(name)
        return default if found is None else found
