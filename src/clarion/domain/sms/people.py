"""Opt-outs of one person's numbers: told, and on erasing made anonymous, so that nobody writes to them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.channels.phones import e164
from clarion.core.clock import iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.sms import optouts
from clarion.domain.sms.optouts import OptOut
from clarion.domain.sms.service import Sms
from clarion.store.database import Database


class OptOutsHolder(Holder):
    """Entries of the opt-out lists of a person's project. What is shared by projects keeps its entry, too."""

    tables = ("sms_opt_outs",)

    def __init__(self, database: Database, sms: Sms) -> None:
        self._database = database
        self._sms = sms

    def sections(self) -> Mapping[str, Section]:
        return {"OptOuts": self._page}

    def count(self, person: Person) -> Mapping[str, int]:
        return {"OptOuts": len(self._of(person))}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            if numbers := numbers_of(person):
                lists = self._sms.lists(person.app_id)
                self._database.write(lambda c, lists=lists, numbers=numbers: optouts.blank(c, lists, numbers))  # type: ignore[misc]
        return False

    def _of(self, person: Person) -> list[OptOut]:
        numbers, lists = numbers_of(person), self._sms.lists(person.app_id)
        return self._database.read(lambda c: optouts.of_numbers(c, lists, numbers)) if numbers else []

    def _page(self, person: Person, after: str, limit: int) -> Page:
        start = int(after or 0)
        found = self._of(person)
        told = [
            {"Number": one.number, "OptedOutAt": iso_ms(one.since_ms), "ByPerson": one.by_person, "Word": one.word}
            for one in found[start : start + limit]
        ]
        more = start + limit < len(found)
        return Page(told, str(start + limit) if more else "")


def numbers_of(person: Person) -> list[str]:
    """The phone numbers among a person's addresses."""
    return sorted({number for address in person.addresses if (number := e164(address)) is not None})
