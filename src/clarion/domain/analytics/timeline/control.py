"""The control API's call that tells the timeline of one person."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.clock import parse_iso, to_ms
from clarion.core.errors import Invalid
from clarion.domain.analytics.timeline.model import Entry
from clarion.domain.analytics.timeline.service import Timeline
from clarion.domain.audience.people.service import who
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import READERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class TimelineRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Whose: a user's, with all endpoints, or an endpoint's; one of the two. `since`: nothing older than that."""

    application_id: Text
    user_id: Text | None = None
    endpoint_id: Text | None = None
    since: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    next_token: str | None = None


class TimelinePage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Newest first; `next_token` while there are more."""

    entries: list[Entry]
    next_token: str | None = None


class TimelineControl:
    """Handler of `timeline`."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "GET",
            "/clarion/v1/timeline",
            TimelineRequest,
            TimelinePage,
            self.show_timeline,
            roles=READERS,
            summary="Tell everything one person did and was sent, with reasons, newest first.",
        )

    def show_timeline(self, ctx: Context, request: TimelineRequest) -> TimelinePage:
        asked = who(request.user_id, request.endpoint_id)
        entries, following = self._timeline.page(
            ctx.scope, request.application_id, asked, _since(request.since), request.limit, request.next_token
        )
        return TimelinePage(entries=entries, next_token=following)


def _since(text: str | None) -> int:
    if text is None:
        return -(2**62)
    try:
        return to_ms(parse_iso(text))
    except (ValueError, OverflowError):
        raise Invalid("Since: must be an ISO 8601 date") from None
