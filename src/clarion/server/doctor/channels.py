"""The credentials of push channels, as their services see them."""

from __future__ import annotations

from clarion.channels.provider import Surroundings
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.messaging.providers.checking import ASKED, ChannelChecks, Checked
from clarion.domain.messaging.providers.service import Providers
from clarion.engine.jobs import Jobs
from clarion.store.database import Database
from clarion.store.vault import Vault


def checked(database: Database, vault: Vault, settings: Settings) -> list[Checked]:
    """The channels of all projects whose services can be asked; none while notifications go elsewhere."""
    if settings.push_transport != ASKED:
        return []
    clock, ids = SystemClock(), SystemIds()
    apps = Apps(database, Tags(database), Jobs(database, clock), clock=clock, ids=ids)
    channels = Channels(database, apps, vault, clock=clock)

    def around(name: str) -> Surroundings:
        return Surroundings(name=name, settings=settings, clock=clock, ids=ids)

    return ChannelChecks(channels, Providers(database, vault, clock), settings, around).check(None)
