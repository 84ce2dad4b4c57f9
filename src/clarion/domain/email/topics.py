"""Topics of each project, and which of them people want mail about.

A choice belongs to an address in a project, so it holds for every endpoint with it, and for messages to the bare
address. Whoever has not chosen gets what the topic says (`subscribed`). Leaving everything is a choice about `ALL`: it
holds for topics that come later too, until somebody chooses again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.email import store
from clarion.domain.email.model import ALL, MOST_TOPICS, Digests, Topic, check_topic, checked, place_of
from clarion.store.database import Database


class Wish(NamedTuple):
    """A topic and whether somebody wants it."""

    topic: Topic
    subscribed: bool


class Topics:
    """Topics and preferences of every project."""

    def __init__(self, database: Database, apps: Apps, digests: Digests, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._digests = digests
        self._clock = clock

    def put(self, scope: Scope, app_id: str, topic: Topic) -> None:
        """Make a topic, or change it. Raises Invalid, also for one too many."""
        self._apps.require(scope, app_id)
        check_topic(topic)

        def work(connection: sa.Connection) -> None:
            known = {one.name for one in store.topics_of(connection, app_id)}
            if topic.name not in known and len(known) >= MOST_TOPICS:
                raise Invalid(f"a project may have at most {MOST_TOPICS} topics")
            store.put_topic(self._database, connection, app_id, topic)

        self._database.write(work)

    def remove(self, scope: Scope, app_id: str, name: str) -> None:
        """Drop a topic, with what people chose of it. Raises NotFound."""
        self._apps.require(scope, app_id)
        if not self._database.write(lambda connection: store.remove_topic(connection, app_id, name)):
            raise NotFound(f"there is no topic {name}")

    def all(self, scope: Scope, app_id: str) -> list[Topic]:
        """A project's topics, by title."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: store.topics_of(connection, app_id))

    def preferences(self, scope: Scope, app_id: str, address: str) -> list[Wish]:
        """What an address wants, of every topic. Raises Invalid."""
        self._apps.require(scope, app_id)
        place = checked(address)
        return self._database.read(lambda connection: self.wishes(connection, app_id, place))

    def prefer(self, scope: Scope, app_id: str, address: str, wanted: Mapping[str, bool]) -> list[Wish]:
        """Note what an address wants, by topic (`ALL`: every one). Raises Invalid, NotFound for a topic."""
        self._apps.require(scope, app_id)
        place = checked(address)

        def work(connection: sa.Connection) -> list[Wish]:
            known = {topic.name for topic in store.topics_of(connection, app_id)} | {ALL}
            if unknown := wanted.keys() - known:
                raise NotFound(f"there is no topic {min(unknown)}")
            self.choose(connection, app_id, place, wanted)
            return self.wishes(connection, app_id, place)

        return self._database.write(work)

    def wishes(self, connection: sa.Connection, app_id: str, address: str) -> list[Wish]:
        """What an address wants, of every topic of the project."""
        digest = self._digests.of(app_id, place_of(address))
        chosen = {choice.topic: choice.subscribed for choice in store.chosen(connection, app_id, [digest])}
        return [Wish(topic, _wants(topic, chosen)) for topic in store.topics_of(connection, app_id)]

    def has_left(self, connection: sa.Connection, app_id: str, address: str) -> bool:
        """Whether an address has left every topic, those of the future too."""
        digest = self._digests.of(app_id, place_of(address))
        chosen = store.chosen(connection, app_id, [digest])
        return any(choice.topic == ALL and not choice.subscribed for choice in chosen)

    def choose(self, connection: sa.Connection, app_id: str, address: str, wanted: Mapping[str, bool]) -> None:
        """Note what an address wants, in the caller's transaction."""
        place = place_of(address)
        digest = self._digests.of(app_id, place)
        chosen = {choice.topic: choice.subscribed for choice in store.chosen(connection, app_id, [digest])}
        if any(wanted.values()) and (chosen.get(ALL) is False or ALL in wanted):
            # Wanting something again ends having left everything; what was left with it is left by name from now on.
            known = {topic.name: bool(wanted.get(ALL)) for topic in store.topics_of(connection, app_id)}
            wanted = {**known, ALL: True, **wanted}
        store.choose(self._database, connection, app_id, place, digest, wanted, self._clock.now_ms())

    def unwanted(
        self, connection: sa.Connection, app_id: str, wanted: Iterable[tuple[str, str]]
    ) -> set[tuple[str, str]]:
        """Those of these pairs of address (as given) and topic of which the address wants no mail."""
        pairs = set(wanted)
        if not pairs:
            return set()
        known = {topic.name: topic for topic in store.topics_of(connection, app_id)}
        digests = {address: self._digests.of(app_id, place_of(address)) for address, _ in pairs}
        chosen: dict[str, dict[str, bool]] = {}
        for choice in store.chosen(connection, app_id, sorted(set(digests.values()))):
            chosen.setdefault(choice.digest, {})[choice.topic] = choice.subscribed
        return {
            (address, name)
            for address, name in pairs
            if not _wants(known.get(name, Topic(name=name, title=name)), chosen.get(digests[address], {}))
        }


def _wants(topic: Topic, chosen: Mapping[str, bool]) -> bool:
    if chosen.get(ALL) is False:
        return False
    return chosen.get(topic.name, topic.subscribed)
