"""The names quota: a project may use so many event types, attribute keys and metric keys of its own.

Nearly every name has been seen before, so a request is checked against memory by one set operation a kind. Only
a request with a new name looks into the table, in its own transaction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import sqlalchemy as sa

from clarion.domain.events import store
from clarion.domain.events.model import NAME_QUOTAS, STANDARD_NAMES, DropReason, NameKind
from clarion.store.database import Database

Names = Mapping[NameKind, set[str]]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOST_APPS = 1_000
_QUOTA_REASONS: Mapping[NameKind, DropReason] = {
    NameKind.TYPE: DropReason.TYPE_QUOTA,
    NameKind.ATTRIBUTE: DropReason.ATTRIBUTE_QUOTA,
    NameKind.METRIC: DropReason.METRIC_QUOTA,
}


class KnownNames:
    """The names of all projects; those of recently used ones in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Names] = {}

    def new_to(self, app_id: str, used: Names) -> Names:
        """Those of `used` that have not been seen, as far as memory tells; empty for nearly every request."""
        known = self._known.get(app_id, STANDARD_NAMES)
        return {kind: rest for kind, names in used.items() if (rest := names - known[kind])}

    def admit(
        self, connection: sa.Connection, app_id: str, wanted: Names
    ) -> Mapping[NameKind, Mapping[str, DropReason]]:
        """Enter the names of `wanted` that are new; answers those that may not be used, and why not.

        Memory follows when the transaction has committed.
        """
        known = store.names(connection, app_id)
        added: dict[NameKind, set[str]] = {kind: set() for kind in NameKind}
        refused: dict[NameKind, dict[str, DropReason]] = {}
        for kind, names in wanted.items():
            for name in sorted(names - known[kind] - STANDARD_NAMES[kind]):
                if _CONTROL.search(name):
                    refused.setdefault(kind, {})[name] = DropReason.NAME
                elif len(known[kind]) >= NAME_QUOTAS[kind]:
                    refused.setdefault(kind, {})[name] = _QUOTA_REASONS[kind]
                else:
                    known[kind].add(name)
                    added[kind].add(name)
        store.add_names(connection, self._database, app_id, added)
        self._database.after_commit(connection, lambda: self._learn(app_id, known))
        return refused

    def forget(self, connection: sa.Connection, app_id: str) -> None:
        """Delete the names of a deleted project."""
        store.delete_names(connection, app_id)
        self._database.after_commit(connection, lambda: self._forget(app_id))

    def _forget(self, app_id: str) -> None:
        self._known.pop(app_id, None)

    def _learn(self, app_id: str, known: Names) -> None:
        if len(self._known) >= _MOST_APPS:
            self._known.clear()
        self._known[app_id] = {kind: names | STANDARD_NAMES[kind] for kind, names in known.items()}
