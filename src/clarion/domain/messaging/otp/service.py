"""Sending codes and verifying them. The code is kept in the transaction that puts its message into the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter

from clarion.channels.phones import e164
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.messaging.direct.round import Result
from clarion.domain.messaging.direct.service import Direct
from clarion.domain.messaging.otp import model, store
from clarion.domain.messaging.otp.texts import TEXTS
from clarion.shapes.pinpoint import (
    AddressConfiguration,
    DirectMessageConfiguration,
    MessageRequest,
    SendOTPMessageRequestParameters,
    SMSMessage,
)
from clarion.store.database import Database

_RANDOM_BYTES = 16
_MINUTE_MS = 60_000


class Metrics:
    """Verifications, in the words of Pinpoint's metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.verifications = Counter(
            "clarion_otp_verifications",
            "Codes that were typed in: success, failure, final_failure (no attempt is left).",
            ["result"],
            registry=registry,
        )


class Otp:
    """One-time passwords of every project."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        direct: Direct,
        digests: model.Digests,
        clock: Clock,
        ids: Ids,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._apps = apps
        self._direct = direct
        self._digests = digests
        self._clock = clock
        self._ids = ids
        self._metrics = metrics

    def send(self, scope: Scope, app_id: str, sent: SendOTPMessageRequestParameters) -> tuple[str, Result]:
        """Send a code, which replaces one that waits at the same place; answers the number and what became of it.

        Of a message that is refused no code is kept. Raises Invalid, and NotFound for the project.
        """
        self._apps.require(scope, app_id)
        wanted = model.wanted(sent)
        code = model.code_of(self._ids.secret(_RANDOM_BYTES), wanted.code_length)

        def keep(connection: sa.Connection, results: tuple[dict[str, Result], dict[str, Result]]) -> bool:
            now = self._clock.now_ms()
            store.sweep(connection, now)
            if results[0][wanted.number].status == "SUCCESSFUL":
                store.put(self._database, connection, self._waiting(app_id, wanted, code, now))
            return True

        (results, _), *_ = self._direct.send(scope, app_id, _message(wanted, code), keep, urgent=True)
        return wanted.number, results[wanted.number]

    def verify(self, scope: Scope, app_id: str, destination: str, reference: str, typed: str) -> bool:
        """Whether that is the code which waits there; it is good once. Raises Invalid, and NotFound for the project."""
        self._apps.require(scope, app_id)
        number, reference = model.number_of(destination), model.reference_of(reference)
        place = self._digests.place(app_id, number, reference)
        given = self._digests.code(place, typed)

        def work(connection: sa.Connection) -> str:
            code = store.lock(connection, place)
            if code is None or code.attempts_left <= 0 or code.expires_ms <= self._clock.now_ms():
                return "failure"
            if self._digests.is_same(given, code.code):
                store.remove(connection, place)
                return "success"
            store.count_failure(connection, place)
            return "failure" if code.attempts_left > 1 else "final_failure"

        result = self._database.write(work)
        self._metrics.verifications.labels(result).inc()
        return result == "success"

    def _waiting(self, app_id: str, wanted: model.Wanted, code: str, now_ms: int) -> store.Code:
        place = self._digests.place(app_id, wanted.number, wanted.reference)
        return store.Code(
            place=place,
            app_id=app_id,
            number=self._digests.number(app_id, wanted.number),
            code=self._digests.code(place, code),
            attempts_left=wanted.allowed_attempts,
            expires_ms=now_ms + wanted.validity_minutes * _MINUTE_MS,
        )


def _message(wanted: model.Wanted, code: str) -> MessageRequest:
    # The brand is a substitution, so that braces in it mean nothing.
    number = e164(wanted.origination) if wanted.origination.startswith("+") else None
    sms = SMSMessage(
        body=TEXTS[wanted.language],
        message_type="TRANSACTIONAL",
        origination_number=number,
        sender_id=None if number else wanted.origination,
        substitutions={"code": [code], "brand": [wanted.brand]},
        entity_id=wanted.entity_id or None,
        template_id=wanted.template_id or None,
    )
    return MessageRequest(
        addresses={wanted.number: AddressConfiguration(channel_type="SMS")},
        message_configuration=DirectMessageConfiguration(sms_message=sms),
    )
