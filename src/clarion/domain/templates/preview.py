"""What a template makes of somebody, before anything is sent: its parts rendered, and the variables without a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from clarion.channels.email.tracking import OPEN_TRACKER
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.audience.model import template_context
from clarion.domain.audience.service import Audience
from clarion.domain.templates.handlebars import Layers, RenderError, Template
from clarion.domain.templates.kinds import IN_APP, Kind
from clarion.domain.templates.model import Content

# Tracking puts a picture in its place when a message is sent.
_KEPT: Mapping[str, object] = {OPEN_TRACKER.strip("{}"): OPEN_TRACKER}
_SOURCES = frozenset({"Mjml"})
"""Parts that are not sent as they are."""


class Preview(NamedTuple):
    """What somebody would get.

    `parts` are the texts by the names of their members (`Subject`, `GCM.Body`, `Content[0].HeaderConfig.Header`),
    `missing` the variables without value or default, `problems` why a part cannot be rendered, `made` the parts
    that are made of others.
    """

    parts: dict[str, str]
    missing: list[str]
    problems: dict[str, str]
    made: list[str]


class Previews:
    """Renders without sending."""

    def __init__(self, audience: Audience, clock: Clock, ids: Ids) -> None:
        self._audience = audience
        self._clock = clock
        self._ids = ids

    def variables(self, scope: Scope, app_id: str, endpoint_id: str) -> dict[str, Any]:
        """An endpoint as variables see it. Raises NotFound."""
        return template_context(self._audience.get(scope, app_id, endpoint_id))

    def render(self, kind: Kind, content: Content[Any], *variables: Mapping[str, Any]) -> Preview:
        """The parts for one recipient; of several maps of variables the first that has a value gives it."""
        layers = Layers(*variables, content.defaults, _KEPT)
        found, noted = Preview({}, [], {}, []), dict[str, None]()
        for name, source in _sources(kind, content.parts):
            if kind is IN_APP:
                found.parts[name] = source
                continue
            self._part(found, name, content.sources.get(source), layers, noted)
        html = getattr(content.parts, "html", None)
        if html and "TextPart" not in found.parts and (text := content.sources.text_of(html)) is not None:
            self._part(found, "TextPart", text, layers, noted)
            found.made.append("TextPart")
        found.missing.extend(noted)
        return found

    def _part(self, found: Preview, name: str, template: Template, layers: Layers, noted: dict[str, None]) -> None:
        try:
            found.parts[name] = template.render(layers, clock=self._clock, ids=self._ids, noted=noted)
        except RenderError as error:
            found.problems[name] = error.message


def _sources(kind: Kind, parts: Any) -> Iterator[tuple[str, str]]:
    """The texts of a template, by the names that requests give them."""
    named: dict[str, Any] = msgspec.to_builtins(kind.variant(**kind.named(kind.variant, parts)))
    yield from _flat("", {name: value for name, value in named.items() if name not in _SOURCES})


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _flat(f"{prefix}[{number}]", each)
    elif value is not None:
        yield prefix, str(value)
