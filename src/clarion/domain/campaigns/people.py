"""What a campaign run under way notes about one person: that somebody else before them has the same address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.campaigns import store
from clarion.store.database import Database

_keys = msgspec.json.Decoder(list[str]).decode


class CampaignsHolder(Holder):
    """The duplicates of runs."""

    tables = ("campaign_runs",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, person: Person) -> Mapping[str, int]:
        runs = self._database.read(lambda connection: store.with_duplicates(connection, person.app_id))
        named = [key for duplicates in runs.values() for key in _keys(duplicates) if key in person.keys]
        return {"CampaignDuplicates": len(named)}

    def erase(self, people: Sequence[Person]) -> bool:
        for person in people:
            self._database.write(lambda connection, person=person: _erase(connection, person))  # type: ignore[misc]
        return False


def _erase(connection: sa.Connection, person: Person) -> None:
    for activity_id, duplicates in store.with_duplicates(connection, person.app_id).items():
        before = _keys(duplicates)
        left = [key for key in before if key not in person.keys]
        if len(left) < len(before):
            store.change_run(connection, person.app_id, activity_id, duplicates=msgspec.json.encode(left))
