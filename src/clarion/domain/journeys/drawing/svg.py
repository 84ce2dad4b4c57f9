"""A picture as SVG: one well-formed document, without scripts, fonts or pictures from elsewhere. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from clarion.domain.journeys.drawing.layout import ROW, Layout, Point, Size, layout
from clarion.domain.journeys.drawing.picture import Arrow, Box, Look, Picture

WIDTH = 240
END = 12
"""The size of a box without words: where people leave."""
LINE, TITLE = 15, 17
PAD = 9
LETTERS = 30
"""What fits into a line of a box; the whole text is in its tooltip."""
LABEL_LETTERS = 28
FIRST_ROW = 0.4
"""How far on their way from layer to layer labels begin."""
BACKS = 5
"""Arrows back that run side by side."""

_COLOURS: Mapping[Look, tuple[str, str]] = {
    "start": ("#e8f5e9", "#2e7d32"),
    "end": ("#ffffff", "#616161"),
    "message": ("#e3f2fd", "#1565c0"),
    "wait": ("#fff8e1", "#b26a00"),
    "split": ("#f3e5f5", "#6a1b9a"),
    "call": ("#e0f2f1", "#00695c"),
    "other": ("#f5f5f5", "#424242"),
}
_STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px;fill:#212121}"
    ".t{font-weight:600;font-size:13px}.i{fill:#757575;font-size:11px}.n{font-weight:600;font-size:12px}"
    ".a{fill:none;stroke:#616161;stroke-width:1.5}.b{stroke:#c62828;stroke-dasharray:6 4}"
    ".l{font-size:11px;fill:#424242;stroke:#ffffff;stroke-width:4px;paint-order:stroke;stroke-linejoin:round}"
)
# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(picture: Picture) -> str:
    """The document."""
    sizes = {box.number: _size(box) for box in picture.boxes}
    found = layout(picture, sizes)
    return "\n".join(_document(picture, sizes, found)) + "\n"


def _document(picture: Picture, sizes: Mapping[int, Size], found: Layout) -> Iterator[str]:
    backs = any(arrow.back for arrow in picture.arrows)
    width, height = round(found.size.width + (10 * BACKS if backs else 0)), round(found.size.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img">'
    )
    yield f"<title>{_text(picture.name)}</title>"
    yield f"<style>{_STYLE}</style>"
    yield (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
        ' orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#616161"/></marker></defs>'
    )
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    for number, arrow in enumerate(picture.arrows):
        path = _back(arrow, number, sizes, found) if arrow.back else _forward(found.ways[number])
        yield f'<path class="{"a b" if arrow.back else "a"}" d="{path}" marker-end="url(#tip)"/>'
    for box in picture.boxes:
        yield from _box(box, sizes[box.number], found.places[box.number])
    yield from _labels(picture, sizes, found)
    yield "</svg>"


# --- boxes


def _size(box: Box) -> Size:
    if box.look == "end" and not box.title:
        return Size(END, END)
    return Size(WIDTH, 2 * PAD + TITLE + LINE * len(_lines(box)))


def _lines(box: Box) -> list[str]:
    """What stands in a box below its title."""
    return [line for line in (box.description, *box.details) if line]


def _box(box: Box, size: Size, middle: tuple[float, float]) -> Iterator[str]:
    fill, stroke = _COLOURS[box.look]
    x, y = middle
    if size.width == END:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{END / 2}" fill="{fill}" stroke="{stroke}" stroke-width="3"/>'
        return
    left, top = x - size.width / 2, y - size.height / 2
    said = "\n".join(filter(None, (f"{box.title} {box.id}".strip(), *_lines(box))))
    faded = ' opacity="0.55"' if box.lost else ""
    dashes = ' stroke-dasharray="6 4"' if box.lost else ""
    radius = size.height / 2 if box.look == "start" else 6
    yield f"<g{faded} data-activity={quoteattr(_writable(box.id))}><title>{_text(said)}</title>"
    yield (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{size.width:.0f}" height="{size.height:.0f}"'
        f' rx="{radius:.0f}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"{dashes}/>'
    )
    inner, letters = (left + PAD, LETTERS) if box.look != "start" else (left + 2 * PAD, LETTERS - 4)
    line = top + PAD + TITLE - 5
    yield (
        f'<text x="{inner:.1f}" y="{line:.1f}"><tspan class="t">{_text(_cut(box.title, LETTERS - 4))}</tspan>'
        f' <tspan class="i">{_text(_cut(box.id, max(4, LETTERS - 8 - len(box.title))))}</tspan></text>'
    )
    for number, text in enumerate(_lines(box), 1):
        yield f'<text x="{inner:.1f}" y="{line + number * LINE:.1f}">{_text(_cut(text, letters))}</text>'
    yield "</g>"
    if box.people:
        yield from _badge(box.people, left + size.width, top, stroke)


def _badge(people: int, right: float, top: float, colour: str) -> Iterator[str]:
    """How many people are there, on the corner of a box."""
    text = f"{people:,}"
    width = 12 + 7 * len(text)
    x = right - width + 8
    yield f'<rect x="{x:.1f}" y="{top - 9:.1f}" width="{width}" height="18" rx="9" fill="{colour}"/>'
    yield (
        f'<text class="n" x="{x + width / 2:.1f}" y="{top + 4:.1f}" text-anchor="middle"'
        f' style="fill:#ffffff">{text}</text>'
    )


# --- arrows


def _forward(way: Sequence[Point]) -> str:
    """Straight down through layers, and from each to the next in a curve that leaves and arrives upright."""
    (x, y), *others = way
    path = f"M{x:.1f} {y:.1f}"
    for number, (to_x, to_y) in enumerate(others):
        if number % 2 == 0 or abs(to_x - x) < 0.05:
            path += f"L{to_x:.1f} {to_y:.1f}"
        else:
            middle = (y + to_y) / 2
            path += f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
    return path


def _back(arrow: Arrow, number: int, sizes: Mapping[int, Size], found: Layout) -> str:
    """Up along the right side."""
    (x, y), (to_x, to_y) = found.places[arrow.origin], found.places[arrow.to]
    x, to_x = x + sizes[arrow.origin].width / 2, to_x + sizes[arrow.to].width / 2
    side = found.size.width + 10 * (number % BACKS)
    return f"M{x:.1f} {y + 8:.1f}C{side:.1f} {y + 8:.1f} {side:.1f} {to_y - 8:.1f} {to_x:.1f} {to_y - 8:.1f}"


def _labels(picture: Picture, sizes: Mapping[int, Size], found: Layout) -> Iterator[str]:
    """What is written on arrows, below the box that they come from, each in a row of its own."""
    rows = Counter[int]()
    for number, arrow in enumerate(picture.arrows):
        if not arrow.label:
            continue
        if arrow.back:
            x, y = found.places[arrow.origin]
            x, y, anchor = x + sizes[arrow.origin].width / 2 + 6, y + 2, "start"
        else:
            (x, y), (to_x, to_y) = found.ways[number][1:3]
            down = FIRST_ROW * (to_y - y) + ROW * rows[arrow.origin]
            x, y, anchor = x + (to_x - x) * _across(down / (to_y - y)), y + down, "middle"
            rows[arrow.origin] += 1
        shown = f"<title>{_text(arrow.label)}</title>{_text(_cut(arrow.label, LABEL_LETTERS))}"
        yield f'<text class="l" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{shown}</text>'


def _across(down: float) -> float:
    """How far a curve of `_forward` has come to the side when it has come so far down, both of 1."""
    low, high = 0.0, 1.0
    for _ in range(12):
        at = (low + high) / 2
        low, high = (at, high) if 1.5 * at * (1 - at) + at**3 < down else (low, at)
    return low * low * (3 - 2 * low)


# --- texts


def _cut(text: str, letters: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= letters else flat[: letters - 1] + "…"


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def _text(text: str) -> str:
    return escape(_writable(text))
