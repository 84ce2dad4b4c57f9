"""The control API's calls that approve and reject campaigns."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.domain.campaigns.approval.model import shown
from clarion.domain.campaigns.approval.service import Approvals
from clarion.domain.campaigns.service import Campaign
from clarion.shapes.pinpoint import CampaignApproval
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import MARKETERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class ApprovalRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which campaign, in which version (absent: the latest), and what there is to say about it."""

    application_id: Text
    campaign_id: Text
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    comment: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class ApprovalAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What became of the campaign."""

    campaign_status: str
    version: int
    approval: CampaignApproval | None


class ApprovalControl:
    """Handlers of `campaigns/approve` and `campaigns/reject`."""

    def __init__(self, approvals: Approvals) -> None:
        self._approvals = approvals

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "POST",
            "/clarion/v1/campaigns/approve",
            ApprovalRequest,
            ApprovalAnswer,
            self.approve_campaign,
            roles=MARKETERS,
            summary="Let a campaign run that waits for approval.",
        )
        control.add(
            "POST",
            "/clarion/v1/campaigns/reject",
            ApprovalRequest,
            ApprovalAnswer,
            self.reject_campaign,
            roles=MARKETERS,
            summary="Say that a campaign must not run as it is.",
        )

    def approve_campaign(self, ctx: Context, request: ApprovalRequest) -> ApprovalAnswer:
        which = (ctx.scope, request.application_id, request.campaign_id, request.version)
        return _answer(self._approvals.approve(*which, by=ctx.access_key_id, comment=request.comment))

    def reject_campaign(self, ctx: Context, request: ApprovalRequest) -> ApprovalAnswer:
        which = (ctx.scope, request.application_id, request.campaign_id, request.version)
        return _answer(self._approvals.reject(*which, by=ctx.access_key_id, comment=request.comment))


def _answer(found: Campaign) -> ApprovalAnswer:
    return ApprovalAnswer(
        campaign_status=found.row.status, version=found.version.version, approval=shown(found.version.approval)
    )
