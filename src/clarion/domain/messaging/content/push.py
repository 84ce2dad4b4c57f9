"""Push notifications: one content for every service that shares its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from clarion.channels.port import PushOutgoing, PushService
from clarion.channels.push import forms
from clarion.channels.push.notification import Notification, Sender
from clarion.domain.messaging.content.raw import RawJson
from clarion.domain.messaging.content.rendering import Recipient, Renderer, compiled
from clarion.domain.messaging.model import PUSH
from clarion.domain.templates.service import Compiling

TEXTS = ("title", "body", "url", "image_url", "image_icon_url", "small_image_icon_url", "media_url")
"""The members of a notification that may name variables, beside the JSON of `raw` and `data`."""


class PushContent:
    """A compiled notification of one send. `defaults` are the template's, `common` the message's substitutions."""

    lane = PUSH

    def __init__(
        self,
        templates: Compiling,
        parts: Notification,
        *,
        defaults: Mapping[str, Any] | None = None,
        common: Mapping[str, Any] | None = None,
    ) -> None:
        self._templates = templates
        self._parts = parts
        self._defaults = defaults or {}
        self._common = common or {}
        self._texts = {name: templates.compiled(source) for name in TEXTS if (source := getattr(parts, name))}
        self._raw = RawJson(templates, "RawContent", parts.raw) if parts.raw else None
        self._data = RawJson(templates, "Data", parts.data) if parts.data else None

    def message(self, render: Renderer, recipient: Recipient) -> PushOutgoing:
        """The notification for one recipient, in the form of its service. Raises RenderError, Invalid."""
        layers = render.layers(recipient.substitutions, self._common, recipient.context, self._defaults)
        texts = {name: render(template, layers) for name, template in self._texts.items()}
        if recipient.title is not None:
            texts["title"] = render(compiled(self._templates, recipient.title), layers)
        if recipient.body is not None:
            texts["body"] = render(compiled(self._templates, recipient.body), layers)
        said = msgspec.structs.replace(
            self._parts,
            raw=self._raw.text(render, layers) if self._raw else None,
            data=self._data.text(render, layers) if self._data else None,
            **texts,
        )
        service = cast(PushService, recipient.channel)
        sent_at_ms = recipient.sent_at_ms
        built = forms.build(service, said, _sender(recipient), token=recipient.address, sent_at_ms=sent_at_ms)
        return PushOutgoing(
            message_id=recipient.message_id,
            account=recipient.account,
            app_id=recipient.app_id,
            service=service,
            to_address=recipient.address,
            payload=built.payload,
            headers=built.headers,
            title=said.title or "",
            body=said.body or "",
            method=said.method,
            context=recipient.ids,
            sent_at_ms=sent_at_ms,
        )


def _sender(recipient: Recipient) -> Sender:
    ids = recipient.ids
    return Sender(
        endpoint_id=recipient.endpoint.id,
        campaign_id=ids.get("CampaignId", ""),
        activity_id=recipient.activity_id,
        treatment_id=ids.get("TreatmentId", ""),
        journey_id=ids.get("JourneyId", ""),
        journey_run_id=ids.get("JourneyRunId", ""),
        trace_id=ids.get("TraceId", ""),
        context=recipient.given,
    )
