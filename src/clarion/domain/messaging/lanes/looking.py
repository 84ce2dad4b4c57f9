"""The last look: what has waited in the outbox is asked about once more, right before it is handed over.

Whether somebody may be written to is decided when a message is planned. A message of a large campaign, of a lane that
was paused, or of a provider that was away for hours leaves long after that, and its recipient may have said STOP,
unsubscribed, or turned out not to exist. So messages that waited for more than `WAITED_MS` of the product's time, or
are tried again, are looked at, all of a batch in one read; what leaves at once is not. Those who get nothing have the
events that planning would have written. Caps, quiet time and hold-outs are not asked again: what they allowed was used
up.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.audience.model import endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.events.model import EventRow
from clarion.domain.messaging import outcomes
from clarion.domain.messaging.gates import refusal_now
from clarion.domain.messaging.model import Envelope
from clarion.store.database import Database

WAITED_MS = 5_000

Look = Callable[[sa.Connection, Sequence[Envelope]], Mapping[int, Sequence[EventRow]]]
"""Which of these messages do not leave any more, by their place, and the events that say why."""


def kept_back(
    database: Database,
    looks: Sequence[Look],
    envelopes: Mapping[int, Envelope],
    now_ms: int,
    retried: Container[int] = (),
) -> dict[int, Sequence[EventRow]]:
    """Those of these messages that do not leave any more, by their number, with their events. Some are `retried`."""
    waited = {
        number: envelope
        for number, envelope in envelopes.items()
        if (now_ms - envelope.planned_ms > WAITED_MS or number in retried) and not envelope.answer
    }
    if not looks or not waited:
        return {}
    return database.read(lambda connection: _asked(connection, looks, waited))


def _asked(
    connection: sa.Connection, looks: Sequence[Look], waited: Mapping[int, Envelope]
) -> dict[int, Sequence[EventRow]]:
    """The first who says no decides, as with gates."""
    found: dict[int, Sequence[EventRow]] = {}
    for look in looks:
        left = [number for number in waited if number not in found]
        said = look(connection, [waited[number] for number in left])
        found.update((left[place], events) for place, events in said.items())
    return found


class Endpoints:
    """Looks at the endpoints that messages were made for, as they are now; one that is gone says nothing."""

    def __init__(self, audience: Audience, clock: Clock) -> None:
        self._audience = audience
        self._clock = clock

    def look(self, connection: sa.Connection, envelopes: Sequence[Envelope]) -> Mapping[int, Sequence[EventRow]]:
        """See `Look`."""
        keys: dict[str, dict[int, str]] = {}
        for place, envelope in enumerate(envelopes):
            if envelope.endpoint_id:
                keys.setdefault(envelope.app_id, {})[place] = endpoint_key(envelope.endpoint_id)
        found: dict[int, Sequence[EventRow]] = {}
        now = self._clock.now_ms()
        for app_id, of_app in keys.items():
            stored = self._audience.among(connection, app_id, sorted(set(of_app.values())))
            for place, key in of_app.items():
                envelope, endpoint = envelopes[place], stored.get(key)
                said = refusal_now(envelope.origin, endpoint) if endpoint is not None else None
                if said is not None:
                    about = outcomes.subject_of(envelope)
                    found[place] = [outcomes.refused(about, said, at_ms=now, channel=envelope.channel)]
        return found
