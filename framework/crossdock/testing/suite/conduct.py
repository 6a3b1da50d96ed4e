"""Checks of how a plugin behaves: secrets, hosts, output, what it leaves behind, memory."""

import gc
import threading
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from crossdock.contract import CrossdockError, Finding
from crossdock.testing.suite import watching
from crossdock.testing.suite.bench import READ_HOOKS, Bench
from crossdock.testing.suite.checks import NotApplicableError, check_of, expect
from crossdock.testing.suite.failing import raised_by
from crossdock.toolkit.redact import redact

PLANTED = "planted/s3cret+{} &\"x'"
"""A secret that every encoding writes differently."""
SHORTEST = 8
"""Characters of a secret of the fake's that is looked for: a shorter one is found in ordinary words."""
LEVELS = ("ok", "warning", "error")
FEW, MANY = 300, 3000
"""Rows of two reads that should need the same memory."""
GROWTH, SLACK_BYTES = 1.5, 500_000  # a fake that runs here keeps a log of what it was asked
AGAIN = 2
"""Further reads before more memory is believed."""


class Stop(Exception):  # noqa: N818  # no error: it stands for whatever ends a run
    """What ends a session in the middle."""


def secrets_are_never_shown(bench: Bench) -> None:
    """With the right credentials, none is in a log, an output, a finding, a row, a cursor, a repr or a file."""
    known = [str(bench.config[name]) for name in bench.secrets if len(str(bench.config[name] or "")) >= SHORTEST]
    if not known:
        message = f"the fake's settings hold no secret of {SHORTEST} characters or more"
        raise NotApplicableError(message)
    for where, text in _traces(bench, {}):
        expect(redact(text, known) == text, f"a secret of the settings is in {where}")


def planted_secrets_are_never_shown(bench: Bench) -> None:
    """Planted in every secret setting, a text is in no log, output, error, repr or file, whether it is taken or not."""
    if not bench.secrets:
        message = "no setting is a secret"
        raise NotApplicableError(message)
    planted = {name: PLANTED.format(name) for name in bench.secrets}
    one_by_one = [{name: value} for name, value in planted.items()]
    for changed in (planted, *one_by_one):
        for where, text in _traces(bench, changed):
            expect(
                redact(text, planted.values()) == text,
                f"the secret planted in {', '.join(changed)} is in {where}: "
                f"{redact(text, planted.values())[:200]}; pass texts of others through toolkit.redact",
            )


def only_declared_hosts_are_contacted(bench: Bench) -> None:
    """Nobody is contacted but the hosts in the settings that the manifest names in `hosts`."""
    allowed = [str(bench.config[name]) for name in bench.plugin.manifest.hosts if bench.config.get(name)]
    with watching.contacted(allowed) as others, suppress(Exception):  # the contact is what counts
        for _ in _run(bench, {}):
            pass
    expect(not others, f"{sorted(set(others))[:3]} were contacted, which no setting in the manifest's `hosts` names")


def nothing_is_printed(bench: Bench) -> None:
    """Nothing goes to standard output, which in a child carries the frames, nor to standard error."""
    with watching.printed() as text:
        for _ in _run(bench, {}):
            pass
    expect(not text.getvalue(), f"it printed {text.getvalue()[:80]!r}; use `logging`")


def check_finds_the_fake_sound(bench: Bench) -> None:
    """`check` gives findings, each with code, level and text, and no error about the fake."""
    _needs_check(bench)
    with bench.session() as session:
        found = _check(bench, session)
    expect(found, "check gave no finding: say at least that the system answers")
    for one in found:
        expect(isinstance(one, Finding), f"check gave {type(one).__name__}, not a Finding")
        expect(one.level in LEVELS, f"check: the finding {one.code!r} has the level {one.level!r}, not one of {LEVELS}")
        expect(
            one.code.isidentifier() and one.code.islower(), f"check: {one.code!r} is no code, such as login_can_write"
        )
        expect(one.text.strip(), f"check: the finding {one.code!r} has no text")
        expect(one.level != "error", f"check finds an error in the fake: {one.code}: {one.text}")


def check_leaves_nothing_behind(bench: Bench) -> None:
    """`check` changes neither the system nor a file: it only looks, and what it tries it takes back."""
    _needs_check(bench)
    state = getattr(bench.fake, "state", None)
    rows = {stream: _rows(bench, stream) for stream in bench.maps}
    before = watching.files_in(bench.folder), state(bench.settings) if state else None
    with bench.session() as session:
        _check(bench, session)
        _check(bench, session)
    after = watching.files_in(bench.folder), state(bench.settings) if state else None
    changed = {name for name in before[0] | after[0] if before[0].get(name) != after[0].get(name)}
    expect(not changed, f"check changed {sorted(changed)}")
    expect(after[1] == before[1], "check changed what the system keeps (the fake's `state`)")
    expect(rows == {stream: _rows(bench, stream) for stream in bench.maps}, "check changed rows")


