"""Whom a mail may be for, and what is reported of it: only what was signed, or could not be guessed, is believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from clarion.channels.email.inbound.intake import Intake, unsubscribe_address
from clarion.channels.email.verp import HOUR_MS, Bounced, Verp
from clarion.channels.feedback import MailReport, Nobody
from clarion.channels.port import Bounce, Complaint
from clarion.core.clock import VirtualClock, parse_iso
from tests.channels.email.inbound.samples import MESSAGE, ORIGINAL, SENT_MS, VACATION, arf, dsn

APP = "0f4b6f2e5a4c4f8da1b2c3d4e5f60718"
KEY = b"k" * 32
VERP = Verp("bounces.acme.test", KEY)
ADDRESS = VERP.address(MESSAGE, SENT_MS)
HOUR = SENT_MS - SENT_MS % HOUR_MS


class Kept(Nobody):
    def __init__(self) -> None:
        self.reports: list[MailReport] = []
        self.kinds: list[str] = []
        self.left: list[Bounced] = []

    def mails(self, reports: Sequence[MailReport]) -> None:
        self.reports += reports


def intake_of(kept: Kept, linked: Callable[[str], tuple[str, str] | None] = lambda url: None) -> Intake:
    return Intake(
        VERP,
        "FBL@acme.test",
        kept,
        linked=linked,
        unsubscribe=kept.left.append,
        count=kept.kinds.append,
        clock=VirtualClock(parse_iso("2027-03-04T10:00:00Z")),
    )


def test_only_addresses_of_ours_are_accepted() -> None:
    intake = intake_of(Kept())
    assert intake.accepts(ADDRESS.upper())
    assert intake.accepts(unsubscribe_address(ADDRESS))
    assert intake.accepts("fbl@ACME.test")
    forged = Verp("bounces.acme.test", b"x" * 32).address(MESSAGE, SENT_MS)
    for other in (
        forged,
        unsubscribe_address(forged),
        "lea@acme.test",
        "postmaster@bounces.acme.test",
        "",
        "u+@",
        "b+",
    ):
        assert not intake.accepts(other), other


def test_a_bounce_is_about_the_message_of_its_address_whatever_it_quotes() -> None:
    kept = Kept()
    mail = dsn(recipient="victim@example.test").replace(MESSAGE.encode(), b"f" * 32)
    intake_of(kept).take([ADDRESS], mail)
    (report,) = kept.reports
    assert (report.app_id, report.message_id, report.hour_ms) == ("", MESSAGE, HOUR)
    assert isinstance(report.fact, Bounce)
    assert kept.kinds == ["bounce"]


def test_a_reply_of_a_machine_is_counted_and_reported_to_nobody() -> None:
    kept = Kept()
    intake_of(kept).take([ADDRESS], VACATION)
    assert (kept.reports, kept.kinds) == ([], ["reply"])


def test_a_bounce_at_the_address_for_complaints_is_about_nothing() -> None:
    kept = Kept()
    intake_of(kept).take(["fbl@acme.test"], dsn())
    assert kept.reports == []


@pytest.mark.parametrize("mail_from", [ADDRESS, "somebody@else.test"])
def test_a_complaint_is_known_by_envelope_sender_or_message_id(mail_from: str) -> None:
    kept = Kept()
    intake_of(kept).take(["fbl@acme.test"], arf(mail_from=mail_from))
    (report,) = kept.reports
    assert isinstance(report.fact, Complaint)
    assert (report.message_id, report.hour_ms, report.source_ip) == (MESSAGE, HOUR, "192.0.2.1")
    assert ("Subject", "Hello") in report.headers


def test_a_complaint_is_known_by_the_signed_link_to_unsubscribe() -> None:
    kept = Kept()
    linked = {"https://acme.test/track/u/token": (APP, MESSAGE)}.get
    intake_of(kept, linked).take(["fbl@acme.test"], arf(mail_from="", original=ORIGINAL.replace("Message-ID", "X-No")))
    (report,) = kept.reports
    assert (report.app_id, report.message_id) == (APP, MESSAGE)


def test_a_complaint_that_names_nothing_of_ours_is_dropped() -> None:
    kept = Kept()
    intake_of(kept).take(["fbl@acme.test"], arf(mail_from="", original="Subject: Hello\n"))
    assert (kept.reports, kept.kinds) == ([], ["complaint"])


def test_a_mail_to_leave_unsubscribes() -> None:
    kept = Kept()
    intake_of(kept).take([unsubscribe_address(ADDRESS)], b"Subject: whatever\n\n")
    assert kept.left == [Bounced(MESSAGE, HOUR)]
    assert kept.reports == []
