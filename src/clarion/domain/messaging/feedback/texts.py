"""Text messages from people: STOP, HELP, START and other keywords, and who else is told.

    provider ─→ taken in once (job) ─→ whose is it? ─→ what does it ask for? ─┬─ opt-out list, endpoints
                                                                              ├─ answer, as a direct message
                                                                              ├─ event
                                                                              └─ forwarded (job): webhook or topic

Whose it is: the project that has the number, and of several the one that wrote to the person last. An answer is written
in the transaction that records what it answers, so each text is answered once. Nobody is answered without end: machines
that answer each other stop after `MOST_ANSWERS` in an hour. Source: spec of SMS, 7.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
import structlog

from clarion.channels import phones
from clarion.channels.feedback import InboundText
from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from clarion.domain.events.service import Events
from clarion.domain.messaging.direct.service import Direct
from clarion.domain.messaging.feedback import pending
from clarion.domain.messaging.feedback.forwarding import Forward, Forwarding
from clarion.domain.messaging.feedback.pending import Conversation, decode_told
from clarion.domain.messaging.feedback.receipts import HOUR_MS, Receipts
from clarion.domain.messaging.model import SMS
from clarion.domain.sms.model import ANSWERS, ANY, Asked, Line, asked, origin_of
from clarion.domain.sms.service import Sms
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.shapes.pinpoint import (
    AddressConfiguration,
    DirectMessageConfiguration,
    MessageRequest,
    PublicEndpoint,
    SMSMessage,
)
from clarion.store.database import Database

KIND = "sms.inbound"
BATCH = 50
MOST_ANSWERS = 5
LONGEST = 1_600
"""Characters of a text that are kept."""

_log = structlog.get_logger(__name__)


class Inbound(msgspec.Struct, kw_only=True):
    """Arguments of `sms.inbound`."""

    provider: str
    text: InboundText
    version: int = 1


class Found(NamedTuple):
    """Whose text it is and what it asks for. `line` is the number's, or what holds for all numbers of the project."""

    scope: Scope
    app_id: str
    line: Line | None
    talk: Conversation | None
    asked: Asked
    person: str
    number: str


