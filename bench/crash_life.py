"""Processes of a crash run: one that gets everything ready, many that work until they are killed, one that looks.

Each is the whole product but for its door: both stores, the engine, the lanes. The machine's clock is further on in
each by more than a lease lasts, as if somebody had waited before starting it: nobody has to wait for the dead.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

import clarion.server.system as system_module
from clarion.core.clock import SystemClock
from clarion.core.scope import Scope
from clarion.core.settings import load
from clarion.domain.messaging.outbox import outbox
from clarion.engine.job_rows import jobs
from clarion.server import logs
from clarion.server.system import System
from clarion.shapes.pinpoint import EmailChannelRequest, EndpointBatchItem, WriteCampaignRequest, WriteSegmentRequest

SCOPE = Scope("000000000001", "us-east-1")
BETWEEN_SECONDS = 20
"""How much later each process begins than the one before; the longest lease lasts ten."""

END_SECONDS = 600


class Life(NamedTuple):
    """What a process is given. `rate`: e-mails a second, 0 for as fast as it can."""

    folder: str
    port: int
    number: int
    rate: int
    handover: str


class Campaign(NamedTuple):
    """What the run is of."""

    app_id: str
    campaign_id: str


class Seen(NamedTuple):
    """What the product says afterwards.

    `outcomes`: endpoint, status or gate, treatment, how many such events; `mails`: endpoint, how many `_email.send`.
    """

    seconds: float
    status: str
    outcomes: list[tuple[str, str, str, int]]
    mails: list[tuple[str, int]]
    left_messages: int
    left_jobs: list[str]
    given_up: list[str]


class _Later(SystemClock):
    """The machine's clock, moved on."""

    by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.by

    def now_ms(self) -> int:
        return super().now_ms() + int(self.by.total_seconds() * 1000)


@contextmanager
def _system(life: Life, *, work: bool) -> Iterator[System]:
    logs.configure("error")
    _Later.by = timedelta(seconds=BETWEEN_SECONDS * life.number)
    system_module.SystemClock = _Later  # type: ignore[misc]
    given = {
        "data": life.folder,
        "email_transport": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": life.port,
        "smtp_tls": "none",
        "email_rate": life.rate,
        "unrecorded_handover": life.handover,
        "public_url": "",
    }
    system = System(load(given, environ={}), "")
    system.start(work=work)
    try:
        yield system
    finally:
        system.close()


def prepare(life: Life, recipients: int, told: Connection) -> None:
    """Load recipients and create the campaign, which waits until somebody works; tells the `Campaign`."""
    with _system(life, work=False) as system:
        app_id = system.apps.create(SCOPE, "crash", None).app.id
        identity = "arn:aws:ses:us-east-1:000000000001:identity/example.com"
        channel = EmailChannelRequest(from_address="shop@example.com", identity=identity)
        system.channels.update(SCOPE, app_id, "EMAIL", channel, "me")
        for first in range(0, recipients, 100):
            items = [_item(number) for number in range(first, min(first + 100, recipients))]
            system.audience.update_many(
                SCOPE, app_id, msgspec.convert(items, list[EndpointBatchItem]), "crash"
            ).result()
        segment = msgspec.convert({"Name": "all", "Dimensions": {}}, WriteSegmentRequest)
        segment_id = system.segments.create(SCOPE, app_id, segment).segment.id
        written = msgspec.convert(_campaign(segment_id), WriteCampaignRequest)
        campaign = system.campaigns.create(SCOPE, app_id, written)
        told.send(Campaign(app_id, campaign.row.campaign_id))


def work(life: Life, told: Connection) -> None:
    """Work until killed; tells when everything is open, and how many messages wait: 0 while pages are planned."""
    with _system(life, work=True) as system:
        messages, kinds, _ = _left(system)
        told.send(0 if "campaigns.send_page" in kinds or "campaigns.plan_run" in kinds else messages)
        time.sleep(END_SECONDS)


def look(life: Life, campaign: Campaign, told: Connection) -> None:
    """Work until the campaign is over, and tell what is `Seen`."""
    began = time.perf_counter()
    with _system(life, work=True) as system:
        while (status := _status(system, campaign)) != "COMPLETED" and time.perf_counter() - began < END_SECONDS:
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        system.consumer.catch_up(timeout_seconds=120)
        told.send(Seen(seconds, status, *_record(system, campaign), *_left(system)))


def _status(system: System, campaign: Campaign) -> str:
    return system.campaigns.get(SCOPE, campaign.app_id, campaign.campaign_id).row.status


def _record(system: System, campaign: Campaign) -> tuple[list[tuple[str, str, str, int]], list[tuple[str, int]]]:
    which = "app_id = {app:String} AND campaign_id = {campaign:String}"
    parameters: dict[str, object] = {"app": campaign.app_id, "campaign": campaign.campaign_id}
    outcomes = system.columnar.query(
        "SELECT endpoint_id, if(status = '', gate, status), treatment_id, count() FROM events"
        f" WHERE {which} AND event_type IN ('_campaign.send', '_clarion.skip') GROUP BY 1, 2, 3",
        parameters,
    )
    mails = system.columnar.query(
        f"SELECT endpoint_id, count() FROM events WHERE {which} AND event_type = '_email.send' GROUP BY 1", parameters
    )
    return (
        [(str(one), str(status), str(treatment), int(str(count))) for one, status, treatment, count in outcomes],
        [(str(one), int(str(count))) for one, count in mails],
    )


def _left(system: System) -> tuple[int, list[str], list[str]]:
    """Messages in the outbox, and the kinds of jobs about campaigns that wait, and that were given up."""

    def read(connection: sa.Connection) -> tuple[int, list[str], list[str]]:
        messages = connection.scalar(sa.select(sa.func.count()).select_from(outbox)) or 0
        which = sa.select(jobs.c.state, jobs.c.kind).where(jobs.c.kind.startswith("campaigns."))
        kinds = sorted(connection.execute(which).all())
        waiting, dead = ([kind for state, kind in kinds if (state == "dead") is one] for one in (False, True))
        return messages, waiting, dead

    return system.database.read(read)


def _item(number: int) -> dict[str, Any]:
    return {
        "Id": f"person{number}",
        "ChannelType": "EMAIL",
        "Address": f"person{number}@example.com",
        "Attributes": {"name": [f"Name {number}"]},
    }


def _campaign(segment_id: str) -> dict[str, Any]:
    """An A/B test: 40 of 100 get B, 10 nothing, the rest A."""
    return {
        "Name": "crash",
        "SegmentId": segment_id,
        "HoldoutPercent": 10,
        "Schedule": {"StartTime": "IMMEDIATE"},
        "MessageConfiguration": {
            "EmailMessage": {"Title": "A {{Attributes.name}}", "Body": "Hello {{Attributes.name}}"}
        },
        "AdditionalTreatments": [
            {
                "TreatmentName": "B",
                "SizePercent": 40,
                "Schedule": {"StartTime": "IMMEDIATE"},
                "MessageConfiguration": {
                    "EmailMessage": {"Title": "B {{Attributes.name}}", "Body": "Hi {{Attributes.name}}"}
                },
            }
        ],
    }
