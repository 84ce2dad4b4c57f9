"""The elements of an MJML source: whether they open and close in order, and which of them a place is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

from clarion.core.errors import Invalid

MAX_DEPTH = 100

RAW_PLACES = frozenset({"mj-head", "mj-body", "mj-wrapper", "mj-section", "mj-column", "mj-group", "mj-hero"})
"""Components between whose children something raw may stand."""
_WORDLESS = RAW_PLACES | {"mjml"}
_KNOWN = _WORDLESS | frozenset(
    "mj-accordion mj-accordion-element mj-accordion-text mj-accordion-title mj-all mj-attributes mj-breakpoint "
    "mj-button mj-carousel mj-carousel-image mj-class mj-divider mj-font mj-html-attribute mj-html-attributes mj-image "
    "mj-navbar mj-navbar-link mj-preview mj-raw mj-selector mj-social mj-social-element mj-spacer mj-style mj-table "
    "mj-text mj-title".split()
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_UNREAD = frozenset({"mj-style"})
"""Elements whose content is no markup."""

_NAME = re.compile(r"<(/?)([A-Za-z][\w:-]*)")
_ATTRIBUTES = re.compile(r"""(?>[^"'<>]|"[^"]*"|'[^']*')*+>""")
_UNQUOTED = re.compile(r"""=\s*[^\s"'>]""")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")


def line_of(text: str, offset: int) -> int:
    """The line of an offset, from 1."""
    return text.count("\n", 0, offset) + 1


class Checker:
    """Walks through a source once. `masked` is the source with tags of the template language blotted out by x."""

    def __init__(self, masked: str) -> None:
        self._text = masked
        self._open: list[tuple[str, int]] = []

    def places(self, offsets: Sequence[int]) -> list[str]:
        """For each offset, in order, the element it is in, "!" in a comment; with a blank behind it in the start tag of
        one of `RAW_PLACES`. Raises Invalid with the line.
        """
        found: list[str] = []
        for end, place in self._segments():
            while len(found) < len(offsets) and offsets[len(found)] < end:
                found.append(place)
        return found

    def _segments(self) -> Iterator[tuple[int, str]]:
        """The source piece by piece: where a piece ends, and the element it is in."""
        text, at = self._text, 0
        if not text.lstrip().startswith("<mjml"):
            self._fail(0, "an MJML source begins with <mjml>")
        while (start := text.find("<", at)) >= 0:
            place = self._open[-1][0] if self._open else ""
            if place in _WORDLESS and (words := text[at:start].strip()).strip("x \n\t"):
                self._fail(text.index(words, at), f"text cannot stand in <{place}>; it needs an <mj-text> or <mj-raw>")
            yield start, place
            at, place = self._step(start)
            yield at, f"{place} " if place in RAW_PLACES else place
        if self._open:
            name, opened = self._open[-1]
            self._fail(opened, f"<{name}> is never closed")
        yield len(text) + 1, ""

    def _step(self, start: int) -> tuple[int, str]:
        """Over the markup at `start`: where it ends, and what something within it is in."""
        text = self._text
        if text.startswith("<!--", start):
            end = text.find("-->", start + 4)
            if end < 0:
                self._fail(start, "this comment is never closed")
            return end + 3, "!"
        if text.startswith("<!", start) or text.startswith("<?", start):
            end = text.find(">", start)
            return (end + 1 if end >= 0 else len(text)), "!"
        named = _NAME.match(text, start)
        if named is None:
            self._fail(start, "a < that begins no element is written &lt;")
        name = named[2]
        rest = _ATTRIBUTES.match(text, named.end())
        if rest is None:
            self._fail(start, f"<{named[1]}{name} lacks its >")
        if named[1]:
            self._end(name, start)
        else:
            self._begin(name, start, rest[0])
        end = rest.end()
        if name in _UNREAD and not named[1] and not rest[0].endswith("/>"):
            found = text.find(f"</{name}", end)
            return (found if found >= 0 else end), name
        return end, name

    def _begin(self, name: str, start: int, rest: str) -> None:
        if name.startswith("mj-") and name not in _KNOWN:
            what = "is not possible here; use a partial" if name == "mj-include" else "is no element of MJML"
            self._fail(start, f"<{name}> {what}")
        if _UNQUOTED.search(_QUOTED.sub('""', rest.rstrip("/>"))):
            self._fail(start, f"an attribute of <{name}> stands without quotes")
        if rest.endswith("/>") or name.lower() in _VOID:
            return
        self._open.append((name, start))
        if len(self._open) > MAX_DEPTH:
            self._fail(start, f"elements nest more than {MAX_DEPTH} deep")

    def _end(self, name: str, start: int) -> None:
        if not self._open:
            self._fail(start, f"</{name}> closes nothing")
        opened, at = self._open.pop()
        if opened != name:
            self._fail(start, f"</{name}> stands where <{opened}> of line {line_of(self._text, at)} has to be closed")

    def _fail(self, offset: int, problem: str) -> NoReturn:
        raise Invalid(f"line {line_of(self._text, offset)}: {problem}")
