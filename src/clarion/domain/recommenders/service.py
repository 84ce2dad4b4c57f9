"""Verbs of recommender configurations: define, replace, look at, delete; and asking one for recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from clarion.channels.calls.service import Callout
from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import Ids
from clarion.core.pages import cut, decode_token
from clarion.core.scope import Scope
from clarion.domain.recommenders import asking, model, store
from clarion.domain.recommenders.model import CheckUri, Recommender, Sent
from clarion.domain.recommenders.store import RecommenderRow
from clarion.store.database import Database


class Recommenders:
    """The configurations of every account. They belong to no project and outlive all of them."""

    def __init__(self, database: Database, callout: Callout, check_uri: CheckUri, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._callout = callout
        self._check_uri = check_uri
        self._clock = clock
        self._ids = ids

    def create(self, scope: Scope, sent: Sent) -> RecommenderRow:
        """A new configuration. Raises Invalid naming the member, also when there are too many."""
        document = model.encode(model.recommender(sent, self._check_uri))
        now = self._clock.now_ms()
        row = RecommenderRow(self._ids.hex32(), document, now, now)

        def work(connection: sa.Connection) -> RecommenderRow:
            if store.count(connection, scope) >= model.MOST:
                raise Invalid(f"an account has at most {model.MOST} recommender configurations in a region")
            store.add(connection, scope, row)
            return row

        return self._database.write(work)

    def get(self, scope: Scope, recommender_id: str) -> RecommenderRow:
        """A configuration. Raises NotFound."""
        return self._database.read(lambda connection: self._required(connection, scope, recommender_id))

    def page(self, scope: Scope, size: int, token: str | None) -> tuple[list[RecommenderRow], str | None]:
        """Configurations in the order of their creation, and the token of the next page."""
        key = decode_token("recommenders", token, [int, str])
        after = None if key is None else (int(key[0]), str(key[1]))
        rows = self._database.read(lambda connection: store.page(connection, scope, after, size + 1))
        return cut(rows, size, "recommenders", lambda row: (row.created_ms, row.id))

    def update(self, scope: Scope, recommender_id: str, sent: Sent) -> RecommenderRow:
        """Replace a configuration; what is not sent is cleared. Raises Invalid, NotFound."""

        def work(connection: sa.Connection) -> RecommenderRow:
            row = self._required(connection, scope, recommender_id)
            document = model.encode(model.recommender(sent, self._check_uri))
            changed = row._replace(document=document, modified_ms=self._clock.now_ms())
            store.change(connection, scope, recommender_id, document=changed.document, modified_ms=changed.modified_ms)
            return changed

        return self._database.write(work)

    def delete(self, scope: Scope, recommender_id: str) -> RecommenderRow:
        """Delete a configuration; answers what it was. Messages that depend on it cannot be sent any more."""

        def work(connection: sa.Connection) -> RecommenderRow:
            row = self._required(connection, scope, recommender_id)
            store.remove(connection, scope, recommender_id)
            return row

        return self._database.write(work)

    def recommend(
        self, scope: Scope, recommender_id: str, people: Sequence[asking.Person], about: Mapping[str, Any]
    ) -> list[asking.Found]:
        """What is recommended to each of them, in order, by the configuration as it is now; nothing is remembered.

        `about` stands beside the endpoints in what a transformer gets. What failed for somebody is in the answer.
        """
        found = self._database.read(lambda connection: store.get(connection, scope, recommender_id))
        if found is None:
            return [asking.Found(failed=f"there is no recommender configuration {recommender_id}")] * len(people)
        return asking.ask(self._callout, decode(found), people, about)

    def _required(self, connection: sa.Connection, scope: Scope, recommender_id: str) -> RecommenderRow:
        found = store.get(connection, scope, recommender_id)
        if found is None:
            raise NotFound()
        return found


def decode(row: RecommenderRow) -> Recommender:
    """The configuration in a row."""
    return model.decode(row.document)
