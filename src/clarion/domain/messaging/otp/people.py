"""Codes of one person's numbers: counted and erased. There is nothing to tell: all of them are digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.messaging.otp import store
from clarion.domain.messaging.otp.model import Digests
from clarion.store.database import Database


class CodesHolder(Holder):
    """Codes that wait to be typed in."""

    tables = ("otp_codes",)

    def __init__(self, database: Database, digests: Digests) -> None:
        self._database = database
        self._digests = digests

    def count(self, person: Person) -> Mapping[str, int]:
        numbers = self._numbers(person)
        return {"Codes": self._database.read(lambda connection: store.count(connection, person.app_id, numbers))}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            # Another code may be waiting for somebody new at this number: they ask again.
            if numbers := self._numbers(person):
                app_id = person.app_id
                self._database.write(lambda c, app_id=app_id, numbers=numbers: store.forget(c, app_id, numbers))  # type: ignore[misc]
        return False

    def _numbers(self, person: Person) -> list[str]:
        return [self._digests.number(person.app_id, address) for address in person.addresses if address[:1] == "+"]
