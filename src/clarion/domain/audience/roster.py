"""The endpoints that one transaction deals with, as they will be when it is written.

A change to one endpoint can change others: its user's endpoints share attributes and are limited in number, and
an address has one active endpoint. So a batch is carried out here, in memory and in order, over rows that are
fetched when a rule first asks for them; what became of them is written at the end in one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from clarion.core.errors import Invalid
from clarion.domain.audience import merge as rules
from clarion.domain.audience.change import MAX_BYTES, Change
from clarion.domain.audience.merge import Stamp
from clarion.domain.audience.model import Endpoint, Fate, decode, encode, endpoint_key


class Source(Protocol):
    """Where stored endpoints of one app come from; each method answers documents by endpoint key."""

    def by_keys(self, keys: Iterable[str]) -> Mapping[str, bytes]: ...

    def by_users(self, user_ids: Iterable[str]) -> Mapping[str, bytes]: ...

    def by_contacts(self, contacts: Iterable[str]) -> Mapping[str, bytes]:
        """The active endpoints that have one of these (`Endpoint.contact`)."""
        ...


class Policy(NamedTuple):
    """How many endpoints a user may have (0: any number), and whether the oldest one retires for a new one."""

    endpoints_per_user: int = 15
    retire: bool = True


class Applied(NamedTuple):
    """What became of one change: the endpoint, and whether there was anything to write."""

    endpoint: Endpoint
    written: bool


class Roster:
    """One transaction's view of an app's endpoints."""

    def __init__(self, source: Source, policy: Policy) -> None:
        self._source = source
        self._policy = policy
        self._endpoints: dict[str, Endpoint | None] = {}
        self._by_user: dict[str, set[str]] = {}
        self._by_contact: dict[str, set[str]] = {}
        self._users: set[str] = set()
        self._contacts: set[str] = set()
        self._written: dict[str, bytes] = {}

    def fetch(self, keys: Iterable[str], user_ids: Iterable[str] = (), contacts: Iterable[str] = ()) -> None:
        """Read ahead what a batch is going to need; a rule that needs more reads it itself."""
        if wanted := [key for key in keys if key not in self._endpoints]:
            self._endpoints.update(dict.fromkeys(wanted))
            self._take(self._source.by_keys(wanted))
        if users := [user for user in user_ids if user and user not in self._users]:
            self._users.update(users)
            self._take(self._source.by_users(users))
        if places := [contact for contact in contacts if contact and contact not in self._contacts]:
            self._contacts.update(places)
            self._take(self._source.by_contacts(places))

    def get(self, key: str) -> Endpoint | None:
        """The endpoint as it is now, None when there is none."""
        if key not in self._endpoints:
            self.fetch([key])
        return self._endpoints[key]

    def written(self) -> Iterator[tuple[str, Endpoint, bytes]]:
        """Key, endpoint and document of everything that has to be written."""
        for key, document in self._written.items():
            endpoint = self._endpoints[key]
            assert endpoint is not None
            yield key, endpoint, document

    def apply(self, endpoint_id: str, sent: Change, stamp: Stamp, *, quiet: bool = False) -> Applied:
        """Carry out one change to a known endpoint, or make a new one of it.

        `quiet`: write nothing when nothing but the time of the request would change. Raises Invalid, with
        nothing changed, when the user has too many endpoints or the endpoint becomes too large.
        """
        key = endpoint_key(endpoint_id)
        current = self.get(key)
        base = rules.blank(endpoint_id, stamp) if current is None else current
        user_id = base.user_id if sent.user_id is None else sent.user_id
        joins = bool(user_id) and (current is None or user_id != current.user_id)
        shared = self._shared(key, user_id) if joins else None
        after = rules.merge(base, sent, stamp, shared)
        if current is not None and quiet and rules.says_nothing_new(current, after, sent):
            return Applied(current, False)
        document = encode(after)
        if len(document) > MAX_BYTES:
            raise Invalid(f"the endpoint is larger than {MAX_BYTES // 1024} KB")
        if joins:
            self._make_room(key, after)
        if user_id and (joins or after.user_attributes != base.user_attributes):
            self._share(key, after)
        if after.status == "ACTIVE" and (
            current is None or current.status != "ACTIVE" or after.contact != current.contact
        ):
            self._take_over_address(key, after)
        self._put(key, after, document)
        return Applied(after, True)

    def put(self, key: str, endpoint: Endpoint) -> None:
        """Have `endpoint` written as it is."""
        self._put(key, endpoint, encode(endpoint))

    def follow(self, fate: Fate) -> None:
        """What a provider said of an address, where it is still true. Whoever moves to an address that has an active
        endpoint already has registered there anew."""
        endpoint = self.get(endpoint_key(fate.endpoint_id))
        if endpoint is None or not rules.is_meant(endpoint, fate):
            return
        if not fate.moved_to:
            self.put(endpoint.key, rules.deactivate(endpoint, fate.reason))
            return
        moved = rules.move(endpoint, fate.moved_to)
        self.fetch((), (), (moved.contact,))
        others = self._known(self._by_contact.get(moved.contact, ()), endpoint.key).values()
        taken = any(other.status == "ACTIVE" for other in others)
        self.put(endpoint.key, rules.deactivate(endpoint, "ADDRESS_REUSED") if taken else moved)

    def _put(self, key: str, endpoint: Endpoint, document: bytes) -> None:
        self._know(key, endpoint)
        self._written[key] = document

    def _take(self, found: Mapping[str, bytes]) -> None:
        for key, document in found.items():
            # What is here already may have been changed since it was read.
            if self._endpoints.get(key) is None:
                self._know(key, decode(document))

    def _know(self, key: str, endpoint: Endpoint) -> None:
        """Remember the endpoint as it is now, and find it by its user and its address."""
        before = self._endpoints.get(key)
        if before is not None:
            self._by_user[before.user_id].discard(key)
            self._by_contact[before.contact].discard(key)
        self._endpoints[key] = endpoint
        self._by_user.setdefault(endpoint.user_id, set()).add(key)
        self._by_contact.setdefault(endpoint.contact, set()).add(key)

    def _others(self, key: str, user_id: str) -> dict[str, Endpoint]:
        """The endpoints of a user but the one under `key`."""
        if user_id not in self._users:
            self.fetch((), (user_id,))
        keys = self._by_user.get(user_id)
        return self._known(keys, key) if keys else {}

    def _known(self, keys: Iterable[str], but: str) -> dict[str, Endpoint]:
        others = [key for key in keys if key != but]
        return {key: endpoint for key in sorted(others) if (endpoint := self._endpoints[key]) is not None}

    def _shared(self, key: str, user_id: str) -> rules.Attributes | None:
        others = self._others(key, user_id)
        return next(iter(others.values())).user_attributes if others else None

    def _make_room(self, key: str, newcomer: Endpoint) -> None:
        others = self._others(key, newcomer.user_id)
        limit, retire = self._policy
        for leaving in rules.evicted(others.values(), newcomer.channel_type, limit, retire=retire):
            self.put(leaving.key, rules.evict(leaving))

    def _share(self, key: str, writer: Endpoint) -> None:
        for other, endpoint in self._others(key, writer.user_id).items():
            if endpoint.user_attributes != writer.user_attributes:
                self.put(other, rules.share(endpoint, writer.user_attributes))

    def _take_over_address(self, key: str, writer: Endpoint) -> None:
        if not writer.contact:
            return
        contact = writer.contact
        if contact not in self._contacts:
            self.fetch((), (), (contact,))
        for other, endpoint in self._known(self._by_contact.get(contact, ()), key).items():
            if endpoint.status == "ACTIVE":
                self.put(other, rules.deactivate(endpoint, "ADDRESS_REUSED"))
