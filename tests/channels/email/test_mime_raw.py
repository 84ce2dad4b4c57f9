"""A caller's own MIME message goes through as it is, but for what is the service's."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from clarion.channels.email import mime
from clarion.core.errors import Invalid
from tests.channels.letters import letter


def raw_letter() -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Anna Müller <anna@acme.test>"
    made["To"] = "everybody@example.com"
    made["Subject"] = "Überraschung " * 12
    made["Date"] = "Mon, 1 Jan 2001 00:00:00 +0000"
    made["Message-ID"] = "<theirs@elsewhere>"
    made["X-SES-CONFIGURATION-SET"] = "marketing"
    made["Bcc"] = "hidden@example.com"
    made.set_content("Text ä\n.\nend\n")
    made.add_attachment(b"\x00\x01binary", maintype="application", subtype="octet-stream", filename="a.bin")
    return made


@pytest.mark.parametrize("linesep", ["\n", "\r\n"])
def test_a_raw_message_keeps_its_parts(linesep: str) -> None:
    made = raw_letter()
    mail = mime.build(letter(raw=made.as_bytes(policy=default.clone(linesep=linesep))))
    found = email.message_from_bytes(mail.content, policy=default)
    assert mail.content.count(b"\n") == mail.content.count(b"\r\n")
    assert found.get_all("Message-ID") == ["<0123456789abcdef0123456789abcdef@acme.test>"]
    assert len(found.get_all("Date", [])) == 1
    assert found["Date"].datetime.year == 2027
    assert found["Bcc"] is None
    assert found["X-SES-CONFIGURATION-SET"] is None
    for name in ("From", "To", "Subject", "MIME-Version"):
        assert found[name] == made[name]
    text, attachment = found.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == "Text ä\n.\nend\n"
    assert attachment.get_content() == b"\x00\x01binary"


def test_the_envelope_is_the_calls() -> None:
    mail = mime.build(letter(raw=b"Return-Path: <bounces@acme.test>\r\nTo: all@example.com\r\n\r\nhi"))
    assert mail.recipient == "lea@example.com"
    assert mail.sender == "bounces@acme.test"
    assert b"Return-Path" not in mail.content


def test_missing_address_fields_are_added() -> None:
    found = email.message_from_bytes(mime.build(letter(raw=b"Subject: hi\n\nbody")).content, policy=default)
    assert found["From"] == '"Acme Shop" <shop@acme.test>' or found["From"] == "Acme Shop <shop@acme.test>"
    assert found["To"] == "lea@example.com"


def test_a_signature_that_the_new_date_would_break_is_left_out() -> None:
    raw = b"DKIM-Signature: v=1; a=rsa-sha256;\r\n b=abc\r\nSubject: hi\r\n\r\nbody"
    content = mime.build(letter(raw=raw)).content
    assert b"DKIM" not in content
    assert b"b=abc" not in content
    assert b"Subject: hi\r\n" in content


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "does not begin with header fields"),
        (b"\r\njust a body", "does not begin with header fields"),
        (b"no header here\r\n\r\nbody", "does not begin with header fields"),
        (b"From: a@b\r\nFrom: c@d\r\n\r\nbody", "Duplicate header 'From'"),
        (b"Subject: a\r\nsubject: b\r\n\r\nbody", "Duplicate header 'subject'"),
        (b"Subject: a\r\n\r\n" + b"x" * 1001, "longer than 1000"),
        (b"Subject: a\r\n\r\n" + b"x\r\n" * 3_400_000, "larger than 10 MB"),
    ],
)
def test_raw_messages_that_are_refused(raw: bytes, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint):
        mime.build(letter(raw=raw))
