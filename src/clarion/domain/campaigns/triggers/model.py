"""What happens between an event and its answer: matches, the jobs of windows, and the rules of time and loops."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b

import msgspec

from clarion.core.clock import to_ms
from clarion.domain.audience.model import Endpoint
from clarion.domain.campaigns.schedule import Plan
from clarion.domain.events.reported import Happened
from clarion.domain.messaging.quiet import local_start, zone_of

DEADLINE_MS = 5 * 60_000
"""A message that cannot be delivered so long after its event is dropped."""

REPEAT_MS = 5 * 60_000
"""An event of the same endpoint and id within this time is the same one, reported again; apps use ids again."""

WIDEST = timedelta(hours=26)
"""Between the earliest and the latest local time on earth."""

BEGIN_WINDOW = "campaigns.begin_window"
ANSWER = "campaigns.answer"
ANSWER_APART = "campaigns.answer_apart"
END_WINDOW = "campaigns.end_window"

_CHAIN = "events:"


class Match(msgspec.Struct, array_like=True, gc=False):
    """An event that a window listens for. `chain` are the campaigns whose messages led to it, oldest first."""

    event_type: str
    event_id: str
    endpoint_key: str
    user_id: str
    arrival: int
    chain: list[str]
    attributes: Mapping[str, str]
    metrics: Mapping[str, float]


class Matches(msgspec.Struct):
    """Matches of one window, as they are stored."""

    version: int = 1
    items: list[Match] = []


class WindowJob(msgspec.Struct, kw_only=True):
    """What the jobs of a window say: to begin it, to answer what it has matched, to end it (at `end_ms`, Unix ms)."""

    version: int = 1
    app_id: str
    campaign_id: str
    treatment_id: str
    end_ms: int = 0


encode_matches = msgspec.msgpack.Encoder().encode
decode_matches = msgspec.msgpack.Decoder(Matches).decode


def answer_key(campaign_id: str, treatment_id: str) -> str:
    """The key of the job that answers events."""
    return f"answer:{campaign_id}:{treatment_id}"


def begin_key(campaign_id: str, treatment_id: str) -> str:
    """The key of the job that begins a window."""
    return f"begin:{campaign_id}:{treatment_id}"


def end_key(campaign_id: str, treatment_id: str) -> str:
    """The key of the job that ends a window."""
    return f"window:{campaign_id}:{treatment_id}"


def chain_of(event: Happened) -> list[str]:
    """The campaigns whose messages led to an event: each answered one that another one's message had caused.

    A campaign that is among them does not answer, so that no two of them go on answering each other.
    """
    told = event.trace_id.removeprefix(_CHAIN).split("/") if event.trace_id.startswith(_CHAIN) else []
    chain = [one for one in told if one]
    return chain if event.campaign_id in ("", *chain) else [*chain, event.campaign_id]


def trace_of(chain: list[str]) -> str:
    """How the events of a message tell the campaigns that led to it."""
    return _CHAIN + "/".join(chain) if chain else ""


def occasion(match: Match) -> str:
    """The name of the event among all that may give rise to messages to one endpoint, for the time of `REPEAT_MS`."""
    text = f"{match.endpoint_key}\0{match.event_id}"
    return blake2b(text.encode(), digest_size=16, person=b"clarion-occasion").hexdigest()


def variables(match: Match) -> dict[str, object]:
    """The event as message variables see it: `{{Event.Attributes.product}}`."""
    return {"EventType": match.event_type, "Attributes": dict(match.attributes), "Metrics": dict(match.metrics)}


class Span(msgspec.Struct, frozen=True):
    """When a window is open for one endpoint; Unix ms, the end not included (None: no end)."""

    start_ms: int
    end_ms: int | None

    def holds(self, at_ms: int) -> bool:
        return self.start_ms <= at_ms and (self.end_ms is None or at_ms < self.end_ms)


def listening(plan: Plan) -> Span:
    """When a window may be open for anybody."""
    end = plan.end + WIDEST if plan.end is not None and plan.local else plan.end
    return Span(to_ms(plan.start), None if end is None else to_ms(end))


def open_for(plan: Plan, endpoint: Endpoint) -> Span | None:
    """When a window is open for this endpoint; None when that is meant in its local time and it has no time zone."""
    if not plan.local:
        return listening(plan)
    zone = zone_of(endpoint.demographic.timezone) if endpoint.demographic else None
    if zone is None:
        return None
    start = max(plan.start, local_start(plan.start, plan.zone, zone))
    end = None if plan.end is None else to_ms(local_start(plan.end, plan.zone, zone))
    return Span(to_ms(start), end)
