"""The secrets that tracking tokens and bounce addresses are signed with, as their signers."""

from __future__ import annotations

from collections.abc import Callable

from clarion.channels.email.tracking import Tokens
from clarion.channels.email.verp import Verp
from clarion.core.ids import Ids
from clarion.store import secrets
from clarion.store.database import Database

_TRACKING = "tracking"
_BOUNCES = "bounces"


def tokens(database: Database, ids: Ids) -> Tokens:
    """The signer of this database's tracking tokens; its key is made the first time."""
    return Tokens(secrets.get(database, ids, _TRACKING))


def verp(database: Database, ids: Ids, domain: str, *, also: Callable[[str], bool] = lambda domain: False) -> Verp:
    """The maker and reader of this database's bounce addresses; see `Verp` for `domain` and `also`."""
    return Verp(domain, secrets.get(database, ids, _BOUNCES), also=also)
