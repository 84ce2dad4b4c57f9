"""A message as somebody reads it: its text parts and header fields, also out of raw MIME.

Raw messages are whatever somebody sent, so nothing here may fail because of what is in them: what cannot be
read is shown as it is, or left out.
"""

from __future__ import annotations

import email
import email.errors
import email.header
from email.message import Message
from typing import NamedTuple

from clarion.channels.inbox import InboxMessage


class Letter(NamedTuple):
    """What is to be seen of a message. `headers` in order, unfolded and decoded."""

    subject: str
    text: str | None
    html: str | None
    headers: list[tuple[str, str]]
    attachments: list[str]


def read(message: InboxMessage) -> Letter:
    """The letter inside a message of the inbox. Of what is no e-mail, the headers are its facts."""
    if message.channel != "email":
        return Letter(message.subject, message.text, None, list(message.facts), [])
    composed = message.text is not None or message.html is not None
    mail = _parsed(message.raw, headers_only=composed)
    headers = [(name, _words(value)) for name, value in mail.raw_items()] if mail is not None else []
    if composed or mail is None:
        return Letter(message.subject, message.text, message.html, headers, [])
    subject = next((value for name, value in headers if name.lower() == "subject"), message.subject)
    return Letter(subject, _body(mail, "text/plain"), _body(mail, "text/html"), headers, _attachments(mail))


def subject_of(raw: bytes) -> str:
    """The Subject of a raw message, "" without one."""
    mail = _parsed(raw, headers_only=True)
    value = None if mail is None else next((v for name, v in mail.raw_items() if name.lower() == "subject"), None)
    return "" if value is None else _words(value)


def _parsed(raw: bytes, *, headers_only: bool) -> Message | None:
    content = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if headers_only and b"\r\n\r\n" in raw else raw
    try:
        return email.message_from_bytes(content)
    except (ValueError, LookupError, RecursionError):
        return None


def _words(value: object) -> str:
    """A header value unfolded, its RFC 2047 words decoded."""
    # Bytes beyond ASCII come as surrogates.
    data = "".join(str(value).splitlines()).encode("utf-8", "surrogateescape")
    text = data.decode("utf-8", "replace").strip()
    if "=?" not in text:
        return text
    try:
        return _sound(str(email.header.make_header(email.header.decode_header(text))))
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return text


def _sound(text: str) -> str:
    """The text without halves of characters: some character sets have those, JSON has not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _body(mail: Message, content_type: str) -> str | None:
    """The first part of this type that is not an attachment."""
    for part in _parts(mail):
        if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
            return _text(part)
    return None


def _attachments(mail: Message) -> list[str]:
    names = []
    for part in _parts(mail):
        if part.get_content_disposition() == "attachment":
            names.append(_words(_sound(_filename(part) or part.get_content_type())))
    return names


def _parts(mail: Message) -> list[Message]:
    try:
        return [part for part in mail.walk() if not part.is_multipart()]
    except (ValueError, LookupError, RecursionError):
        return []


def _filename(part: Message) -> str | None:
    try:
        return part.get_filename()
    except (ValueError, LookupError):
        return None


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return _sound(text.replace("\r\n", "\n"))
