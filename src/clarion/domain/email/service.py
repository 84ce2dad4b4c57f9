"""Verbs about e-mail addresses: suppression lists and complaints of each project.

Whatever event says that an address is dead, or that its owner complained, puts it on its project's list in the
transaction that records the event, whoever records it: nothing has to be told twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.core.pages import cut, decode_token
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.email import store
from clarion.domain.email.model import Complained, Digests, Entry, Reason, checked, entry_of, place_of
from clarion.domain.events.model import EventRow
from clarion.store.database import Database

_KINDS = {"bounces": "BOUNCE", "complaints": "COMPLAINT"}


def reasons(setting: str) -> frozenset[str]:
    """The reasons that the setting `email_suppression` names. Raises Invalid for one that there is not."""
    words = setting.replace(",", " ").split()
    if unknown := [word for word in words if word not in _KINDS]:
        raise Invalid(f"email_suppression: {unknown[0]} is neither bounces nor complaints")
    return frozenset(_KINDS[word] for word in words)


class Suppressions:
    """The suppression lists. `reasons` are those for which addresses get there by themselves."""

    def __init__(
        self, database: Database, apps: Apps, digests: Digests, clock: Clock, *, reasons: Collection[str]
    ) -> None:
        self._database = database
        self._apps = apps
        self._digests = digests
        self._clock = clock
        self._reasons = reasons
        apps.eraser(store.erase)

    def add(self, scope: Scope, app_id: str, address: str) -> Entry:
        """Put an address on the list by hand; answers how it stands there, perhaps since long. Raises Invalid."""
        self._apps.require(scope, app_id)
        place = checked(address)
        digest = self._digests.of(app_id, place)
        entry = Entry(address=place, reason="MANUAL", at_ms=self._clock.now_ms())

        def work(connection: sa.Connection) -> Entry:
            store.suppress(self._database, connection, app_id, {digest: entry})
            return store.suppressed(connection, app_id, [digest])[digest]

        return self._database.write(work)

    def remove(self, scope: Scope, app_id: str, address: str) -> None:
        """Take an address off the list. Raises NotFound when it is not on it, Invalid."""
        self._apps.require(scope, app_id)
        digest = self._digests.of(app_id, checked(address))
        if not self._database.write(lambda connection: store.unsuppress(connection, app_id, digest)):
            raise NotFound("the address is not on the suppression list")

    def find(self, scope: Scope, app_id: str, address: str) -> Entry:
        """How an address stands on the list. Raises NotFound when it does not, Invalid."""
        self._apps.require(scope, app_id)
        digest = self._digests.of(app_id, checked(address))
        found = self._database.read(lambda connection: store.suppressed(connection, app_id, [digest]))
        if digest not in found:
            raise NotFound("the address is not on the suppression list")
        return found[digest]

    def page(
        self, scope: Scope, app_id: str, reason: Reason | None, limit: int, token: str | None
    ) -> tuple[list[Entry], str | None]:
        """Who is on the list, newest first, and the token of what follows."""
        self._apps.require(scope, app_id)
        after = decode_token("suppressions", token, (int, str))
        place = (int(after[0]), str(after[1])) if after is not None else None
        rows = self._database.read(lambda connection: store.listed(connection, app_id, reason, place, limit + 1))
        found, following = cut(rows, limit, "suppressions", lambda row: (row[1].at_ms, row[0]))
        return [entry for _, entry in found], following

    def among(self, connection: sa.Connection, app_id: str, addresses: Iterable[str]) -> dict[str, Entry]:
        """Those of these addresses that must not be written to, by the address as it was given."""
        if not store.suppresses(connection, app_id):
            return {}
        digests = {address: self._digests.of(app_id, place_of(address)) for address in addresses}
        found = store.suppressed(connection, app_id, sorted(set(digests.values())))
        return {address: found[digest] for address, digest in digests.items() if digest in found}

    def heard(self, connection: sa.Connection, rows: Sequence[EventRow]) -> None:
        """Events are recorded in this transaction: put on the list whom they tell of."""
        by_app: dict[str, dict[str, Entry]] = {}
        for row in rows:
            entry = entry_of(row)
            if entry is not None and entry.reason in self._reasons:
                by_app.setdefault(row.app_id, {}).setdefault(self._digests.of(row.app_id, entry.address), entry)
        for app_id, entries in by_app.items():
            store.suppress(self._database, connection, app_id, entries)


class Complaints:
    """Complaints as they came, for those who look into abuse."""

    def __init__(self, database: Database, apps: Apps, digests: Digests) -> None:
        self._database = database
        self._apps = apps
        self._digests = digests

    def keep(self, connection: sa.Connection, one: Complained) -> None:
        """Keep a complaint in the caller's transaction; one of each message."""
        place = place_of(one.address)
        store.complain(self._database, connection, self._digests.of(one.app_id, place), one)

    def page(self, scope: Scope, app_id: str, limit: int, token: str | None) -> tuple[list[Complained], str | None]:
        """A project's complaints, newest first, and the token of what follows."""
        self._apps.require(scope, app_id)
        after = decode_token("complaints", token, (int,))
        before = int(after[0]) if after is not None else None
        rows = self._database.read(lambda connection: store.complained(connection, app_id, before, limit + 1))
        found, following = cut(rows, limit, "complaints", lambda row: (row.seq,))
        return [row.complaint for row in found], following
