"""The local inbox and the mailbox simulator's addresses."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from clarion.channels.email import mime
from clarion.channels.inbox import InboxMessage, InboxTransport, simulated
from clarion.channels.port import Bounce, Complaint, Delivery, EmailOutgoing, Outcome, Rejection
from clarion.core.clock import VirtualClock, parse_iso, to_ms
from clarion.core.errors import Unavailable
from tests.channels.letters import letter
from tests.channels.servers import run

NOW = parse_iso("2027-01-01T00:00:00Z")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Sink:
    """Keeps batches, or is broken."""

    def __init__(self, broken: bool = False) -> None:
        self.batches: list[list[InboxMessage]] = []
        self._broken = broken

    def store(self, messages: list[InboxMessage]) -> None:
        if self._broken:
            raise Unavailable("the database is away")
        self.batches.append(messages)


def send(*messages: EmailOutgoing, broken: bool = False) -> tuple[list[Outcome], list[InboxMessage]]:
    sink = Sink(broken)
    outcomes = run(InboxTransport(sink, VirtualClock(NOW)).send(messages))
    assert len(sink.batches) <= 1
    return outcomes, [message for batch in sink.batches for message in batch]


def at_simulator(local: str) -> EmailOutgoing:
    return letter(to_address=f"{local}@simulator.amazonses.com")


def test_a_message_is_kept_as_its_recipient_would_see_it() -> None:
    message = letter(to_address="Lea <lea@example.com>", context={"EndpointId": "e1", "CampaignId": "c1"})
    (outcome,), (kept,) = send(message)
    assert outcome.status == "delivered"
    assert [type(fact) for fact in outcome.events] == [Delivery]
    assert kept == InboxMessage(
        message_id=message.message_id,
        channel="email",
        account="000000000001",
        app_id="a" * 32,
        from_address='"Acme Shop" <shop@acme.test>',
        to_address="lea@example.com",
        subject="Your order",
        text="It is on its way.",
        html="<p>It is on its way.</p>",
        raw=mime.build(message).content,
        context={"EndpointId": "e1", "CampaignId": "c1"},
        received_at_ms=to_ms(NOW),
    )


@pytest.mark.parametrize("label", ["", "+anything", "+a+b"])
@pytest.mark.parametrize(
    ("local", "status", "facts", "kept"),
    [
        ("success", "delivered", [Delivery], 1),
        ("bounce", "sent", [Bounce], 0),
        ("ooto", "delivered", [Delivery], 2),
        ("complaint", "delivered", [Delivery, Complaint], 1),
        ("suppressionlist", "sent", [Bounce], 0),
        ("BOUNCE", "sent", [Bounce], 0),
        ("somebody", "delivered", [Delivery], 1),
    ],
)
def test_the_simulators_addresses(local: str, label: str, status: str, facts: list[type], kept: int) -> None:
    (outcome,), messages = send(at_simulator(local + label))
    assert outcome.status == status
    assert [type(fact) for fact in outcome.events] == facts
    assert len(messages) == kept


def test_what_a_simulated_bounce_says() -> None:
    outcomes, _ = send(at_simulator("bounce"), at_simulator("suppressionlist"), at_simulator("complaint"))
    bounce, suppressed, complaint = (outcome.events[-1] for outcome in outcomes)
    assert isinstance(bounce, Bounce)
    assert (bounce.bounce_type, bounce.bounce_sub_type, bounce.status) == ("Permanent", "NoEmail", "5.1.1")
    assert bounce.diagnostic_code == "smtp; 550 5.1.1 user unknown"
    assert isinstance(suppressed, Bounce)
    assert (suppressed.bounce_type, suppressed.bounce_sub_type) == ("Permanent", "Suppressed")
    assert isinstance(complaint, Complaint)
    assert complaint.feedback_type == "abuse"
    assert bounce.simulated
    assert suppressed.simulated
    assert complaint.simulated


@pytest.mark.parametrize(
    ("address", "played"),
    [
        ("bounce@simulator.amazonses.com", "bounce"),
        ("bounce+x@Simulator.AmazonSES.com", "bounce"),
        ("bounce@simulator.amazonses.com.evil.test", "success"),
        ("bounce@example.com", "success"),
        ("bouncer@simulator.amazonses.com", "success"),
    ],
)
def test_only_the_simulators_addresses_are_played(address: str, played: str) -> None:
    assert simulated(address) == played


def test_out_of_the_office() -> None:
    message = letter(to_address="ooto@simulator.amazonses.com", return_path="bounces@acme.test", subject="Hi\r\nthere")
    _, (_, reply) = send(message)
    assert reply.to_address == "bounces@acme.test"
    assert reply.message_id == f"{message.message_id}.reply"
    found = email.message_from_bytes(reply.raw, policy=default)
    assert found["Auto-Submitted"] == "auto-replied"
    assert found["In-Reply-To"] == f"<{message.message_id}@acme.test>"
    assert found["Subject"] == "Automatic reply: Hi there"
    assert found["From"] == "ooto@simulator.amazonses.com"


def infected(payload: bytes) -> bytes:
    made = EmailMessage()
    made["Subject"] = "attachment"
    made.set_content("see attachment")
    made.add_attachment(payload, maintype="application", subtype="octet-stream", filename="eicar.com")
    return made.as_bytes()


def test_the_virus_test_file_is_rejected() -> None:
    outcomes, kept = send(letter(raw=infected(EICAR)), letter(raw=infected(EICAR[1:])))
    assert outcomes[0] == Outcome("permanent", "Bad content", events=(Rejection("Bad content"),))
    assert outcomes[1].status == "delivered"
    assert len(kept) == 1


def test_a_bomb_of_nested_parts_is_only_a_message() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3000)).encode()
    (outcome,), kept = send(letter(raw=b"Subject: bomb\r\n" + nested))
    assert outcome.status == "delivered"
    assert len(kept) == 1


def test_a_broken_sink_fails_what_was_to_be_kept() -> None:
    outcomes, _ = send(letter(), at_simulator("bounce"), letter(to_address="x"), broken=True)
    assert [outcome.status for outcome in outcomes] == ["temporary", "sent", "permanent"]
    assert outcomes[0].detail == "inbox: the database is away"
    assert not outcomes[0].events


def test_a_batch_is_stored_at_once_and_in_order() -> None:
    _, kept = send(*[letter(to_address=f"u{n}@example.com") for n in range(50)])
    assert [message.to_address for message in kept] == [f"u{n}@example.com" for n in range(50)]
