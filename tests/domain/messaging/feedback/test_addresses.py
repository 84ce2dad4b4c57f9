"""What providers say of addresses reaches the endpoints that have them, in the transaction that records it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clarion.channels.port import Fact, Gone, Moved, Outcome, PushOutgoing
from clarion.domain.audience.model import Endpoint, endpoint_key
from clarion.domain.audience.store import endpoints
from clarion.domain.messaging.feedback.addresses import Addresses
from clarion.domain.messaging.model import Envelope
from tests.domain.messaging.house import House

UNREGISTERED = Gone(reason="Unregistered")


def envelope(app_id: str, endpoint_id: str, token: str, channel: str = "GCM") -> Envelope:
    message = PushOutgoing(
        message_id=f"m-{endpoint_id}", account="1", app_id=app_id, service="GCM", to_address=token, payload=b"{}"
    )
    return Envelope(
        channel=channel, account="1", region="eu", app_id=app_id, origin="direct", endpoint_id=endpoint_id, push=message
    )


def told(house: House, *found: tuple[Envelope, Fact]) -> int:
    """How many endpoints change."""
    outcomes = [(sent, Outcome("permanent", events=(fact,))) for sent, fact in found]
    before = written(house)
    house.database.write(lambda connection: Addresses(house.audience).follow(connection, outcomes))
    return len(written(house) - before)


def written(house: House) -> set[tuple[str, str, int]]:
    rows = sa.select(endpoints.c.app_id, endpoints.c.endpoint_key, endpoints.c.version)
    return house.database.read(lambda connection: {(row[0], row[1], row[2]) for row in connection.execute(rows)})


def phone(house: House, app_id: str, endpoint_id: str, token: str, **members: Any) -> Endpoint:
    return house.endpoint(app_id, endpoint_id, channel_type="GCM", address=token, **members)


def now(house: House, app_id: str, endpoint_id: str) -> Endpoint:
    return house.audience.load(app_id, [endpoint_key(endpoint_id)])[endpoint_key(endpoint_id)]


def mirrored(house: House, app_id: str) -> dict[str, str]:
    house.consumer.catch_up(30)
    sql = "SELECT endpoint_id, status FROM endpoints FINAL WHERE app_id = {app:String}"
    return {str(name): str(status) for name, status in house.columnar.query(sql, {"app": app_id})}


def test_a_dead_token_makes_its_endpoint_inactive_until_it_registers_anew(house: House) -> None:
    app = house.app(channel=False)
    before = phone(house, app, "Phone", "token")
    assert told(house, (envelope(app, "Phone", "token"), UNREGISTERED)) == 1
    after = now(house, app, "phone")
    assert (after.status, after.status_reason, after.address) == ("INACTIVE", "Unregistered", "token")
    assert after.effective_ms == before.effective_ms
    assert mirrored(house, app) == {"Phone": "INACTIVE"}
    again = phone(house, app, "Phone", "token")
    assert (again.status, again.status_reason) == ("ACTIVE", "")
    assert mirrored(house, app) == {"Phone": "ACTIVE"}


def test_many_at_once_are_one_write(house: House) -> None:
    one, other = house.app(channel=False), house.app(channel=False)
    for app in (one, other):
        for number in range(20):
            phone(house, app, f"p{number}", f"t{number}")
    found = [(envelope(app, f"p{number}", f"t{number}"), UNREGISTERED) for number in range(15) for app in (one, other)]
    assert told(house, *found) == 30
    assert told(house, *found) == 0
    statuses = [mirrored(house, app)[f"p{number}"] for app in (one, other) for number in range(20)]
    assert statuses.count("INACTIVE") == 30


def test_an_endpoint_that_has_another_address_by_now_is_left_alone(house: House) -> None:
    app = house.app(channel=False)
    phone(house, app, "moved", "new")
    house.endpoint(app, "apple", channel_type="APNS", address="token")
    gone = [(envelope(app, "moved", "old"), UNREGISTERED), (envelope(app, "apple", "token"), UNREGISTERED)]
    deleted = (envelope(app, "nobody", "token"), UNREGISTERED)
    assert told(house, *gone, deleted) == 0
    assert {now(house, app, name).status for name in ("moved", "apple")} == {"ACTIVE"}


def test_an_endpoint_that_came_later_than_the_news_is_left_alone(house: House) -> None:
    app = house.app(channel=False)
    seen_ms = phone(house, app, "phone", "token").effective_ms
    assert told(house, (envelope(app, "phone", "token"), Gone(reason="Unregistered", since_ms=seen_ms - 1))) == 0
    assert told(house, (envelope(app, "phone", "token"), Gone(reason="Unregistered", since_ms=seen_ms + 1))) == 1


def test_a_bare_address_and_an_outcome_without_facts_ask_the_database_nothing(house: House) -> None:
    app = house.app(channel=False)
    phone(house, app, "phone", "token")
    asked: list[str] = []
    addresses = Addresses(house.audience)
    found = [
        (envelope(app, "", "token"), Outcome("permanent", events=(UNREGISTERED,))),
        (envelope(app, "phone", "token"), Outcome("permanent", "refused")),
    ]

    def work(connection: sa.Connection) -> None:
        sa.event.listen(connection, "before_cursor_execute", lambda *about: asked.append(about[2]))
        addresses.follow(connection, found)

    house.database.write(work)
    assert not asked
    assert now(house, app, "phone").status == "ACTIVE"


def test_a_token_that_moved_takes_its_endpoint_along(house: House) -> None:
    app = house.app(channel=False)
    phone(house, app, "phone", "old")
    assert told(house, (envelope(app, "phone", "old"), Moved("new"))) == 1
    assert (now(house, app, "phone").status, now(house, app, "phone").address) == ("ACTIVE", "new")
    assert told(house, (envelope(app, "phone", "old"), UNREGISTERED)) == 0


def test_a_token_that_moved_to_where_another_endpoint_is_retires(house: House) -> None:
    app = house.app(channel=False)
    phone(house, app, "before", "old")
    phone(house, app, "after", "new")
    assert told(house, (envelope(app, "before", "old"), Moved("new"))) == 1
    before = now(house, app, "before")
    assert (before.status, before.status_reason, before.address) == ("INACTIVE", "ADDRESS_REUSED", "old")
    assert now(house, app, "after").status == "ACTIVE"
