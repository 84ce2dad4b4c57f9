"""What a message activity says, of this moment: its template in the version that is active, or the one it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.journeys.activities.port import Here
from clarion.domain.messaging.content import Composer, Content, CustomContent, Said
from clarion.domain.messaging.content.composing import PUSH
from clarion.domain.messaging.model import Enricher
from clarion.domain.messaging.recommending import recommenders_of, recommending
from clarion.domain.recommenders.service import Recommenders
from clarion.domain.templates.service import Templates
from clarion.shapes.pinpoint import (
    CampaignEmailMessage,
    CampaignSmsMessage,
    CustomMessageActivity,
    EmailMessageActivity,
    JourneyEmailMessage,
    JourneyPushMessage,
    JourneySMSMessage,
    Message,
    MessageConfiguration,
    PushMessageActivity,
    SMSMessageActivity,
)

CUSTOM = "CUSTOM"

CHANNELS: Mapping[str, frozenset[str]] = {
    "EMAIL": frozenset({"EMAIL"}),
    "SMS": frozenset({"SMS"}),
    "PUSH": frozenset(PUSH),
}
"""Kinds of message activities → the channel types of the endpoints that they speak to."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, by channel type, and who is asked before. `problem`: why nothing can be said to anybody."""

    contents: Mapping[str, Content] = {}
    enrich: tuple[Enricher, ...] = ()
    problem: str = ""


class Contents:
    """Content of journeys."""

    def __init__(self, composer: Composer, templates: Templates, recommenders: Recommenders) -> None:
        self._composer = composer
        self._templates = templates
        self._recommenders = recommenders

    def of(self, here: Here) -> Spoken:
        """What an activity says now."""
        spec = here.node.spec
        if isinstance(spec, CustomMessageActivity):
            data = (spec.message_config.data if spec.message_config else None) or ""
            content = CustomContent(spec.delivery_uri or "", data, scheduled_ms=here.now_ms)
            return Spoken(contents=dict.fromkeys(sorted(channels_of(spec, CUSTOM)), content))
        kind = wire_of(here)
        try:
            template = self._template(here, kind, spec.template_name or "", spec.template_version)
            said = Said(beside(spec), {kind: template})
            found = dict(self._composer.by_channel(here.journey.app_id, said))
        except (NotFound, Invalid) as error:
            return Spoken(problem=error.message)
        wanted = channels_of(spec, kind)
        contents = {name: content for name, content in found.items() if name in wanted}
        if not contents:
            return Spoken(problem=self._silence(here, wanted))
        asked = recommenders_of(said)
        enrich = (recommending(self._recommenders, asked, here.now_ms),) if asked else ()
        return Spoken(contents=contents, enrich=enrich)

    def _template(self, here: Here, kind: str, name: str, version: str | None) -> Any:
        scope = Scope(here.journey.account, here.journey.region)
        return self._templates.content(scope, kind, name, version)

    def _silence(self, here: Here, wanted: frozenset[str]) -> str:
        if not wanted & self._composer.enabled(here.journey.app_id):
            return f"no channel of type {' or '.join(sorted(wanted))} is enabled"
        return f"the template {here.node.spec.template_name} says nothing, or there is no address to send it from"


def wire_of(here: Here) -> str:
    """The activity's kind, as requests call it."""
    return here.node.kind.wire if here.node.kind is not None else ""


def channels_of(spec: Any, kind: str) -> frozenset[str]:
    """The channel types of the endpoints that an activity speaks to."""
    if not isinstance(spec, CustomMessageActivity):
        return CHANNELS[kind]
    named = frozenset(spec.endpoint_types or (CUSTOM,))
    return named - {"PUSH"} | frozenset(PUSH) if "PUSH" in named else named


def beside(spec: EmailMessageActivity | SMSMessageActivity | PushMessageActivity) -> MessageConfiguration:
    """What an activity says besides its template, as a campaign would."""
    config = spec.message_config
    if isinstance(config, JourneyEmailMessage):
        return MessageConfiguration(email_message=CampaignEmailMessage(from_address=config.from_address))
    if isinstance(config, JourneySMSMessage):
        message = CampaignSmsMessage(
            message_type=config.message_type,
            origination_number=config.origination_number,
            sender_id=config.sender_id,
            entity_id=config.entity_id,
            template_id=config.template_id,
        )
        return MessageConfiguration(sms_message=message)
    if isinstance(config, JourneyPushMessage) and (config.time_to_live or "").isdecimal():
        return MessageConfiguration(default_message=Message(time_to_live=int(config.time_to_live or "")))
    return MessageConfiguration()
