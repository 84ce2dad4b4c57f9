"""What mails that come back say: bounces by their notification or in words, delays, complaints, replies of machines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.email.inbound import parts
from clarion.channels.email.inbound.reading import Notice, hops, read
from clarion.channels.port import Bounce, Complaint, Delivery
from tests.channels.email.inbound.samples import (
    ABWESEND,
    DELAYED,
    EXCHANGE,
    EXIM,
    JMRP,
    MESSAGE,
    PLAIN,
    QMAIL,
    SENT_MS,
    VACATION,
    VAGUE,
    arf,
    dsn,
)


def kind_of(notice: Notice) -> tuple[str, str]:
    assert notice.kind == "bounce"
    assert isinstance(notice.fact, Bounce)
    return notice.fact.bounce_type, notice.fact.bounce_sub_type


def test_a_notification_tells_recipient_status_words_and_the_mail_it_is_about() -> None:
    notice = read(dsn())
    assert notice.fact == Bounce(
        bounce_type="Permanent",
        bounce_sub_type="NoEmail",
        status="5.1.1",
        diagnostic_code="smtp; 550 5.1.1 <lea@example.test>: Recipient address rejected: User unknown",
        reporting_mta="mx.example.test",
    )
    assert notice.recipient == "lea@example.test"
    assert notice.original.message_id == MESSAGE
    assert notice.original.sent_ms == SENT_MS
    assert notice.original.links == ["https://acme.test/track/u/token"]


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    [
        ("5.2.2", "smtp; 552 5.2.2 Mailbox full", ("Transient", "MailboxFull")),
        ("5.2.1", "smtp; 550 5.2.1 The account is disabled", ("Permanent", "General")),
        ("5.3.4", "smtp; 552 5.3.4 too big", ("Transient", "MessageTooLarge")),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam", ("Transient", "ContentRejected")),
        ("5.7.1", "smtp; 550 5.7.1 Service unavailable, client host blocked", ("Undetermined", "Undetermined")),
        ("5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied", ("Permanent", "NoEmail")),
        ("5.4.4", "smtp; 550 5.4.4 Host not found", ("Permanent", "General")),
        ("5.4.6", "smtp; 554 5.4.6 Routing loop", ("Transient", "General")),
        ("5.3.0", "smtp; 554 5.3.0 System trouble", ("Transient", "General")),
        ("4.4.7", "smtp; 451 4.4.7 Delivery time expired", ("Transient", "General")),
        ("4.2.2", "smtp; 452 4.2.2 over quota", ("Transient", "MailboxFull")),
        ("5.0.0", "smtp; 550 no such user here", ("Permanent", "NoEmail")),
        ("5.0.0", "smtp; 550 5.1.1 nobody", ("Permanent", "NoEmail")),
        ("5.0.0", "X-Notes; it could not be done", ("Undetermined", "Undetermined")),
        ("5.0.0", "", ("Undetermined", "Undetermined")),
        ("5.1.1", "", ("Permanent", "NoEmail")),
        ("5.4.7", "smtp; 451 4.4.1 connection timed out", ("Transient", "General")),
        ("5.7.8", "smtp; 535 5.7.8 authentication failed", ("Undetermined", "Undetermined")),
    ],
)
def test_a_status_code_says_whether_the_address_is_dead(
    status: str, diagnostic: str, expected: tuple[str, str]
) -> None:
    assert kind_of(read(dsn(status=status, diagnostic=diagnostic))) == expected


def test_delays_and_deliveries_are_no_bounces() -> None:
    delayed = read(dsn(action="delayed", status="4.4.1", diagnostic="smtp; 451 try later"))
    assert (delayed.kind, delayed.fact) == ("delayed", None)
    arrived = read(dsn(action="delivered", status="2.0.0", diagnostic="smtp; 250 2.0.0 stored"))
    assert arrived.fact == Delivery("smtp; 250 2.0.0 stored", "mx.example.test")
    assert read(dsn(action="relayed", status="2.0.0", diagnostic="")).kind == "relayed"


def test_of_several_recipients_the_failure_counts() -> None:
    other = (
        b"Final-Recipient: rfc822; other@example.test\nAction: delayed\nStatus: 4.0.0\n\nFinal-Recipient: rfc822; lea@"
    )
    notice = read(dsn().replace(b"Final-Recipient: rfc822; lea@", other, 1))
    assert (notice.kind, notice.recipient) == ("bounce", "lea@example.test")


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (QMAIL, ("Permanent", "NoEmail")),
        (EXIM, ("Transient", "MailboxFull")),
        (EXCHANGE, ("Permanent", "NoEmail")),
        (PLAIN, ("Permanent", "NoEmail")),
        (VAGUE, ("Undetermined", "Undetermined")),
    ],
)
def test_bounces_in_words_are_read_and_doubtful_ones_left_open(mail: bytes, expected: tuple[str, str]) -> None:
    notice = read(mail)
    assert kind_of(notice) == expected
    assert notice.recipient == "lea@example.test"


def test_a_copy_in_running_text_tells_which_mail_it_is_about() -> None:
    assert read(QMAIL).original.message_id == read(EXIM).original.message_id == MESSAGE
    assert read(QMAIL).original.senders == ["b+x@bounces.acme.test"]


@pytest.mark.parametrize("mail", [VACATION, ABWESEND, VACATION.replace(b"(vacation)", b"")])
def test_somebody_on_holiday_has_not_bounced(mail: bytes) -> None:
    assert read(mail).kind == "reply"


def test_a_delay_in_words_is_no_bounce() -> None:
    assert read(DELAYED).kind == "delayed"


def test_a_complaint_keeps_the_whole_headers_of_the_mail() -> None:
    notice = read(arf())
    assert notice.fact == Complaint(feedback_type="abuse", user_agent="SomeGenerator/1.0")
    assert notice.original.senders == ["b+x@bounces.acme.test"]
    assert notice.source_ip == "192.0.2.1"
    assert dict(notice.headers)["Subject"] == "Hello"
    assert len(notice.headers) == 6


def test_complaints_of_other_kinds_and_of_microsoft() -> None:
    assert read(arf(kind="not-spam")).fact == Complaint(feedback_type="not-spam", user_agent="SomeGenerator/1.0")
    assert read(arf(kind="miscategorized")).fact == Complaint(feedback_type="other", user_agent="SomeGenerator/1.0")
    jmrp = read(JMRP)
    assert (jmrp.kind, jmrp.recipient) == ("complaint", "lea@example.test")
    assert jmrp.original.message_id == MESSAGE


def test_an_ordinary_mail_is_nothing() -> None:
    assert read(b"From: lea@example.test\nSubject: Hi\n\nHow are you?").kind == "unknown"
    assert read(b"").kind == "unknown"


def test_base64_and_quoted_printable_notifications_are_decoded() -> None:
    import base64

    head, mark, rest = dsn().partition(b"Content-Type: message/delivery-status\n\n")
    body, end, tail = rest.partition(b"\n--4Q1")
    encoded = mark[:-1] + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(body)
    assert kind_of(read(head + encoded + end + tail)) == ("Permanent", "NoEmail")


def test_ten_megabytes_are_read_from_their_beginning() -> None:
    assert kind_of(read(dsn() + b"x" * 10_000_000)) == ("Permanent", "NoEmail")
    assert read(b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" * 2_000_000).kind == "unknown"


def test_however_deep_it_is_nested_it_ends() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(10_000))
    assert read(nested).kind == "unknown"
    assert len(list(parts.read(nested).walk())) <= 50


@pytest.mark.parametrize(
    "filling", [b"a@", b"550 ", b" ", b"user ", b"mailbox ", b"<a@b>\n", b"=?x?b?", b"--a\n\n", b";a="]
)
def test_hostile_repetition_takes_no_longer_than_other_mail(filling: bytes) -> None:
    """Whatever is repeated without end, in the header, in a notification or in words: measured in CPU, not in time."""
    body = filling * (400_000 // len(filling))
    head = b"From: mailer-daemon\nSubject: failure notice\n"
    report = b"Content-Type: multipart/report; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\n"
    began = time.process_time()
    for mail in (head + b"\n" + body, head + b"X: " + body + b"\n\n", report + b"Diagnostic-Code: " + body):
        assert read(mail).kind
    assert time.process_time() - began < 1.0


def test_hops_are_counted() -> None:
    assert hops(b"Received: by a\n" * 60 + b"\nbody\nReceived: no") == 60


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/report; boundary=b",
        b"Content-Type: message/delivery-status",
        b"Content-Type: message/feedback-report",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/plain; charset=\xff",
        b"Content-Type: text/html; charset=idna",
        b"Content-Transfer-Encoding: base64",
        b"--b",
        b"--b--",
        b"",
        b"Action: failed",
        b"Status: 5.1.1",
        b"Final-Recipient: rfc822; a@b",
        b"Diagnostic-Code: smtp; 550",
        b"Subject: =?x?b?=?= =?utf-8?b?a?=",
        b"From: mailer-daemon",
        b"Date: Thu, 99 Foo 99999 99:99",
        b"Message-ID: <",
        b"Feedback-Type: abuse",
        b"did not reach the following recipient(s)",
    ]
)


@settings(max_examples=300, deadline=1_000)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=40)), max_size=40).map(b"\n".join))
def test_reading_never_raises_whatever_came(mail: bytes) -> None:
    assert read(mail).kind
    assert hops(mail) >= 0


@settings(max_examples=100, deadline=1_000)
@given(st.integers(0, 2_000), st.binary(max_size=30))
def test_a_notification_with_a_hole_in_it_never_raises(place: int, junk: bytes) -> None:
    whole = dsn()
    assert read(whole[:place] + junk + whole[place + len(junk) :]).kind
