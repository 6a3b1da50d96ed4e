"""Checks of errors: what goes wrong is told by a class that says what to do next, and never looks like the end."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args
from urllib.parse import urlsplit, urlunsplit

from msgspec.structs import replace

from crossdock.contract import ConnectionSetupError, CrossdockError, PluginError, TransientError
from crossdock.fieldmap import Field, FieldMapError, Table
from crossdock.testing.suite.bench import READ_HOOKS, Bench
from crossdock.testing.suite.checks import Check, NotApplicableError, check_of, expect
from crossdock.testing.suite.fakes import CLASSES, RETRY_AFTER_S, Fault, Settings

WRONG = "wrong-a7Fq93"
"""A credential, a path, a column that no system has."""
SENTENCES = {
    "time_out": "A system that does not answer in time is a TransientError.",
    "unreachable": "A system that cannot be reached is a TransientError.",
    "rate_limit": "Too many calls are a TransientError that carries the seconds the system asked to wait.",
    "refused": "A login that is refused is an AuthError.",
    "not_permitted": "A login that may not read is an AuthError.",
    "bad_data": "An answer that makes no sense is told as an error of ours, not as the end of the rows.",
}


def an_unknown_column_is_a_setting_error(bench: Bench) -> None:
    """A map that names a column which is not there is a ConfigError that names the column."""
    tried = False
    for stream, fields in bench.maps.items():
        if not isinstance(fields.source, Table):
            continue
        tried = True
        wrong = Field("meta.none", WRONG)
        asked = replace(fields, fields=(*fields.fields, wrong))
        error = raised_by(lambda stream=stream, asked=asked: bench.read(stream, fields=asked))  # type: ignore[misc]
        expect(
            isinstance(error, ConnectionSetupError | FieldMapError) and WRONG in str(error),
            f"{READ_HOOKS[stream]}: a column that is not there gave {_shown(error)}, not a ConfigError with its name",
        )
    if not tried:
        message = "rows are nested: what is not there is empty"
        raise NotApplicableError(message)


def a_strange_cursor_is_refused(bench: Bench) -> None:
    """A cursor that this plugin did not write is a ConfigError, or is read as from the beginning; no row is skipped."""
    tried = False
    for stream in bench.maps:
        got = bench.some(stream, page_size=1)
        if all(page.cursor is None for page in got.pages):
            continue
        tried = True
        for since in ("strange", '{"phase": 7}', "\u00e9\x00"):
            try:
                again = bench.read(stream, since=since)
            except ConnectionSetupError:
                continue
            expect(
                got.identities <= again.identities,
                f"{READ_HOOKS[stream]}: the cursor {since!r} was taken, and rows were skipped; refuse it, ConfigError",
            )
    if not tried:
        message = "pages have no cursor: every run begins anew"
        raise NotApplicableError(message)


def a_wrong_secret_is_an_auth_error(bench: Bench) -> None:
    """A wrong password or token is an AuthError, for each secret that the fake's settings give."""
    given = [name for name in bench.secrets if bench.settings.get(name)]
    if not given:
        message = "the fake's settings hold no secret"
        raise NotApplicableError(message)
    for name in given:
        error = raised_by(lambda name=name: _use(bench, {name: WRONG}))  # type: ignore[misc]
        expect(isinstance(error, CLASSES["refused"]), f"a wrong {name} gave {_shown(error)}, not an AuthError")


def a_closed_door_is_transient(bench: Bench) -> None:
    """An address at which nobody listens is a TransientError, for each address that the manifest declares."""
    given = [name for name in bench.plugin.manifest.hosts if urlsplit(str(bench.config.get(name) or "")).hostname]
    if not given:
        message = "the fake's settings hold no address with a host"
        raise NotApplicableError(message)
    for name in given:
        with _closed(str(bench.config[name])) as address:
            error = raised_by(lambda name=name, address=address: _use(bench, {name: address}))  # type: ignore[misc]
        expect(
            isinstance(error, CLASSES["unreachable"]),
            f"nobody listening at {name} gave {_shown(error)}, not a TransientError",
        )


def a_wrong_path_is_told(bench: Bench) -> None:
    """A path at which nothing is ends in an error of ours, or in rows; never in an error of the library's."""
    given = [one.name for one in bench.plugin.manifest.settings if one.kind == "path" and bench.config.get(one.name)]
    if not given:
        message = "the fake's settings hold no path"
        raise NotApplicableError(message)
    for name in given:
        for place in (bench.folder / WRONG / WRONG, bench.folder):
            error = raised_by(lambda name=name, place=place: _use(bench, {name: str(place)}))  # type: ignore[misc]
            expect(
                error is None or (isinstance(error, CrossdockError) and not isinstance(error, PluginError)),
                f"{name} = {place.name!r}, which is no such file, gave {_shown(error)}; say it as a ConfigError",
            )


