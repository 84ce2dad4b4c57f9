"""What the mailbox does with a message, as events: by the simulator's addresses, from the request to the record."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.channels.port import Bounce, Complaint, Delivery, Fact, Outcome, Rejection
from clarion.domain.messaging import outcomes
from clarion.domain.messaging.model import Envelope
from tests.channels.letters import letter
from tests.domain.messaging.house import House

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HELLO: dict[str, Any] = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}}}
VIRUS: dict[str, Any] = {"EmailMessage": {"RawEmail": {"Data": b"From: shop@acme.test\r\n\r\n" + EICAR + b"\r\n"}}}


@pytest.mark.parametrize(
    ("local", "message", "kinds", "arrived"),
    [
        ("success", HELLO, ["send", "delivered"], 1),
        ("bounce+label", HELLO, ["send", "hardbounce"], 0),
        ("complaint", HELLO, ["send", "delivered", "complaint"], 1),
        ("suppressionlist", HELLO, ["send", "hardbounce"], 0),
        ("ooto", HELLO, ["send", "delivered"], 2),
        ("success", VIRUS, ["send", "rejected"], 0),
    ],
)
def test_the_mailbox_simulator(
    house: House, local: str, message: dict[str, Any], kinds: list[str], arrived: int
) -> None:
    app = house.app()
    target = {f"{local}@simulator.amazonses.com": {"ChannelType": "EMAIL"}}
    answer = house.send(app, MessageConfiguration=message, Addresses=target)
    assert next(iter(answer["Result"].values()))["DeliveryStatus"] == "SUCCESSFUL"
    house.settle()
    assert sorted(row.event_type for row in house.recorded(app)) == sorted(f"_email.{kind}" for kind in kinds)
    assert len(house.arrived(app)) == arrived


BOUNCE = Bounce(bounce_type="Permanent", status="5.1.1", diagnostic_code="smtp; 550 5.1.1 no")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome("sent"), [("_campaign.send", "SUCCESS"), ("_email.send", "")]),
        (
            Outcome("delivered", events=(Delivery("250"),)),
            [("_campaign.send", "SUCCESS"), ("_email.send", ""), ("_email.delivered", "")],
        ),
        (
            # The relay said no in the dialogue: handed to the channel, and bounced there.
            Outcome("permanent", "550", events=(BOUNCE,)),
            [("_campaign.send", "SUCCESS"), ("_email.send", ""), ("_email.hardbounce", "")],
        ),
        (Outcome("permanent", "Duplicate header"), [("_campaign.send", "FAILURE_PERMANENT")]),
        (Outcome("temporary", "relay down"), [("_campaign.send", "TRANSIENT_FAILURE")]),
        (Outcome("throttled", "421"), [("_campaign.send", "THROTTLED")]),
    ],
)
def test_a_campaign_s_message(outcome: Outcome, expected: list[tuple[str, str]]) -> None:
    envelope = Envelope(
        channel="EMAIL",
        account="1",
        region="r",
        app_id="a" * 32,
        origin="campaign",
        endpoint_id="Lea",
        campaign_id="c1",
        activity_id="run",
        email=letter(),
    )
    rows = list(outcomes.final(envelope, outcome, at_ms=5))
    assert [(row.event_type, row.status) for row in rows] == expected
    assert all((row.campaign_id, row.activity_id, row.endpoint_key) == ("c1", "run", "lea") for row in rows)
    if expected[0][1] != "SUCCESS":
        assert (rows[0].gate, rows[0].reason) == ("channel", outcome.detail)


@pytest.mark.parametrize("fact", [Delivery("250 ok"), BOUNCE, Complaint(), Rejection()])
def test_a_message_can_be_recalled_from_its_events(fact: Fact) -> None:
    context = {"order": "17"}
    envelope = Envelope(
        channel="EMAIL",
        account="1",
        region="r",
        app_id="a" * 32,
        origin="direct",
        endpoint_id="Lea",
        user_id="u",
        trace_id="t",
        context=context,
        client_id="some-uuid",
        email=letter(headers=[("X-A", "b")]),
    )
    rows = list(outcomes.final(envelope, Outcome("sent", events=(fact,)), at_ms=5))
    subject, mail = outcomes.recalled(rows)
    wanted = msgspec.structs.replace(outcomes.subject_of(envelope), endpoint_key="lea")
    assert (subject, mail) == (wanted, outcomes.mail_of(letter(headers=[("X-A", "b")])))
