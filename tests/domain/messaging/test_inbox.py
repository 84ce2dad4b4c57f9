"""The inbox in SQL: what is kept, how it is listed, how raw messages are read."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.inbox import InboxMessage
from clarion.core.errors import Invalid
from clarion.domain.messaging.inbox import store
from clarion.domain.messaging.inbox.letters import read, subject_of
from clarion.domain.messaging.inbox.service import Inbox, entry
from clarion.domain.messaging.inbox.store import Filter, inbox_messages
from clarion.store.database import Database
from clarion.store.schema import metadata


def message(number: int = 0, **changes: Any) -> InboxMessage:
    fields: dict[str, Any] = {
        "message_id": f"{number:032x}",
        "channel": "email",
        "account": "1",
        "app_id": "a" * 32,
        "from_address": "shop@acme.test",
        "to_address": f"Lea{number}@example.com",
        "subject": f"s{number}",
        "text": "t",
        "html": None,
        "raw": b"Subject: s\r\n\r\nt\r\n",
        "context": {},
        "received_at_ms": 1_804_151_402_000,
    }
    return InboxMessage(**(fields | changes))


@pytest.fixture
def db(database: Database) -> Database:
    database.write(lambda connection: metadata.create_all(connection, tables=[inbox_messages]))
    return database


def ids(inbox: Inbox, **wanted: str) -> list[int]:
    """Numbers of the messages that fit, by walking through pages of two."""
    found: list[int] = []
    token = None
    while True:
        page, token = inbox.page(Filter(**wanted), 2, token)
        found += [int(kept.message.message_id, 16) for kept in page]
        if token is None:
            return found


def test_newest_first_and_by_every_filter(db: Database) -> None:
    inbox = Inbox(db, 100)
    inbox.store([message(number) for number in range(5)])
    inbox.store([message(5, account="2", app_id="b" * 32), message(6, to_address="LEA1@example.com", channel="sms")])
    assert ids(inbox) == [6, 5, 4, 3, 2, 1, 0]
    assert ids(inbox, account="1") == [6, 4, 3, 2, 1, 0]
    assert ids(inbox, app_id="b" * 32) == [5]
    assert ids(inbox, address="lea1@EXAMPLE.com") == [6, 1]
    assert ids(inbox, channel="SMS") == ids(inbox, channel="sms") == [6]
    assert ids(inbox, account="2", address="lea1@example.com") == []


def test_pages_stay_where_they_are_while_messages_arrive(db: Database) -> None:
    inbox = Inbox(db, 100)
    inbox.store([message(number) for number in range(5)])
    first, token = inbox.page(Filter(), 2, None)
    inbox.store([message(number) for number in range(5, 9)])
    second, token = inbox.page(Filter(), 2, token)
    third, token = inbox.page(Filter(), 2, token)
    found = [int(kept.message.message_id, 16) for kept in (*first, *second, *third)]
    assert (found, token) == ([4, 3, 2, 1, 0], None)
    with pytest.raises(Invalid):
        inbox.page(Filter(), 2, "x")


def test_a_message_that_arrives_again_is_there_once(db: Database) -> None:
    inbox = Inbox(db, 100)
    inbox.store([message(1), message(2)])
    inbox.store([message(2, subject="again"), message(3)])
    assert ids(inbox) == [3, 2, 1]
    kept = inbox.get(message(2).message_id)
    assert kept == message(2)
    inbox.store([])


def test_the_oldest_go(db: Database) -> None:
    inbox = Inbox(db, 10)
    for start in range(0, 40, 4):
        inbox.store([message(number) for number in range(start, start + 4)])
    assert ids(inbox) == list(range(39, 29, -1))


def test_deleting(db: Database) -> None:
    inbox = Inbox(db, 100)
    inbox.store([message(number, app_id="ab"[number % 2] * 32) for number in range(6)])
    assert inbox.delete(Filter(account="2")) == 0
    assert inbox.delete(Filter(account="1", app_id="a" * 32, address="lea0@example.com")) == 1
    assert ids(inbox) == [5, 4, 3, 2, 1]
    assert db.write(lambda connection: store.erase(connection, "b" * 32, 2)) == 2
    assert db.write(lambda connection: store.erase(connection, "b" * 32, 2)) == 1
    assert db.write(lambda connection: store.erase(connection, "b" * 32, 2)) == 0
    assert ids(inbox) == [4, 2]
    inbox.delete(Filter())
    inbox.store([message(9)])
    assert ids(inbox) == [9]


def test_members_of_an_entry() -> None:
    context = {
        "EndpointId": "e",
        "UserId": "u",
        "CampaignId": "c",
        "TreatmentId": "0",
        "JourneyId": "j",
        "JourneyActivityId": "ja",
        "TraceId": "t",
    }
    raw = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-A: 1\r\nx-a: 2\r\nX-Long: a\r\n b\r\n\r\nt\r\n"
    shown = msgspec.to_builtins(entry(message(1, context=context, raw=raw, html="<p>t</p>")))
    assert shown == {
        "MessageId": f"{1:032x}",
        "ApplicationId": "a" * 32,
        "Channel": "EMAIL",
        "Address": "Lea1@example.com",
        **context,
        "Subject": "s1",
        "Text": "t",
        "Html": "<p>t</p>",
        "Headers": {"Subject": "Grüße", "X-A": "1, 2", "X-Long": "a b"},
        "SentAt": "2027-03-04T09:10:02.000Z",
    }
    bare = msgspec.to_builtins(entry(message(1)))
    assert set(bare) == {"MessageId", "ApplicationId", "Channel", "Address", "Subject", "Text", "Headers", "SentAt"}


def raw_message(content: bytes) -> InboxMessage:
    return message(subject="", text=None, html=None, raw=content)


def test_raw_messages_are_read_for_display() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Grüße aus Köln"
    mail.set_content("Schöner Text\n")
    mail.add_alternative("<p>Schönes HTML</p>\n", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Grüße.pdf")
    mail.add_attachment("not the text", filename="note.txt")
    letter = read(raw_message(mail.as_bytes()))
    assert (letter.subject, letter.text, letter.html) == (
        "Grüße aus Köln",
        "Schöner Text\n",
        "<p>Schönes HTML</p>\n",
    )
    assert letter.attachments == ["Grüße.pdf", "note.txt"]
    assert subject_of(mail.as_bytes()) == "Grüße aus Köln"


@pytest.mark.parametrize(
    ("content", "subject", "text"),
    [
        (b"", "", ""),
        (b"no header at all", "", "no header at all"),
        (b"Subject: x\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff", "x", "\ufffd"),
        (b"Subject: =?no-such?q?x?=\r\n\r\nt", "=?no-such?q?x?=", "t"),
        (b"Subject: \xff\xfe\r\n\r\nt", "\ufffd\ufffd", "t"),
        (b"Content-Type: multipart/mixed\r\n\r\nno boundary", "", None),
        (b"Content-Transfer-Encoding: base64\r\n\r\n!!!", "", "!!!"),
        (b"Subject: =?unicode_escape?q?=5Cud800?=\r\n\r\nt", "?", "t"),
        (b"Subject: x\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800", "x", "?"),
        (b"Subject: a\r\n\tb\r\nsubject: c\r\n\r\nt", "a\tb", "t"),
    ],
)
def test_raw_messages_that_are_not_quite_right(content: bytes, subject: str, text: str | None) -> None:
    letter = read(raw_message(content))
    assert letter.subject == subject
    assert letter.text == text or (text == "!!!" and letter.text is not None)


PIECES = [
    *(b"Subject: =?utf-8?b?", b"?=", b"=?iso-8859-1?q?=zz?=", b"\r\n", b"\n\n", b"\0", b"\xff", b"\xed\xa0\x80"),
    *(b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"Content-Type: message/rfc822\r\n\r\n"),
    *(b"Content-Type: text/html; charset=", b"utf-7", b"utf-16", b"undefined", b"Content-Transfer-Encoding: base64"),
    *(b"Content-Disposition: attachment; filename*=", b"x''%ff", b"utf-8''%ed%a0%80", b"Content-Disposition: inline"),
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)))
def test_no_raw_message_breaks_the_reader(content: bytes) -> None:
    msgspec.json.encode(entry(raw_message(content)))
    for name in read(raw_message(content)).attachments:
        name.encode()
    subject_of(content).encode()
