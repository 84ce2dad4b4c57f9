"""Sessions by hand: pauses, midnights, local time, how long they took; sign-ins; who can be reached."""

from __future__ import annotations

import msgspec
import pytest

from clarion.domain.events.model import EventRow
from tests.domain.analytics.charts.history import Happened, History, at

START, STOP, PAUSE = "_session.start", "_session.stop", "_session.pause"


@pytest.fixture
def history(embedded: History) -> History:
    return embedded


@pytest.mark.parametrize("end", [STOP, PAUSE])
@pytest.mark.parametrize(("pause", "number"), [(0, 1), (4_000, 1), (5_000, 1), (5_001, 2), (6_000, 2)])
def test_a_pause_of_five_seconds_is_none(history: History, end: str, pause: int, number: int) -> None:
    noon = at("03-08 12:00")
    history.happen([Happened("phone", START, noon + pause, "back")])
    history.happen([Happened("phone", START, at("03-08 11:00"), "start"), Happened("phone", end, noon, "end")])
    history.happen([Happened("web", end, noon, "of another")])
    assert history.values("sessions") == {"2027-03-08": float(number)}


def test_a_session_belongs_to_the_day_on_which_it_began(history: History) -> None:
    midnight = at("03-09 00:00")
    history.happen(
        [
            Happened("phone", START, midnight - 60_000, "1"),
            Happened("phone", STOP, midnight - 2_000, "2"),
            Happened("phone", START, midnight + 2_000, "goes on"),
            Happened("phone", STOP, midnight + 600_000, "3"),
            Happened("phone", START, midnight + 900_000, "4"),
            Happened("phone", START, midnight + 900_000, "4"),
        ]
    )
    assert history.values("sessions") == {"2027-03-08": 1.0, "2027-03-09": 1.0}
    # What ended just before the range goes on in it.
    assert history.values("sessions", start_time="2027-03-09") == {"2027-03-09": 1.0}
    assert history.values("sessions-per-endpoint") == {"2027-03-08": 1.0, "2027-03-09": 1.0}


def test_the_heat_map_is_of_local_time(history: History) -> None:
    for key, zone in (("tokyo", "Asia/Tokyo"), ("lost", "Middle/Earth"), ("quiet", "")):
        history.endpoint(key, timezone=zone)
        history.happen([Happened(key, START, at("03-07 20:10"), key)])
    found = {tuple(row.groups): row.values[0] for row in history.rows("session-heat-map", time_zone="Asia/Kolkata")}
    assert found == {("Monday", "05"): 1.0, ("Monday", "01"): 2.0}


def test_how_long_sessions_took(history: History) -> None:
    noon = at("03-08 12:00")

    def stop(id: str, **columns: int) -> EventRow:
        return msgspec.structs.replace(Happened("phone", STOP, noon, id).row(), **columns)

    history.record(
        [
            stop("told", session_duration=90_000),
            stop("told", session_duration=90_000),
            stop("computed", session_start=noon - 30_000, session_stop=noon),
            stop("silent"),
            stop("backwards", session_start=noon, session_stop=noon - 1),
        ]
    )
    (row,) = history.rows("session-duration")
    assert (row.groups, row.values) == (["2027-03-08"], [2.0, 60.0])


@pytest.mark.parametrize(
    ("chart", "event_type"),
    [
        ("sign-ins", "_userauth.sign_in"),
        ("sign-ups", "_userauth.sign_up"),
        ("authentication-failures", "_userauth.auth_fail"),
    ],
)
def test_signing(history: History, chart: str, event_type: str) -> None:
    when = at("03-08 23:30")
    history.happen([Happened("phone", event_type, when, id) for id in ("1", "1", "2")])
    history.happen([Happened("phone", "cart.left", when, "3")])
    assert history.values(chart) == {"2027-03-08": 2.0}
    assert history.values(chart, time_zone="Europe/Berlin") == {"2027-03-09": 2.0}


def test_who_can_be_reached_now(history: History) -> None:
    for key, columns in {
        "phone": {"channel_type": "GCM"},
        "mail": {"channel_type": "EMAIL", "platform": "iOS"},
        "off": {"channel_type": "EMAIL", "status": "INACTIVE"},
        "no": {"channel_type": "SMS", "opt_out": "ALL"},
        "unknown": {"channel_type": ""},
    }.items():
        history.endpoint(key, **columns)
    chart = "active-targetable-endpoints"
    assert history.values(chart) == {"ALL": 2.0, "EMAIL": 1.0, "GCM": 1.0}
    assert history.values(chart, platform=["ios"]) == {"ALL": 1.0, "EMAIL": 1.0}


def test_who_is_new(history: History) -> None:
    history.happen([Happened("phone", START, at("03-08 12:00"), "1", user="lea")])
    history.happen([Happened("web", START, at("03-08 12:00"), "2", user="jon", arrival=at("03-20 12:00"))])
    # Reported first, created later; created long before; created without having reported anything.
    history.endpoint("phone", user_id="lea", created=at("03-09 12:00"))
    history.endpoint("web", user_id="jon", created=at("01-09 12:00"))
    history.endpoint("mail", user_id="lea", created=at("03-10 12:00"))
    asked = {"start_time": "2027-03-01", "end_time": "2027-03-31"}
    assert history.values("new-endpoints", **asked) == {"2027-03-08": 1.0, "2027-03-10": 1.0}
    assert history.values("new-users", **asked) == {"2027-03-08": 1.0}


def test_an_id_that_is_used_again_on_another_day_is_another_event(history: History) -> None:
    for day in ("08", "09"):
        history.happen([Happened("phone", "_session.start", at(f"03-{day} 09:00"), "same")] * 2)
    assert history.values("sessions") == {"2027-03-08": 1.0, "2027-03-09": 1.0}
