"""AWS operations of campaigns."""

from __future__ import annotations

import re
from typing import cast

from clarion.core.clock import iso_ms
from clarion.core.errors import NotFound
from clarion.core.pages import page_size
from clarion.domain.analytics.service import Kpis
from clarion.domain.campaigns.activities import answer
from clarion.domain.campaigns.allocation import DEFAULT
from clarion.domain.campaigns.approval.model import shown
from clarion.domain.campaigns.service import Campaign, Campaigns, arn
from clarion.shapes import pinpoint as shapes
from clarion.wire.context import Context


class CampaignsOperations:
    """Mounted on `pinpoint`."""

    def __init__(self, campaigns: Campaigns, kpis: Kpis) -> None:
        self._campaigns = campaigns
        self._kpis = kpis

    def create_campaign(self, ctx: Context, request: shapes.CreateCampaignRequest) -> shapes.CampaignResponse:
        written = request.write_campaign_request
        return show(self._campaigns.create(ctx.scope, request.application_id, written, ctx.access_key_id))

    def update_campaign(self, ctx: Context, request: shapes.UpdateCampaignRequest) -> shapes.CampaignResponse:
        written = request.write_campaign_request
        which = (ctx.scope, request.application_id, request.campaign_id)
        return show(self._campaigns.update(*which, written, ctx.access_key_id))

    def get_campaign(self, ctx: Context, request: shapes.GetCampaignRequest) -> shapes.CampaignResponse:
        return show(self._campaigns.get(ctx.scope, request.application_id, request.campaign_id))

    def get_campaign_date_range_kpi(
        self, ctx: Context, request: shapes.GetCampaignDateRangeKpiRequest
    ) -> shapes.CampaignDateRangeKpiResponse:
        which, name = (request.application_id, request.campaign_id), request.kpi_name
        self._campaigns.get(ctx.scope, *which)
        found = self._kpis.ask("campaign", *which, name, request.start_time, request.end_time, request.next_token)
        return shapes.CampaignDateRangeKpiResponse(
            application_id=request.application_id,
            campaign_id=request.campaign_id,
            end_time=found.range.end,
            kpi_name=name,
            kpi_result=found.result,
            start_time=found.range.start,
        )

    def delete_campaign(self, ctx: Context, request: shapes.DeleteCampaignRequest) -> shapes.CampaignResponse:
        return show(self._campaigns.delete(ctx.scope, request.application_id, request.campaign_id))

    def get_campaigns(self, ctx: Context, request: shapes.GetCampaignsRequest) -> shapes.CampaignsResponse:
        size = page_size(request.page_size)
        found, token = self._campaigns.page(ctx.scope, request.application_id, size, request.token)
        return shapes.CampaignsResponse(item=[show(campaign) for campaign in found], next_token=token)

    def get_campaign_version(self, ctx: Context, request: shapes.GetCampaignVersionRequest) -> shapes.CampaignResponse:
        if not re.fullmatch(r"[0-9]{1,9}", request.version):
            raise NotFound()
        version = int(request.version)
        return show(self._campaigns.get(ctx.scope, request.application_id, request.campaign_id, version))

    def get_campaign_versions(
        self, ctx: Context, request: shapes.GetCampaignVersionsRequest
    ) -> shapes.CampaignsResponse:
        size = page_size(request.page_size)
        found, token = self._campaigns.versions(
            ctx.scope, request.application_id, request.campaign_id, size, request.token
        )
        return shapes.CampaignsResponse(item=[show(campaign) for campaign in found], next_token=token)

    def get_campaign_activities(
        self, ctx: Context, request: shapes.GetCampaignActivitiesRequest
    ) -> shapes.ActivitiesResponse:
        size = page_size(request.page_size)
        found, token = self._campaigns.activities(
            ctx.scope, request.application_id, request.campaign_id, size, request.token
        )
        return shapes.ActivitiesResponse(item=[answer(run, counts) for run, counts in found], next_token=token)


def show(campaign: Campaign) -> shapes.CampaignResponse:
    """A campaign in the API's shape: the definition as it is kept, with ids, dates and state."""
    row, kept = campaign.row, campaign.definition
    further = _further(campaign)
    return shapes.CampaignResponse(
        additional_treatments=further,
        application_id=row.app_id,
        arn=arn(row),
        conversion_goal=kept.conversion_goal,
        creation_date=iso_ms(row.created_ms),
        custom_delivery_configuration=kept.custom_delivery_configuration,
        default_state=_state(campaign, DEFAULT) if further else None,
        description=kept.description,
        holdout_percent=kept.holdout_percent,
        hook=kept.hook,
        id=row.campaign_id,
        is_paused=kept.is_paused,
        last_modified_date=iso_ms(campaign.version.modified_ms),
        limits=kept.limits,
        message_configuration=kept.message_configuration,
        name=kept.name,
        schedule=kept.schedule,
        segment_id=kept.segment_id or "",
        segment_version=kept.segment_version or 0,
        state=shapes.CampaignState(campaign_status=cast(shapes.CampaignStatus, row.status)),
        tags=dict(campaign.tags),
        template_configuration=kept.template_configuration,
        treatment_description=kept.treatment_description,
        treatment_name=kept.treatment_name,
        version=campaign.version.version,
        winner=kept.winner,
        priority=kept.priority,
        approval=shown(campaign.version.approval),
    )


def _further(campaign: Campaign) -> list[shapes.TreatmentResource]:
    return [
        shapes.TreatmentResource(
            id=str(number),
            state=_state(campaign, str(number)),
            custom_delivery_configuration=one.custom_delivery_configuration,
            message_configuration=one.message_configuration,
            schedule=one.schedule,
            size_percent=one.size_percent,
            template_configuration=one.template_configuration,
            treatment_description=one.treatment_description,
            treatment_name=one.treatment_name,
        )
        for number, one in enumerate(campaign.definition.additional_treatments or [], 1)
    ]


def _state(campaign: Campaign, treatment_id: str) -> shapes.CampaignState:
    """Where a treatment stands; in an old version it may be one that is no more."""
    if campaign.row.gone:
        return shapes.CampaignState(campaign_status="DELETED")
    standing = campaign.row.standings.get(treatment_id)
    return shapes.CampaignState(campaign_status=standing.status if standing else None)
