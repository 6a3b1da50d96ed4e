"""Change stamps move back and stop at the present, whatever form they have."""

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.toolkit.sql.stamps import earlier, no_later_than_now

NOON = datetime.fromisoformat("2026-03-01 00:01:00")


@pytest.mark.parametrize(
    ("stamp", "moved"),
    [
        (NOON, NOON - timedelta(seconds=120)),
        (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=UTC) - timedelta(seconds=120)),
        (date(2026, 3, 1), date(2026, 2, 28)),
        ("2026-03-01 00:01:00", "2026-02-28 23:59:00"),
        ("2026-03-01T00:01:00.250Z", "2026-02-28T23:59:00"),
        ("2026-03-01T00:01:00+02:00", "2026-02-28T23:59:00+02:00"),
        ("2026-03-01T00:01:00.1234567-03:30", "2026-02-28T23:59:00-03:30"),
        ("2026-03-01 00:01:00.5 +02:00", "2026-02-28 23:59:00 +02:00"),
        ("2026-03-01 00:01", "2026-02-28 23:59"),
        ("2026-03-01", "2026-02-28"),
        ("20260301", "20260301"),
        ("1st of March", "1st of March"),
        (17, 17),
        (1.5, 1.5),
        (Decimal(17), Decimal(17)),
        (b"\x00\x07", b"\x00\x07"),
    ],
)
def test_earlier(stamp, moved):
    """Times move by seconds, dates by a day, anything else stays."""
    assert earlier(stamp, 120) == moved
    assert earlier(stamp, 0) == stamp


@given(
    moment=st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2090-01-01")),
    back=st.integers(1, 10**6),
    form=st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    zone=st.sampled_from(["", "+02:00", " -03:30"]),
)
def test_text_sorts_as_time_does(moment, back, form, zone):
    """A stamp moved back as text is never later, as text, than a stamp that lies in the window."""
    text = moment.isoformat(" ", form) + zone
    inside = (moment - timedelta(seconds=back)).isoformat(" ", form) + zone
    assert earlier(text, back) <= inside < text


@pytest.mark.parametrize("ahead", [timedelta(hours=30), timedelta(days=9000)])
def test_the_future_is_cut_to_now(ahead):
    """A stamp of a wrong clock becomes the present, in its own form."""
    now = datetime.now(UTC)
    for future in (now + ahead, (now + ahead).replace(tzinfo=None), (now + ahead).date()):
        assert type(no_later_than_now(future)) is type(future)
        assert no_later_than_now(future) < future
    for text in ((now + ahead).isoformat(" ")[:19], (now + ahead).isoformat(), (now + ahead).date().isoformat()):
        assert no_later_than_now(text) < text


@pytest.mark.parametrize("stamp", [NOON, NOON.date(), "2026-03-01 00:01:00", 17, b"x", "none"])
def test_the_past_stays(stamp):
    """A stamp that is not in the future is left as it is."""
    assert no_later_than_now(stamp) == stamp


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system cannot change a process's time zone")
@pytest.mark.parametrize("zone", ["AAA-10", "AAA+5"])
def test_the_hours_between_local_time_and_utc_are_not_hidden(monkeypatch, zone):
    """Stamps may be local or UTC: neither's present is cut, and what is later than both begins before both."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        utc, local = datetime.now(UTC).replace(tzinfo=None), datetime.now(UTC).astimezone().replace(tzinfo=None)
        assert [no_later_than_now(one) for one in (utc, local)] == [utc, local]
        assert [no_later_than_now(one.isoformat(" ")) for one in (utc, local)] == [
            utc.isoformat(" "),
            local.isoformat(" "),
        ]
        for future in (max(utc, local) + timedelta(days=9), "2999-01-01 00:00:00", "infinity"):
            cut = no_later_than_now(future)
            cut = datetime.fromisoformat(cut).replace(tzinfo=None) if isinstance(cut, str) else cut
            assert cut - min(utc, local) < timedelta(minutes=5)
    finally:
        monkeypatch.undo()
        time.tzset()
