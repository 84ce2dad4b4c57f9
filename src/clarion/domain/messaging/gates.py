"""The gates a recipient passes before anything is rendered, in order; the first that says no decides.

A gate is a small pure function, and its name is what the recorded refusal calls it. Refusals that Pinpoint
writes an event for carry its `campaign_send_status`; those it is silent about are counted by their gate.
Source: specs of segments (6) and campaigns (4.3, 5, 6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from clarion.core.clock import from_ms
from clarion.domain.audience.model import Endpoint
from clarion.domain.messaging.guardrails.frequency import Person
from clarion.domain.messaging.model import Counts, Facts, Origin, Refusal, Send
from clarion.domain.messaging.quiet import is_quiet, zone_of

Gate = Callable[[Send, Endpoint, Facts, int], Refusal | None]

_NEVER = Counts()


def decided(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """Whoever sends has not settled already that the endpoint gets nothing."""
    return facts.decided.get(endpoint.key)


def channel(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The endpoint has a channel."""
    if not endpoint.channel_type:
        return Refusal("channel", "the endpoint has no channel type")
    return None


def content(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The message has content for the endpoint's channel."""
    if endpoint.channel_type not in send.channels:
        return Refusal("content", f"the message has no content for {endpoint.channel_type} endpoints")
    return None


def time_zone(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """A run in local time needs to know the endpoint's time zone."""
    if send.zone_fault == "missing":
        return Refusal("time_zone", "the run is in local time and the endpoint has no usable Demographic.Timezone")
    return None


def turn(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The run's wall-clock time was not over yet in the endpoint's zone when the run began."""
    if send.zone_fault == "past":
        return Refusal("turn", "the run's local time had passed in the endpoint's zone before the run began")
    return None


def address(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """There is somewhere to send to."""
    if not endpoint.address:
        return Refusal("address", "the endpoint has no address")
    return None


def status(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The endpoint is active."""
    if endpoint.status == "INACTIVE":
        why = f": {endpoint.status_reason}" if endpoint.status_reason else ""
        return Refusal("status", f"the endpoint is INACTIVE{why}")
    return None


def opt_out(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The person did not opt out."""
    if endpoint.opt_out == "ALL":
        return Refusal("opt_out", "the endpoint's OptOut is ALL")
    return None


def duplicate_address(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """Nobody gets a message twice because two endpoints carry one address."""
    if endpoint.key in facts.duplicates:
        reason = "another endpoint of this run has the same address"
        return Refusal("duplicate_address", reason, "DUPLICATE_ADDRESS")
    return None


def control_group(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The person is not in the project's control group."""
    if endpoint.key in facts.control_group:
        return Refusal("control_group", "the person is in the project's control group", "HOLDOUT")
    return None


def holdout(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The endpoint's cohort is not held out."""
    if endpoint.cohort in send.holdout:
        return Refusal("holdout", f"cohort {endpoint.cohort} is held out", "HOLDOUT")
    return None


def campaign_cap(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The campaign's total for one endpoint is not used up; being targeted counts, sent or not."""
    counts = facts.counts.get(endpoint.key, _NEVER)
    if send.caps.total and counts.total >= send.caps.total:
        return Refusal("campaign_cap", f"targeted {counts.total} times of at most {send.caps.total}", "CAMPAIGN_CAP")
    return None


def daily_cap(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """Neither the campaign's nor the project's messages in 24 hours are used up."""
    counts = facts.counts.get(endpoint.key, _NEVER)
    if send.caps.daily and counts.daily >= send.caps.daily:
        reason = f"{counts.daily} messages of this campaign in 24 hours, at most {send.caps.daily}"
        return Refusal("daily_cap", reason, "DAILY_CAP")
    if send.caps.app_daily and counts.app_daily >= send.caps.app_daily:
        reason = f"{counts.app_daily} messages of the project in 24 hours, at most {send.caps.app_daily}"
        return Refusal("daily_cap", reason, "DAILY_CAP")
    return None


def frequency_cap(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The project's frequency caps let the person have another message on this channel."""
    if facts.frequency is None:
        return None
    over = facts.frequency.over(Person(endpoint.key, endpoint.user_id), send.delivery(endpoint))
    return None if over is None else Refusal("frequency_cap", over, "DAILY_CAP")


def limit(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The sender's own limits let the endpoint have another message."""
    return None if facts.limit is None else facts.limit.over(endpoint.key)


def expiry(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """At the run's rate, the message's turn comes before the run's deadline."""
    deadline_ms = deadline(send, endpoint, facts)
    if deadline_ms is not None and due_ms > deadline_ms:
        return Refusal("expiry", "its turn would come after the run's deadline", "EXPIRED")
    return None


def quiet_time(send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """It is not quiet time where the person is, as far as that is known."""
    if send.quiet_time is None or endpoint.demographic is None:
        return None
    zone = zone_of(endpoint.demographic.timezone)
    if is_quiet(send.quiet_time, from_ms(due_ms), zone):
        span = f"{send.quiet_time.start} to {send.quiet_time.end}"
        return Refusal("quiet_time", f"quiet time from {span} in {endpoint.demographic.timezone}", "QUIET_TIME")
    return None


GATES: Sequence[Gate] = (
    channel,
    content,
    time_zone,
    turn,
    address,
    status,
    opt_out,
    duplicate_address,
    control_group,
    holdout,
    campaign_cap,
    daily_cap,
    frequency_cap,
    expiry,
    quiet_time,
)
"""What a campaign's recipient passes."""

JOURNEY_GATES: Sequence[Gate] = (decided, channel, content, address, opt_out, control_group, limit, frequency_cap)
"""What the endpoint of somebody inside a journey passes; one that was active when they entered may be inactive now."""

GATES_OF: Mapping[Origin, Sequence[Gate]] = {"campaign": GATES, "journey": JOURNEY_GATES}
"""By what prepares whole pages."""

DIRECT_GATES: Sequence[Gate] = (address, status, opt_out)
"""What the endpoint of a direct message passes."""


_AGAIN: Sequence[Gate] = (status, opt_out)
_OF_ALL: Mapping[Origin, Sequence[Gate]] = {**GATES_OF, "direct": DIRECT_GATES}
_AGAIN_OF = {origin: [gate for gate in gates if gate in _AGAIN] for origin, gates in _OF_ALL.items()}
_ANYBODY = Send(account="", region="", app_id="", origin="direct")


def refusal_now(origin: Origin, endpoint: Endpoint) -> Refusal | None:
    """Why the endpoint must not get a message that all gates let pass some time ago, None when it may: those of its
    origin's gates that ask for nothing but what the person wants and whether anybody is there."""
    return refusal(_AGAIN_OF[origin], _ANYBODY, endpoint, Facts(), 0)


def deadline(send: Send, endpoint: Endpoint, facts: Facts) -> int | None:
    """When delivery to the endpoint is given up (Unix ms), None for never."""
    occasion = facts.occasions.get(endpoint.key)
    return send.deadline_ms if occasion is None or occasion.deadline_ms is None else occasion.deadline_ms


def refusal(gates: Sequence[Gate], send: Send, endpoint: Endpoint, facts: Facts, due_ms: int) -> Refusal | None:
    """The first gate's refusal, or None when all let the endpoint pass. `due_ms`: when it would be sent."""
    for gate in gates:
        if (said := gate(send, endpoint, facts, due_ms)) is not None:
            return said
    return None
