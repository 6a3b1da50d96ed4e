"""Running checks: as a class that pytest collects, or one by one without pytest."""

from collections.abc import Callable, Iterator, Mapping
from threading import Thread
from types import MappingProxyType
from typing import Any
from unittest import SkipTest

from crossdock.testing.suite import changes, conduct, failing, loading, maps, pages
from crossdock.testing.suite.bench import Bench
from crossdock.testing.suite.checks import BrokenPromiseError, Check, NotApplicableError, Verdict

ERP_CHECKS: tuple[Check, ...] = (
    *loading.CHECKS,
    *maps.CHECKS,
    *pages.CHECKS,
    *changes.CHECKS,
    *failing.CHECKS,
    *conduct.CHECKS,
)
"""Every promise of a source, the cheapest first."""
NONE: Mapping[str, str] = MappingProxyType({})
"""Nothing is exempt."""
LONGEST_S = 60.0
"""Seconds after which a check that has not ended is given up."""


def erp_suite(plugin: Any, fake: Any, *, exempt: Mapping[str, str] = NONE) -> type:
    """Makes the tests of a source, for pytest to collect.

        TestContract = erp_suite(plugin, fake)

    Each check is a test of its own, with the fake started anew. One that has nothing to look at is skipped, and says
    why; `pytest -ra` lists the reasons.

    Args:
        plugin: the plugin's object, or the module with its hooks.
        fake: the module with `start`, and with what else `suite.fakes` says a fake may offer.
        exempt: checks that this plugin cannot keep, by name, each with the reason.

    Raises:
        ValueError: there is no check of a name in `exempt`, or it has no reason.
    """
    _refuse_unknown(exempt)
    tests = {f"test_{check.name}": _test(check, plugin, fake, exempt) for check in ERP_CHECKS}
    return type("TestContract", (), {"__doc__": "The contract, promise by promise.", **tests})


def run_checks(plugin: Any, fake: Any, *, exempt: Mapping[str, str] = NONE) -> Iterator[Verdict]:
    """Runs every check of a source, without pytest; arguments and errors as in `erp_suite`.

    Whatever a plugin raises is a broken promise, with the error as its reason.
    """
    _refuse_unknown(exempt)
    for check in ERP_CHECKS:
        yield run_check(check, plugin, fake, exempt.get(check.name))


def run_check(check: Check, plugin: Any, fake: Any, exempt: str | None = None) -> Verdict:
    """Runs one check.

    Args:
        check: the promise.
        plugin: as in `erp_suite`.
        fake: as in `erp_suite`.
        exempt: why it is not run. None: it is.
    """
    if exempt is not None:
        return Verdict(check, "not applicable", exempt)
    try:
        _run(check, plugin, fake)
    except NotApplicableError as reason:
        return Verdict(check, "not applicable", str(reason))
    except BrokenPromiseError as error:
        return Verdict(check, "broken", str(error))
    except Exception as error:  # noqa: BLE001  # whatever a plugin raises
        return Verdict(check, "broken", f"{type(error).__name__}: {error}")
    return Verdict(check, "kept")


def _run(check: Check, plugin: Any, fake: Any) -> None:
    """Runs a check on a bench of its own, in a thread that is left behind where it does not end."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with Bench(plugin, fake) as bench:
                check.run(bench)
        except BaseException as error:  # noqa: BLE001  # raised where somebody waits
            raised.append(error)

    thread = Thread(target=run, name=f"check {check.name}", daemon=True)
    thread.start()
    thread.join(LONGEST_S)
    if thread.is_alive():
        message = f"it did not end within {LONGEST_S:g} s: give every wait for the other system a time-out"
        raise BrokenPromiseError(message)
    if raised:
        raise raised[0]


def _test(check: Check, plugin: Any, fake: Any, exempt: Mapping[str, str]) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        if check.name in exempt:
            raise SkipTest(exempt[check.name])
        try:
            _run(check, plugin, fake)
        except NotApplicableError as reason:
            message = str(reason)
            raise SkipTest(message) from None

    test.__name__, test.__doc__ = f"test_{check.name}", check.sentence
    return test


def _refuse_unknown(exempt: Mapping[str, str]) -> None:
    names = {check.name for check in ERP_CHECKS}
    for name, reason in exempt.items():
        if name not in names or not reason.strip():
            message = f"exempt: {name!r} is no check, or has no reason; checks are {', '.join(sorted(names))}"
            raise ValueError(message)
