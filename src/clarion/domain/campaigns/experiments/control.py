"""The control API's call that says what a campaign has found out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.campaigns.allocation import DEFAULT
from clarion.domain.campaigns.experiments import intervals
from clarion.domain.campaigns.experiments.conclusions import Comparison, compare, conclusions, ordered
from clarion.domain.campaigns.experiments.counting import Counting
from clarion.domain.campaigns.experiments.pending import Choices
from clarion.domain.campaigns.service import Campaign, Campaigns
from clarion.domain.campaigns.treatments import treatments
from clarion.domain.events.comparing.conversions import HOLDOUT, REST, Arm
from clarion.shapes.pinpoint import ConversionGoal, WriteCampaignRequest
from clarion.store.database import Database
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class ResultsRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which campaign."""

    application_id: Text
    campaign_id: Text


class Compared(msgspec.Struct, kw_only=True, rename="pascal"):
    """A conversion rate less that of another group, in shares (0.01 is a percentage point).

    With `Confidence` it is between `Low` and `High` at all moments together, however often one looks. `Lift` is the
    difference in proportion to the other rate; null when nobody converted there.
    """

    difference: float
    low: float
    high: float
    lift: float | None
    sure: bool


class GroupResults(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """One group: a treatment by its id, "holdout", or "rest", who were sent the winner after a test.

    `Mixed` are people who have endpoints in other groups, too.
    """

    group: str
    name: str
    people: int
    conversions: int
    rate: float | None
    opens: int
    clicks: int
    mixed: int
    against_holdout: Compared | None = None
    against_default: Compared | None = None


class WinnerResults(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Where the choice of a winner stands: `WAITING` for the test to begin or to end, `HELD` (stopped or paused),
    `CHOSEN`, `FAILED`, or `NONE` (the test was ended without one)."""

    state: Literal["WAITING", "HELD", "CHOSEN", "FAILED", "NONE"]
    treatment_id: str = ""
    activity_id: str = ""
    chosen_at: str = ""
    reason: str = ""


class CampaignResults(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What a campaign has found out so far, and what may be concluded from it."""

    campaign_id: str
    campaign_status: str
    confidence: float
    groups: list[GroupResults]
    conclusions: list[str]
    conversion_goal: ConversionGoal | None = None
    winner: WinnerResults | None = None


class ResultsControl:
    """Handler of `campaigns/results`."""

    def __init__(self, database: Database, campaigns: Campaigns, counting: Counting, choices: Choices) -> None:
        self._database = database
        self._campaigns = campaigns
        self._counting = counting
        self._choices = choices

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "GET",
            "/clarion/v1/campaigns/results",
            ResultsRequest,
            CampaignResults,
            self.campaign_results,
            roles=READERS,
            summary="How the treatments of a campaign compare with each other and with its hold-out.",
        )

    def campaign_results(self, ctx: Context, request: ResultsRequest) -> CampaignResults:
        campaign = self._campaigns.get(ctx.scope, request.application_id, request.campaign_id)
        wanted = campaign.definition
        arms = self._counting.arms(campaign.row, wanted)
        names = _names(wanted)
        goal = wanted.conversion_goal
        return CampaignResults(
            campaign_id=request.campaign_id,
            campaign_status=campaign.row.status,
            confidence=1 - intervals.ALPHA,
            groups=[_group(name, names, arms, goal=goal is not None) for name in ordered(arms, list(names))],
            conclusions=conclusions(arms, names, goal=goal is not None, holdout=bool(wanted.holdout_percent)),
            conversion_goal=goal,
            winner=self._winner(campaign, wanted),
        )

    def _winner(self, campaign: Campaign, wanted: WriteCampaignRequest) -> WinnerResults | None:
        if wanted.winner is None:
            return None
        row = campaign.row
        standing, held = self._database.read(
            lambda connection: (self._choices.standing(connection, row), self._choices.held(connection, row))
        )
        if held:
            return WinnerResults(state="HELD")
        if standing is not None or row.status == "SCHEDULED":
            return WinnerResults(state="WAITING")
        found = self._counting.rest_runs(row, wanted)
        if not found:
            return WinnerResults(state="NONE")
        run = found[0]
        return WinnerResults(
            state="FAILED" if run.result == "FAIL" else "CHOSEN",
            treatment_id=run.treatment_id,
            activity_id=run.activity_id,
            chosen_at=iso_ms(run.scheduled_ms),
            reason=run.reason or "",
        )


def _names(wanted: WriteCampaignRequest) -> dict[str, str]:
    """The treatments' own names by their ids, "" for those without one."""
    others = [one.treatment_name for one in wanted.additional_treatments or []]
    return {one.id: name or "" for one, name in zip(treatments(wanted), [wanted.treatment_name, *others], strict=True)}


def _group(name: str, names: Mapping[str, str], arms: Mapping[str, Arm], *, goal: bool) -> GroupResults:
    arm = arms.get(name, Arm())
    treated = goal and name in names
    return GroupResults(
        group=name,
        name=names.get(name, {HOLDOUT: "held out", REST: "sent the winner"}.get(name, "")),
        people=arm.people,
        conversions=arm.conversions,
        rate=arm.conversions / arm.people if arm.people and goal else None,
        opens=arm.opens,
        clicks=arm.clicks,
        mixed=arm.mixed,
        against_holdout=_compared(compare(arm, arms.get(HOLDOUT))) if treated else None,
        against_default=_compared(compare(arm, arms.get(DEFAULT))) if treated and name != DEFAULT else None,
    )


def _compared(found: Comparison | None) -> Compared | None:
    if found is None:
        return None
    low, high = found.interval
    return Compared(difference=found.difference, low=low, high=high, lift=found.lift, sure=found.interval.sure)
