"""The control API's call that rehearses a campaign."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from clarion.core.clock import iso_ms
from clarion.core.errors import Forbidden
from clarion.domain.campaigns.rehearsal.service import Asked, DryRuns
from clarion.domain.campaigns.rehearsal.telling import Told
from clarion.shapes.pinpoint import WriteCampaignRequest
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import MARKETERS, READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class DryRunRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A saved campaign (`campaign_id`), one that is not saved (`campaign`, as for CreateCampaign), or both: what
    UpdateCampaign would make of it. The same again with each `next_token`.

    `people`: tell who they are, not only how many. `rendered`: also what a message says first: subject, title, or
    the beginning of the text. `call_hooks`: ask hooks and recommenders, as a run would.
    """

    application_id: Text
    campaign_id: Text | None = None
    campaign: WriteCampaignRequest | None = None
    people: bool = False
    rendered: bool = False
    call_hooks: bool = False
    next_token: str | None = None


class DryRunCount(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """So many endpoints of a treatment would get a message on a channel (SENT), or were refused one by a gate."""

    treatment_id: str
    outcome: Literal["SENT", "REFUSED"]
    channel: str = ""
    gate: str = ""
    status: str = ""
    endpoints: int


class DryRunPerson(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What would become of one endpoint. `status` is the campaign_send_status of a refusal, if it would have one."""

    treatment_id: str
    endpoint_id: str
    user_id: str = ""
    outcome: Literal["SENT", "REFUSED"]
    channel: str = ""
    address: str = ""
    text: str = ""
    gate: str = ""
    status: str = ""
    reason: str = ""


class DryRunTreatment(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """When the treatment's next run is due; and why it would say nothing to anybody, if so."""

    treatment_id: str
    scheduled_start: str
    problem: str = ""


class DryRunPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A piece of a dry run: its counts are to be added to those before. `next_token` while there is more."""

    treatments: list[DryRunTreatment]
    counts: list[DryRunCount]
    people: list[DryRunPerson] | None = None
    next_token: str | None = None


class DryRunControl:
    """Handler of `campaigns/dry-run`."""

    def __init__(self, dry_runs: DryRuns) -> None:
        self._dry_runs = dry_runs

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "POST",
            "/clarion/v1/campaigns/dry-run",
            DryRunRequest,
            DryRunPage,
            self.dry_run_campaign,
            roles=READERS,
            summary="Tell who would get what of a campaign, and who nothing and why; nothing is sent or recorded.",
        )

    def dry_run_campaign(self, ctx: Context, request: DryRunRequest) -> DryRunPage:
        if request.call_hooks and ctx.role not in MARKETERS:
            raise Forbidden("CallHooks: a reader cannot have hooks called")
        asked = Asked(
            scope=ctx.scope,
            app_id=request.application_id,
            campaign_id=request.campaign_id,
            definition=request.campaign,
            calls=request.call_hooks,
            people=request.people,
        )
        done = self._dry_runs.go_on(asked, request.next_token)
        return DryRunPage(
            treatments=[
                DryRunTreatment(treatment_id=name, scheduled_start=iso_ms(at), problem=done.problems.get(name, ""))
                for name, at in done.scheduled_ms.items()
            ],
            counts=[DryRunCount(**group._asdict(), endpoints=number) for group, number in sorted(done.counts.items())],
            people=[_person(one, rendered=request.rendered) for one in done.people] if request.people else None,
            next_token=done.token,
        )


def _person(one: Told, *, rendered: bool) -> DryRunPerson:
    return DryRunPerson(**(one if rendered else one._replace(text=""))._asdict())
