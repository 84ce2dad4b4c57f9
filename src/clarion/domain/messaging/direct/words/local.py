"""Words in the language of each recipient, when the template they are made of has several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from clarion.channels.port import Outgoing
from clarion.domain.messaging.content import Recipient, Renderer
from clarion.domain.messaging.content.localised import locale_of
from clarion.domain.messaging.direct.words.port import Target, Words
from clarion.domain.messaging.model import LaneName
from clarion.domain.templates.service import Content

W = TypeVar("W", bound=Words)


class LocalWords:
    """Words of a template, and of its variants as they are needed."""

    def __init__(self, template: Content[Any], default: Words, build: Callable[[Content[Any]], Words]) -> None:
        self.default = default
        self._variants = template.variants
        self._build = build
        self._built: dict[int, Words] = {}

    @property
    def lane(self) -> LaneName:
        """See `Words`."""
        return self.default.lane

    def speaks(self, channel: str, target: Target) -> bool:
        """See `Words`."""
        return self.default.speaks(channel, target)

    def message(self, render: Renderer, recipient: Recipient, target: Target) -> Outgoing:
        """See `Words`."""
        variant = self._variants.of(locale_of(recipient))
        if variant is None:
            return self.default.message(render, recipient, target)
        if id(variant) not in self._built:
            self._built[id(variant)] = self._build(variant)
        return self._built[id(variant)].message(render, recipient, target)


def local(template: Content[Any] | None, build: Callable[[Content[Any] | None], W]) -> W | LocalWords:
    """What `build` makes of the template, in each recipient's language."""
    default = build(template)
    return default if template is None or not template.variants else LocalWords(template, default, build)