def a_failure_in_mid_read_is_no_end(bench: Bench) -> None:
    """When the system fails after the first page, the read raises; it does not end as if that were all."""
    kind = _offered(bench, "time_out")
    for stream in bench.maps:
        whole = bench.some(stream)
        with bench.session(**_impatient(bench)) as session:
            pages = bench.pages(session, stream, page_size=1)
            got = [next(pages)]
            with bench.fake.fault(bench.settings, kind):
                error = raised_by(lambda pages=pages, got=got: got.extend(pages))  # type: ignore[misc]
        seen = bench.known(stream, got).identities
        expect(
            isinstance(error, TransientError) or (error is None and whole.identities <= seen),
            f"{READ_HOOKS[stream]}: a time-out after the first page gave {_shown(error)} and {len(seen)} of "
            f"{len(whole.identities)} rows; raise TransientError",
        )


def rows_out_of_order_all_come(bench: Bench) -> None:
    """Rows that the system gives in an order of its own all come."""
    _expect_all_in(bench, "out_of_order")


def rows_repeated_all_come(bench: Bench) -> None:
    """Rows that the system gives more than once push no other row out."""
    _expect_all_in(bench, "repeated")


def raised_by(doing: Callable[[], object]) -> Exception | None:
    """Gives the error that something ends in, None where it ends well."""
    try:
        doing()
    except Exception as error:  # noqa: BLE001  # which one it is, is the question
        return error
    return None


def _use(bench: Bench, changed: Settings) -> None:
    """Opens a session and reads every stream."""
    given = {name: value for name, value in changed.items() if name not in READ_HOOKS}
    with bench.session(**given) as session:
        for stream in bench.maps:
            for _ in bench.pages(session, stream):
                pass


def _expect_all_in(bench: Bench, kind: Fault) -> None:
    _offered(bench, kind)
    for stream in bench.maps:
        whole = bench.some(stream)
        with bench.fake.fault(bench.settings, kind):
            got = bench.read(stream, page_size=3)
        lost = whole.identities - got.identities
        expect(not lost, f"{READ_HOOKS[stream]}: with rows {kind}, {len(lost)} of {whole.count} did not come")


def _offered(bench: Bench, kind: Fault) -> Fault:
    if kind not in bench.offered("FAULTS", "which names the ways it can fail"):
        message = f"the fake cannot fail by {kind!r} (FAULTS)"
        raise NotApplicableError(message)
    return kind


def _expect_class(bench: Bench, kind: Fault) -> None:
    _offered(bench, kind)
    with bench.fake.fault(bench.settings, kind) as settings:
        error = raised_by(lambda: _use(bench, {**settings, **_impatient(bench)}))
    wanted = CLASSES[kind]
    expect(error is not None, f"{kind}: every read ended as if it were whole; raise {wanted[0].__name__}")
    expect(isinstance(error, wanted), f"{kind}: gave {_shown(error)}, not a {wanted[0].__name__}")
    if kind == "rate_limit":
        wait = getattr(error, "retry_after", None)
        expect(
            wait is not None and wait >= RETRY_AFTER_S - 1,
            f"rate_limit: the system asked to wait {RETRY_AFTER_S:g} s, and the error's `retry_after` is {wait}",
        )


def _impatient(bench: Bench) -> Settings:
    found: Settings = getattr(bench.fake, "IMPATIENT", {})
    return found


def _fault_check(kind: Fault) -> Check:
    def run(bench: Bench) -> None:
        _expect_class(bench, kind)

    return Check(f"{kind}_is_told", SENTENCES[kind], run)


@contextmanager
def _closed(url: str) -> Iterator[str]:
    """Gives a URL whose port is taken on loopback, but not listened at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        parts = urlsplit(url)
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        yield urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{taken.getsockname()[1]}"))


def _shown(error: Any) -> str:
    return "no error" if error is None else f"{type(error).__name__}: {str(error)[:300]}"


CHECKS = (
    *map(
        check_of,
        (
            an_unknown_column_is_a_setting_error,
            a_strange_cursor_is_refused,
            a_wrong_secret_is_an_auth_error,
            a_closed_door_is_transient,
            a_wrong_path_is_told,
            a_failure_in_mid_read_is_no_end,
            rows_out_of_order_all_come,
            rows_repeated_all_come,
        ),
    ),
    *(_fault_check(kind) for kind in get_args(Fault) if kind in CLASSES),
)
"""In the order in which they are run."""
