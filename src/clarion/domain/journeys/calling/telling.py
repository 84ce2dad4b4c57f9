"""The events of calls: a `_journey.send` for each time the contact center was asked, or was not.

They carry no message id, as calls are not messages: no cap counts them.
"""

from __future__ import annotations

from clarion.domain.audience.model import Endpoint
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.model import Walker

SUCCESS = ("SUCCESS", "SUCCESS", "200")
REFUSED = ("FAILURE_PERMANENT", "FAILURE_PERMANENT", "403")
LATER = ("TRANSIENT_FAILURE", "FAILURE", "500")
QUIET = ("QUIET_TIME", "QUIET_TIME", "")
NO_ZONE = ("QUIET_TIME_MISSING_TIMEZONE", "QUIET_TIME_MISSING_TIMEZONE", "")
RELEASED = ("QUIET_TIME_WAIT_FINISHED", "QUIET_TIME_WAIT_FINISHED", "")
"""The most exact word for what came of it, the stream's, and its code."""


def told(
    here: Here, walker: Walker, endpoint: Endpoint, result: tuple[str, str, str], gate: str = "", reason: str = ""
) -> EventRow:
    """The event that tells what came of calling somebody at an endpoint."""
    row, (status, word, code) = here.journey, result
    subject = Subject(
        account=row.account,
        app_id=row.app_id,
        endpoint_id=endpoint.id,
        endpoint_key=endpoint.key,
        user_id=endpoint.user_id,
        journey_id=row.journey_id,
        journey_run_id=walker.run_id,
        activity_id=here.node.id,
        activity_type="" if result == RELEASED else "CONTACT_CENTER",
    )
    return produced.journey_send(
        subject,
        at_ms=here.now_ms,
        status=status,
        word=word,
        code=code,
        message=reason or code,
        gate=gate,
        reason=reason,
        occurrence=f"{here.node.id}/{walker.entry}/{walker.turn}/{status}",
    )
