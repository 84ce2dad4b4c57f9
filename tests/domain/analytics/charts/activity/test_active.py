"""Who is active, by day."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid, NotFound
from clarion.domain.analytics.charts.answers import answered, as_csv
from clarion.domain.analytics.charts.model import Condition
from clarion.store.columnar import Columnar
from tests.domain.analytics.charts.history import Happened, History, at


@pytest.fixture
def history(columnar: Columnar) -> History:
    """Two people with three devices, in three days."""
    made = History(columnar)
    made.happen(
        [
            Happened("phone", "_session.start", at("03-08 09:00"), "1", user="lea"),
            Happened("tablet", "cart.left", at("03-08 23:30"), "2", user="lea"),
            Happened("phone", "_session.start", at("03-09 10:00"), "3", user="lea"),
            Happened("web", "_session.start", at("03-09 11:00"), "4"),
            Happened("web", "_session.start", at("03-10 11:00"), "5", user="jon"),
        ]
    )
    made.endpoint("phone", channel_type="GCM", platform="Android", attributes=["plan\x1fgold"])
    made.endpoint("tablet", channel_type="APNS", platform="iOS")
    return made


def test_endpoints_and_users_by_day(history: History) -> None:
    assert history.values("daily-active-endpoints") == {"2027-03-08": 2.0, "2027-03-09": 2.0, "2027-03-10": 1.0}
    assert history.values("daily-active-users") == {"2027-03-08": 1.0, "2027-03-09": 1.0, "2027-03-10": 1.0}


def test_days_are_those_of_the_time_zone(history: History) -> None:
    found = history.values("daily-active-endpoints", time_zone="Europe/Berlin")
    assert found == {"2027-03-08": 1.0, "2027-03-09": 3.0, "2027-03-10": 1.0}


def test_of_an_audience(history: History) -> None:
    chart = "daily-active-endpoints"
    phone = {"2027-03-08": 1.0, "2027-03-09": 1.0}
    assert history.values(chart, platform=["android"]) == phone
    assert history.values(chart, channel=["PUSH"]) == {"2027-03-08": 2.0, "2027-03-09": 1.0}
    assert history.values(chart, endpoint_attribute={"plan": "gold"}) == phone
    history.segments["s"] = Condition("platform = {p0:String}", {"app": "app", "p0": "iOS"})
    assert history.values(chart, segment_id="s") == {"2027-03-08": 1.0}
    assert history.values(chart, segment_id="s", platform=["Android"]) == {}


def test_answers_sum_up(history: History) -> None:
    answer = answered(history.ask("daily-active-endpoints", start_time="2027-03-08", end_time="2027-03-10"))
    assert (answer.start_time, answer.end_time) == ("2027-03-08T00:00:00.000Z", "2027-03-10T23:59:59.000Z")
    (summary,) = answer.summaries
    assert (summary.average, summary.total, summary.change) == (5 / 3, None, -0.5)
    (summary,) = answered(
        history.ask("daily-active-endpoints", start_time="2027-03-08", end_time="2027-03-12")
    ).summaries
    assert (summary.average, summary.change) == (1.0, -1.0)


def test_as_csv(history: History) -> None:
    answer = history.ask("daily-active-users", start_time="2027-03-08", end_time="2027-03-08")
    assert as_csv(answer) == b"Date,DailyActiveUsers\r\n2027-03-08,1.0\r\n"


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"start_time": "2027-03-10", "end_time": "2027-03-09"}, "StartTime"),
        ({"start_time": "2027-04-01"}, "future"),
        ({"start_time": "2026-12-01"}, "90 days"),
        ({"start_time": "yesterday"}, "StartTime"),
        ({"time_zone": "Mars/Olympus"}, "TimeZone"),
        ({"event_type": ["x"]}, "EventType"),
        ({"step": ["x", "y"]}, "Step"),
    ],
)
def test_what_cannot_be_asked(history: History, wanted: dict[str, object], word: str) -> None:
    with pytest.raises(Invalid, match=word):
        history.ask("daily-active-users", **wanted)


def test_what_is_not_there(history: History) -> None:
    with pytest.raises(NotFound):
        history.ask("nothing")
    with pytest.raises(NotFound):
        history.ask("daily-active-users", segment_id="nothing")
