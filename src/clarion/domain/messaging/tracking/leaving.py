"""Somebody wants no more mail: by the link of a mail, by its List-Unsubscribe header, or by writing to its address.

    the message names a topic   the address leaves that topic, and goes on getting the rest
    it names none               the endpoint's OptOut becomes ALL; without an endpoint the address leaves every topic

Either is recorded as `_email.unsubscribe`.
"""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.audience.model import Endpoint, endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.email.model import ALL
from clarion.domain.email.topics import Topics
from clarion.domain.events.service import Events
from clarion.domain.messaging.tracking.hits import Hit, Hits
from clarion.domain.messaging.withholding import topic_of
from clarion.shapes.pinpoint import PublicEndpoint
from clarion.store.database import Database


class Addressee:
    """Whom a message went to, as far as it is known: `endpoint` None when it is gone or there was none."""

    def __init__(self, app_id: str, message_id: str, endpoint: Endpoint | None, address: str, topic: str) -> None:
        self.app_id = app_id
        self.message_id = message_id
        self.endpoint = endpoint
        self.address = address
        self.topic = topic


class Leaving:
    """Takes people at their word."""

    def __init__(
        self, database: Database, hits: Hits, events: Events, audience: Audience, topics: Topics, clock: Clock
    ) -> None:
        self._database = database
        self._hits = hits
        self._events = events
        self._audience = audience
        self._topics = topics
        self._clock = clock

    def addressee(self, app_id: str, message_id: str, endpoint_id: str = "", topic: str = "") -> Addressee:
        """Whom a message went to: as its link says, else as the record does."""
        address = ""
        if not endpoint_id:
            found = self._hits.recall([(app_id, message_id)]).get((app_id, message_id))
            if found is not None:
                subject, mail = found
                endpoint_id, address = subject.endpoint_id, next(iter(mail.destination), "")
                topic = topic or topic_of(mail.headers)
        endpoint = None
        if endpoint_id:
            loaded = self._audience.load(app_id, [endpoint_key(endpoint_id)])
            endpoint = next(iter(loaded.values()), None)
            address = endpoint.address if endpoint is not None else ""
        return Addressee(app_id, message_id, endpoint, address, topic)

    def project_of(self, message_id: str, from_ms: int, to_ms: int) -> str:
        """The project of a message that was sent in this time, "" when nothing is known of it."""
        rows = self._events.of_message_ids([message_id], from_ms, to_ms)
        return rows[0].app_id if rows else ""

    def leave(self, who: Addressee, hit: Hit, request_id: str) -> None:
        """Do it, and record `hit`; durable when it returns."""
        # Of an endpoint that was deleted or erased nothing is recorded any more.
        hit.endpoint_id = who.endpoint.id if who.endpoint is not None else ""

        def work(connection: sa.Connection) -> None:
            if who.topic and who.address:
                self._topics.choose(connection, who.app_id, who.address, {who.topic: False})
            elif who.endpoint is not None:
                self.opt_out(connection, who.app_id, who.endpoint, request_id)
            elif who.address:
                self._topics.choose(connection, who.app_id, who.address, {ALL: False})
            self._hits.add(connection, hit)

        self._database.write(work)

    def opt_out(
        self, connection: sa.Connection, app_id: str, endpoint: Endpoint, request_id: str, *, back: bool = False
    ) -> None:
        """The endpoint's OptOut becomes ALL, or NONE when somebody comes back."""
        wanted = "NONE" if back else "ALL"
        if endpoint.opt_out != wanted:
            # With its status, or an inactive endpoint would be made active.
            change = PublicEndpoint(opt_out=wanted, endpoint_status=endpoint.status)
            self._audience.merge(connection, app_id, [(endpoint.id, change)], request_id=request_id)
