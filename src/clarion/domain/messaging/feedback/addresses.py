"""Dead and moved addresses: what a provider says of an address at hand-over, followed by the endpoint that has it.

A device token whose app is gone would be paid for and counted as a failure in every campaign to come. So the endpoint
becomes INACTIVE with the provider's reason, in the transaction that records the outcome; the app that comes back
registers its endpoint anew and is ACTIVE again. Bare addresses of direct messages have no endpoint: nothing happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from clarion.channels.port import Gone, Moved, Outcome
from clarion.domain.audience.model import Fate
from clarion.domain.audience.service import Audience
from clarion.domain.messaging.model import Envelope

LONGEST_REASON = 200


class Addresses:
    """Leads endpoints after what happened to their addresses."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    def follow(self, connection: sa.Connection, found: Iterable[tuple[Envelope, Outcome]]) -> None:
        """Deactivate or move the endpoints whose addresses are said to be gone or moved.

        In the transaction that records these outcomes. Without such a fact it asks the database nothing.
        """
        fates: dict[str, list[Fate]] = {}
        for envelope, outcome in found:
            if outcome.events and envelope.endpoint_id and (said := list(_fates(envelope, outcome))):
                fates.setdefault(envelope.app_id, []).extend(said)
        for app_id in sorted(fates):  # in one order, so that two lanes do not wait for each other
            self._audience.follow(connection, app_id, fates[app_id])


def _fates(envelope: Envelope, outcome: Outcome) -> Iterator[Fate]:
    place = Fate(envelope.endpoint_id, envelope.channel, envelope.message.to_address)
    for fact in outcome.events:
        if isinstance(fact, Gone):
            yield place._replace(reason=fact.reason[:LONGEST_REASON] or "GONE", since_ms=fact.since_ms)
        elif isinstance(fact, Moved) and fact.address and "\0" not in fact.address:
            yield place._replace(moved_to=fact.address)
