"""One direct request on its way through its targets: each ends as a message for the outbox or as a refusal.

The order of questions: does the project have the channel, may the endpoint be sent to (`gates.DIRECT_GATES`), did
its address get this message already, is anything said, can it be rendered. The answer is Pinpoint's result;
for stored endpoints a refusal is an event too, so that `why` can tell. Source: spec of direct messages, 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.channels import mime
from clarion.channels.port import EmailOutgoing
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.domain.audience.model import Endpoint, template_context
from clarion.domain.events import produced
from clarion.domain.events.produced import Subject
from clarion.domain.messaging.content import Recipient, Renderer
from clarion.domain.messaging.direct.words import EmailWords, Target
from clarion.domain.messaging.gates import DIRECT_GATES, refusal
from clarion.domain.messaging.model import EMAIL, Envelope, Facts, Refusal, Send, encode_envelope
from clarion.domain.messaging.outbox import NewRow, direct_group
from clarion.domain.messaging.service import Prepared, endpoint_record, message_ids
from clarion.domain.templates.handlebars import RenderError
from clarion.shapes.pinpoint import AddressConfiguration, DeliveryStatus

_ANSWERS: Mapping[str, tuple[DeliveryStatus, int]] = {
    "opt_out": ("OPT_OUT", 200),
    "duplicate_address": ("DUPLICATE", 200),
}
"""Results of gates that are no permanent failure with 400."""


class Result(msgspec.Struct, frozen=True):
    """What became of one target; `message_id` only of a message that is on its way."""

    status: DeliveryStatus
    code: int
    text: str
    message_id: str | None = None
    address: str | None = None


class _To(msgspec.Struct, frozen=True):
    """A target with everything known about it. `endpoint` is blank for a bare address."""

    channel: str
    address: str
    endpoint: Endpoint
    variables: Mapping[str, Any]
    wanted: Target
    send: Send


class Round:
    """Turns targets into `prepared`."""

    def __init__(self, send: Send, words: EmailWords, render: Renderer, ids: Ids) -> None:
        self.prepared = Prepared([], [])
        self.words = words
        self._send = send
        self._render = render
        self._ids = ids
        self._served: set[str] = set()

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
                return self._unrendered(to, error)
            except Invalid as error:
                said = Refusal("message", error.message)
        if to.endpoint.id:
            at_ms = self._send.began_ms
            self.prepared.events.append(
                produced.skip(self._subject(to), at_ms=at_ms, gate=said.gate, reason=said.reason)
            )
        status, code = _ANSWERS.get(said.gate, ("PERMANENT_FAILURE", 400))
        return Result(status, code, said.reason)

    def _refusal(self, to: _To) -> Refusal | None:
        if to.channel != EMAIL or not self.words.has_channel:
            kind = to.channel or "(none)"
            return Refusal("channel", f"No channel of type {kind} is enabled for the application {to.send.app_id}")
        if to.endpoint.id and (said := refusal(DIRECT_GATES, to.send, to.endpoint, Facts(), to.send.began_ms)):
            return said
        if to.address.lower() in self._served:
            return Refusal("duplicate_address", "The address occurs more than once in the request")
        return None

    def _accept(self, to: _To) -> Result:
        """Put the message into the outbox. Raises RenderError, or Invalid for what no relay would take."""
        message = self._message(to, self._ids.hex32())
        mime.build(message)
        endpoint = to.endpoint
        envelope = Envelope(
            channel=EMAIL,
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
            email=message,
        )
        group = direct_group(to.send.app_id)
        row = NewRow(message.message_id, EMAIL, group, to.send.began_ms, None, encode_envelope(envelope))
        self.prepared.rows.append(row)
        self._served.add(to.address.lower())
        return Result("SUCCESSFUL", 200, "Accepted", message.message_id)

    def _message(self, to: _To, message_id: str) -> EmailOutgoing:
        recipient = Recipient(
            message_id=message_id,
            account=to.send.account,
            app_id=to.send.app_id,
            address=to.address,
            context=to.variables,
            sent_at_ms=to.send.began_ms,
            ids=message_ids(to.send, to.endpoint),
            substitutions=to.wanted.substitutions,
        )
        if self.words.raw is not None:
            return self.words.raw_message(recipient)
        content = self.words.content(to.wanted)
        if content is None:
            raise Invalid("The request has no message for the channel EMAIL")
        return content.message(self._render, recipient)

    def _unrendered(self, to: _To, error: RenderError) -> Result:
        about = self._subject(to)
        mail = produced.Mail(
            message_id=about.message_id,
            sent_ms=to.send.began_ms,
            from_address=self.words.from_address,
            destination=[to.address],
            subject="",
        )
        detail = {"error_message": error.message}
        event = produced.email(about, "rendering_failure", mail, at_ms=to.send.began_ms, detail=detail)
        self.prepared.events.append(event)
        return Result("PERMANENT_FAILURE", 400, error.message)

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
