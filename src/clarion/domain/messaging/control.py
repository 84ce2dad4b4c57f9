"""The control API's calls about messages: the local inbox, why somebody got or got nothing, played feedback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec

from clarion.channels.port import Bounce, BounceSubType, Complaint, Delivery, EmailFact, Rejection
from clarion.core.clock import Clock
from clarion.core.errors import Conflict, NotFound
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import endpoint_key
from clarion.domain.events import produced
from clarion.domain.events.produced import EmailKind, Mail
from clarion.domain.events.queries import Decision
from clarion.domain.events.service import Events
from clarion.domain.messaging.inbox.service import Entry, Inbox, entry
from clarion.domain.messaging.inbox.store import Filter
from clarion.domain.messaging.outcomes import describe
from clarion.domain.messaging.tracking.hits import Hits
from clarion.store.database import Database
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS, READERS

PAGE = 100

Text = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
FeedbackType = Literal["Delivered", "HardBounce", "SoftBounce", "Complaint", "Reject", "Open", "Click"]


class InboxRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which messages; `limit` of them, going on at `next_token`."""

    application_id: Text | None = None
    address: Text | None = None
    channel: Text | None = None
    limit: Limit = PAGE
    next_token: str | None = None


class InboxPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Messages newest first; `next_token` while there are more."""

    messages: list[Entry]
    next_token: str | None = None


class Deleted(msgspec.Struct, rename="pascal"):
    """How many messages are gone."""

    deleted: int


class WhyRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """About whom, and about which campaign or journey if not about all."""

    application_id: Text
    endpoint_id: Text
    campaign_id: Text | None = None
    journey_id: Text | None = None


class Decisions(msgspec.Struct, rename="pascal"):
    """Newest first."""

    decisions: list[Decision]


class Feedback(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a provider or a recipient is to say about a message.

    Without `application_id` the message must still be in the inbox. `link` goes with Click, `bounce_sub_type`,
    `status` and `diagnostic_code` with bounces.
    """

    message_id: Text
    type: FeedbackType
    application_id: Text | None = None
    link: Text | None = None
    bounce_sub_type: BounceSubType | None = None
    status: Text | None = None
    diagnostic_code: Text | None = None
    user_agent: str = "Clarion feedback"
    ip_address: str = "127.0.0.1"


class Recorded(msgspec.Struct, rename="pascal"):
    """The event that says so now."""

    event_type: str


class MessagingControl:
    """Handlers of `inbox`, `why` and `feedback`. `local`: e-mail goes to the local inbox."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        events: Events,
        inbox: Inbox,
        hits: Hits,
        clock: Clock,
        *,
        catch_up: Callable[[], None],
        local: bool,
    ) -> None:
        self._database = database
        self._apps = apps
        self._events = events
        self._inbox = inbox
        self._hits = hits
        self._clock = clock
        self._catch_up = catch_up
        self._local = local

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path = "/clarion/v1/inbox"
        control.add(
            "GET", path, InboxRequest, InboxPage, self.list_inbox, roles=DEVELOPERS, summary="List the local inbox."
        )
        control.add(
            "DELETE", path, InboxRequest, Deleted, self.clear_inbox, roles=DEVELOPERS, summary="Empty the local inbox."
        )
        control.add(
            "GET",
            "/clarion/v1/why",
            WhyRequest,
            Decisions,
            self.why,
            roles=READERS,
            summary="Tell why an endpoint did, or did not, get messages.",
        )
        control.add(
            "POST",
            "/clarion/v1/feedback",
            Feedback,
            Recorded,
            self.play_feedback,
            roles=DEVELOPERS,
            summary="Play a provider's or a recipient's feedback on a message of the local inbox.",
        )

    def list_inbox(self, ctx: Context, request: InboxRequest) -> InboxPage:
        found, token = self._inbox.page(self._filter(ctx, request), request.limit, request.next_token)
        return InboxPage(messages=[entry(kept.message) for kept in found], next_token=token)

    def clear_inbox(self, ctx: Context, request: InboxRequest) -> Deleted:
        return Deleted(self._inbox.delete(self._filter(ctx, request)))

    def why(self, ctx: Context, request: WhyRequest) -> Decisions:
        self._apps.require(ctx.scope, request.application_id)
        self._catch_up()
        key = endpoint_key(request.endpoint_id)
        return Decisions(self._events.why(request.application_id, key, request.campaign_id, request.journey_id))

    def play_feedback(self, ctx: Context, request: Feedback) -> Recorded:
        if not self._local:
            raise Conflict("feedback can be played only while e-mail goes to the local inbox")
        app_id = self._app_of(ctx, request)
        message = self._hits.recall([(app_id, request.message_id)]).get((app_id, request.message_id))
        if message is None:
            raise NotFound(f"nothing is known of message {request.message_id}")
        subject, mail = message
        kind, detail = _said(request, mail)
        # Opens and clicks can happen again, the others are the same event however often they are told.
        occurrence = ctx.request_id if kind in ("open", "click") else ""
        now = self._clock.now_ms()
        event = produced.email(subject, kind, mail, at_ms=now, detail=detail, occurrence=occurrence)
        self._database.write(lambda connection: self._events.record(connection, [event]))
        return Recorded(event.event_type)

    def _app_of(self, ctx: Context, request: Feedback) -> str:
        """The message's project, which must be the caller's."""
        app_id = request.application_id
        if app_id is None:
            kept = self._inbox.get(request.message_id)
            if kept is None:
                raise NotFound(f"message {request.message_id} is not in the inbox; name its ApplicationId")
            app_id = kept.app_id
        return self._apps.require(ctx.scope, app_id).id

    def _filter(self, ctx: Context, request: InboxRequest) -> Filter:
        if request.application_id is not None:
            self._apps.require(ctx.scope, request.application_id)
        return Filter(ctx.scope.account, request.application_id, request.address, request.channel)


def _said(request: Feedback, mail: Mail) -> tuple[EmailKind, dict[str, Any]]:
    """Kind and event object of the event."""
    visitor = {"ip_address": request.ip_address, "user_agent": request.user_agent}
    match request.type:
        case "Open":
            return "open", visitor
        case "Click":
            return "click", {**visitor, "link": request.link or ""}
        case _:
            return describe(_fact(request), ", ".join(mail.destination))


def _fact(request: Feedback) -> EmailFact:
    match request.type:
        case "HardBounce":
            return Bounce(
                bounce_type="Permanent",
                bounce_sub_type=request.bounce_sub_type or "General",
                status=request.status or "5.1.1",
                diagnostic_code=request.diagnostic_code or "smtp; 550 5.1.1 user unknown",
            )
        case "SoftBounce":
            return Bounce(
                bounce_type="Transient",
                bounce_sub_type=request.bounce_sub_type or "General",
                status=request.status or "4.2.2",
                diagnostic_code=request.diagnostic_code or "smtp; 452 4.2.2 mailbox full",
            )
        case "Complaint":
            return Complaint(user_agent=request.user_agent)
        case "Reject":
            return Rejection()
        case _:
            return Delivery("250 2.0.0 OK", "feedback.clarion.local")
