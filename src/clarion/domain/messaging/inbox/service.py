"""The inbox's verbs: keep what the transport delivers, list it, delete it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from clarion.channels.inbox import InboxMessage
from clarion.channels.push.services import SERVICES
from clarion.core.clock import iso_ms
from clarion.core.pages import cut, decode_token
from clarion.domain.messaging.inbox import store
from clarion.domain.messaging.inbox.letters import read
from clarion.domain.messaging.inbox.store import Filter, Kept
from clarion.store.database import Database

_LISTING = "inbox"


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A message as the control API shows it; members that do not apply are absent.

    `payload` is what the push service would have got; `headers` are an e-mail's, or what else is known of a message.
    """

    message_id: str
    application_id: str
    channel: str
    address: str
    endpoint_id: str | None = None
    user_id: str | None = None
    campaign_id: str | None = None
    treatment_id: str | None = None
    journey_id: str | None = None
    journey_activity_id: str | None = None
    trace_id: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    payload: str | None = None
    headers: dict[str, str] | None = None
    sent_at: str


class Inbox:
    """What arrived; an `InboxSink` for the transport. At most `keep` messages, the oldest go first."""

    def __init__(self, database: Database, keep: int) -> None:
        self._database = database
        self._keep = keep

    def store(self, messages: list[InboxMessage]) -> None:
        """See `clarion.channels.inbox.InboxSink`."""
        if not messages:
            return

        def work(connection: sa.Connection) -> None:
            store.add(self._database, connection, messages)
            store.trim(connection, self._keep)

        self._database.write(work)

    def page(self, wanted: Filter, size: int, token: str | None) -> tuple[list[Kept], str | None]:
        """Messages newest first, and the token of the page after. Raises Invalid for another listing's token."""
        key = decode_token(_LISTING, token, [int])
        before = None if key is None else int(key[0])
        rows = self._database.read(lambda connection: store.page(connection, wanted, before, size + 1))
        return cut(rows, size, _LISTING, lambda kept: (kept.seq,))

    def get(self, message_id: str) -> InboxMessage | None:
        """One message, None when it never arrived or is gone."""
        return self._database.read(lambda connection: store.get(connection, message_id))

    def delete(self, wanted: Filter) -> int:
        """Delete messages; answers how many."""
        return self._database.write(lambda connection: store.delete(connection, wanted))


def entry(message: InboxMessage) -> Entry:
    """A message in the words of the control API."""
    letter = read(message)
    ids: Mapping[str, str] = message.context
    return Entry(
        message_id=message.message_id,
        application_id=message.app_id,
        channel=message.channel.upper(),
        address=message.to_address,
        endpoint_id=ids.get("EndpointId"),
        user_id=ids.get("UserId"),
        campaign_id=ids.get("CampaignId"),
        treatment_id=ids.get("TreatmentId"),
        journey_id=ids.get("JourneyId"),
        journey_activity_id=ids.get("JourneyActivityId"),
        trace_id=ids.get("TraceId"),
        subject=letter.subject if message.channel not in ("SMS", "VOICE") else None,
        text=letter.text,
        html=letter.html,
        payload=message.raw.decode("utf-8", "replace") if message.channel in SERVICES else None,
        headers=_by_name(letter.headers),
        sent_at=iso_ms(message.received_at_ms),
    )


def _by_name(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Fields by name as first written; several of one name are joined by commas."""
    found: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in headers:
        name = names.setdefault(name.lower(), name)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
