"""A project with journeys, driven by the services themselves on a virtual clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import copy
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa

from clarion.domain.journeys import participants
from clarion.domain.journeys.store import JourneyRow, RunRow
from clarion.domain.segments.model import Member
from clarion.shapes.pinpoint import EndpointBatchItem, SegmentImportResource, WriteJourneyRequest, WriteSegmentRequest
from clarion.wire.context import Context
from tests.server.house import SCOPE, House

_numbers = count(1)
WHO = Context(SCOPE, "request", "AKID", "admin", "arn")
IMPORTED = SegmentImportResource(
    external_id="1", format="CSV", role_arn="arn:aws:iam::1:role/r", s3_url="s3://b/k", size=2, channel_counts={}
)
WAIT = {"wait": {"Wait": {"WaitTime": {"WaitFor": "P1D"}}}}


def on(*types: str, kind: str = "ENDPOINT", **more: Any) -> dict[str, Any]:
    """An EventFilter."""
    return {"FilterType": kind, "Dimensions": {"EventType": {"Values": list(types)}, **more}}


def started_by(*types: str, segment: str = "", **more: Any) -> dict[str, Any]:
    """The StartCondition of a journey that these events start."""
    by_event = {"EventFilter": on(*types, **more), **({"SegmentId": segment} if segment else {})}
    return {"StartCondition": {"EventStartCondition": by_event}}


class Shop:
    """A project, its people and its journeys."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.app = house.project()

    def at(self, house: House) -> Shop:
        """The same project in another process."""
        other = copy(self)
        other.house = house
        return other

    def crowd(self, names: list[str]) -> None:
        """Many endpoints at once."""
        items = [{"Id": name, "ChannelType": "EMAIL", "Address": f"{name}@example.com"} for name in names]
        for start in range(0, len(items), 100):
            batch = msgspec.convert(items[start : start + 100], list[EndpointBatchItem])
            self.house.audience.update_many(SCOPE, self.app, batch, "request").result(30)

    def segment(self, **dimensions: Any) -> str:
        """A segment of whoever has these dimensions; without any: everybody."""
        request = msgspec.convert({"Name": "some", "Dimensions": dimensions}, WriteSegmentRequest)
        return self.house.segments.create(SCOPE, self.app, request).segment.id

    def imported(self, *members: Sequence[str], into: str | None = None) -> str:
        """An imported segment, or a new list for one; a member is an endpoint's key and a user's id."""

        def work(connection: sa.Connection) -> str:
            number, segments = next(_numbers), self.house.segments
            made = segments.begin_list(connection, SCOPE, self.app, into, "list", IMPORTED, number)
            segments.lists.add(connection, made, number, [Member(*one) for one in members])
            segments.complete_list(connection, SCOPE, self.app, made, IMPORTED, number)
            return made

        return self.house.database.write(work)

    def change(self, segment_id: str, **dimensions: Any) -> None:
        """Another definition for a segment."""
        request = msgspec.convert({"Name": "others", "Dimensions": dimensions}, WriteSegmentRequest)
        self.house.segments.update(SCOPE, self.app, segment_id, request)

    def written(self, segment_id: str = "", **more: Any) -> WriteJourneyRequest:
        """A journey in which everybody waits for a day, unless told otherwise."""
        wanted = {"Name": "way", "State": "ACTIVE", "StartActivity": "wait", "Activities": WAIT}
        if segment_id:
            wanted["StartCondition"] = {"SegmentStartCondition": {"SegmentId": segment_id}}
        return msgspec.convert({**wanted, **more}, WriteJourneyRequest)

    def journey(self, segment_id: str = "", **more: Any) -> str:
        """A published journey."""
        return self.house.journeys.journeys.create(SCOPE, self.app, self.written(segment_id, **more)).row.journey_id

    def edit(self, journey_id: str, segment_id: str = "", **more: Any) -> None:
        """A new version of a journey under way."""
        wanted = msgspec.structs.replace(self.written(segment_id, **more), state=None)
        self.house.journeys.versions.edit(SCOPE, self.app, journey_id, wanted)

    def set(self, journey_id: str, state: str) -> None:
        """UpdateJourneyState."""
        self.house.journeys.journeys.set_state(SCOPE, self.app, journey_id, state)

    def row(self, journey_id: str) -> JourneyRow:
        return self.house.journeys.journeys.get(SCOPE, self.app, journey_id).row

    def runs(self, journey_id: str) -> list[RunRow]:
        found, _ = self.house.journeys.journeys.runs(SCOPE, self.app, journey_id, 100, None)
        return found

    def inside(self, journey_id: str) -> list[str]:
        """Who is inside, sorted."""
        return sorted(name for name, one in self.standings(journey_id).items() if one.inside)

    def entries(self, journey_id: str) -> dict[str, int]:
        """How often everybody has entered."""
        return {name: one.entry for name, one in sorted(self.standings(journey_id).items())}

    def standings(self, journey_id: str) -> dict[str, participants.Standing]:
        statement = participants.participants.select().where(participants.participants.c.journey_id == journey_id)
        names = [row.participant for row in self.house.database.read(lambda c: c.execute(statement).all())]
        return self.house.database.read(lambda c: participants.standings(c, journey_id, names))

    def counts(self, journey_id: str) -> dict[str, int]:
        """What the record says of entries and ends, by outcome."""
        self.house.consumer.catch_up(60)
        rows = self.house.columnar.query(
            "SELECT outcome, number FROM journey_moves WHERE journey_id = {id:String} AND activity = ''",
            {"id": journey_id},
        )
        found: Counter[str] = Counter()
        for outcome, number in rows:
            found[str(outcome)] += int(str(number))
        return dict(sorted(found.items()))

    def tell(self, endpoint: str, kind: str, *events: str, user: str | None = None, **members: Any) -> None:
        """PutEvents of events with these ids."""
        sent = {
            name: {"EventType": kind, "Timestamp": "2027-03-04T09:15:00Z", **members} for name in events or ("event",)
        }
        about = {"User": {"UserId": user}} if user else {}
        body = msgspec.json.encode({"BatchItem": {endpoint: {"Endpoint": about, "Events": sent}}})
        self.house.events.put(WHO, self.app, body).result(30)
