"""ContactCenter: a contact center calls the participant, who goes on when the outcome is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from clarion.channels.calls.service import is_contact_center, is_url
from clarion.domain.journeys.activities.port import Here, Kind, register
from clarion.domain.journeys.model import Edge, Fault, Verdict, Walker
from clarion.shapes.pinpoint import ContactCenterActivity, JourneyChannelSettings

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

_ROLE = re.compile(r"arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/[\w+=,.@-]{1,64}", re.ASCII)
_AT = "JourneyChannelSettings"


class ContactCenter(Kind):
    """Whatever comes of the call, there is one way on; who does not qualify any more leaves."""

    member, wire, metric = "contact_center", "ContactCenter", "CONTACT_CENTER"

    def edges(self, spec: ContactCenterActivity) -> tuple[Edge, ...]:
        return (Edge("WAIT_FINISHED", spec.next_activity or ""),)

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        said = review.wanted.journey_channel_settings or JourneyChannelSettings()
        center, role = said.connect_campaign_arn or "", said.connect_campaign_execution_role_arn or ""
        if not center:
            yield Fault("E23", node.id, f"{_AT}.ConnectCampaignArn is required")
        elif is_url(center):
            if refused := review.lookups.refused(center):
                yield Fault("E23", node.id, refused.replace("DeliveryUri", f"{_AT}.ConnectCampaignArn"))
            return
        elif not is_contact_center(center):
            text = f"{_AT}.ConnectCampaignArn: must be the ARN of an Amazon Connect campaign, or an https:// URL"
            yield Fault("E23", node.id, text)
        if not role:
            yield Fault("E23", node.id, f"{_AT}.ConnectCampaignExecutionRoleArn is required")
        elif not _ROLE.fullmatch(role):
            text = f"{_AT}.ConnectCampaignExecutionRoleArn: must be arn:aws:iam::<account>:role/<name>, without a path"
            yield Fault("E23", node.id, text)

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        return here.tools.dialler.call(here, group)


register(ContactCenter())
