"""The control API's calls that stop runs of a campaign in flight and let them go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec

from clarion.core.scope import Scope
from clarion.domain.campaigns.stopping.service import Stopped, Stopping
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import MARKETERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class CampaignRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which campaign."""

    application_id: Text
    campaign_id: Text


class StopRequest(CampaignRequest, kw_only=True, rename="pascal"):
    """Which campaign, and whether its runs shall end, and not go on."""

    for_good: bool = False


class CampaignStopped(msgspec.Struct, kw_only=True, rename="pascal"):
    """What became of it: the campaign's status, the runs (activities), and the messages held, freed or taken back."""

    campaign_status: str
    activity_ids: list[str]
    messages: int


class StoppingControl:
    """Handlers of `campaigns/stop` and `campaigns/resume`."""

    def __init__(self, stopping: Stopping) -> None:
        self._stopping = stopping

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "POST",
            "/clarion/v1/campaigns/stop",
            StopRequest,
            CampaignStopped,
            self.stop_campaign,
            roles=MARKETERS,
            summary="Hold the runs of a campaign where they are, or end them for good.",
        )
        control.add(
            "POST",
            "/clarion/v1/campaigns/resume",
            CampaignRequest,
            CampaignStopped,
            self.resume_campaign,
            roles=MARKETERS,
            summary="Let the stopped runs of a campaign go on.",
        )

    def stop_campaign(self, ctx: Context, request: StopRequest) -> CampaignStopped:
        return _answer(self._stopping.cancel if request.for_good else self._stopping.stop, ctx, request)

    def resume_campaign(self, ctx: Context, request: CampaignRequest) -> CampaignStopped:
        return _answer(self._stopping.resume, ctx, request)


def _answer(verb: Callable[[Scope, str, str], Stopped], ctx: Context, request: CampaignRequest) -> CampaignStopped:
    done = verb(ctx.scope, request.application_id, request.campaign_id)
    return CampaignStopped(campaign_status=done.status, activity_ids=done.activities, messages=done.messages)
