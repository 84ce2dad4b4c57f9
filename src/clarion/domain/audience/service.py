"""The audience's verbs: write endpoints, read them, delete them, stop recording attributes.

Every write goes the same way, in one transaction:

    change_of (rules of one request) → names (blocked? too many?) → roster (merge; users, addresses) → rows + log row

`update` and `update_many` are the operations of that name; `merge` is the same for events, inside the transaction
that appends them. Writes are visible as soon as they are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.audience import store
from clarion.domain.audience.change import Change, NameKind, change_of, is_empty
from clarion.domain.audience.drafts import Adding, Drafts, draft
from clarion.domain.audience.gather import Gathered
from clarion.domain.audience.merge import deactivate
from clarion.domain.audience.model import (
    Endpoint,
    Fate,
    OptOut,
    Outline,
    check_id,
    decode,
    decode_outline,
    endpoint_key,
)
from clarion.domain.audience.names import ATTRIBUTE_TYPES, Names
from clarion.domain.audience.people.store import Digests
from clarion.domain.audience.policies import Policies
from clarion.domain.audience.roster import Policy
from clarion.domain.audience.store import Rows, Writer
from clarion.domain.audience.writing import Item, Outcome, Restored, Writing, item_of
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import EndpointBatchItem, EndpointRequest, PublicEndpoint
from clarion.store.database import Database

__all__ = [
    "MAX_BATCH",
    "STRIP",
    "Audience",
    "Change",
    "Drafts",
    "Item",
    "OptOut",
    "Outcome",
    "Restored",
    "Strip",
    "change_of",
    "draft",
    "item_of",
]

STRIP = "audience.strip"
MAX_BATCH = 100

_log = structlog.get_logger(__name__)


class Strip(msgspec.Struct):
    """Arguments of `audience.strip`: what to erase, and the key of the last endpoint that is done."""

    app_id: str
    kind: NameKind
    patterns: list[str]
    after: str = ""
    version: int = 1


class _Update(NamedTuple):
    """An update that waits for the writer."""

    scope: Scope
    app_id: str
    item: Item


class Audience:
    """All endpoints. `physical`: RemoveAttributes also erases what is stored."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        jobs: Jobs,
        *,
        clock: Clock,
        ids: Ids,
        policy: Policy | None = None,
        physical: bool = False,
    ) -> None:
        self._database = database
        self._apps = apps
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._physical = physical
        self._names = Names(database)
        self._writer = Writer(database)
        self.policies = Policies(database, apps, policy or Policy())
        erased = Digests(database, ids).erased
        self._writing = Writing(self._names, self._writer, self.policies, erased, clock=clock, ids=ids)
        self._adding = Adding(self._names, self._writer, erased, clock=clock, ids=ids)
        self._updates: Gathered[_Update, Outcome] = Gathered(database, self._update)
        apps.on_delete(self._app_deleted)
        apps.eraser(self._writer.erase)

    def update(
        self, scope: Scope, app_id: str, endpoint_id: str, sent: EndpointRequest, request_id: str
    ) -> Future[Outcome]:
        """Create or change one endpoint. Raises Invalid at once, or from the future (as NotFound for the app)."""
        item = Item(check_id(endpoint_id), change_of(sent), request_id, is_empty(sent))
        return self._updates.submit(_Update(scope, app_id, item))

    def update_many(
        self, scope: Scope, app_id: str, sent: Sequence[EndpointBatchItem], request_id: str
    ) -> Future[list[Outcome]]:
        """Create or change up to 100 endpoints, one after the other; each item is refused or accepted alone.

        Raises Invalid at once for too many, or none; NotFound for the app from the future.
        """
        if not 0 < len(sent) <= MAX_BATCH:
            raise Invalid(f"Item: must have 1 to {MAX_BATCH} items")
        items = [item_of(item.id or "", item, request_id) for item in sent]

        def work(connection: sa.Connection) -> list[Outcome]:
            self._apps.check(connection, scope, app_id)
            outcomes = self._writing.carry_out(connection, app_id, items)
            for item, outcome in zip(items, outcomes, strict=True):
                if outcome.error is not None:
                    _log.warning(
                        "audience.item_refused",
                        app=app_id,
                        endpoint=item.endpoint_id,
                        reason=outcome.message,
                        request=request_id,
                    )
            return outcomes

        return self._database.submit(work)

    def merge(
        self,
        connection: sa.Connection,
        app_id: str,
        sent: Sequence[tuple[str, PublicEndpoint]],
        *,
        request_id: str | Sequence[str] = "",
    ) -> list[Outcome]:
        """The endpoint parts of PutEvents, in the caller's transaction; an outcome for each, in order.

        `request_id` is that of all parts, or a list with one for each.
        Nothing is written for an empty part of a known endpoint, or when only the time would change. An empty
        part of an unknown one makes a minimal record; any other without channel or address is refused.
        """
        request_ids = [request_id] * len(sent) if isinstance(request_id, str) else request_id
        items = [item_of(*part, request) for part, request in zip(sent, request_ids, strict=True)]
        if all(item.empty and item.error is None for item in items):
            # The usual case locks nothing.
            keys = [endpoint_key(item.endpoint_id) for item in items]
            known = store.load(connection, app_id, keys)
            if all(key in known for key in keys):
                return [Outcome(known[key]) for key in keys]
        return self._writing.carry_out(connection, app_id, items, events=True)

    def register(self, connection: sa.Connection, app_id: str, items: Sequence[Item]) -> list[Outcome]:
        """Create or change any number of endpoints in order, in the caller's transaction: see `update_many`."""
        return self._writing.carry_out(connection, app_id, items)

    def add(self, connection: sa.Connection, app_id: str, drafts: Drafts) -> list[int]:
        """Write what `draft` made of changes where nobody has their keys, users and addresses; answers which.

        The numbers are those among the drafts. The others have to be registered: see `register`.
        """
        return self._adding.add(connection, app_id, drafts)

    def recognise(self, connection: sa.Connection, app_id: str, items: Sequence[Item]) -> dict[str, str]:
        """Which endpoints these are already, by id or else by channel and address: key by the item's endpoint id."""
        rows = Rows(connection, app_id)
        known = rows.by_keys({endpoint_key(item.endpoint_id) for item in items})
        found = {item.endpoint_id: key for item in items if (key := endpoint_key(item.endpoint_id)) in known}
        contacts = {item.change.contact: item.endpoint_id for item in items if item.endpoint_id not in found}
        contacts.pop("", None)
        for key, document in rows.by_contacts(contacts).items():
            found[contacts[decode(document).contact]] = key
        return found

    def get(self, scope: Scope, app_id: str, endpoint_id: str) -> Endpoint:
        """One endpoint; raises NotFound."""
        key = endpoint_key(endpoint_id)

        def work(connection: sa.Connection) -> Endpoint:
            self._apps.check(connection, scope, app_id)
            return _found(store.get(connection, app_id, key))

        return self._database.read(work)

    def load(self, app_id: str, keys: Sequence[str]) -> dict[str, Endpoint]:
        """The endpoints of these keys, by key; those that do not exist are left out."""
        return self._database.read(lambda connection: store.load(connection, app_id, keys))

    def among(self, connection: sa.Connection, app_id: str, keys: Sequence[str]) -> dict[str, Endpoint]:
        """`load` inside the caller's transaction."""
        return {key: decode(one.document) for key, one in store.documents(connection, app_id, keys).items()}

    def active_at(
        self, connection: sa.Connection, app_id: str, channel_type: str, addresses: Iterable[str]
    ) -> list[Endpoint]:
        """The active endpoints at these addresses of a channel, for a transaction that is going to change them."""
        contacts = [f"{channel_type}:{address}" for address in addresses]
        return [decode(document) for document in Rows(connection, app_id).by_contacts(contacts).values()]

    def outlines(self, app_id: str, keys: Sequence[str]) -> dict[str, Outline]:
        """`load` of what tells whose endpoints are and whether they can be reached: of many, quickly."""
        written = self._database.read(lambda connection: store.documents(connection, app_id, keys))
        return {key: decode_outline(one.document) for key, one in written.items()}

    def user_endpoints(self, app_id: str, user_id: str) -> list[Endpoint]:
        """Every endpoint of a user, oldest first; none for an unknown user."""
        return self._database.read(lambda connection: store.of_user(connection, app_id, user_id))

    def keys_of_users(self, app_id: str, user_ids: Iterable[str]) -> dict[str, list[str]]:
        """The keys of all endpoints of these users, by user; users without any are left out."""
        return self._database.read(lambda connection: store.keys_of_users(connection, app_id, sorted(user_ids)))

    def user(self, scope: Scope, app_id: str, user_id: str) -> list[Endpoint]:
        """`user_endpoints` for a caller of `scope`; raises NotFound for an unknown user."""
        self._apps.require(scope, app_id)
        return _some(self.user_endpoints(app_id, user_id))

    def delete(self, scope: Scope, app_id: str, endpoint_id: str) -> Future[Endpoint]:
        """Delete one endpoint; answers what it was. NotFound comes from the future."""
        key = endpoint_key(endpoint_id)

        def work(connection: sa.Connection) -> Endpoint:
            self._apps.check(connection, scope, app_id)
            document = Rows(connection, app_id).by_keys([key]).get(key)
            endpoint = _found(None if document is None else decode(document))
            self._writer.delete(connection, app_id, [key])
            return endpoint

        return self._database.submit(work)

    def delete_user(self, scope: Scope, app_id: str, user_id: str) -> list[Endpoint]:
        """Delete all endpoints of a user; answers what they were. Raises NotFound for an unknown user."""

        def work(connection: sa.Connection) -> list[Endpoint]:
            self._apps.check(connection, scope, app_id)
            documents = Rows(connection, app_id).by_users([user_id]).values() if user_id else ()
            gone = _some([decode(document) for document in documents])
            self._writer.delete(connection, app_id, [endpoint.key for endpoint in gone])
            return gone

        return self._database.write(work)

    def deactivate(self, connection: sa.Connection, app_id: str, keys: Iterable[str], reason: str) -> int:
        """Make endpoints INACTIVE for a reason of Clarion's own; answers how many were not before."""
        roster = self._writing.roster(connection, app_id)
        roster.fetch(keys)
        for key in keys:
            endpoint = roster.get(key)
            if endpoint is not None and endpoint.status == "ACTIVE":
                roster.put(key, deactivate(endpoint, reason))
        return self._writing.save(connection, app_id, roster)

    def follow(self, connection: sa.Connection, app_id: str, fates: Sequence[Fate]) -> int:
        """Endpoints that still have an address whose fate is known become INACTIVE with the reason, or move along;
        answers how many changed. Registering an endpoint anew makes it ACTIVE, as always."""
        roster = self._writing.roster(connection, app_id)
        roster.fetch(dict.fromkeys(endpoint_key(fate.endpoint_id) for fate in fates))
        for fate in fates:
            roster.follow(fate)
        return self._writing.save(connection, app_id, roster)

    def remove_attributes(self, scope: Scope, app_id: str, attribute_type: str, patterns: Sequence[str]) -> list[str]:
        """Stop recording the attributes with these names (`*` matches anything); answers the names concerned.

        Stored values stay, unless Clarion is set to erase them: then a job does. Raises Invalid for another
        attribute type or no names.
        """
        kind = ATTRIBUTE_TYPES.get(attribute_type)
        if kind is None:
            raise Invalid(f"AttributeType: must be one of {', '.join(ATTRIBUTE_TYPES)}")
        if not patterns or not all(patterns) or any("\0" in pattern for pattern in patterns):
            raise Invalid("Blacklist: must name attributes")

        def work(connection: sa.Connection) -> list[str]:
            self._apps.check(connection, scope, app_id)
            if self._physical:
                args = Strip(app_id, kind, list(patterns))
                self._jobs.enqueue(connection, STRIP, args, due_ms=self._clock.now_ms())
            return self._names.block(connection, app_id, kind, patterns)

        return self._database.write(work)

    def _update(self, connection: sa.Connection, updates: Sequence[_Update]) -> list[Outcome | Exception]:
        """Carry out updates of any apps; a result or an error for each."""
        results: dict[int, Outcome | Exception] = {}
        of_apps: dict[str, dict[int, Item]] = {}
        for number, (scope, app_id, item) in enumerate(updates):
            try:
                self._apps.check(connection, scope, app_id)
            except NotFound as error:
                results[number] = error
            else:
                of_apps.setdefault(app_id, {})[number] = item
        for app_id, items in of_apps.items():
            outcomes = self._writing.carry_out(connection, app_id, list(items.values()))
            results.update((number, outcome.error or outcome) for number, outcome in zip(items, outcomes, strict=True))
        return [results[number] for number in range(len(updates))]

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        self._names.drop(connection, app.id)


def _found(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise NotFound()
    return endpoint


def _some(endpoints: list[Endpoint]) -> list[Endpoint]:
    if not endpoints:
        raise NotFound()
    return endpoints
