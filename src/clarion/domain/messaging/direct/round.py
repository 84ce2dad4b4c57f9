"""One direct request on its way through its targets: each ends as a message for the outbox or as a refusal.

The order of questions: does the project have the channel, may the endpoint be sent to (`gates.DIRECT_GATES`), did
its address get this message already, is anything said, can it be rendered. The answer is Pinpoint's result;
for stored endpoints a refusal is an event too, so that `why` can tell. Source: spec of direct messages, 3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels import phones
from clarion.channels.push.services import SERVICES
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.domain.audience.model import Endpoint, template_context
from clarion.domain.events import produced
from clarion.domain.events.produced import Subject
from clarion.domain.messaging import outcomes
from clarion.domain.messaging.content import Recipient
from clarion.domain.messaging.direct.words import EmailWords, LocalWords, Target, Words
from clarion.domain.messaging.gates import DIRECT_GATES, refusal
from clarion.domain.messaging.model import EMAIL, SMS, VOICE, Envelope, Facts, Refusal, Send, put
from clarion.domain.messaging.outbox import direct_group
from clarion.domain.messaging.service import Messaging, Prepared, endpoint_record, message_ids
from clarion.domain.messaging.texting import Texting, failure
from clarion.domain.templates.handlebars import RenderError
from clarion.shapes.pinpoint import AddressConfiguration, DeliveryStatus, EndpointSendConfiguration

_ANSWERS: Mapping[str, tuple[DeliveryStatus, int]] = {
    "opt_out": ("OPT_OUT", 200),
    "duplicate_address": ("DUPLICATE", 200),
}
"""Results of gates that are no permanent failure with 400."""


_PLAIN = EndpointSendConfiguration()


class Result(msgspec.Struct, frozen=True):
    """What became of one target; `message_id` only of a message that was on its way. `updated_token` is where its
    device is now, by its push service."""

    status: DeliveryStatus
    code: int
    text: str
    message_id: str | None = None
    address: str | None = None
    updated_token: str | None = None


class _To(msgspec.Struct, frozen=True):
    """A target with everything known about it. `endpoint` is blank for a bare address."""

    channel: str
    address: str
    endpoint: Endpoint
    variables: Mapping[str, Any]
    wanted: Target
    send: Send


class Round:
    """Turns targets into `prepared`. `words` is what is said by channel type; `enabled` are the types that the project
    has a channel of. `awaited` are the messages whose fate their callers want to know: push services answer at once,
    what others accept is answered when it is (channel types by message id)."""

    def __init__(
        self, send: Send, words: Mapping[str, Words], enabled: Collection[str], messaging: Messaging, ids: Ids
    ) -> None:
        self.prepared = Prepared([], [])
        self.awaited: dict[str, str] = {}
        self._words = words
        self._enabled = enabled
        self._send = send
        self._messaging = messaging
        self._ids = ids
        self._served: set[tuple[str, str]] = set()
        self._no_texts: dict[str, Refusal] = {}

    def addresses(self, endpoint: Endpoint) -> bool:
        """Whether the request has a message for endpoints of this channel, and the project the channel.

        What a user's entry overrides is no message by itself, or it would ring every phone there is.
        """
        channel = endpoint.channel_type
        return channel in self._enabled and channel in self._words and self._words[channel].speaks(channel, _PLAIN)

    def foresee(self, texting: Texting, numbers: Sequence[str]) -> None:
        """Find out, once for all, which numbers of the request get no text message."""
        self._no_texts.update(texting.refusals(self._send, numbers))

    def to_address(self, address: str, wanted: AddressConfiguration) -> Result:
        """Send to a bare address."""
        channel = wanted.channel_type
        if channel is None:
            return Result("PERMANENT_FAILURE", 400, "Missing ChannelType")
        variables = {"Address": address, "ChannelType": channel}
        return self._try(_To(channel, address, Endpoint(id=""), variables, wanted, self._of_target(wanted)))

    def to_endpoint(self, endpoint: Endpoint | None, wanted: Target) -> Result:
        """Send to a stored endpoint, None when there is none."""
        if endpoint is None:
            return Result("PERMANENT_FAILURE", 400, "Endpoint not found")
        variables, send = template_context(endpoint), self._of_target(wanted)
        result = self._try(_To(endpoint.channel_type, endpoint.address, endpoint, variables, wanted, send))
        return msgspec.structs.replace(result, address=endpoint.address or None)

    def _of_target(self, wanted: Target) -> Send:
        if not wanted.context:
            return self._send
        return msgspec.structs.replace(self._send, context={**self._send.context, **wanted.context})

    def _try(self, to: _To) -> Result:
        said = self._refusal(to)
        if said is None:
            try:
                return self._accept(to)
            except RenderError as error:
                said = Refusal("render", error.message)
            except Invalid as error:
                said = Refusal("message", error.message)
        self._record(to, said)
        status, code = _ANSWERS.get(said.gate, ("PERMANENT_FAILURE", 400))
        unsayable = to.channel in SERVICES and said.gate in ("render", "message")
        return Result(status, code, push_status(to.channel, errorMessage=said.reason) if unsayable else said.reason)

    def _record(self, to: _To, said: Refusal) -> None:
        """An event about somebody who gets nothing: Pinpoint's own for e-mails, else for stored endpoints."""
        at_ms, about, words = self._send.began_ms, self._subject(to), self._words.get(to.channel)
        events = self.prepared.events
        if isinstance(words, LocalWords):
            words = words.default
        if said.gate == "render" and isinstance(words, EmailWords):
            events.append(outcomes.rendering_failure(about, words.from_address, to.address, said.reason, at_ms=at_ms))
            return
        if to.channel == SMS and (failed := failure(about, to.address, said, at_ms=at_ms)) is not None:
            events.append(failed)
        if to.endpoint.id:
            events.append(produced.skip(about, at_ms=at_ms, gate=said.gate, reason=said.reason))

    def _refusal(self, to: _To) -> Refusal | None:
        if to.channel not in self._enabled or to.channel not in self._words:
            kind = to.channel or "(none)"
            return Refusal("channel", f"No channel of type {kind} is enabled for the application {to.send.app_id}")
        if to.endpoint.id and (said := refusal(DIRECT_GATES, to.send, to.endpoint, Facts(), to.send.began_ms)):
            return said
        if _place(to) in self._served:
            return Refusal("duplicate_address", "The address occurs more than once in the request")
        if to.channel == SMS:
            return self._no_texts.get(to.address)
        return None

    def _accept(self, to: _To) -> Result:
        """Put the message into the outbox. Raises RenderError, or Invalid for what could never be delivered."""
        words, identity, endpoint = self._words[to.channel], self._ids.hex32(), to.endpoint
        recipient = Recipient(
            message_id=identity,
            account=to.send.account,
            app_id=to.send.app_id,
            address=to.address,
            context=to.variables,
            sent_at_ms=to.send.began_ms,
            ids=message_ids(to.send, endpoint),
            substitutions=to.wanted.substitutions,
            channel=to.channel,
            endpoint=endpoint,
            given=to.send.context,
        )
        envelope = Envelope(
            channel=to.channel,
            account=to.send.account,
            region=to.send.region,
            app_id=to.send.app_id,
            origin="direct",
            endpoint_id=endpoint.id,
            user_id=endpoint.user_id,
            trace_id=to.send.trace_id,
            context=dict(to.send.context),
            client_id=self._ids.uuid(),
            endpoint=endpoint_record(to.send.app_id, endpoint) if endpoint.id else "",
        )
        put(envelope, words.message(self._messaging.render, recipient, to.wanted))
        group = direct_group(to.send.app_id)
        self.prepared.rows.append(self._messaging.row(to.send, envelope, words.lane, group, to.send.began_ms))
        self._served.add(_place(to))
        if to.channel in SERVICES:
            self.awaited[identity] = to.channel
        return Result("SUCCESSFUL", 200, _accepted(to.channel, identity), identity)

    def _subject(self, to: _To) -> Subject:
        """For events about somebody who gets nothing; the message id tells this request from others."""
        return Subject(
            account=to.send.account,
            app_id=to.send.app_id,
            endpoint_id=to.endpoint.id,
            user_id=to.endpoint.user_id,
            trace_id=to.send.trace_id,
            message_id=self._ids.hex32(),
            client_id=self._ids.uuid(),
            context=to.send.context,
        )


def _place(to: _To) -> tuple[str, str]:
    """Where a message goes, in one way of writing: device tokens differ by case, addresses do not."""
    if to.channel == EMAIL:
        return EMAIL, to.address.lower()
    return to.channel, phones.e164(to.address) or to.address if to.channel in (SMS, VOICE) else to.address


def _accepted(channel: str, identity: str) -> str:
    """The status message of what is on its way, in the channel's manner."""
    if channel in SERVICES:
        return push_status(channel, pushProviderStatusCode="200", pushProviderMessageId=identity)
    return "Accepted" if channel == EMAIL else f"MessageId: {identity}"


def push_status(channel: str, **told: str) -> str:
    """What the status message of a push says: JSON text."""
    return msgspec.json.encode({**told, "channelType": channel}).decode()
