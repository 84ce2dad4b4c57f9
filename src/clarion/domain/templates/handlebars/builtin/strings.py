"""Helpers that make a text from a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from clarion.domain.templates.handlebars.builtin.signature import LAST, Helper, Named, decimal, option, size
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Run
from clarion.domain.templates.handlebars.runtime.values import truthy

_WORD = re.compile(r"\S+")
_ELLIPSIS = "..."


def _abbreviate(run: Run, values: Sequence[object], named: Named) -> str:
    text, width = run.text(values[0]), size(values[1], "the length", run.budget.work)
    if len(text) <= width:
        return text
    return text[: max(width - len(_ELLIPSIS), 0)] + _ELLIPSIS[:width]


def _capitalized(text: str) -> str:
    first = text[:1].upper()
    return (first if len(first) == 1 else text[:1]) + text[1:]


def _capitalize(run: Run, values: Sequence[object], named: Named) -> str:
    text = run.text(values[0])
    if truthy(named.get("fully")):
        text = text.lower()
    return _WORD.sub(lambda word: _capitalized(word[0]), text)


def _capitalize_first(run: Run, values: Sequence[object], named: Named) -> str:
    return _capitalized(run.text(values[0]))


def _center(run: Run, values: Sequence[object], named: Named) -> str:
    return _padded(run, values, named, lambda blanks: blanks // 2)


def _ljust(run: Run, values: Sequence[object], named: Named) -> str:
    return _padded(run, values, named, lambda blanks: 0)


def _rjust(run: Run, values: Sequence[object], named: Named) -> str:
    return _padded(run, values, named, lambda blanks: blanks)


def _padded(run: Run, values: Sequence[object], named: Named, before: Callable[[int], int]) -> str:
    """The width is `size=` or the second argument; `before` tells how much of the padding goes in front."""
    wanted = named.get("size", values[1] if len(values) > 1 else None)
    if wanted is None:
        raise Problem("expected a size")
    text, width = run.text(values[0]), size(wanted, "the size", run.budget.work)
    blanks = width - len(text)
    if blanks <= 0:
        return text
    run.afford(width)
    pad = option(run, named, "pad", " ") or " "
    left = before(blanks)
    return _filled(pad, left) + text + _filled(pad, blanks - left)


def _filled(pad: str, width: int) -> str:
    return (pad * (width // len(pad) + 1))[:width]


def _cut(run: Run, values: Sequence[object], named: Named) -> str:
    unwanted = run.text(values[1]) if len(values) > 1 else " "
    text = run.text(values[0])
    return text.replace(unwanted, "") if unwanted else text


def _inflect(run: Run, values: Sequence[object], named: Named) -> str:
    count = run.text(values[0])
    word = run.text(values[1] if abs(decimal(values[0], "the count")) == 1 else values[2])
    included = named.get("includeCount", values[3] if len(values) > 3 else False)
    return f"{count} {word}" if _is_true(included) else word


def _is_true(value: object) -> bool:
    return value is True or value == "true"


def _join(run: Run, values: Sequence[object], named: Named) -> str:
    separator = run.text(values[-1]) if len(values) > 1 else ", "
    listed = values[0] if isinstance(values[0], list | tuple) else values[: max(len(values) - 1, 1)]
    texts = [run.text(each) for each in listed]
    run.afford(sum(map(len, texts)) + len(separator) * len(texts))
    return option(run, named, "prefix", "") + separator.join(texts) + option(run, named, "suffix", "")


def _lower(run: Run, values: Sequence[object], named: Named) -> str:
    return run.text(values[0]).lower()


def _upper(run: Run, values: Sequence[object], named: Named) -> str:
    return run.text(values[0]).upper()


def _replace(run: Run, values: Sequence[object], named: Named) -> str:
    text, found, new = (run.text(value) for value in values)
    if not found:
        return text
    run.afford(len(text) + text.count(found) * max(len(new) - len(found), 0))
    return text.replace(found, new)


def _slugify(run: Run, values: Sequence[object], named: Named) -> str:
    kept = [
        "-" if letter.isspace() else letter
        for letter in run.text(values[0]).strip()
        if letter.isalnum() or letter == "_" or letter.isspace()
    ]
    return "".join(kept).lower()


def _strip_tags(run: Run, values: Sequence[object], named: Named) -> str:
    text, kept, start = run.text(values[0]), [], 0
    while (tag := text.find("<", start)) >= 0 and (end := text.find(">", tag)) >= 0:
        kept.append(text[start:tag])
        start = end + 1
    return "".join(kept) + text[start:]


def _substring(run: Run, values: Sequence[object], named: Named) -> str:
    text, most = run.text(values[0]), run.budget.work
    start = size(values[1], "the start", most)
    end = size(values[2], "the end", most) if len(values) > 2 else len(text)
    return text[start:end]


def _yesno(run: Run, values: Sequence[object], named: Named) -> object:
    value = values[0]
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    answer = value.strip().lower() if isinstance(value, str) and len(value) <= 10 else value
    if answer is True or answer == "true":
        return named.get("yes", "yes")
    if answer is False or answer == "false":
        return named.get("no", "no")
    return named.get("maybe", "maybe")


STRINGS = {
    "abbreviate": Helper(_abbreviate, 2, 2),
    "capitalize": Helper(_capitalize, 1, 1),
    "capitalizeFirst": Helper(_capitalize_first, 1, 1),
    "center": Helper(_center, 1, 2),
    "cut": Helper(_cut, 1, 2, words=frozenset({1})),
    "inflect": Helper(_inflect, 3, 4, words=frozenset({1, 2})),
    "join": Helper(_join, 1, None, words=frozenset({LAST})),
    "ljust": Helper(_ljust, 1, 2),
    "lower": Helper(_lower, 1, 1),
    "replace": Helper(_replace, 3, 3, words=frozenset({1, 2})),
    "rjust": Helper(_rjust, 1, 2),
    "slugify": Helper(_slugify, 1, 1),
    "stripTags": Helper(_strip_tags, 1, 1),
    "substring": Helper(_substring, 2, 3),
    "upper": Helper(_upper, 1, 1),
    "yesno": Helper(_yesno, 1, 1, optional=True),
}
