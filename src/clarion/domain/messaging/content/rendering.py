"""Rendering for one recipient, whatever the channel.

Variables are looked up in layers, the first that has a value wins: the recipient's own substitutions, the
message's, the endpoint (the two can be swapped by a setting), the template's defaults. Source: spec of
templates, 4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from clarion.channels.email.tracking import OPEN_TRACKER, PREFERENCES_MARK, UNSUBSCRIBE_MARKS
from clarion.channels.port import Outgoing, SmsOutgoing
from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.audience.model import Endpoint
from clarion.domain.messaging.model import LaneName
from clarion.domain.templates.handlebars import Layers, Missing, RenderError, Template
from clarion.domain.templates.service import Compiling

# Tracking looks for them in the finished message, so rendering must leave them in place.
_KEPT: Mapping[str, object] = {mark.strip("{}"): mark for mark in (OPEN_TRACKER, PREFERENCES_MARK, *UNSUBSCRIBE_MARKS)}

Unsendable = (RenderError, Invalid)
"""What `Content.message` raises for a recipient who cannot be sent anything."""


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """One addressee: `context` is the endpoint as variables see it, `substitutions` its own values.

    `channel` is its channel type, `ids` the ids that go along with the message, `activity_id` and `given` the run
    and the request's own context. `endpoint` is blank for a bare address. `title` and `body`, when not None, are
    sources that take the place of the message's own.
    """

    message_id: str
    account: str
    app_id: str
    address: str
    context: Mapping[str, Any]
    sent_at_ms: int
    ids: dict[str, str] = {}
    substitutions: Mapping[str, Any] | None = None
    channel: str = ""
    endpoint: Endpoint = msgspec.field(default_factory=lambda: Endpoint(id=""))
    activity_id: str = ""
    given: Mapping[str, str] = {}
    title: str | None = None
    body: str | None = None

    def saying(self, title: str | None, body: str | None) -> Recipient:
        """The same recipient, told something else."""
        return msgspec.structs.replace(self, title=title, body=body)


class Content(Protocol):
    """The compiled message of one send for channel types of one lane."""

    @property
    def lane(self) -> LaneName:
        """The way out that its messages take."""

    def message(self, render: Renderer, recipient: Recipient) -> Outgoing:
        """The message for one recipient. Raises one of `Unsendable`: a value is missing, or it is too large."""


class Renderer:
    """Renders with the product's clock, ids and the settings for missing and competing values.

    `originated` gives a text message the number or sender ID that it leaves from; it raises Invalid when there is none.
    """

    def __init__(self, settings: Settings, clock: Clock, ids: Ids) -> None:
        self._missing: Missing = "strict" if settings.missing_variables == "strict" else "empty"
        self._message_first = settings.message_defaults_first
        self._clock = clock
        self._ids = ids
        self.originated: Callable[[SmsOutgoing], SmsOutgoing] = lambda message: message

    def __call__(self, template: Template | None, layers: Layers) -> str | None:
        if template is None:
            return None
        return template.render(layers, clock=self._clock, ids=self._ids, missing=self._missing)

    def layers(
        self,
        own: Mapping[str, Any] | None,
        common: Mapping[str, Any],
        endpoint: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> Layers:
        """The values of one message in order of precedence."""
        middle = (common, endpoint) if self._message_first else (endpoint, common)
        return Layers(own, *middle, defaults, _KEPT)


def compiled(templates: Compiling, source: str | None) -> Template | None:
    """A source compiled; None for one that is not there or empty. Raises TemplateSyntaxError."""
    return templates.compiled(source) if source else None


def one_line(text: str) -> str:
    """The text without line breaks, for where a line ends the field."""
    return " ".join(text.split())
