"""What a real Postfix tells of a mail that its recipient's server refuses, and how it behaves at our door."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator, Sequence

import pytest

from clarion.channels.email.inbound.intake import Intake
from clarion.channels.email.inbound.listener import Listener
from clarion.channels.email.verp import HOUR_MS, Verp
from clarion.channels.feedback import MailReport, Nobody
from clarion.channels.port import Bounce
from clarion.core.clock import SystemClock
from clarion.core.errors import Unavailable
from tests.acceptance.relays import Relay
from tests.channels.email.inbound.postfix import postfix
from tests.channels.email.inbound.samples import MESSAGE, SENT_MS

VERP = Verp("bounces.shop.example", b"k" * 32)


class Desk(Nobody):
    """Keeps reports; the first call fails when told so."""

    def __init__(self) -> None:
        self.reports: list[MailReport] = []
        self.calls = 0
        self.fails = 0
        self.got = threading.Event()

    def mails(self, reports: Sequence[MailReport]) -> None:
        self.calls += 1
        if self.calls <= self.fails:
            raise Unavailable("the database is away")
        self.reports += reports
        self.got.set()


class Refusing(Relay):
    """The recipient's server."""

    refusal = "550 5.1.1 user unknown"

    def _answer(self, step: str, argument: str, connection: int, message: int) -> str | None:
        return self.refusal if step == "RCPT" else None


@pytest.fixture(scope="module")
def refusing() -> Iterator[Refusing]:
    server = Refusing()
    yield server
    server.end()


class World(Nobody):
    """Postfix between a server that refuses and ours for what comes back."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.kinds: list[str] = []
        self.port = 0

    def mails(self, reports: Sequence[MailReport]) -> None:
        self.desk.mails(reports)

    def send(self, sender: str) -> None:
        """A mail whose recipient's server refuses it."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as smtp:
            smtp.sendmail(sender, ["lea@example.com"], b"Subject: Hello\r\n\r\nbody\r\n")


@pytest.fixture(scope="module")
def world(refusing: Refusing) -> Iterator[World]:
    made = World()
    intake = Intake(
        VERP,
        "",
        made,
        linked=lambda url: None,
        unsubscribe=lambda asked: None,
        count=made.kinds.append,
        clock=SystemClock(),
    )
    listener = Listener(intake, host="127.0.0.1", port=0, name="bounces.shop.example")
    listener.start()
    try:
        with postfix({"example.com": refusing.port, "bounces.shop.example": listener.port}) as made.port:
            yield made
    finally:
        listener.stop()


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ("550 5.1.1 user unknown", ("Permanent", "NoEmail")),
        ("552 5.2.2 mailbox full", ("Transient", "MailboxFull")),
        ("550 5.7.1 we do not like you", ("Undetermined", "Undetermined")),
    ],
)
def test_its_notification_comes_home(world: World, refusing: Refusing, refusal: str, expected: tuple[str, str]) -> None:
    refusing.refusal, world.desk = refusal, Desk()
    world.send(VERP.address(MESSAGE, SENT_MS))
    assert world.desk.got.wait(30)
    (report,) = world.desk.reports
    assert (report.message_id, report.hour_ms) == (MESSAGE, SENT_MS - SENT_MS % HOUR_MS)
    assert report.recipient == "lea@example.com"
    assert isinstance(report.fact, Bounce)
    assert (report.fact.bounce_type, report.fact.bounce_sub_type) == expected
    assert refusal[4:] in report.fact.diagnostic_code
    assert report.fact.reporting_mta == "mx.relay.example"


def test_what_could_not_be_kept_is_brought_again(world: World, refusing: Refusing) -> None:
    refusing.refusal, world.desk = "550 5.1.1 user unknown", Desk()
    world.desk.fails = 1
    world.send(VERP.address(MESSAGE, SENT_MS))
    assert world.desk.got.wait(30)
    assert world.desk.calls == 2
    assert len(world.desk.reports) == 1
