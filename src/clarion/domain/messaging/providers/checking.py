"""Whether the channels of projects would work now: asked before a campaign finds out.

Push channels have credentials of their own, and their service is asked with them, without a message to anybody. What
other channels leave by belongs to the installation (`clarion provider check`); of those it is told what that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from clarion.channels import catalog
from clarion.channels.port import Transport
from clarion.channels.provider import Finding
from clarion.channels.push.services import SERVICES
from clarion.core.errors import Unavailable
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channel, Channels
from clarion.domain.messaging.providers.carriers import Around
from clarion.domain.messaging.providers.mounts import Mounts
from clarion.domain.messaging.providers.service import Providers

AT_ONCE = 8
ASKED = "services"
"""What `push_transport` says when push services are asked at all."""


class Checked(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A channel of a project, and what was found out about it."""

    application_id: str
    channel: str
    enabled: bool
    good: bool
    findings: list[Finding]


class ChannelChecks:
    """Checks of all projects' channels. `around` is what transports are built in."""

    def __init__(self, channels: Channels, providers: Providers, settings: Settings, around: Around) -> None:
        self._channels = channels
        self._providers = providers
        self._settings = settings
        self._around = around

    def check(self, scope: Scope | None, app_id: str | None = None) -> list[Checked]:
        """Every configured channel of a project, or of all projects of a scope, or of all there are (None), also those
        that are switched off. Raises NotFound for the project. Takes as long as the slowest service."""
        places = self._channels.places(scope, app_id)
        mounts = Mounts("channel-checks")
        try:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="channel-checks") as pool:
                return list(pool.map(lambda place: self._one(mounts, *place), places))
        finally:
            mounts.close()

    def _one(self, mounts: Mounts, app_id: str, kind: str, enabled: bool) -> Checked:
        findings = self._findings(mounts, app_id, kind)
        good = not any(finding.level == "error" for finding in findings)
        return Checked(application_id=app_id, channel=kind, enabled=enabled, good=good, findings=list(findings))

    def _findings(self, mounts: Mounts, app_id: str, kind: str) -> Sequence[Finding]:
        if kind not in SERVICES:
            return [self._carried(kind.lower())]
        try:
            channel = self._channels.find(app_id, kind)
        except Unavailable as error:
            return [Finding("error", error.message)]
        if channel is None:
            return [Finding("warning", "it was removed meanwhile")]
        if self._settings.push_transport != ASKED:
            where = self._settings.push_transport
            text = f"notifications go to {where}, so its service is not asked (setting push_transport)"
            return [Finding("ok", text)]
        return mounts.check(lambda: self._transport(channel))

    def _transport(self, channel: Channel) -> Transport[Any]:
        kind = catalog.provider("push", channel.kind)
        return kind.build(channel.config, self._around(f"{channel.kind}/{channel.app_id}"))

    def _carried(self, channel: str) -> Finding:
        names = [one.row.name for one in self._providers.now().by_channel.get(channel, ())]
        if names:
            return Finding("ok", f"carried by {', '.join(names)} (clarion provider check says how they are)")
        setting = f"{channel}_transport"
        return Finding("ok", f"carried by {getattr(self._settings, setting, 'nobody')} (setting {setting})")
