"""The secret that tracking tokens are signed with, as their signer."""

from __future__ import annotations

from clarion.channels.email.tracking import Tokens
from clarion.core.ids import Ids
from clarion.store import secrets
from clarion.store.database import Database

_TRACKING = "tracking"


def tokens(database: Database, ids: Ids) -> Tokens:
    """The signer of this database's tracking tokens; its key is made the first time."""
    return Tokens(secrets.get(database, ids, _TRACKING))
