"""Text messages both ways: read here what they are made of."""

from __future__ import annotations

from typing import Protocol

from prometheus_client import CollectorRegistry

from clarion.channels.sms.forwarding import Messenger
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.apps.service import Apps
from clarion.domain.audience.people.holder import Holder
from clarion.domain.audience.service import Audience
from clarion.domain.events.service import Events
from clarion.domain.messaging.direct.service import Direct
from clarion.domain.messaging.feedback import pending
from clarion.domain.messaging.feedback.conversing import ConversationsHolder
from clarion.domain.messaging.feedback.desk import Desk
from clarion.domain.messaging.feedback.forwarding import Forwarding
from clarion.domain.messaging.feedback.receipts import Metrics, Receipts
from clarion.domain.messaging.feedback.texts import Texts
from clarion.domain.messaging.service import Messaging
from clarion.domain.messaging.texting import Texting
from clarion.domain.sms.control import SmsControl
from clarion.domain.sms.optouts import Places
from clarion.domain.sms.people import OptOutsHolder
from clarion.domain.sms.service import Sms
from clarion.engine.jobs import Jobs
from clarion.store import secrets
from clarion.store.database import Database
from clarion.store.vault import Vault
from clarion.wire.control import ControlApi


class Base(Protocol):
    """What text messages stand on: parts of `System`."""

    settings: Settings
    clock: Clock
    ids: Ids
    metrics: CollectorRegistry
    database: Database
    jobs: Jobs
    apps: Apps
    audience: Audience
    events: Events
    messaging: Messaging
    vault: Vault


class TextParts:
    """The parts. `receive` comes once there is somebody who sends direct messages."""

    def __init__(self, base: Base) -> None:
        self._base = base
        database, clock = base.database, base.clock
        self.messenger = Messenger(base.settings)
        places = Places(secrets.get(database, base.ids, "sms"))
        self.sms = Sms(database, base.apps, base.vault, places, self.messenger.check, clock)
        self.texting = Texting(self.sms, clock)
        base.messaging.always(self.texting.enrich)
        base.messaging.on_leaving(self.texting.look)
        base.messaging.render.originated = self.texting.originated
        self.receipts = Receipts(database, base.events, base.jobs, self.sms, clock, Metrics(base.metrics))
        base.messaging.on_settled(self.receipts.expect)
        base.apps.eraser(pending.erase)

    def receive(self, direct: Direct, desk: Desk) -> None:
        """Take in what providers tell, and have the engine's worker deal with it."""
        base = self._base
        forwarding = Forwarding(base.database, self.sms, self.messenger, base.jobs, base.clock)
        texts = Texts(
            base.database,
            base.audience,
            base.events,
            direct,
            self.sms,
            self.receipts,
            forwarding,
            base.jobs,
            base.clock,
        )
        self.receipts.register()
        texts.register()
        desk.on_receipts(self.receipts.take)
        desk.on_texts(texts.take)

    def holders(self) -> tuple[Holder, ...]:
        """Whoever keeps something about people."""
        return OptOutsHolder(self._base.database, self.sms), ConversationsHolder(self._base.database, self.sms)

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        SmsControl(self.sms).add_to(control)

    def close(self) -> None:
        """Let go of connections."""
        self.messenger.close()
