"""The installation's providers, asked whether they let us in."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from clarion.channels.provider import Finding, Surroundings
from clarion.core.clock import SystemClock
from clarion.core.errors import ClarionError
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.domain.messaging.providers.mounts import Mounts
from clarion.domain.messaging.providers.service import Providers
from clarion.domain.messaging.providers.store import ProviderRow
from clarion.store.database import Database
from clarion.store.vault import Vault

AT_ONCE = 8


class Asked(NamedTuple):
    """An enabled provider, and what was found out about it."""

    provider: ProviderRow
    findings: Sequence[Finding]


def asked(database: Database, vault: Vault, settings: Settings) -> list[Asked]:
    """Every enabled provider. Takes as long as the slowest; sends nothing to anybody."""
    clock, ids = SystemClock(), SystemIds()
    providers, mounts = Providers(database, vault, clock), Mounts("doctor")

    def ask(row: ProviderRow) -> Asked:
        try:
            one = providers.opened(row)
        except ClarionError as error:
            return Asked(row, [Finding("error", error.message)])
        around = Surroundings(name=row.name, settings=settings, clock=clock, ids=ids)
        return Asked(row, mounts.check(lambda: one.kind.build(one.config, around)))

    try:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="doctor") as pool:
            return list(pool.map(ask, [row for row in providers.every() if row.enabled]))
    finally:
        mounts.close()
