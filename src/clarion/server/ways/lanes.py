"""The lanes of one process: for each channel its providers, and the pumps that feed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Protocol

from clarion.channels import catalog
from clarion.channels.calls.service import Callouts
from clarion.channels.custom import identity
from clarion.channels.feedback import Feedback
from clarion.channels.provider import Surroundings
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.channels.webpush import WebPushControl
from clarion.domain.events.service import Events
from clarion.domain.messaging.direct.waiting import Waiting
from clarion.domain.messaging.feedback.desk import Desk
from clarion.domain.messaging.lanes.control import LanesControl
from clarion.domain.messaging.lanes.pump import Dress, LanePump
from clarion.domain.messaging.lanes.turns import Turns
from clarion.domain.messaging.lanes.way import OneWay, Way
from clarion.domain.messaging.loop import TransportLoop
from clarion.domain.messaging.model import CUSTOM, EMAIL, PUSH, SMS, VOICE, LaneName
from clarion.domain.messaging.providers.carriers import Carriers
from clarion.domain.messaging.providers.checking import ChannelChecks
from clarion.domain.messaging.providers.checks import ChecksControl
from clarion.domain.messaging.providers.control import ProvidersControl
from clarion.domain.messaging.providers.push import PushCarriers
from clarion.domain.messaging.providers.service import Providers
from clarion.domain.messaging.providers.webhooks import Webhooks
from clarion.domain.messaging.service import Messaging
from clarion.engine.rates import TokenBucket
from clarion.store.database import Database
from clarion.store.vault import Vault
from clarion.wire.control import ControlApi
from clarion.wire.http.plain import PlainRoute

PUMPS: Mapping[LaneName, int] = {EMAIL: 3, PUSH: 3, SMS: 2, VOICE: 2, CUSTOM: 2}
"""Pumps of each channel. Of several, the others hand over while one records, and go on while a provider is slow."""

SERVICES = "services"
"""What `push_transport` says for the push services themselves."""


class Base(Protocol):
    """What lanes stand on: parts of `System`."""

    settings: Settings
    clock: Clock
    real: Clock
    ids: Ids
    database: Database
    events: Events
    messaging: Messaging
    waiting: Waiting
    channels: Channels
    callouts: Callouts
    vault: Vault


class Lanes:
    """All lanes, not started; `close` ends the transports once the engine has stopped."""

    def __init__(self, base: Base, surroundings: catalog.Surroundings, dress: Dress) -> None:
        self._base = base
        self._signer = surroundings.signer
        self.desk = Desk()
        self.providers = Providers(base.database, base.vault, base.clock)
        self.ways: dict[LaneName, Way] = {}
        self.carriers: dict[str, Carriers] = {}
        self.pumps: list[LanePump] = []
        for channel, pumps in PUMPS.items():
            way = self.ways[channel] = self._way(channel, surroundings)
            bucket = TokenBucket(base.settings.email_rate if channel == EMAIL else 0, base.clock)
            turns = Turns(way, bucket, clock=base.clock, real=base.real, ids=base.ids)
            for number in range(pumps):
                pump = LanePump(
                    channel,
                    number,
                    database=base.database,
                    turns=turns,
                    record=base.events.encoded,
                    enqueue=base.messaging.enqueue,
                    dress=dress,
                    settings=base.settings,
                    clock=base.clock,
                    real=base.real,
                    ids=base.ids,
                    settled=base.messaging.settled,
                    looks=base.messaging.looks,
                    awaited=base.waiting.takes,
                )
                self.pumps.append(pump)
        base.messaging.add_lanes(self.pumps)
        base.messaging.route(self.ways)

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        account = self._base.settings.account
        settings = self._base.settings
        ChecksControl(ChannelChecks(self._base.channels, self.providers, settings, self._around)).add_to(control)
        WebPushControl(self._base.channels).add_to(control)
        ProvidersControl(self.providers, self.carriers, account).add_to(control)
        LanesControl(
            self._base.database,
            self.providers.forget,
            {name: carriers.names for name, carriers in self.carriers.items()},
            clock=self._base.clock,
            account=account,
        ).add_to(control)

    def pages(self) -> Sequence[PlainRoute]:
        """What providers call of their own accord."""
        return [Webhooks(self.providers, self._around).route()]

    def close(self) -> None:
        """Close the transports; one failure does not keep the others open."""
        with ExitStack() as ending:
            for way in self.ways.values():
                ending.callback(way.close)

    def _way(self, channel: LaneName, surroundings: catalog.Surroundings) -> Way:
        if channel == PUSH and surroundings.settings.push_transport == SERVICES:
            return PushCarriers(self._base.channels, self._around)
        loop = TransportLoop(catalog.build(channel.lower(), surroundings))
        if channel == CUSTOM:
            return OneWay(channel, loop, identity)
        settled = OneWay(channel, loop)
        if channel == PUSH:
            return settled
        carriers = self.carriers[channel.lower()] = Carriers(channel, self.providers, settled, self._around)
        return carriers

    def _around(self, name: str) -> Surroundings:
        feedback: Feedback = self.desk
        base = self._base
        return Surroundings(
            name=name,
            settings=base.settings,
            clock=base.clock,
            ids=base.ids,
            feedback=feedback,
            callout=base.callouts,
            signer=self._signer,
        )
