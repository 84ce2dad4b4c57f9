"""Sources and what they are compiled with: the cache of compiled templates, and the partials they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol

import msgspec

from clarion.domain.templates.handlebars import Template, TemplateCache, TemplateSyntaxError
from clarion.domain.templates.html.plain import plain_text

_CALL = re.compile(r"\{\{~?>\s*+\[?([A-Za-z0-9][A-Za-z0-9_-]{0,127})(?![A-Za-z0-9_-])")

# A page of a run, or a request, compiles its content anew; texts are seldom made more than once.
_plain_text = lru_cache(maxsize=64)(plain_text)


class Compiler(Protocol):
    """Compiles sources, some of them from memory."""

    def get(self, source: str) -> Template:
        """The compiled source. Raises TemplateSyntaxError."""
        ...


class Sources:
    """Compiles the sources of one template. `partials` are the shared ones it calls, and those that these call.

    Without `texts` no plain text is made of HTML.
    """

    def __init__(self, cache: TemplateCache, partials: Mapping[str, str] | None = None, *, texts: bool = True) -> None:
        self._cache = cache
        self.partials: Mapping[str, str] = partials or {}
        self._texts = texts

    def get(self, source: str) -> Template:
        """The compiled source. Raises TemplateSyntaxError."""
        return self._cache.get(source, self.partials)

    compiled = get

    def text_of(self, html: str) -> Template | None:
        """The plain-text part for an HTML part that has none beside it; None where none can be made."""
        if not self._texts:
            return None
        try:
            text = _plain_text(html)
            partials = {name: _plain_text(source, partial=True) for name, source in self.partials.items()}
            return self._cache.get(text, partials) if text else None
        except TemplateSyntaxError:
            return None


def called(texts: Iterable[str]) -> set[str]:
    """Names that these sources may call as partials; some may be inline ones."""
    return {name for text in texts if "{{" in text for name in _CALL.findall(text)}


def texts(value: object) -> Iterator[str]:
    """Every text in a struct, map or list."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
