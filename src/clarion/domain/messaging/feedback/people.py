"""Reports about one person's e-mails that are not recorded yet: they wait a moment, or for ever when they are dead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.messaging.feedback.mails import KIND, Told
from clarion.engine import job_rows
from clarion.engine.job_rows import Given
from clarion.store.database import Database

PAGE = 1_000

_told = msgspec.json.Decoder(Told).decode


class ReportsHolder(Holder):
    """Jobs of reports. `messages_of` answers the ids of the messages that the record has about a person."""

    def __init__(self, database: Database, messages_of: Callable[[Person], set[str]]) -> None:
        self._database = database
        self._messages_of = messages_of

    def count(self, person: Person) -> Mapping[str, int]:
        return {"EmailReports": sum(1 for _ in self._reports([person]))}

    def erase(self, people: Sequence[Person]) -> bool:
        ids = [job.id for job in self._reports(people)]
        for first in range(0, len(ids), PAGE):
            some = ids[first : first + PAGE]
            self._database.write(lambda connection, some=some: job_rows.remove(connection, some))  # type: ignore[misc]
        return False

    def _reports(self, people: Sequence[Person]) -> Iterator[Given]:
        """Only asks for their messages when there are reports at all."""
        messages: set[str] | None = None
        after = 0
        while rows := self._database.read(lambda c, after=after: job_rows.of_kind(c, KIND, after, PAGE)):  # type: ignore[misc]
            if messages is None:
                messages = set().union(*map(self._messages_of, people))
            for job in rows:
                if _told(job.args).message_id in messages or any(person.named_in(job.args) for person in people):
                    yield job
            after = rows[-1].id
