"""In place of what asks the columnar store: conditions, segments, and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from clarion.core.clock import DAY_MS
from clarion.core.scope import Scope
from clarion.domain.events.asking.sent import ATTEMPTED, SENDS, Sent
from clarion.domain.events.model import PLANNED
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.model import Fault, Walker
from clarion.domain.segments.model import Definition, Segment
from clarion.domain.segments.store import Snapshot
from clarion.shapes.pinpoint import SimpleCondition, WriteJourneyRequest
from tests.domain.journeys.simulation.ground import BEGIN_MS, ground

if TYPE_CHECKING:
    from tests.domain.journeys.simulation.world import World


class Judge:
    """`activities.port.Conditions`: whether a condition holds for somebody is drawn, again every day."""

    def __init__(self, world: World) -> None:
        self._world = world

    def holds(self, here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]) -> list[frozenset[str]]:
        self._world.trouble.asked()
        day = here.now_ms // DAY_MS
        return [
            frozenset(one.participant for one in group if lot(f"{number}/{here.node.id}/{one.participant}/{day}") < 128)
            for number in range(len(conditions))
        ]


Wanted = tuple[str, int | None]


class Segments:
    """Who is in a segment is drawn, again every month. A snapshot stays what it was."""

    def __init__(self, world: World) -> None:
        self._world = world

    def on_delete(self, hook: Callable[..., None]) -> None:
        pass

    on_change = on_delete

    def require(self, scope: Scope, app_id: str, segment_id: str, version: int | None = None) -> Segment:
        return Segment(
            app_id=app_id,
            id=segment_id,
            kind="DIMENSIONAL",
            version=1,
            created_ms=BEGIN_MS,
            modified_ms=BEGIN_MS,
            definition=Definition(),
        )

    def snapshot(self, scope: Scope, app_id: str, segment_id: str, version: int | None, snapshot_id: str) -> int:
        self._world.trouble.asked()
        members = [key for key in self._world.crowd.keys if self._is_in(segment_id, key)]
        kept = self._world.snapshots.setdefault(snapshot_id, members)
        self._world.trouble.asked()
        return len(kept)

    def memberships(
        self, scope: Scope, app_id: str, wanted: Sequence[Wanted], keys: Collection[str], *, caught_up: bool = False
    ) -> dict[Wanted, set[str]]:
        self._world.trouble.asked()
        return {one: {key for key in keys if self._is_in(one[0], key)} for one in wanted}

    def members(self, snapshot_id: str, after: int, limit: int) -> list[str]:
        self._world.trouble.asked()
        return self._world.snapshots[snapshot_id][after : after + limit]

    def duplicates(self, snapshot_id: str) -> list[str]:
        return []

    def _is_in(self, segment_id: str, key: str) -> bool:
        return lot(f"{segment_id}/{key}/{self._world.clock.now_ms() // (30 * DAY_MS)}") < 200

    def zone_parts(self, snapshot_id: str) -> list[Snapshot]:
        self._world.trouble.asked()
        zones: dict[str, list[str]] = {}
        for key in self._world.snapshots[snapshot_id]:
            zones.setdefault(self._world.crowd.zone_of(key), []).append(key)
        prefix = f"{snapshot_id}/"
        if not any(id.startswith(prefix) for id in self._world.snapshots):
            self._world.snapshots |= {f"{prefix}{zone}": keys for zone, keys in zones.items()}
        return [
            Snapshot(id, snapshot_id, id.removeprefix(prefix), "", ground().app_id, len(keys), 0)
            for id, keys in self._world.snapshots.items()
            if id.startswith(prefix)
        ]


class Figures:
    """What of the record counts for caps, all of it, as the columnar store would tell."""

    def __init__(self, world: World) -> None:
        self._world = world

    def catch_up(self) -> None:
        self._world.trouble.asked()

    def journey_sent(
        self, app_id: str, journey_id: str, keys: Sequence[str], *, recent_ms: int, long_ms: int, since_ms: int
    ) -> dict[str, Sent]:
        messages: dict[str, list[Any]] = {}
        for event in self._world.events():
            if event.message_id and event.endpoint_key in keys and event.event_type in (PLANNED, *SENDS):
                messages.setdefault(event.message_id, []).append(event)
        found: dict[str, Sent] = {}
        for events in messages.values():
            told = [event for event in events if event.event_type in SENDS]
            if told and not any(event.status in ATTEMPTED for event in told):
                continue
            at_ms = max(event.arrival for event in events)
            before = found.get(events[0].endpoint_key, Sent())
            recent, long = int(at_ms >= recent_ms), int(at_ms >= long_ms)
            found[events[0].endpoint_key] = Sent(
                before.recent + recent,
                before.total + 1,
                before.journeys_recent + recent,
                before.journeys_long + long,
                before.app_recent + recent,
            )
        return found

    def sent_since(self, *args: object) -> dict[str, list[int]]:
        return {}


class Reviewer:
    """Lets everything pass: what is drawn is sound."""

    def review(self, scope: Scope, app_id: str, wanted: WriteJourneyRequest) -> list[Fault]:
        return []


def lot(text: str) -> int:
    """0 to 255, the same for the same text."""
    return blake2b(text.encode(), digest_size=1).digest()[0]
