"""What waited is asked about once more before it leaves: whoever said no meanwhile gets nothing, and events say why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.channels.port import Outcome, SmsOutgoing
from clarion.domain.audience.model import Endpoint
from clarion.domain.email.model import Topic
from clarion.domain.messaging.gates import refusal_now
from clarion.domain.messaging.lanes import states
from clarion.domain.messaging.lanes.looking import WAITED_MS
from clarion.domain.messaging.lanes.states import LaneRow, State
from clarion.domain.messaging.model import Envelope
from clarion.domain.messaging.withholding import TOPIC_HEADER
from clarion.domain.sms.model import ANSWERS
from clarion.shapes.pinpoint import MessageRequest
from tests.server.house import SCOPE
from tests.server.texting import Texting, alone, texting

LATER = WAITED_MS / 1_000 + 1


@pytest.fixture
def both(state_url: str, chdb_url: str) -> Iterator[Texting]:
    """One process, on each state database."""
    with texting(state_url, chdb_url) as running:
        yield running


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, chdb_directory: Path) -> Iterator[Texting]:
    """One process for all tests of the module; each makes its own project."""
    with alone(tmp_path_factory.mktemp("look"), chdb_directory) as running:
        yield running


def steer(one: Texting, channel: str, state: State) -> None:
    database = one.house.database
    database.write(lambda connection: states.save(database, connection, LaneRow(channel, state)))
    one.house.settle()


def gates(one: Texting, app: str) -> list[tuple[str, str]]:
    """Who was skipped by which gate."""
    return sorted((row.endpoint_id, row.gate) for row in one.events(app, "_clarion.skip"))


def mail(one: Texting, app: str, address: str, topic: str = "") -> None:
    simple: dict[str, Any] = {"TextPart": {"Data": "Hello"}}
    if topic:
        simple["Headers"] = [{"Name": TOPIC_HEADER, "Value": topic}]
    words = {"EmailMessage": {"SimpleEmail": simple}}
    request = {"Addresses": {address: {"ChannelType": "EMAIL"}}, "MessageConfiguration": words}
    one.house.direct.send(SCOPE, app, msgspec.convert(request, MessageRequest))
    one.house.settle()


def test_a_campaign_that_waited_leaves_out_who_said_no_meanwhile(both: Texting) -> None:
    house, app = both.house, both.project()
    house.people(app, "ann", "bob", "cid", "dan")
    steer(both, "EMAIL", "paused")
    campaign = house.campaign(app, house.segment(app))
    house.settle()
    house.people(app, "ann", OptOut="ALL")
    house.people(app, "bob", EndpointStatus="INACTIVE")
    house.mail.suppressions.add(SCOPE, app, "cid@example.com")
    house.advance(seconds=LATER)
    assert house.reached(app) == []
    steer(both, "EMAIL", "open")
    assert house.reached(app) == ["dan"]
    assert gates(both, app) == [("ann", "opt_out"), ("bob", "status")]
    (bounce,) = both.events(app, "_email.hardbounce")
    assert (bounce.endpoint_id, bounce.gate) == ("cid", "suppression")
    assert "OnAccountSuppressionList" in bounce.record
    assert house.status(app, campaign) == "COMPLETED"
    assert house.activities(app, campaign)[0].successful_endpoint_count == 2


def test_stop_ends_texts_that_wait_but_not_its_own_answer(one: Texting) -> None:
    app, person = one.project(), "+4915557010"
    one.house.people_of(app, "phone", "SMS", person)
    one.send(app, person, body="Before")
    steer(one, "SMS", "paused")
    one.send(app, person, body="Waits")
    one.text(person, "STOP")
    one.house.advance(seconds=LATER)
    steer(one, "SMS", "open")
    assert one.carrier.to(person) == ["Before", ANSWERS["STOP"]]
    assert ("FAILURE", "OPTED_OUT") in one.statuses(app)
    (failed,) = one.events(app, "_SMS.FAILURE")
    assert failed.message_id
    assert failed.attributes["destination_phone_number"] == person


def test_a_text_that_is_tried_again_has_waited(one: Texting, monkeypatch: pytest.MonkeyPatch) -> None:
    app, person = one.project(), "+4915557020"
    one.send(app, person, body="Before")
    taken = one.carrier._take

    def refuse(message: SmsOutgoing) -> Outcome:
        taken(message)
        return Outcome("temporary", "not now")

    monkeypatch.setattr(one.carrier, "_take", refuse)
    words = {"SMSMessage": {"Body": "Hello", "MessageType": "TRANSACTIONAL"}}
    one.house.people_of(app, "phone", "SMS", person)
    request = {"Endpoints": {"phone": {}}, "MessageConfiguration": words}
    one.house.direct.send(SCOPE, app, msgspec.convert(request, MessageRequest))
    one.house.settle()
    assert one.carrier.to(person) == ["Before", "Hello"]
    monkeypatch.undo()
    one.text(person, "STOP", id="retried")
    one.house.advance(hours=1)
    assert one.carrier.to(person) == ["Before", "Hello", ANSWERS["STOP"]]
    assert gates(one, app) == [("phone", "opt_out")]


def test_a_topic_that_was_left_meanwhile(one: Texting) -> None:
    house, app = one.house, one.project()
    house.mail.topics.put(SCOPE, app, Topic(name="news", title="News"))
    steer(one, "EMAIL", "paused")
    for address in ("eve@example.com", "flo@example.com"):
        mail(one, app, address, "news")
    house.mail.topics.prefer(SCOPE, app, "eve@example.com", {"news": False})
    house.advance(seconds=LATER)
    steer(one, "EMAIL", "open")
    assert [row.gate for row in one.events(app, "_clarion.skip")] == ["topic"]
    assert len(one.events(app, "_email.send")) == 1


def test_only_what_waited_is_looked_at_and_in_one_go(one: Texting) -> None:
    house, app, seen = one.house, one.project(), list[int]()

    def look(connection: sa.Connection, envelopes: Sequence[Envelope]) -> dict[int, Any]:
        seen.append(len(envelopes))
        return {}

    house.messaging.on_leaving(look)
    try:
        mail(one, app, "gus@example.com")
        for more_ms, looks in ((0, []), (1, [3])):
            steer(one, "EMAIL", "paused")
            for address in ("hal@example.com", "ida@example.com", "jan@example.com"):
                mail(one, app, address)
            house.advance(seconds=(WAITED_MS + more_ms) / 1_000)
            steer(one, "EMAIL", "open")
            assert seen == looks
    finally:
        house.messaging.looks.remove(look)
    assert len(one.events(app, "_email.send")) == 7


@pytest.mark.parametrize(
    ("origin", "opt_out", "status", "gate"),
    [
        ("campaign", "ALL", "ACTIVE", "opt_out"),
        ("campaign", "NONE", "INACTIVE", "status"),
        ("campaign", "NONE", "ACTIVE", None),
        ("journey", "ALL", "ACTIVE", "opt_out"),
        ("journey", "NONE", "INACTIVE", None),
        ("direct", "ALL", "ACTIVE", "opt_out"),
        ("direct", "NONE", "INACTIVE", "status"),
    ],
)
def test_who_is_asked_for_what(origin: Any, opt_out: Any, status: Any, gate: str | None) -> None:
    said = refusal_now(origin, Endpoint(id="e", opt_out=opt_out, status=status))
    assert (said.gate if said is not None else None) == gate
