"""The treatments of a campaign: what each of them sends and when, and where each of them stands.

Every campaign has the default treatment "0". A further one says what it varies, its content or its schedule; what
it does not say is as in the default. Source: spec of campaigns, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from clarion.domain.campaigns.allocation import DEFAULT, Allocation, allocate
from clarion.shapes.pinpoint import (
    CampaignStatus,
    CustomDeliveryConfiguration,
    MessageConfiguration,
    Schedule,
    TemplateConfiguration,
    WriteCampaignRequest,
    WriteTreatmentResource,
)


class Treatment(msgspec.Struct, frozen=True, kw_only=True):
    """One treatment with all that applies to it.

    `share` is its percentage of the segment, `at` the beginning of its members' paths in the request.
    """

    id: str
    at: str
    share: int
    schedule: Schedule | None
    message: MessageConfiguration | None
    templates: TemplateConfiguration | None
    delivery: CustomDeliveryConfiguration | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a treatment stands. `start_ms` is when its first run begins (Unix ms)."""

    status: CampaignStatus
    start_ms: int


class Standings(msgspec.Struct, frozen=True, kw_only=True):
    """All treatments of a campaign by their ids, as they are stored."""

    version: int = 1
    treatments: Mapping[str, Standing] = {}


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Standings).decode


def treatments(wanted: WriteCampaignRequest) -> list[Treatment]:
    """All treatments of a definition, the default one first."""
    others = wanted.additional_treatments or []
    rest = 100 - (wanted.holdout_percent or 0) - sum(one.size_percent for one in others)
    default = Treatment(
        id=DEFAULT,
        at="",
        share=rest,
        schedule=wanted.schedule,
        message=wanted.message_configuration,
        templates=wanted.template_configuration,
        delivery=wanted.custom_delivery_configuration,
    )
    further = [
        Treatment(
            id=str(number),
            at=f"AdditionalTreatments[{number - 1}].",
            share=one.size_percent,
            schedule=one.schedule or default.schedule,
            message=one.message_configuration if _speaks(one) else default.message,
            templates=one.template_configuration if _speaks(one) else default.templates,
            delivery=one.custom_delivery_configuration or (None if _speaks(one) else default.delivery),
        )
        for number, one in enumerate(others, 1)
    ]
    return [default, *further]


def treatment(wanted: WriteCampaignRequest, treatment_id: str) -> Treatment:
    """The treatment of that id."""
    return treatments(wanted)[int(treatment_id)]


def allocation(campaign_id: str, wanted: WriteCampaignRequest) -> Allocation:
    """Who gets which treatment of a definition."""
    sizes = [one.size_percent for one in wanted.additional_treatments or []]
    return allocate(campaign_id, wanted.holdout_percent or 0, sizes)


def overall(statuses: Iterable[CampaignStatus]) -> CampaignStatus:
    """The status of a campaign whose treatments have these.

    It is complete only when all of them are; it waits for its next run when one of them has run or does so.
    """
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    for status in ("EXECUTING", "PAUSED", "PENDING_NEXT_RUN"):
        if status in found:
            return status
    if "SCHEDULED" in found:
        return "PENDING_NEXT_RUN" if "COMPLETED" in found else "SCHEDULED"
    return "INVALID"


def _speaks(one: WriteTreatmentResource) -> bool:
    """Whether a treatment brings its own content: then nothing of the default's is mixed into it."""
    message, templates = one.message_configuration, one.template_configuration
    return message not in (None, MessageConfiguration()) or templates not in (None, TemplateConfiguration())
