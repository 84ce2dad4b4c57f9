"""Quiet time of one recipient."""

from __future__ import annotations

from datetime import datetime

import pytest

from clarion.domain.messaging.quiet import is_quiet, zone_of
from clarion.shapes.pinpoint import QuietTime


@pytest.mark.parametrize(
    ("start", "end", "moment", "zone", "quiet"),
    [
        ("22:00", "06:00", "2027-01-10T21:00:00+00:00", "Europe/Berlin", True),  # 22:00 there: the start belongs
        ("22:00", "06:00", "2027-01-10T20:59:59+00:00", "Europe/Berlin", False),
        ("22:00", "06:00", "2027-01-11T05:00:59+00:00", "Europe/Berlin", True),  # 06:00:59: the end's minute belongs
        ("22:00", "06:00", "2027-01-11T05:01:00+00:00", "Europe/Berlin", False),
        ("09:00", "17:00", "2027-07-01T15:30:00+00:00", "America/New_York", True),
        ("09:00", "17:00", "2027-07-01T12:59:00+00:00", "America/New_York", False),
        ("22:00", "06:00", "2027-01-10T23:00:00+00:00", "Mars/Olympus", False),  # no usable zone: it is sent
        ("22:00", "06:00", "2027-01-10T23:00:00+00:00", None, False),
    ],
)
def test_quiet_time_is_local_and_includes_its_ends(start: str, end: str, moment: str, zone: str, quiet: bool) -> None:
    assert is_quiet(QuietTime(start=start, end=end), datetime.fromisoformat(moment), zone_of(zone)) is quiet
