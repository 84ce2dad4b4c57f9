"""Everything that is sealed in the state database, whoever it belongs to: whether it opens, and sealing it anew."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from clarion.domain.apps.channels import sealing as channels
from clarion.domain.messaging.domains import sealing as domains
from clarion.domain.messaging.providers import sealing as providers
from clarion.domain.sms import sealing as texts
from clarion.domain.streams import sealing as streams
from clarion.store.database import Database
from clarion.store.sealing import Sealed
from clarion.store.vault import Vault

WHOSE = "channels, providers, sending domains and destinations"
_PARTS = (channels, streams, providers, domains, texts)


def examine(database: Database, vault: Vault) -> Sealed:
    """Open everything, and change nothing."""
    return _together(part.examine(database, vault) for part in _PARTS)


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have everything sealed by the first key of the vault."""
    return _together(part.reseal(database, vault) for part in _PARTS)


def _together(found: Iterable[Sealed]) -> Sealed:
    return reduce(Sealed.beside, found)
