"""E-mail on its way out, beside the lanes: sending domains, the addresses bounces come back to, the last touches."""

from __future__ import annotations

from typing import Protocol

from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.messaging.domains.control import DomainsControl
from clarion.domain.messaging.domains.service import Domains
from clarion.domain.messaging.tracking.dress import Dresser
from clarion.domain.messaging.tracking.keys import tokens, verp
from clarion.store.database import Database
from clarion.store.vault import Vault
from clarion.wire.control import ControlApi


class Base(Protocol):
    """What they stand on: parts of `System`."""

    settings: Settings
    clock: Clock
    ids: Ids
    database: Database
    vault: Vault


class Sending:
    """`domains` sign, `verp` makes and reads bounce addresses, `tokens` are those of tracking."""

    def __init__(self, base: Base) -> None:
        self._settings = base.settings
        self.domains = Domains(base.database, base.vault, base.clock, base.ids)
        self.tokens = tokens(base.database, base.ids)
        self.verp = verp(base.database, base.ids, base.settings.bounce_domain, also=self.domains.is_bounce_domain)

    def dresser(self, url: str) -> Dresser:
        """The last touches of a process whose own server is reached at `url`."""
        return Dresser(self.tokens, self._settings, url, domains=self.domains, verp=self.verp)

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        DomainsControl(self.domains, self._settings).add_to(control)
