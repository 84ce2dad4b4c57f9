"""Where the tags of a template are, for who rewrites the text around them and must leave them whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from clarion.domain.templates.handlebars.syntax.scanner import Scanner


class Tag(NamedTuple):
    """One tag, `source[start:end]`; `sign` is `""` for a value, else `#`, `/`, `else`, `>`, `!` …"""

    start: int
    end: int
    sign: str


def tags(source: str) -> Iterator[Tag]:
    """Every tag in order. Raises TemplateSyntaxError for one that does not end, or has what no tag may have."""
    scanner = Scanner(source)
    while not scanner.done:
        if scanner.at_text:
            scanner.text()
            continue
        start = scanner.position
        opening = scanner.opening()
        if opening.sign == "!":
            scanner.comment(start)
        elif opening.sign != "^" or scanner.lone_inverse() is None:
            while scanner.next().kind != "close":
                pass
        yield Tag(start, scanner.position, opening.sign)


def hidden(source: str, name: Callable[[int, Tag], str]) -> tuple[str, list[Tag]]:
    """The source with `name(number, tag)` in the place of each tag, and the tags."""
    found, parts, end = [], [], 0
    for number, tag in enumerate(tags(source)):
        parts += [source[end : tag.start], name(number, tag)]
        found.append(tag)
        end = tag.end
    return "".join([*parts, source[end:]]), found
