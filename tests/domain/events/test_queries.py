"""Recent events, the events of a message, and why: newest first, of the right project, person and message."""

from __future__ import annotations

import msgspec
import pytest

from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Mail, Subject
from tests.domain.events.bodies import body, event
from tests.domain.events.conftest import House


def subject(house: House, **more: str) -> Subject:
    return Subject(account="1", app_id=more.pop("app_id", house.app), endpoint_id="Ep", **more)


def record(house: House, *rows: EventRow) -> None:
    house.database.write(lambda connection: house.events.record(connection, rows))
    house.consumer.catch_up(20)


@pytest.fixture
def told(any_house: House) -> House:
    """A campaign that skipped, waited and sent; a journey; another project; an app that pretends."""
    house = any_house
    campaign = subject(house, campaign_id="c", activity_id="a", trace_id="t")
    sent = subject(house, campaign_id="c", activity_id="a", message_id="m")
    mail = Mail(message_id="m", sent_ms=3000, from_address="a@b.test", destination=["c@d.test"], subject="s")
    record(
        house,
        produced.skip(campaign, at_ms=1000, gate="address", reason="no address"),
        produced.campaign_send(
            campaign, at_ms=2000, status="QUIET_TIME", delivery_type="EMAIL", gate="quiet_time", reason="until 08:00"
        ),
        produced.campaign_send(sent, at_ms=3000, status="SUCCESS", delivery_type="EMAIL"),
        produced.email(sent, "send", mail, at_ms=3001),
        produced.email(sent, "delivered", mail, at_ms=4000),
        produced.email(sent, "open", mail, at_ms=5000, occurrence="1"),
        produced.journey_send(subject(house, journey_id="j"), at_ms=6000, status="SUCCESS"),
        produced.skip(subject(house, app_id="other", campaign_id="c"), at_ms=7000, gate="x", reason="y"),
    )
    pretended = {
        "open": event(EventType="_email.open", Attributes={"campaign_id": "c"}),
        "cart": event(EventType="cart.left"),
    }
    house.put(body(pretended, endpoint_id="EP"))
    house.put(body({"cart": event()}, endpoint_id="somebody"))
    house.consumer.catch_up(20)
    return house


def test_why(told: House) -> None:
    found = told.events.why(told.app, "ep", campaign_id="c")
    assert [(one.gate, one.reason, one.at, one.event_type) for one in found] == [
        ("delivery", "opened", "1970-01-01T00:00:05.000Z", "_email.open"),
        ("delivery", "delivered", "1970-01-01T00:00:04.000Z", "_email.delivered"),
        ("delivery", "received", "1970-01-01T00:00:03.001Z", "_email.send"),
        ("send", "SUCCESS", "1970-01-01T00:00:03.000Z", "_campaign.send"),
        ("quiet_time", "until 08:00", "1970-01-01T00:00:02.000Z", "_campaign.send"),
        ("address", "no address", "1970-01-01T00:00:01.000Z", "_clarion.skip"),
    ]
    assert msgspec.to_builtins(found[-1]) == {
        "Gate": "address",
        "Reason": "no address",
        "At": "1970-01-01T00:00:01.000Z",
        "EventType": "_clarion.skip",
        "CampaignId": "c",
        "ActivityId": "a",
        "TraceId": "t",
    }
    assert [one.journey_id for one in told.events.why(told.app, "ep", journey_id="j")] == ["j"]
    assert len(told.events.why(told.app, "ep")) == 7
    assert told.events.why(told.app, "ep", campaign_id="c", journey_id="j") == []
    assert told.events.why(told.app, "somebody") == []


def test_why_a_direct_message_was_sent(house: House) -> None:
    direct = subject(house, message_id="m")
    mail = Mail(message_id="m", sent_ms=3000, from_address="a@b.test", destination=["c@d.test"], subject="s")
    record(
        house,
        produced.email(direct, "send", mail, at_ms=3001),
        produced.email(direct, "delivered", mail, at_ms=4000),
    )
    found = house.events.why(house.app, "ep")
    assert [(one.gate, one.reason) for one in found] == [("delivery", "delivered"), ("send", "received")]


def test_recent_events_of_an_endpoint(told: House) -> None:
    found = told.events.recent(told.app, "ep")
    assert [row.event_type for row in found] == [
        "_email.open",
        "cart.left",
        "_journey.send",
        "_email.open",
        "_email.delivered",
        "_email.send",
        "_campaign.send",
        "_campaign.send",
        "_clarion.skip",
    ]
    assert [row.system for row in found][:3] == [False, False, True]
    assert [row.event_id for row in told.events.recent(told.app, "ep", limit=2)] == ["open", "cart"]
    assert [row.event_id for row in told.events.recent(told.app, "somebody")] == ["cart"]


def test_events_of_a_message(told: House) -> None:
    found = told.events.of_message(told.app, "m")
    assert [row.event_type for row in found] == ["_email.open", "_email.delivered", "_email.send", "_campaign.send"]
    assert told.events.of_message("other", "m") == []


def test_messages_are_found_by_id_and_hour_whosever_they_are(told: House) -> None:
    other = subject(told, app_id="other", message_id="m2")
    mail = Mail(message_id="m2", sent_ms=3_600_000, from_address="a@b.test", destination=["c@d.test"], subject="s")
    record(told, produced.email(other, "send", mail, at_ms=9_000_000))

    def found(message_ids: list[str], from_ms: int, to_ms: int) -> list[tuple[str, str, str]]:
        rows = told.events.of_message_ids(message_ids, from_ms, to_ms)
        return [(row.app_id, row.message_id, row.event_type) for row in rows]

    assert found(["m", "m2", "nobody's"], 0, 7_200_000) == [
        ("other", "m2", "_email.send"),
        (told.app, "m", "_email.send"),
    ]
    assert found(["m", "m2"], 0, 3_600_000) == [(told.app, "m", "_email.send")]
    assert found(["m", "m2"], 3_600_000, 7_200_000) == [("other", "m2", "_email.send")]
    assert found([], 0, 7_200_000) == []
    opened = told.events.of_message_ids(["m"], 3000, 3001, ("_email.open", "_email.delivered"))
    assert [row.event_type for row in opened] == ["_email.open", "_email.delivered"]
