"""MJML to HTML, once, when a template is written.

Tags of the template language are taken out before and put back behind, so MJML sees words in their places: in
texts and attributes, and between components, where they are wrapped into `<mj-raw>`. What MJML drops or cannot
read is refused with its line.

The compiler (docs/adr/0012) is native code that ends its process when elements nest too deep; it gets a process
of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys

from clarion.core.errors import Invalid, Unavailable
from clarion.domain.templates.handlebars import TemplateSyntaxError
from clarion.domain.templates.handlebars.tags import Tag, tags
from clarion.domain.templates.html.elements import RAW_PLACES, Checker, line_of

MAX_MJML = 600_000
TIMEOUT_SECONDS = 20

_PROGRAM = """
import sys, mjml
try:
    html = mjml.mjml2html(sys.stdin.buffer.read().decode())
except Exception as error:
    sys.stderr.write(str(error))
    sys.exit(3)
sys.stdout.buffer.write(html.encode())
"""
_REFUSED = 3
_AT = re.compile(r" in root template(?: at position (\d+):\d+)?")


def compile_mjml(source: str) -> str:
    """The HTML of an MJML source. Raises Invalid naming the line and what is wrong there."""
    if len(source) > MAX_MJML:
        raise Invalid(f"has {len(source)} characters, at most {MAX_MJML} are allowed")
    try:
        found = list(tags(source))
    except TemplateSyntaxError as error:
        raise Invalid(error.message) from error
    places = Checker(_masked(source, found)).places([tag.start for tag in found])
    mark = _mark(source)
    text, lines = _prepared(source, found, places, mark)
    try:
        html = _run(text, lines)
    except Invalid as error:
        raise Invalid(
            re.sub(rf"{mark}(\d+)q", lambda match: _written(source, found[int(match[1])]), error.message)
        ) from None
    return _restored(html, source, found, places, mark)


def _masked(source: str, found: list[Tag]) -> str:
    """The source with its tags blotted out, every other character and every line where it was."""
    parts, end = [], 0
    for tag in found:
        parts += [source[end : tag.start], re.sub(r"[^\n]", "x", source[tag.start : tag.end])]
        end = tag.end
    return "".join([*parts, source[end:]])


def _mark(source: str) -> str:
    """A word that does not occur in the source."""
    mark = "zqhb"
    while mark in source:
        mark += "z"
    return mark


def _prepared(source: str, found: list[Tag], places: list[str], mark: str) -> tuple[str, list[tuple[int, int]]]:
    """What MJML gets, and for offsets in it the lines of the source, in steps."""
    parts, end, size, line, lines = [], 0, 0, 1, [(0, 1)]
    for number, (tag, place) in enumerate(zip(found, places, strict=True)):
        word = f"{mark}{number}q"
        for part in (source[end : tag.start], f"<mj-raw>{word}</mj-raw>" if place in RAW_PLACES else word):
            parts.append(part)
            size += len(part)
        line += source.count("\n", end, tag.end)
        lines.append((size, line))
        end = tag.end
    return "".join([*parts, source[end:]]), lines


def _run(text: str, lines: list[tuple[int, int]]) -> str:
    command = [sys.executable, "-I", "-c", _PROGRAM]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Invalid(f"takes more than {TIMEOUT_SECONDS} seconds to compile") from None
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == _REFUSED:
        raise Invalid(_problem(said, text, lines))
    if done.returncode < 0:
        raise Invalid("nests too deep, or is too large, to be compiled")
    if done.returncode:
        raise Unavailable(f"MJML cannot be compiled here: {said.splitlines()[-1] if said else done.returncode}")
    return done.stdout.decode()


def _problem(said: str, text: str, lines: list[tuple[int, int]]) -> str:
    """The compiler's words with the line of the source, where it tells a place."""
    match = _AT.search(said)
    problem = _AT.sub("", said)
    if match is None or match[1] is None:
        return f"{problem}: elements must be closed, and attributes quoted, as in XML"
    offset = int(match[1])
    start, line = max(step for step in lines if step[0] <= offset)
    return f"line {line + text.count(chr(10), start, offset)}: {problem}: {text[offset : offset + 40].split('>')[0]}>"


def _written(source: str, tag: Tag) -> str:
    return source[tag.start : tag.end]


def _restored(html: str, source: str, found: list[Tag], places: list[str], mark: str) -> str:
    seen: set[int] = set()

    def back(match: re.Match[str]) -> str:
        number = int(match[1])
        seen.add(number)
        return _written(source, found[number])

    text = re.sub(rf"{mark}(\d+)q", back, html)
    for number, (tag, place) in enumerate(zip(found, places, strict=True)):
        if number not in seen and tag.sign != "!" and place != "!":
            written = _written(source, tag)
            raise Invalid(
                f"line {line_of(source, tag.start)}: {written} cannot stand in <{place.strip()}>: MJML leaves it out"
            )
    return text
