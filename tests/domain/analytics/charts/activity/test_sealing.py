"""Sessions of days that are over are worked out once, and again when anything about them changed."""

from __future__ import annotations

import pytest

from clarion.domain.analytics.charts.activity import sealing
from clarion.domain.analytics.charts.activity.people import ActivityHolder
from clarion.domain.analytics.charts.activity.sessions import SEALED
from clarion.domain.audience.people.holder import Person
from clarion.domain.events.people import EventsHolder
from tests.domain.analytics.charts.history import APP, Happened, History, at

START, STOP = "_session.start", "_session.stop"
MIDNIGHT = at("03-09 00:00")


@pytest.fixture
def history(embedded: History, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr(sealing, "WORTH_SEALING", 1)
    embedded.happen(
        [
            Happened("phone", START, MIDNIGHT - 60_000, "1", user="lea"),
            Happened("web", START, MIDNIGHT + 2_000, "2", user="jon"),
            Happened("web", START, at("03-31 08:00"), "today", user="jon"),
        ]
    )
    assert counted(embedded) == [1, 1, 1]
    return embedded


def counted(history: History, **asked: str) -> list[float | None]:
    return list(history.values("sessions", **asked).values())


def hours(history: History) -> float:
    """How many sessions there are in all, told one by one."""
    return sum(row.values[0] or 0 for row in history.rows("session-heat-map"))


def seals(history: History) -> dict[int, int]:
    """How many seals there are of a day, counted from the first of the table."""
    sql = f"SELECT day, uniqExact(seal) FROM {SEALED} WHERE whole GROUP BY day ORDER BY day"
    return {int(str(day)) - MIDNIGHT // sealing.DAY_MS: int(str(number)) for day, number in history.columnar.query(sql)}


def test_days_that_are_over_are_sealed_once(history: History) -> None:
    assert seals(history) == {-1: 1, 0: 1}
    assert counted(history) == [1, 1, 1]
    assert counted(history, time_zone="Asia/Tokyo") == [2, 1]
    assert counted(history, start_time="2027-03-08T23:59:30Z") == [1, 1]
    assert counted(history, start_time="2027-03-09", end_time="2027-03-09T00:00:01Z") == []
    assert seals(history) == {-1: 1, 0: 1}


def test_sealed_days_are_what_is_asked(history: History) -> None:
    # Nothing else tells that what is sealed was read at all.
    now = "SETTINGS mutations_sync = 1"
    assert hours(history) == 3
    history.columnar.command(f"ALTER TABLE {SEALED} DELETE WHERE NOT whole {now}")
    assert hours(history) == 1
    assert counted(history) == [1, 1, 1]
    history.columnar.command(f"ALTER TABLE {SEALED} UPDATE by_quarter = [], users_by_quarter = [] WHERE whole {now}")
    assert counted(history) == [1]


def test_what_comes_late_breaks_the_seals_of_its_days(history: History) -> None:
    history.happen([Happened("tablet", START, MIDNIGHT + 7_200_000, "late", arrival=at("03-31 10:00"))])
    assert counted(history) == [1, 2, 1]
    assert seals(history) == {-1: 1, 0: 2}
    # Shortly before midnight it belongs to both days.
    history.happen([Happened("web", STOP, MIDNIGHT - 1_000, "end", arrival=at("03-31 10:00"))])
    assert counted(history) == [1, 1, 1]
    assert seals(history) == {-1: 2, 0: 3}


def test_filters_are_of_sealed_sessions_too(history: History) -> None:
    history.endpoint("web", platform="iOS")
    assert history.values("sessions", platform=["ios"]) == {"2027-03-09": 1.0, "2027-03-31": 1.0}
    assert history.values("sessions-per-user", platform=["ios"]) == {"2027-03-09": 1.0, "2027-03-31": 1.0}


def test_who_is_erased_leaves_nothing(history: History) -> None:
    lea = Person(app_id=APP, user_id="lea", keys=["phone"], before_ms=at("03-31 11:00"))
    holders = EventsHolder(history.columnar), ActivityHolder(history.columnar)
    assert holders[1].count(lea) == {"ActivityMonths": 1, "SealedSessions": 1}
    for holder in holders:
        assert holder.erase([lea])
    assert holders[1].count(lea) == {"ActivityMonths": 0, "SealedSessions": 0}
    assert counted(history) == [1, 1]
    assert history.values("daily-active-users") == {"2027-03-09": 1.0, "2027-03-31": 1.0}


def test_somebody_new_under_an_erased_id_stays(history: History) -> None:
    history.happen([Happened("phone", START, at("03-31 11:30"), "new", arrival=at("03-31 11:30"), user="kim")])
    lea = Person(
        app_id=APP, user_id="lea", keys=["phone"], before_ms=at("03-31 11:00"), newer={"phone": at("03-31 11:10")}
    )
    for holder in (EventsHolder(history.columnar), ActivityHolder(history.columnar)):
        holder.erase([lea])
    assert history.values("daily-active-endpoints") == {"2027-03-09": 1.0, "2027-03-31": 2.0}
    assert history.values("daily-active-users") == {"2027-03-09": 1.0, "2027-03-31": 2.0}
