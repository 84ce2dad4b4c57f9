"""A date pattern, cut into fields and literal text."""

from __future__ import annotations

import functools
from typing import NamedTuple

from clarion.domain.templates.handlebars.errors import Problem

STYLES = {
    "full": "EEEE, MMMM d, yyyy",
    "long": "MMMM d, yyyy",
    "medium": "MMM d, yyyy",
    "short": "M/d/yy",
}
LETTERS = frozenset("GyYMLwWDdFEuaHkKhmsSzZX")
_LONGEST = 200

MONTHS = ("January February March April May June July August September October November December").split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class Field(NamedTuple):
    """A letter and how often it is repeated; an empty letter stands for the literal `text`."""

    letter: str
    times: int
    text: str = ""


@functools.lru_cache(maxsize=512)
def fields(pattern: str) -> tuple[Field, ...]:
    """The fields of a style name or pattern; text between apostrophes is literal, two make one.

    Raises Problem for a letter without meaning.
    """
    pattern = STYLES.get(pattern, pattern)
    if len(pattern) > _LONGEST:
        raise Problem(f"a date format has at most {_LONGEST} characters")
    found: list[Field] = []
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter == "'":
            text, position = _quoted(pattern, position)
            found.append(Field("", 0, text))
        elif letter.isascii() and letter.isalpha():
            if letter not in LETTERS:
                raise Problem(f"{letter!r} has no meaning in the date format {pattern!r}")
            end = position
            while end < len(pattern) and pattern[end] == letter:
                end += 1
            found.append(Field(letter, end - position))
            position = end
        else:
            found.append(Field("", 0, letter))
            position += 1
    return tuple(found)


def _quoted(pattern: str, start: int) -> tuple[str, int]:
    if pattern.startswith("''", start):
        return "'", start + 2
    text, position = "", start + 1
    while position < len(pattern):
        if pattern.startswith("''", position):
            text, position = text + "'", position + 2
        elif pattern[position] == "'":
            return text, position + 1
        else:
            text, position = text + pattern[position], position + 1
    raise Problem(f"the date format {pattern!r} lacks a closing apostrophe")
