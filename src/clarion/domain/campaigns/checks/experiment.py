"""The rules of what a campaign wants to find out: its conversion goal, and the winner that is sent to the rest."""

from __future__ import annotations

from clarion.core.errors import Invalid
from clarion.domain.campaigns.experiments.shares import audience_left, sizes_in_test
from clarion.domain.segments.check import check_event
from clarion.shapes.pinpoint import CampaignWinner, WriteCampaignRequest


def check_experiment(request: WriteCampaignRequest) -> None:
    """Raise Invalid naming the member at fault; the shares of the treatments have been checked."""
    frequency = (request.schedule and request.schedule.frequency) or "ONCE"
    goal = request.conversion_goal
    if goal is not None:
        if frequency == "IN_APP_EVENT":
            raise Invalid("ConversionGoal: in-app campaigns do not have one, since nobody is sent anything")
        check_event("ConversionGoal", goal.attributes, goal.metrics)
    if request.winner is not None:
        _check_winner(request, request.winner, frequency)


def check_same_test(known: WriteCampaignRequest, new: WriteCampaignRequest) -> None:
    """Raise Invalid when a change of a campaign whose test has begun would make it unclear who the rest are.

    Without a Winner, the test ends: the rest get nothing.
    """
    if new.winner is not None and _test(known) != _test(new):
        raise Invalid(
            "Winner: the test has begun, so SegmentId, HoldoutPercent, TestPercent and every SizePercent must stay"
        )


def _test(wanted: WriteCampaignRequest) -> tuple[object, ...]:
    sizes = [one.size_percent for one in wanted.additional_treatments or []]
    return wanted.segment_id, wanted.holdout_percent or 0, sizes, wanted.winner and wanted.winner.test_percent


def _check_winner(request: WriteCampaignRequest, winner: CampaignWinner, frequency: str) -> None:
    others, schedule = request.additional_treatments or [], request.schedule
    if not others:
        raise Invalid("Winner: needs AdditionalTreatments to choose from")
    if frequency != "ONCE":
        raise Invalid("Winner: only a campaign that is sent once has one, with Frequency ONCE")
    if schedule and schedule.is_local_time:
        raise Invalid("Winner: does not go with Schedule.IsLocalTime")
    for number, one in enumerate(others):
        if one.schedule is not None:
            raise Invalid(f"Winner: AdditionalTreatments[{number}].Schedule must be left out, all are tested at once")
    if (winner.hours is None) == (winner.minutes is None):
        raise Invalid("Winner: Hours or Minutes, one of them, says when it is chosen")
    if winner.metric == "CONVERSION" and request.conversion_goal is None:
        raise Invalid("Winner.Metric: CONVERSION needs a ConversionGoal")
    left = audience_left(request)
    if winner.test_percent >= left:
        raise Invalid(f"Winner.TestPercent: must be less than the {left} percent that are not held out")
    if (wanted := len(sizes_in_test(request))) > winner.test_percent:
        raise Invalid(f"Winner.TestPercent: must be at least {wanted}, one percent for each treatment that has a share")
