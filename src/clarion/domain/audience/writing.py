"""Writing endpoints, whoever asks: what happens between a request and the stored rows, in one transaction.

items (change_of: rules of one request) → names (blocked? too many?) → roster (merge; users, addresses) → rows
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import ClarionError, Invalid
from clarion.core.ids import Ids
from clarion.domain.audience.change import Change, Effective, NameKind, Request, change_of, is_empty
from clarion.domain.audience.merge import Stamp, refuse_incomplete
from clarion.domain.audience.model import Endpoint, check_id, endpoint_key
from clarion.domain.audience.names import Names
from clarion.domain.audience.policies import Policies
from clarion.domain.audience.roster import Roster
from clarion.domain.audience.store import Rows, Stored, Writer


class Outcome(NamedTuple):
    """What became of one item of a batch: the endpoint as it is now, or why it was refused.

    An unknown endpoint that was refused has neither been written nor has it a document.
    """

    endpoint: Endpoint | None
    error: ClarionError | None = None

    @property
    def status_code(self) -> int:
        return 202 if self.error is None else 400

    @property
    def message(self) -> str:
        return "Accepted" if self.error is None else self.error.message


class Restored(NamedTuple):
    """What an exported endpoint had from the start, kept when it is new here: cohort, and creation in Unix ms."""

    cohort: int
    created_ms: int


class Item(NamedTuple):
    """One change on its way; `error` when the request itself is wrong, no id when that is."""

    endpoint_id: str
    change: Change
    request_id: str
    empty: bool = False
    error: Invalid | None = None
    restored: Restored | None = None


Erased = Callable[[sa.Connection, str, Sequence[str]], Collection[str]]
"""Those of some endpoint ids that were erased: whoever comes under one of them is somebody new."""


class Writing:
    """Carries out changes to the endpoints of any app."""

    def __init__(
        self, names: Names, writer: Writer, policies: Policies, erased: Erased, *, clock: Clock, ids: Ids
    ) -> None:
        self._names = names
        self._writer = writer
        self._policies = policies
        self._erased = erased
        self._clock = clock
        self._ids = ids

    def roster(self, connection: sa.Connection, app_id: str) -> Roster:
        """The app's endpoints, held by this transaction."""
        return Roster(Rows(connection, app_id), self._policies.of(connection, app_id))

    def carry_out(
        self, connection: sa.Connection, app_id: str, items: Sequence[Item], *, events: bool = False
    ) -> list[Outcome]:
        """Carry out changes in order, write what came of them; `events`: they come along with events."""
        now_ms = self._clock.now_ms()
        now = Effective(iso_ms(now_ms), now_ms)
        roster = self.roster(connection, app_id)
        _read_ahead(roster, items)
        returned = self._erased(connection, app_id, [item.endpoint_id for item in items if item.restored])
        outcomes = []
        recorded: set[tuple[NameKind, str]] = set()
        for item in items:
            current = roster.get(endpoint_key(item.endpoint_id)) if item.endpoint_id else None
            try:
                if item.error is not None:
                    raise item.error
                if events and item.empty and current is not None:
                    outcomes.append(Outcome(current))
                    continue
                if current is None and not (item.empty if events else item.change.stamped):
                    refuse_incomplete(item.change)
                change, new_names = self._names.admit(connection, app_id, item.change, recorded)
                restored = None if item.endpoint_id in returned else item.restored
                cohort, created_ms = restored or (self._ids.cohort(), now_ms)
                stamp = Stamp(now, item.request_id, cohort, created_ms)
                applied = roster.apply(item.endpoint_id, change, stamp, quiet=events)
                if new_names:
                    self._names.record(connection, app_id, new_names)
                    recorded.update(new_names)
                outcomes.append(Outcome(applied.endpoint))
            except Invalid as error:
                outcomes.append(Outcome(current, error))
        self.save(connection, app_id, roster)
        return outcomes

    def save(self, connection: sa.Connection, app_id: str, roster: Roster) -> int:
        written = [Stored(*one) for one in roster.written()]
        self._writer.save(connection, app_id, written)
        return len(written)


def item_of(endpoint_id: str, request: Request, request_id: str, restored: Restored | None = None) -> Item:
    nothing = Change()
    try:
        check_id(endpoint_id)
    except Invalid as error:
        return Item("", nothing, request_id, error=error)
    try:
        return Item(endpoint_id, change_of(request), request_id, is_empty(request), restored=restored)
    except Invalid as error:
        return Item(endpoint_id, nothing, request_id, error=error)


def _read_ahead(roster: Roster, items: Sequence[Item]) -> None:
    """Read in three statements what the changes are going to need; a single one reads when it needs it."""
    roster.fetch(dict.fromkeys(endpoint_key(item.endpoint_id) for item in items if item.endpoint_id))
    if len(items) == 1:
        return
    users, contacts = set(), set()
    for item in items:
        if item.error is not None:
            continue
        current = roster.get(endpoint_key(item.endpoint_id))
        user_id = item.change.user_id
        if user_id and (current is None or current.user_id != user_id):
            users.add(user_id)
        elif current is not None and not item.change.user_attributes.items() <= current.user_attributes.items():
            users.add(current.user_id)
        address = item.change.address
        if address and item.change.channel_type and (current is None or current.address != address):
            contacts.add(f"{item.change.channel_type}:{address}")
    roster.fetch((), users, contacts)