def it_unloads_cleanly(bench: Bench) -> None:
    """A session that is closed leaves no thread, file or connection open: at its end, left halfway, or by an error."""
    bench.some(next(iter(bench.maps)))  # what a library loads once is loaded now
    for how in ("ended", "left halfway", "ended by an error"):
        threads = threading.enumerate()
        with watching.unclosed() as dropped:
            _session(bench, how)
        left = [*dropped, *watching.left_open(bench.folder, threads)]
        expect(not left, f"a session that {how} left {', '.join(left[:3])}; close it where open_session ends")


def an_error_passes_through_the_session(bench: Bench) -> None:
    """An error inside a session comes out of it as it is: `open_session` closes, and swallows nothing."""
    error = raised_by(lambda: _session(bench, "raised"))
    expect(isinstance(error, Stop), f"an error raised inside the session came out as {type(error).__name__}")


def the_process_stays_as_it_was(bench: Bench) -> None:
    """What belongs to the whole process is left alone: folder, environment, logging, decimals, signals."""
    before = watching.process_state()
    for _ in _run(bench, {}):
        pass
    after = watching.process_state()
    changed = [name for name in before if before[name] != after[name]]
    expect(not changed, f"it changed {', '.join(changed)}; these belong to the process")


def memory_is_flat(bench: Bench) -> None:
    """Reading ten times as many rows needs no more memory: pages are made as they are taken."""
    fill = bench.offered("fill", "which sets the number of rows")
    for stream in bench.maps:
        peaks = []
        for count in (FEW, FEW, MANY):  # the first fills caches
            fill(bench.settings, stream, count)
            peaks.append(_peak(bench, stream))
        allowed = peaks[-2] * GROWTH + SLACK_BYTES
        for _ in range(AGAIN):  # other threads allocate too: what is needed is what every try needs
            peaks[-1] = peaks[-1] if peaks[-1] <= allowed else min(peaks[-1], _peak(bench, stream))
        expect(
            peaks[-1] <= allowed,
            f"{READ_HOOKS[stream]}: {FEW} rows need {peaks[-2] // 1000} kB, {MANY} rows {peaks[-1] // 1000} kB; "
            "make pages one by one (what the fake keeps of each call counts too)",
        )


def _traces(bench: Bench, changed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Runs all there is and gives every text in which something may be seen, with the place."""
    files = watching.files_in(bench.folder)
    texts: list[tuple[str, str]] = []
    with watching.logged() as lines, watching.printed() as output:
        try:
            texts += _run(bench, changed)
        except Exception as error:  # noqa: BLE001  # its text is looked at
            texts += _shown(error)
    yield from texts
    yield from (("a log", line) for line in lines)
    yield "the output", output.getvalue()
    for name, mark in watching.files_in(bench.folder).items():
        if files.get(name) != mark:
            yield f"the file {name}", (bench.folder / name).read_bytes().decode("utf-8", "replace")


def _shown(error: Exception) -> Iterator[tuple[str, str]]:
    """Gives the texts of an error; what caused it is redacted on its way to the host, and is not looked at."""
    yield f"the text of a {type(error).__name__}", str(error)
    yield f"the repr of a {type(error).__name__}", repr(error)
    if isinstance(error, CrossdockError):
        yield "what an error carries", repr(vars(error))


def _run(bench: Bench, changed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Opens, checks and reads everything; gives what can be seen of it."""
    with bench.session(**changed) as session:
        yield "the session's repr", f"{session!r} {session!s}"
        if "check" in bench.plugin.hooks:
            yield "a finding", repr(_check(bench, session))
        for stream in bench.maps:
            for page in bench.pages(session, stream):
                yield "a page or its cursor", repr(page)


def _session(bench: Bench, how: str) -> None:
    stream = next(iter(bench.maps))
    with suppress(*(() if how == "raised" else (Stop,))), bench.session() as session:
        pages = bench.pages(session, stream, page_size=1)
        next(pages)
        if how == "ended":
            for _ in pages:
                pass
        elif how != "left halfway":
            raise Stop


def _needs_check(bench: Bench) -> None:
    if "check" not in bench.plugin.hooks:
        message = "there is no hook `check`"
        raise NotApplicableError(message)


def _check(bench: Bench, session: Any) -> list[Finding]:
    return list(bench.plugin.call("check", session=session, maps=tuple(bench.maps.values())))


def _rows(bench: Bench, stream: str) -> list[tuple[str, int]]:
    return sorted((one.identity, one.row_hash) for one in bench.read(stream).all)


def _peak(bench: Bench, stream: str) -> int:
    """Gives the most that a read holds; what nobody holds is thrown away after each page, as a small process would."""
    with bench.session() as session:
        gc.collect()
        gc.freeze()  # what the tests before have left need not be looked through each time
        tracemalloc.start()
        try:
            for _ in bench.pages(session, stream, page_size=100):
                gc.collect()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.unfreeze()


CHECKS = tuple(
    map(
        check_of,
        (
            secrets_are_never_shown,
            planted_secrets_are_never_shown,
            only_declared_hosts_are_contacted,
            nothing_is_printed,
            check_finds_the_fake_sound,
            check_leaves_nothing_behind,
            it_unloads_cleanly,
            an_error_passes_through_the_session,
            the_process_stays_as_it_was,
            memory_is_flat,
        ),
    )
)
"""In the order in which they are run."""
