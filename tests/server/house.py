"""A whole process as the server builds it, on a virtual clock and without threads: `settle` and `advance` move it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import msgspec
import sqlalchemy as sa

from clarion.core.clock import VirtualClock, iso
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.audience.people.service import Who
from clarion.domain.campaigns.activities import answer
from clarion.domain.email.model import Complained, Topic
from clarion.domain.journeys import participants
from clarion.domain.journeys import store as journeys
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.model import ENTERED, Move, StepJob, Walker
from clarion.domain.journeys.participants import Change
from clarion.domain.journeys.store import RunRow
from clarion.domain.journeys.walking.hasten import hasten
from clarion.domain.messaging.inbox.store import Filter
from clarion.domain.messaging.operations import MessagingOperations
from clarion.server import system
from clarion.server.system import System
from clarion.shapes.pinpoint import (
    ActivityResponse,
    EmailChannelRequest,
    EndpointRequest,
    MessageRequest,
    SendMessagesRequest,
    WriteCampaignRequest,
    WriteJourneyRequest,
    WriteSegmentRequest,
)
from clarion.wire.context import Context
from tests.server import tables

SCOPE = Scope("000000000001", "eu-central-1")
NOW = "2027-03-04T09:15:00Z"
MESSAGE = {"EmailMessage": {"Title": "Hello", "HtmlBody": "<p>Hello</p>"}}


class House(System):
    """One process; several may share the databases."""

    def __init__(self, state_url: str, events_url: str, **settings: Any) -> None:
        wanted = {"state": state_url, "events": events_url, "clock": f"virtual:{NOW}", **settings}
        with mock.patch.object(system, "create_tables", partial(tables.create, url=events_url)):
            super().__init__(dataclasses.replace(Settings(), **wanted), "http://127.0.0.1:8080")
        assert isinstance(self.clock, VirtualClock)

    def project(self) -> str:
        """A new project with an e-mail channel."""
        app_id = self.apps.create(SCOPE, "shop", None).app.id
        identity = f"arn:aws:ses:{SCOPE.region}:{SCOPE.account}:identity/acme.test"
        self.channels.update(
            SCOPE, app_id, "EMAIL", EmailChannelRequest(from_address="a@acme.test", identity=identity), "t"
        )
        return app_id

    def people(self, app_id: str, *names: str, **members: Any) -> None:
        """Endpoints at an e-mail address made of their names."""
        for name in names:
            wanted = {"ChannelType": "EMAIL", "Address": f"{name}@example.com", **members}
            sent = msgspec.convert(wanted, EndpointRequest)
            self.audience.update(SCOPE, app_id, name, sent, "request").result(30)

    def people_of(self, app_id: str, name: str, channel: str, address: str | None, **members: Any) -> None:
        """UpdateEndpoint of one endpoint."""
        sent = msgspec.convert({"ChannelType": channel, "Address": address, **members}, EndpointRequest)
        self.audience.update(SCOPE, app_id, name, sent, "request").result(30)

    def about_address(self, app: str, address: str, endpoint_id: str, user_id: str) -> None:
        """An address on the suppression list, with a choice of either kind, and a complaint."""
        complaint = Complained(
            app_id=app,
            message_id=f"m-{address}",
            address=address,
            endpoint_id=endpoint_id,
            user_id=user_id,
            at_ms=self.clock.now_ms(),
            headers=[("To", address)],
        )
        self.database.write(lambda connection: self.mail.complaints.keep(connection, complaint))
        for name in ("news", "offers"):
            self.mail.topics.put(SCOPE, app, Topic(name=name, title=name))
        self.mail.topics.prefer(SCOPE, app, address, {"news": False, "offers": True})
        self.mail.suppressions.add(SCOPE, app, address)

    def erase(self, app_id: str, name: str) -> None:
        """An erased endpoint."""
        self.persons.erase(SCOPE, app_id, Who(None, name), "AKID")
        self.settle()

    def send_once(self, app_id: str, token: str, **to: Any) -> None:
        """A direct e-mail with a token, for which its answer is kept."""
        words = {"EmailMessage": {"SimpleEmail": {"TextPart": {"Data": "Hello"}}}}
        sent = msgspec.convert({**to, "MessageConfiguration": words, "IdempotencyToken": token}, MessageRequest)
        ctx = Context(SCOPE, self.ids.uuid(), "AKID", "admin", "arn")
        request = SendMessagesRequest(application_id=app_id, message_request=sent)
        MessagingOperations(self.direct, self.once).send_messages(ctx, request)

    def segment(self, app_id: str) -> str:
        """A segment of everybody."""
        request = msgspec.convert({"Name": "all", "Dimensions": {}}, WriteSegmentRequest)
        return self.segments.create(SCOPE, app_id, request).segment.id

    def campaign(self, app_id: str, segment_id: str, **write: Any) -> str:
        """A campaign, immediate unless told otherwise."""
        return self.campaigns.create(SCOPE, app_id, self.written(segment_id, **write)).row.campaign_id

    def change(self, app_id: str, campaign_id: str, segment_id: str, **write: Any) -> None:
        """UpdateCampaign."""
        self.campaigns.update(SCOPE, app_id, campaign_id, self.written(segment_id, **write))

    def written(self, segment_id: str, **write: Any) -> WriteCampaignRequest:
        """A request in the API's words."""
        wanted = {"Name": "hello", "SegmentId": segment_id, "Schedule": {"StartTime": "IMMEDIATE"}, **write}
        return msgspec.convert({"MessageConfiguration": MESSAGE, **wanted}, WriteCampaignRequest)

    def journey(self, app_id: str, activities: dict[str, Any], **write: Any) -> str:
        """A draft of these activities, the first one at the start."""
        wanted = {"Name": "way", "StartActivity": next(iter(activities)), "Activities": activities, **write}
        return self.journeys.journeys.create(SCOPE, app_id, msgspec.convert(wanted, WriteJourneyRequest)).row.journey_id

    def enter(self, app_id: str, journey_id: str, *people: str, activity: str, **member: Any) -> None:
        """Put participants into a journey, at an activity, as its first run would."""
        now, run_id = self.clock.now_ms(), f"{journey_id[:31]}1"
        walkers = [
            Walker(
                participant=one,
                version=1,
                run_id=run_id,
                entry=1,
                activity=activity,
                **{"arrived_ms": now, "due_ms": now, "turn": 1, "entered_ms": now, **member},
            )
            for one in people
        ]

        def work(connection: sa.Connection) -> None:
            journeys.change(connection, app_id, journey_id, state="ACTIVE")
            if journeys.get_run(connection, app_id, run_id) is None:
                row = (app_id, run_id, journey_id, 1, "RUNNING", now, now, now, False, 0)
                journeys.add_run(connection, RunRow(*row))
            participants.write(self.database, connection, app_id, journey_id, [Change(one) for one in walkers])
            count = len(walkers)
            journeys.moved(connection, app_id, journey_id, {run_id: count}, now, entered=count)
            record.append(
                connection,
                [Move(app_id, journey_id, run_id, 1, one.participant, 1, 1, "", ENTERED, "", now) for one in walkers],
            )
            hasten(self.jobs, connection, StepJob(app_id=app_id, journey_id=journey_id, shard=0), now)

        self.database.write(work)

    def status(self, app_id: str, campaign_id: str) -> str:
        """The campaign's status."""
        return self.campaigns.get(SCOPE, app_id, campaign_id).row.status

    def activities(self, app_id: str, campaign_id: str) -> list[ActivityResponse]:
        """Its runs as the API shows them, newest first."""
        found, _ = self.campaigns.activities(SCOPE, app_id, campaign_id, 100, None)
        return [answer(run, counts) for run, counts in found]

    def reached(self, app_id: str) -> list[str]:
        """The endpoints of all messages in the inbox, sorted."""
        found, _ = self.inbox.page(Filter(app_id=app_id), 1000, None)
        return sorted(kept.message.context["EndpointId"] for kept in found)

    def in_time(self, **duration: float) -> str:
        """What the clock will show when so much time has passed."""
        return iso(self.clock.now() + timedelta(**duration))

    def settle(self) -> None:
        """Everything due is done, everything recorded can be queried."""
        self.engine.settle(60)
        self.consumer.catch_up(60)

    def advance(self, **duration: float) -> None:
        """Let the product's time pass."""
        self.engine.advance(self.clock.now() + timedelta(**duration))
