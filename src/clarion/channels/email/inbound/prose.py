"""Bounces that are written for people only. Each mail server has its own way of saying it; what is known here:

    qmail      "Hi. This is the qmail-send program …", then <address>: and a line of reason
    Exim       header X-Failed-Recipients; the address, then the reason indented
    Exchange   "did not reach the following recipient(s)", "Delivery has failed to these recipients"
    Postfix    without a notification: <address>: host … said: 550 …
    others     from a mailer daemon, with an SMTP reply somewhere

What is not known for one of them, and quotes no SMTP reply, is Undetermined at best: nobody is to be written to
never again because of a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from clarion.channels.email.inbound.parts import Part, spoken
from clarion.channels.email.inbound.status import Action, Told, address_in

_LOOKED_AT = 16_000
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system|mailsubsystem|microsoftexchange", re.I)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|notification)|failure notice|returned mail|mail delivery failed|"
    r"could not be delivered|delivery problem|mail system error|nondeliver|non remis|unzustellbar",
    re.I,
)
_DELAYED = re.compile(
    r"delivery (?:is )?delayed|still being (?:re)?tried|will (?:be retried|keep trying)|"
    r"will continue to (?:try|be attempted)|"
    r"no action is required|not yet been delivered|delayed \(|warning: (?:could not send|message)",
    re.I,
)
_FORMS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("qmail", re.compile(r"this is the qmail-send program|i'm afraid i wasn't able to deliver", re.I)),
    ("exchange", re.compile(r"did not reach the following recipient|delivery has failed to these recipients", re.I)),
    ("exim", re.compile(r"this message was created automatically by mail delivery software", re.I)),
    ("postfix", re.compile(r"i'm sorry to have to inform you that your message could not", re.I)),
)
_REPLY = re.compile(r"(?:^|[\s:;(#<'\"])([45]\d\d[ \-]?(?:#?[45]\.\d{1,3}\.\d{1,3})?[ \-][^\n]{3,300})", re.M)
_REASON = re.compile(
    r"user unknown|unknown user|no such user|no mailbox here by that name|does(?: not|n't) exist|"
    r"(?:mailbox|quota)[^\n]{0,30}(?:full|exceeded)|unrouteable address|couldn't be found|address not found|"
    r"recipientnotfound",
    re.I,
)
_LINE = 200
"""Characters of a line that are told on either side of the words that tell."""
_ORIGINAL = re.compile(
    r"^-+ ?(?:below this line is a copy|this is a copy|original message|the header of the original|included is)"
    r"|^--- ?below|^------ this is a copy",
    re.I | re.M,
)


class Prose(NamedTuple):
    """A bounce that was read. `form` is whose it looks like, "" when nobody's that is known."""

    told: Told
    form: str
    original: str


def told(mail: Part) -> Prose | None:
    """What a mail says in words, None when it does not look like a bounce at all."""
    text = _text_of(mail)
    said, original = _split(text)
    form = next((name for name, pattern in _FORMS if pattern.search(said)), "")
    failed = mail.get("x-failed-recipients")
    form = form or ("exim" if failed else "")
    if not form and not (_from_daemon(mail) and (_SUBJECT.search(_subject(mail)) or _REPLY.search(said))):
        return None
    delayed = _DELAYED.search(said) is not None or _DELAYED.search(_subject(mail)) is not None
    action: Action = "delayed" if delayed else "failed"
    recipient = address_in(failed) or address_in(_after_greeting(said))
    return Prose(Told(action, recipient, "", _reason(said), _mta(mail)), form, original)


def _split(text: str) -> tuple[str, str]:
    """What the server says, and the text of the mail it is about if it is there."""
    match = _ORIGINAL.search(text)
    return (text[: match.start()], text[match.end() :].partition("\n")[2]) if match else (text, "")


def _reason(said: str) -> str:
    """The SMTP reply that is quoted, or else words that are known; "" when there are neither."""
    reply = _REPLY.search(said)
    if reply is not None:
        return f"smtp; {' '.join(reply[1].split())}"
    words = _REASON.search(said)
    if words is None:
        return ""
    before = said[max(0, words.start() - _LINE) : words.start()].rpartition("\n")[2]
    after = said[words.end() : words.end() + _LINE].partition("\n")[0]
    return " ".join(f"{before}{words[0]}{after}".split())


def _after_greeting(said: str) -> str:
    """From where an address may be the recipient's: qmail and Postfix write it at the beginning of a line."""
    match = re.search(r"^[ \t]*<?[^\s<>@]{1,64}@[^\s<>]{1,254}>?", said, re.M)
    return match[0] if match else said


def _text_of(mail: Part) -> str:
    for part in mail.walk():
        if part.type in ("text/plain", "text/html"):
            text = part.text[:_LOOKED_AT]
            return re.sub(r"<[^>@]{0,300}>", " ", text) if part.type == "text/html" else text
    return ""


def _from_daemon(mail: Part) -> bool:
    sender = spoken(mail.get("from"))
    return _DAEMON.search(sender) is not None or mail.get("return-path").strip() == "<>"


def _subject(mail: Part) -> str:
    return spoken(mail.get("subject"))


def _mta(mail: Part) -> str:
    return address_in(mail.get("from")).rpartition("@")[2][:255]
