"""The endpoint parts of PutEvents, inside the transaction that appends the events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import NotFound
from clarion.domain.audience.service import Outcome
from clarion.engine.log_batches import ingest_log
from clarion.shapes.pinpoint import PublicEndpoint
from tests.domain.audience.conftest import House, mail


def merge(house: House, *parts: tuple[str, dict[str, Any]]) -> list[Outcome]:
    sent = [(endpoint_id, msgspec.convert(body, PublicEndpoint)) for endpoint_id, body in parts]
    return house.database.write(lambda c: house.audience.merge(c, house.app, sent, request_id="put-events"))


def rows(house: House) -> int:
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(ingest_log))) or 0


def test_an_empty_part_of_a_known_endpoint_writes_nothing(house: House) -> None:
    house.put("E1", **mail("a"), EndpointStatus="INACTIVE")
    before, logged = house.get("e1"), rows(house)
    house.clock.move_to(house.clock.now() + timedelta(hours=1))
    [outcome] = merge(house, ("e1", {}))
    assert (outcome.status_code, outcome.message) == (202, "Accepted")
    assert outcome.endpoint is not None
    assert outcome.endpoint.id == "E1"
    assert (house.get("e1"), rows(house)) == (before, logged)


def test_an_empty_part_of_an_unknown_endpoint_makes_a_minimal_record(house: House) -> None:
    [outcome] = merge(house, ("New", {}))
    assert outcome.status_code == 202
    answer = house.get("new")
    answer.pop("CohortId")
    assert answer == {
        "Id": "New",
        "ApplicationId": house.app,
        "Attributes": {},
        "Metrics": {},
        "User": {},
        "OptOut": "NONE",
        "EndpointStatus": "ACTIVE",
        "CreationDate": "2027-03-04T09:15:02.120Z",
        "EffectiveDate": "2027-03-04T09:15:02.120Z",
        "RequestId": "put-events",
    }
    assert rows(house) == 1
    merge(house, ("new", {}))
    assert rows(house) == 1


def test_a_part_without_channel_makes_no_endpoint(house: House) -> None:
    [outcome] = merge(house, ("e", {"Demographic": {"Make": "Google"}, "EffectiveDate": "2027-03-04T09:00:00Z"}))
    assert outcome.status_code == 400
    assert outcome.message.startswith("Missing ChannelType")
    assert outcome.endpoint is None
    with pytest.raises(NotFound):
        house.get("e")


def test_a_part_creates_and_changes_endpoints(house: House) -> None:
    outcomes = merge(house, ("e1", mail("a", "u", x=["1"])), ("e2", mail("b", "u")), ("e1", {"OptOut": "ALL"}))
    assert [outcome.status_code for outcome in outcomes] == [202, 202, 202]
    assert (house.get("e1")["OptOut"], house.get("e2")["User"]["UserAttributes"]) == ("ALL", {"x": ["1"]})
    assert rows(house) == 1


def test_a_part_that_says_nothing_new_writes_nothing(house: House) -> None:
    merge(house, ("e1", mail("a", "u", x=["1"])))
    logged, before = rows(house), house.get("e1")
    house.clock.move_to(house.clock.now() + timedelta(hours=1))
    merge(house, ("e1", mail("a", "u", x=["1"])))
    assert (house.get("e1"), rows(house)) == (before, logged)
    merge(house, ("e1", {**mail("a", "u"), "EffectiveDate": "2027-03-04T10:00:00Z"}))
    assert house.get("e1")["EffectiveDate"] == "2027-03-04T10:00:00Z"


def test_parts_are_refused_one_by_one(small: House) -> None:
    for n in range(3):
        small.put(f"e{n}", **mail(f"a{n}", "u"))
    outcomes = merge(
        small,
        ("e3", mail("a3", "u")),
        ("e0", {"OptOut": "maybe"}),
        ("bad$", {}),
        ("fine", {}),
        ("e1", {"OptOut": "ALL"}),
    )
    assert [outcome.status_code for outcome in outcomes] == [400, 400, 400, 202, 202]
    assert outcomes[0].message == "Exceeded maximum endpoint per user count:3"
    assert outcomes[1].endpoint is not None
    assert outcomes[2].endpoint is None
    assert small.get("e1")["OptOut"] == "ALL"
    with pytest.raises(NotFound):
        small.get("e3")


def test_a_part_makes_an_inactive_endpoint_active_unless_it_is_empty(house: House) -> None:
    house.put("e1", **mail("a"), EndpointStatus="INACTIVE")
    merge(house, ("e1", {}))
    assert house.get("e1")["EndpointStatus"] == "INACTIVE"
    merge(house, ("e1", {}), ("e1", {"Address": "a"}))
    assert house.get("e1")["EndpointStatus"] == "ACTIVE"
