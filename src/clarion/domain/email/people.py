"""What is known about one person's addresses.

Erasing a person takes the addresses away, and the complaints whole. That an address must not be written to, and which
topics it does not want, stays as a keyed digest: whoever was erased must not get mail again when somebody imports
an old list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.email import store
from clarion.domain.email.model import Digests, place_of
from clarion.domain.email.store import Kept
from clarion.store.database import Database


class EmailHolder(Holder):
    """Suppression lists, preferences, complaints."""

    tables = ("email_suppressions", "email_preferences", "email_complaints")

    def __init__(self, database: Database, digests: Digests) -> None:
        self._database = database
        self._digests = digests

    def sections(self) -> Mapping[str, Section]:
        return {"EmailSuppressions": self._suppressed, "EmailPreferences": self._chosen, "EmailComplaints": self._told}

    def count(self, person: Person) -> Mapping[str, int]:
        digests = list(self._digests_of(person))
        listed, chosen = self._database.read(lambda connection: store.counts(connection, person.app_id, digests))
        complaints = len(self._complaints(person))
        return {"EmailSuppressions": listed, "EmailPreferences": chosen, "EmailComplaints": complaints}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            digests = list(self._digests_of(person))
            if digests:
                self._database.write(lambda c, p=person, d=digests: store.forget(c, p.app_id, d))  # type: ignore[misc]
            old = [kept.seq for kept in self._complaints(person) if _is_of(person, kept)]
            if old:
                self._database.write(lambda c, old=old: store.withdraw(c, old))  # type: ignore[misc]
        return False

    def _digests_of(self, person: Person) -> dict[str, str]:
        mails = [address for address in person.addresses if "@" in address]
        return {self._digests.of(person.app_id, place_of(address)): address for address in mails}

    def _complaints(self, person: Person) -> list[Kept]:
        digests = list(self._digests_of(person))
        return self._database.read(
            lambda connection: store.complained_of(connection, person.app_id, digests, person.user_id, person.keys)
        )

    def _suppressed(self, person: Person, after: str, limit: int) -> Page:
        digests = list(self._digests_of(person))
        found = self._database.read(lambda connection: store.suppressed(connection, person.app_id, digests))
        listed = [
            {"Address": one.address, "Reason": one.reason, "At": iso_ms(one.at_ms), "MessageId": one.message_id}
            for _, one in sorted(found.items())
        ]
        return _part(listed, after, limit)

    def _chosen(self, person: Person, after: str, limit: int) -> Page:
        mine = self._digests_of(person)
        found = self._database.read(lambda connection: store.chosen(connection, person.app_id, mine))
        listed = [
            {"Address": mine[one.digest], "Topic": one.topic, "Subscribed": one.subscribed} for one in sorted(found)
        ]
        return _part(listed, after, limit)

    def _told(self, person: Person, after: str, limit: int) -> Page:
        found = [kept for kept in self._complaints(person) if kept.seq > int(after or 0)]
        items = [msgspec.to_builtins(kept.complaint) for kept in found[:limit]]
        return Page(items, str(found[limit - 1].seq) if len(found) > limit else "")


def _part(listed: Sequence[Mapping[str, object]], after: str, limit: int) -> Page:
    """A page of what is little enough to be read at once, a few rows for each address."""
    end = int(after or 0) + limit
    return Page(listed[int(after or 0) : end], str(end) if end < len(listed) else "")


def _is_of(person: Person, kept: Kept) -> bool:
    """Whether a complaint was this person's, and not somebody new's with the same ids."""
    return not person.before_ms or kept.complaint.at_ms < person.bound_ms
