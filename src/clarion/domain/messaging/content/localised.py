"""Messages in several languages: the variant of a template that a recipient's locale asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from clarion.channels.port import Outgoing
from clarion.domain.messaging.content.rendering import Content, Recipient, Renderer
from clarion.domain.messaging.model import LaneName
from clarion.domain.templates.service import Content as Template

C = TypeVar("C", bound=Content)


class Localised:
    """A content and its variants; all are compiled when they are first needed, a lookup costs next to nothing."""

    def __init__(
        self, template: Template[Any], default: Content, build: Callable[[Template[Any]], Content | None]
    ) -> None:
        self.default = default
        self._variants = template.variants
        self._build = build
        self._built: dict[int, Content | None] = {}

    @property
    def lane(self) -> LaneName:
        """See `Content`."""
        return self.default.lane

    def message(self, render: Renderer, recipient: Recipient) -> Outgoing:
        """See `Content`."""
        variant = self._variants.of(locale_of(recipient))
        if variant is None:
            return self.default.message(render, recipient)
        key = id(variant)
        if key not in self._built:
            self._built[key] = self._build(variant)
        return (self._built[key] or self.default).message(render, recipient)


def localised(
    template: Template[Any] | None, build: Callable[[Template[Any] | None], C | None]
) -> C | Localised | None:
    """What `build` makes of the template, in the language of each recipient when the template has several."""
    default = build(template)
    if template is None or default is None or not template.variants:
        return default
    return Localised(template, default, build)


def locale_of(recipient: Recipient) -> object:
    """The locale of the recipient's device, as it was sent; None when it is not known."""
    demographic = recipient.context.get("Demographic")
    return demographic.get("Locale") if isinstance(demographic, dict) else None
