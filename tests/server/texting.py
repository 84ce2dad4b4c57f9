"""A carrier of a test's own, and a process whose texts go through it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from clarion.channels import catalog
from clarion.channels.feedback import InboundText, ReceiptReport
from clarion.channels.port import Outcome, SmsOutgoing
from clarion.channels.sms.size import size_of
from clarion.domain.events.model import EventRow
from clarion.domain.events.queries import ROW, row_of
from clarion.domain.messaging.direct.round import Result
from clarion.shapes.pinpoint import MessageRequest, SMSChannelRequest
from clarion.store.columnar import open_columnar
from tests.server.house import SCOPE, House

CARRIER = "carrier"


class Carrier:
    """A transport that takes every text and tells an id for each of its parts."""

    name = "carrier"
    channel = "sms"

    def __init__(self) -> None:
        self.sent: list[SmsOutgoing] = []
        self.ids: dict[str, list[str]] = {}
        self._number = 0

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, messages: Sequence[SmsOutgoing]) -> list[Outcome]:
        return [self._take(message) for message in messages]

    def _take(self, message: SmsOutgoing) -> Outcome:
        self.sent.append(message)
        ids = self.ids[message.message_id] = [self._made() for _ in range(size_of(message.body).parts)]
        return Outcome("sent", provider_message_id=",".join(ids), provider=CARRIER)

    def _made(self) -> str:
        self._number += 1
        return f"c{self._number}"

    def next_id(self) -> str:
        """What the next part will be called."""
        return f"c{self._number + 1}"

    def to(self, number: str) -> list[str]:
        """What one number got."""
        return [message.body for message in self.sent if message.to_address == number]


class Texting:
    """One process and its carrier."""

    def __init__(self, house: House, carrier: Carrier) -> None:
        self.house = house
        self.carrier = carrier
        self._texts = itertools.count(1)

    def project(self) -> str:
        """A project that sends texts."""
        app = self.house.project()
        self.house.channels.update(SCOPE, app, "SMS", SMSChannelRequest(enabled=True), "t")
        return app

    def send(self, app: str, *numbers: str, body: str = "Hello", **sms: Any) -> dict[str, Result]:
        """SendMessages to numbers."""
        words = {"SMSMessage": {"Body": body, "MessageType": "TRANSACTIONAL", **sms}}
        request = {"Addresses": {one: {"ChannelType": "SMS"} for one in numbers}, "MessageConfiguration": words}
        sent = self.house.direct.send(SCOPE, app, msgspec.convert(request, MessageRequest))
        self.house.settle()
        results: dict[str, Result] = sent[0][0]
        return results

    def receipt(self, id: str, kind: Any = "SUCCESS", status: str = "DELIVERED", **more: Any) -> None:
        """What the carrier says of one part."""
        report = ReceiptReport(provider_message_id=id, kind=kind, record_status=status, **more)
        self.house.ways.desk.receipts(CARRIER, [report])
        self.house.settle()

    def text(self, person: str, body: str, to: str = "+4915550100", id: str = "") -> None:
        """A person writes."""
        named = id or f"in{next(self._texts)}"
        text = InboundText(inbound_id=named, from_number=person, to_number=to, body=body)
        self.house.ways.desk.texts(CARRIER, [text])
        self.house.settle()

    def events(self, app: str, *types: str) -> list[EventRow]:
        """What is recorded, in the order of recording."""
        sql = f"SELECT {ROW} FROM events WHERE app_id = {{app:String}} ORDER BY arrival, event_id"
        rows = [row_of(values) for values in self.house.columnar.query(sql, {"app": app})]
        return [row for row in rows if not types or row.event_type in types]

    def statuses(self, app: str) -> list[tuple[str, str]]:
        """Types and record statuses of a project's text events, sorted."""
        rows = [row for row in self.events(app) if row.event_type.startswith("_SMS.")]
        return sorted((row.event_type.removeprefix("_SMS."), row.attributes["record_status"]) for row in rows)


@contextmanager
def texting(state_url: str, chdb_url: str, **settings: Any) -> Iterator[Texting]:
    """A process whose only way out for texts is a carrier."""
    carrier = Carrier()
    with mock.patch.dict(catalog.TRANSPORTS, {("sms", "inbox"): lambda given: carrier}):
        house = House(state_url, chdb_url, **settings)
    try:
        yield Texting(house, carrier)
    finally:
        house.close()


@contextmanager
def alone(folder: Path, chdb_directory: Path, **settings: Any) -> Iterator[Texting]:
    """`texting` on embedded engines of its own."""
    url = f"chdb://{chdb_directory}?database={folder.name.replace('-', '_')}"
    with texting(f"sqlite:///{folder}/state.db", url, **settings) as running:
        yield running
    store = open_columnar(url)
    store.command(f"DROP DATABASE {url.rpartition('=')[2]} SYNC")
    store.close()