class Texts:
    """Text messages from people, to every project."""

    def __init__(
        self,
        database: Database,
        audience: Audience,
        events: Events,
        direct: Direct,
        sms: Sms,
        receipts: Receipts,
        forwarding: Forwarding,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audience = audience
        self._events = events
        self._direct = direct
        self._sms = sms
        self._receipts = receipts
        self._forwarding = forwarding
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Let the engine's worker deal with texts."""
        self._jobs.register(KIND, self.handle, batch=True, size=BATCH)
        self._forwarding.register()

    def take(self, provider: str, texts: Sequence[InboundText]) -> None:
        """Take texts in, each once; see `channels.feedback.Feedback`."""

        def work(connection: sa.Connection) -> None:
            now = self._clock.now_ms()
            for text in map(_legible, texts):
                place = self._sms.places.of(_person(text))
                if pending.take_in(self._database, connection, provider, text.inbound_id, place, now):
                    self._jobs.enqueue(connection, KIND, Inbound(provider=provider, text=text), due_ms=now)
            self._receipts.watch(connection)

        if texts:
            self._database.write(work)

    def handle(self, jobs: Sequence[LeasedJob]) -> None:
        """Deal with texts in the order in which they came: STOP and START are not to change places."""
        failed: Exception | None = None
        for job in jobs:
            try:
                self._handle(job)
            except Exception as error:
                if len(jobs) == 1:
                    raise
                _log.warning("sms.text_failed", job=job.id, error=type(error).__name__)
                failed = error
        if failed is not None:
            raise failed

    def _handle(self, job: LeasedJob) -> None:
        inbound = job.decode(Inbound)
        found = self._database.read(lambda connection: self._find(connection, inbound))
        if found is None:
            _log.info("sms.nobodys_text", provider=inbound.provider)
            self._database.write(job.finish)
            return
        if found.asked.action == "OPT_IN" and not self._opt_in(found):
            # Nothing to undo, so there is nothing to say either.
            found = found._replace(asked=found.asked._replace(answer=""))

        def record(connection: sa.Connection, answers: bool) -> bool:
            job.finish(connection)
            new = self._record(connection, inbound, found)
            if answers and new:
                pending.answered(connection, inbound.provider, inbound.text.inbound_id)
            return new

        if found.asked.answer and self._may_answer(inbound, found):
            request = _answer(found)
            try:
                self._direct.send(
                    found.scope, found.app_id, request, lambda connection, _: record(connection, True), answer=True
                )
                return
            except (Invalid, NotFound) as error:
                _log.warning("sms.not_answered", app=found.app_id, reason=error.message)
        self._database.write(lambda connection: record(connection, False))

    def _find(self, connection: sa.Connection, inbound: Inbound) -> Found | None:
        text = inbound.text
        person, number = _person(text), origin_of(text.to_number)
        lines = self._sms.at(connection, number)
        talks = pending.talks(connection, person)
        talk = _latest(talks, inbound.provider, number, {line.app_id for line in lines})
        if lines:
            line: Line | None = next((one for one in lines if talk and one.app_id == talk.app_id), lines[0])
            assert line is not None
            scope, app_id = Scope(line.account, line.region), line.app_id
            talk = talk if talk is not None and talk.app_id == app_id else None
        elif talk is not None:
            scope, app_id = Scope(talk.account, talk.region), talk.app_id
            line = next((one for one in self._sms.lines(app_id, connection) if one.number == ANY), None)
        else:
            return None
        keywords = self._sms.keywords(connection, app_id)
        return Found(scope, app_id, line, talk, asked(text.body, line, keywords), person, number)

    def _opt_in(self, found: Found) -> bool:
        """The person wants messages again; whether they had opted out."""

        def work(connection: sa.Connection) -> bool:
            back = self._sms.opt_in(connection, found.app_id, found.person)
            changed = self._set_opt_out(connection, found, "NONE")
            return back or changed

        return self._database.write(work)

    def _record(self, connection: sa.Connection, inbound: Inbound, found: Found) -> bool:
        """Write down what a text means; whether it is to be answered."""
        what, new = found.asked, True
        endpoints = self._endpoints(connection, found)
        events = [self._received(inbound, found, endpoints)]
        if what.action == "OPT_OUT":
            new = self._sms.opt_out(connection, found.app_id, found.number, found.person, what.word)
            changed = self._set_opt_out(connection, found, "ALL", endpoints)
            new = new or changed
            events.append(self._opted_out(inbound, found, endpoints))
        self._events.record(connection, events)
        if what.forwarded and found.line is not None and found.line.destination:
            forward = Forward(
                app_id=found.app_id,
                number=found.line.number,
                at_ms=inbound.text.at_ms or self._clock.now_ms(),
                person=found.person,
                payload=_payload(inbound, found),
            )
            self._forwarding.enqueue(connection, forward)
        return new

    def _endpoints(self, connection: sa.Connection, found: Found) -> list[Endpoint]:
        digits = found.person.removeprefix("+")
        addresses = (found.person, digits, f"00{digits}")
        return self._audience.active_at(connection, found.app_id, SMS, addresses)

    def _set_opt_out(
        self, connection: sa.Connection, found: Found, opt_out: str, endpoints: Sequence[Endpoint] | None = None
    ) -> bool:
        """Set the flag of the person's endpoints; whether one of them had another."""
        known = self._endpoints(connection, found) if endpoints is None else endpoints
        changing = [one.id for one in known if one.opt_out != opt_out]
        if changing:
            self._audience.merge(connection, found.app_id, [(id, PublicEndpoint(opt_out=opt_out)) for id in changing])
        return bool(changing)

    def _subject(self, found: Found, endpoints: Sequence[Endpoint]) -> Subject:
        """Whom events are about: the message that is answered, if it is known, else the person's endpoint."""
        if found.talk is not None:
            return decode_told(found.talk.body).subject
        first = endpoints[0] if endpoints else Endpoint(id="")
        return Subject(account=found.scope.account, app_id=found.app_id, endpoint_id=first.id, user_id=first.user_id)

    def _received(self, inbound: Inbound, found: Found, endpoints: Sequence[Endpoint]) -> EventRow:
        payload = _payload(inbound, found)
        told = {
            "origination_phone_number": found.person,
            "destination_phone_number": found.number,
            "message_body": inbound.text.body,
            "message_keyword": payload["messageKeyword"],
            "inbound_message_id": payload["inboundMessageId"],
            "previous_published_message_id": payload["previousPublishedMessageId"],
            "iso_country_code": phones.country_of(found.person),
        }
        attributes = {name: value for name, value in told.items() if value}
        subject, now = self._subject(found, endpoints), self._clock.now_ms()
        return produced.sms_received(subject, at_ms=now, attributes=attributes, occurrence=payload["inboundMessageId"])

    def _opted_out(self, inbound: Inbound, found: Found, endpoints: Sequence[Endpoint]) -> EventRow:
        now, subject = self._clock.now_ms(), self._subject(found, endpoints)
        told = decode_told(found.talk.body).attributes if found.talk is not None else {}
        attributes = {
            **told,
            "origination_phone_number": found.number,
            "destination_phone_number": found.person,
            "iso_country_code": phones.country_of(found.person),
            "record_status": "DELIVERED",
            "keyword": found.asked.word,
        }
        present = {name: value for name, value in attributes.items() if value}
        return produced.sms(subject, "OPTOUT", at_ms=now, ts_ms=now, attributes=present, occurrence=_uuid(inbound))

    def _may_answer(self, inbound: Inbound, found: Found) -> bool:
        """Whether a machine at the other end could not make this go on for ever."""
        if phones.e164(inbound.text.from_number) is None or (found.line is not None and found.line.kind == "TOLL_FREE"):
            # Short codes belong to machines; toll-free numbers are answered by the carrier.
            return False
        own = {found.asked.answer, *ANSWERS.values()}
        if inbound.text.body.strip() in own:
            return False
        since = self._clock.now_ms() - HOUR_MS
        place = self._sms.places.of(found.person)

        def look(connection: sa.Connection) -> bool:
            ours = bool(self._sms.at(connection, found.person))
            return not ours and pending.answers_since(connection, place, since) < MOST_ANSWERS

        return self._database.read(look)


def _latest(talks: Sequence[Conversation], provider: str, number: str, apps: set[str]) -> Conversation | None:
    """The last message that a text may answer: from this very number, else by this provider, of the number's projects
    if it has some."""
    fitting = [one for one in talks if not apps or one.app_id in apps]
    exact = [one for one in fitting if origin_of(one.origination) == number]
    by_provider = [one for one in fitting if one.provider in ("", provider)]
    return next(iter(exact or by_provider or (fitting if apps else [])), None)


def _answer(found: Found) -> MessageRequest:
    # The text is a substitution, so that braces in it mean nothing.
    sms = SMSMessage(
        body="{{{answer}}}",
        message_type="TRANSACTIONAL",
        origination_number=found.number or None,
        substitutions={"answer": [found.asked.answer]},
    )
    return MessageRequest(
        addresses={found.person: AddressConfiguration(channel_type="SMS")},
        message_configuration=DirectMessageConfiguration(sms_message=sms),
    )


def _payload(inbound: Inbound, found: Found) -> dict[str, Any]:
    """What Pinpoint publishes of a text. Source: spec of SMS, 7.4."""
    return {
        "originationNumber": found.person,
        "destinationNumber": found.number,
        "messageKeyword": found.asked.word or (found.line.keyword if found.line is not None else ""),
        "messageBody": inbound.text.body,
        "inboundMessageId": _uuid(inbound),
        "previousPublishedMessageId": found.talk.message_id if found.talk is not None else "",
    }


def _uuid(inbound: Inbound) -> str:
    """The same id for a text whenever it is asked for."""
    named = f"{inbound.provider}\0{inbound.text.inbound_id}".encode()
    return str(uuid.UUID(bytes=blake2b(named, digest_size=16, person=b"clarion-text").digest(), version=4))


def _legible(text: InboundText) -> InboundText:
    """The text without what no database keeps, and no longer than texts are."""
    return msgspec.structs.replace(
        text,
        inbound_id=_printable(text.inbound_id)[:128],
        from_number=_printable(text.from_number)[:64],
        to_number=_printable(text.to_number)[:64],
        body=text.body.replace("\0", "")[:LONGEST],
    )


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _person(text: InboundText) -> str:
    return phones.e164(text.from_number) or text.from_number[:20]
