"""What rejections tell about one person: that something was reported by an endpoint and not taken, not what it said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clarion.core.clock import iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.events.rejections import store
from clarion.domain.events.rejections.model import Kept
from clarion.store.database import Database

PAGE = 1_000
KEYS = 500


class RejectionsHolder(Holder):
    """Rejections of the person's endpoints. They are gone by themselves within days."""

    tables = ("event_rejections",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def sections(self) -> Mapping[str, Section]:
        return {"RejectedEvents": self._page}

    def count(self, person: Person) -> Mapping[str, int]:
        return {"RejectedEvents": sum(1 for _ in self._about(person, None))}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            # Read page by page behind the last one: what was removed is not come across again.
            for seqs in _chunks([one.seq for one in self._about(person, person.bound_ms)]):
                self._database.write(lambda connection, seqs=seqs: store.remove(connection, seqs))  # type: ignore[misc]
        return False

    def _about(self, person: Person, before_ms: int | None, after: int = 0) -> Iterator[Kept]:
        # Ordered by number within the keys of one question: people have few endpoints.
        for first in range(0, len(person.keys), KEYS):
            keys, at = person.keys[first : first + KEYS], after
            while rows := self._database.read(
                lambda connection, keys=keys, at=at: store.of_endpoints(  # type: ignore[misc]
                    connection, person.app_id, keys, at, PAGE, before_ms
                )
            ):
                yield from rows
                at = rows[-1].seq

    def _page(self, person: Person, after: str, limit: int) -> Page:
        items: list[Any] = []
        for one in sorted(self._about(person, None, int(after or "0")), key=lambda one: one.seq):
            if len(items) == limit:
                return Page([_told(told) for told in items], str(items[-1].seq))
            items.append(one)
        return Page([_told(told) for told in items])


def _told(one: Kept) -> dict[str, Any]:
    told = {
        "At": iso_ms(one.at_ms),
        "EndpointId": one.detail.endpoint_id,
        "EventId": one.detail.event_id,
        "EventType": one.event_type,
        "Reason": one.reason,
        "Message": one.detail.message,
    }
    return {name: value for name, value in told.items() if value}


def _chunks(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(seqs), PAGE):
        yield seqs[first : first + PAGE]
