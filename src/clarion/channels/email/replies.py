"""What an SMTP server's refusal means: try again or not, and which kind of bounce it is.

The enhanced status code (RFC 3463) is believed first, then the words, then the bare reply code. Replies that
concern the relay or our account there never become a bounce: a wrong password must not put a whole audience
on the suppression list.

    step        reply                          outcome      bounce
    any         rate words, 4xx                throttled    -
    any         530, 534, 535, 538             temporary    -            (our account at the relay)
    MAIL FROM   4xx / 5xx                      temporary / permanent     -   (the sender, not the recipient)
    RCPT TO     4xx                            temporary    Transient    (if the caller gives up)
    RCPT TO     5xx                            permanent    Permanent; Transient if full, Undetermined if policy
    DATA        4xx                            temporary    Transient
    DATA        5xx                            permanent    Transient    (too large, content refused)
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from clarion.channels.port import Blame, Bounce, BounceSubType, BounceType, Outcome, Status

Step = Literal["MAIL FROM", "RCPT TO", "DATA"]


class Reply(NamedTuple):
    """An SMTP reply: code, and text whose lines are separated by line feeds."""

    code: int
    text: str

    @property
    def is_refusal(self) -> bool:
        """4xx or 5xx."""
        return 400 <= self.code < 600

    @property
    def line(self) -> str:
        """The reply on one line, as it is reported and recorded."""
        return " ".join(f"{self.code} {self.text}".split())

    @property
    def status(self) -> str:
        """The enhanced status code, or the bare code's nearest ("5.0.0") where the server sends none."""
        match = _ENHANCED.match(self.text)
        return match[0] if match else f"{self.code // 100}.0.0"


_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")
_RATE = re.compile(r"throttl|\brate\b|too many|too fast|slow down", re.IGNORECASE)
_NOBODY = re.compile(
    r"unknown|no such|does(?: not|n't) exist|not found|no mailbox|invalid recipient|user not|unrouteable", re.IGNORECASE
)
_POLICY = re.compile(r"relay|authenticat|policy|denied|blocked|blacklist|spam", re.IGNORECASE)
_ACCOUNT = frozenset((530, 534, 535, 538))

_Kind = tuple[BounceType, BounceSubType]
_BY_STATUS: dict[str, _Kind] = {
    "1.1": ("Permanent", "NoEmail"),
    "1.6": ("Permanent", "NoEmail"),
    "1.10": ("Permanent", "NoEmail"),
    "1.2": ("Permanent", "General"),
    "1.3": ("Permanent", "General"),
    "2.1": ("Permanent", "General"),
    "2.2": ("Transient", "MailboxFull"),
    "2.3": ("Transient", "MessageTooLarge"),
    "3.4": ("Transient", "MessageTooLarge"),
    "6.1": ("Transient", "ContentRejected"),
    "6.3": ("Transient", "ContentRejected"),
}


def refused(step: Step, reply: Reply) -> Outcome:
    """The outcome of a message to which the server answered `reply` (4xx or 5xx) at `step`."""
    detail = f"{step}: {reply.line}"
    if reply.code in _ACCOUNT:
        return Outcome("temporary", detail, reply.line, blame="credentials")
    if reply.code < 500 and _RATE.search(reply.text):
        # 4.1 and 4.2 are about this recipient, everything else about us and the server.
        blame: Blame = "message" if reply.status[:4] in ("4.1.", "4.2.") else "provider"
        return Outcome("throttled", detail, reply.line, blame=blame)
    bounce_type, sub_type = _kind(step, reply)
    status: Status = "temporary" if reply.code < 500 else "permanent"
    if step == "MAIL FROM" and sub_type != "MessageTooLarge":
        return Outcome(status, detail, reply.line)
    bounce = Bounce(
        bounce_type=bounce_type,
        bounce_sub_type=sub_type,
        status=reply.status,
        diagnostic_code=f"smtp; {reply.line}",
        action="failed" if reply.code >= 500 else "delayed",
    )
    return Outcome(status, detail, reply.line, (bounce,))


def unavailable(detail: str, reply: Reply | None = None) -> Outcome:
    """The outcome of messages that found no session: `reply` is the server's, if it said anything."""
    if reply is None:
        return Outcome("temporary", detail, blame="provider")
    busy = reply.code == 421 or (reply.code < 500 and _RATE.search(reply.text))
    status: Status = "throttled" if busy else "temporary"
    return Outcome(status, f"{detail}: {reply.line}", reply.line, blame="provider")


def _kind(step: Step, reply: Reply) -> _Kind:
    status = reply.status
    subject = status[2:]
    if found := _BY_STATUS.get(subject):
        return _softened(found) if reply.code < 500 else found
    if reply.code == 452 or (reply.code == 552 and step == "RCPT TO"):
        return "Transient", "MailboxFull"
    if reply.code == 552:
        return "Transient", "MessageTooLarge"
    if reply.code < 500:
        return "Transient", "General"
    if step != "RCPT TO":
        return "Transient", "ContentRejected"
    if subject.startswith("7.") or (subject == "0.0" and _POLICY.search(reply.text)):
        # The recipient may well exist.
        return "Undetermined", "Undetermined"
    return "Permanent", "NoEmail" if reply.code == 550 and _NOBODY.search(reply.text) else "General"


def _softened(kind: _Kind) -> _Kind:
    return kind if kind[0] == "Transient" else ("Transient", "General")
