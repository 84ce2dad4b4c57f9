"""What providers tell of calls becomes events, in whatever order it comes; silence does after a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
import sqlalchemy as sa

from clarion.channels import catalog
from clarion.channels.feedback import CallReport
from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.domain.audience.people.service import Who
from clarion.domain.events.model import EventRow
from clarion.domain.events.queries import ROW, row_of
from clarion.domain.messaging.direct.round import Result
from clarion.domain.messaging.feedback.calls import WAITS_MS
from clarion.domain.messaging.feedback.dialled import OVER, calls
from clarion.shapes.pinpoint import MessageRequest, VoiceChannelRequest
from clarion.store.columnar import open_columnar
from tests.server.house import SCOPE, House

NUMBER = "+4915550001"
LINE = "line"


class Line:
    """A transport that dials every number."""

    name = "line"
    channel = "voice"

    def __init__(self) -> None:
        self.dialled: list[VoiceOutgoing] = []

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, messages: Sequence[VoiceOutgoing]) -> list[Outcome]:
        self.dialled += messages
        first = len(self.dialled) - len(messages)
        ids = [f"id-{first + number}" for number in range(len(messages))]
        return [Outcome("sent", provider_message_id=id, provider=LINE) for id in ids]


class Calling:
    """A process whose calls go over a line."""

    def __init__(self, house: House, line: Line) -> None:
        self.house = house
        self.line = line

    def project(self) -> str:
        app = self.house.project()
        self.house.channels.update(SCOPE, app, "VOICE", VoiceChannelRequest(enabled=True), "t")
        return app

    def call(self, app: str, number: str = NUMBER, body: str = "Hello", **to: Any) -> dict[str, Result]:
        words = {"VoiceMessage": {"Body": body, "VoiceId": "Amy", "OriginationNumber": "+4930123456"}}
        request = {"MessageConfiguration": words, **(to or {"Addresses": {number: {"ChannelType": "VOICE"}}})}
        sent = self.house.direct.send(SCOPE, app, msgspec.convert(request, MessageRequest))
        self.house.settle()
        results: dict[str, Result] = sent[0][0]
        return results

    def tell(self, *states: Any, id: str = "", **more: Any) -> None:
        """What the provider says of a call, the last unless named."""
        named = id or f"id-{len(self.line.dialled) - 1}"
        reports = [CallReport(provider_message_id=named, state=state, **more) for state in states]
        self.house.ways.desk.calls(LINE, reports)
        self.house.settle()

    def events(self, app: str) -> list[EventRow]:
        sql = f"SELECT {ROW} FROM events WHERE app_id = {{app:String}} AND event_type LIKE '_VOICE.%' ORDER BY arrival"
        return [row_of(values) for values in self.house.columnar.query(sql, {"app": app})]

    def states(self, app: str) -> set[str]:
        return {row.event_type.removeprefix("_VOICE.") for row in self.events(app)}

    def under_way(self, app: str) -> int:
        of_app = sa.select(sa.func.count()).where(calls.c.app_id == app, ~calls.c.told.contains(OVER))
        return self.house.database.read(lambda c: c.scalar(of_app) or 0)

    def counted(self, name: str, **labels: str) -> float:
        return self.house.metrics.get_sample_value(name, labels) or 0.0


@contextmanager
def calling(state_url: str, chdb_url: str) -> Iterator[Calling]:
    line = Line()
    with mock.patch.dict(catalog.TRANSPORTS, {("voice", "inbox"): lambda given: line}):
        house = House(state_url, chdb_url)
    try:
        yield Calling(house, line)
    finally:
        house.close()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, chdb_directory: Path) -> Iterator[Calling]:
    folder = tmp_path_factory.mktemp("calls")
    url = f"chdb://{chdb_directory}?database={folder.name.replace('-', '_')}"
    with calling(f"sqlite:///{folder}/state.db", url) as running:
        yield running
    store = open_columnar(url)
    store.command(f"DROP DATABASE {url.rpartition('=')[2]} SYNC")
    store.close()


@pytest.fixture
def everywhere(state_url: str, chdb_url: str) -> Iterator[Calling]:
    """One process, once per state database."""
    with calling(state_url, chdb_url) as running:
        yield running


def test_a_call_is_followed_to_its_end(everywhere: Calling) -> None:
    one = everywhere
    app = one.project()
    one.call(app)
    assert (one.states(app), one.under_way(app)) == ({"INITIATED"}, 1)
    one.tell("RINGING", "ANSWERED")
    assert one.states(app) == {"INITIATED", "RINGING", "ANSWERED"}
    one.tell("COMPLETED", seconds=7, price_millicents=1_300.0, detail="200 OK")
    (event,) = [row for row in one.events(app) if row.event_type == "_VOICE.COMPLETED"]
    (message,) = one.line.dialled
    assert event.attributes == {
        "sender_request_id": message.message_id,
        "message_id": message.message_id,
        "destination_phone_number": NUMBER,
        "origination_phone_number": "+4930123456",
        "iso_country_code": "DE",
        "voice_id": "Amy",
        "call_detail": "200 OK",
        "record_status": "COMPLETED",
    }
    assert event.metrics == {"duration_seconds": 7.0, "price_in_millicents_usd": 1_300.0}
    assert (event.message_id, event.status, one.under_way(app)) == (message.message_id, "COMPLETED", 0)
    assert one.counted("clarion_calls_total", provider=LINE, state="COMPLETED") == 1
    assert one.counted("clarion_call_seconds_total", provider=LINE) == 7


@pytest.mark.parametrize("end", ["BUSY", "NO_ANSWER", "FAILED"])
def test_a_call_that_nobody_hears_ends_too(one: Calling, end: str) -> None:
    app = one.project()
    one.call(app)
    one.tell(end)
    assert (one.states(app), one.under_way(app)) == ({"INITIATED", end}, 0)


def test_what_is_told_again_changes_nothing_and_what_is_late_is_kept(one: Calling) -> None:
    app = one.project()
    one.call(app)
    one.tell("ANSWERED")
    one.tell("ANSWERED", "COMPLETED", "FAILED")
    before = one.counted("clarion_calls_total", provider=LINE, state="COMPLETED")
    one.tell("COMPLETED", "RINGING")
    one.tell("RINGING")
    told = sorted(row.event_type for row in one.events(app))
    assert told == ["_VOICE.ANSWERED", "_VOICE.COMPLETED", "_VOICE.INITIATED", "_VOICE.RINGING"]
    assert one.counted("clarion_calls_total", provider=LINE, state="COMPLETED") == before


def test_a_call_that_nobody_here_made_is_dropped_and_counted(one: Calling) -> None:
    before = one.counted("clarion_call_reports_unknown_total")
    one.tell("COMPLETED", "RINGING", id="nobody")
    one.house.advance(hours=1)
    one.house.settle()
    assert one.counted("clarion_call_reports_unknown_total") == before + 2


def test_a_report_that_is_faster_than_its_message_waits(one: Calling) -> None:
    app = one.project()
    one.tell("RINGING", "COMPLETED", id=f"id-{len(one.line.dialled)}")
    one.call(app, "+4915550002")
    assert one.states(app) == {"INITIATED"}
    one.house.advance(milliseconds=WAITS_MS[0])
    one.house.settle()
    assert one.states(app) == {"INITIATED", "RINGING", "COMPLETED"}


def test_a_call_of_which_nothing_is_heard_has_failed(one: Calling) -> None:
    app = one.project()
    one.call(app, "+4915550003")
    one.house.advance(hours=23)
    assert one.under_way(app) == 1
    one.house.advance(hours=3)
    one.house.settle()
    assert (one.states(app), one.under_way(app)) == ({"INITIATED", "FAILED"}, 0)


def test_another_providers_word_is_not_that_of_this_one(one: Calling) -> None:
    app = one.project()
    one.call(app, "+4915550004")
    one.house.ways.desk.calls(
        "other", [CallReport(provider_message_id=f"id-{len(one.line.dialled) - 1}", state="COMPLETED")]
    )
    one.house.settle()
    assert one.under_way(app) == 1


def test_whoever_is_erased_is_not_called_any_more_in_the_record(one: Calling) -> None:
    app = one.project()
    one.house.people_of(app, "desk", "VOICE", "+4915550005", User={"UserId": "lea"})
    one.call(app, Endpoints={"desk": {}})
    told = one.house.persons.export(SCOPE, app, Who("lea", None), 100, None)
    sections = {told.section: told.items}
    while told.token:
        told = one.house.persons.export(SCOPE, app, Who("lea", None), 100, told.token)
        sections[told.section] = told.items
    assert [item["Number"] for item in sections["Calls"]] == ["+4915550005"]
    one.house.persons.erase(SCOPE, app, Who("lea", None), "AKID")
    one.house.settle()
    assert one.under_way(app) == 0
    one.tell("COMPLETED")
    assert one.states(app) == set()


def test_the_calls_of_a_project_go_with_it(one: Calling) -> None:
    app = one.project()
    one.call(app, "+4915550006")
    one.house.apps.delete(SCOPE, app)
    one.house.settle()
    assert one.under_way(app) == 0


def test_ssml_is_said_as_such_and_values_stay_values(one: Calling) -> None:
    app = one.project()
    one.house.people_of(app, "desk", "VOICE", "+4915550007", User={"UserAttributes": {"name": ["Fish & <Chips>"]}})
    one.call(app, body="<speak>Hello <break time='1s'/>{{User.UserAttributes.name}}</speak>", Endpoints={"desk": {}})
    message = one.line.dialled[-1]
    assert (message.body, message.body_type) == (
        "<speak>Hello <break time='1s'/>Fish &amp; &lt;Chips&gt;</speak>",
        "SSML",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<speak><audio src='x'/>hello</speak>", "<audio> is not supported"),
        ("<speak>hello", "not well-formed"),
        ("<speak><break/></speak>", "The message is empty"),
        ("<speak>" + "x" * 3_001 + "</speak>", "at most 3000 are spoken"),
    ],
)
def test_ssml_that_nobody_would_speak_is_refused_at_once(one: Calling, body: str, reason: str) -> None:
    app = one.project()
    (result,) = one.call(app, body=body).values()
    assert result.status == "PERMANENT_FAILURE"
    assert reason in result.text
