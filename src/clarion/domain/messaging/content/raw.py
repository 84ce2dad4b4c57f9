"""JSON whose strings are templates: raw push messages, and the data that go along with one.

What is JSON before it is rendered stays JSON whatever the values are: they are put into its strings. Only what
becomes JSON by being rendered (`{"badge": {{Metrics.unread}}}`) is rendered as one text, and then checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from clarion.core.errors import Invalid
from clarion.domain.messaging.content.rendering import Renderer
from clarion.domain.templates.handlebars import Layers, Template
from clarion.domain.templates.service import Compiling

_VARIABLE = "{{"


class RawJson:
    """A compiled source of JSON; `member` is what errors call it. Raises TemplateSyntaxError when made."""

    def __init__(self, templates: Compiling, member: str, source: str) -> None:
        self._member = member
        self._whole: Template | None = None
        self._parsed: Any = None
        self._text = source
        if _VARIABLE not in source:
            return
        try:
            self._parsed = _map(msgspec.json.decode(source), templates.compiled)
        except msgspec.DecodeError:
            self._whole = templates.compiled(source)

    def text(self, render: Renderer, layers: Layers) -> str:
        """The JSON text for one recipient. Raises RenderError, Invalid for what is no JSON."""
        if self._parsed is not None:
            return msgspec.json.encode(_rendered(self._parsed, render, layers)).decode()
        text = self._text if self._whole is None else render(self._whole, layers) or ""
        try:
            msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise Invalid(f"{self._member}: not JSON: {error}") from None
        return text


def check_json(member: str, source: str | None) -> None:
    """Raise Invalid when a source is no JSON and cannot become it for want of variables."""
    if not source or _VARIABLE in source:
        return
    try:
        msgspec.json.decode(source)
    except msgspec.DecodeError as error:
        raise Invalid(f"{member}: not JSON: {error}") from None


def _map(value: Any, compiled: Callable[[str], Template]) -> Any:
    """The value with templates in the place of strings that have variables."""
    if isinstance(value, str):
        return compiled(value) if _VARIABLE in value else value
    if isinstance(value, dict):
        return {name: _map(item, compiled) for name, item in value.items()}
    if isinstance(value, list):
        return [_map(item, compiled) for item in value]
    return value


def _rendered(value: Any, render: Renderer, layers: Layers) -> Any:
    if isinstance(value, Template):
        return render(value, layers)
    if isinstance(value, dict):
        return {name: _rendered(item, render, layers) for name, item in value.items()}
    if isinstance(value, list):
        return [_rendered(item, render, layers) for item in value]
    return value
