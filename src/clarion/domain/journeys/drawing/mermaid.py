"""A picture in Mermaid's language, which wikis and code hosts show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clarion.domain.journeys.drawing.picture import Box, Look, Picture

_SHAPES: Mapping[Look, tuple[str, str]] = {
    "start": ("([", "])"),
    "end": ("((", "))"),
    "wait": ("{{", "}}"),
    "split": ("{", "}"),
    "call": ("[/", "/]"),
}
_ESCAPED = {ord(sign): f"#{ord(sign)};" for sign in '"#&<>`;\\'}
_LOST = "classDef lost stroke-dasharray: 5 5, opacity: 0.6"


def mermaid(picture: Picture) -> str:
    """The text of a flow chart."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    yield "flowchart TD"
    for box in picture.boxes:
        opening, closing = _SHAPES.get(box.look, ("[", "]"))
        yield f'    n{box.number}{opening}"{_text(box)}"{closing}'
    for arrow in picture.arrows:
        line = "-.->" if arrow.back else "-->"
        label = f'|"{_said(arrow.label)}"|' if arrow.label else ""
        yield f"    n{arrow.origin} {line}{label} n{arrow.to}"
    if lost := [f"n{box.number}" for box in picture.boxes if box.lost]:
        yield f"    {_LOST}"
        yield f"    class {','.join(lost)} lost"


def _text(box: Box) -> str:
    if box.look == "end":
        return _said(box.title or "end")
    lines = [f"<b>{_said(box.title)}</b> {_said(box.id)}".rstrip(), _said(box.description)]
    lines += map(_said, box.details)
    if box.people:
        lines.append(f"{box.people} here")
    return "<br/>".join(filter(None, lines))


def _said(text: str) -> str:
    """A text as Mermaid shows it, on one line."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split()).translate(_ESCAPED)
