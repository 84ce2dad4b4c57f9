"""Which language variant a recipient gets: `de_AT`, else `de`, else what the template says without variants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from clarion.core.errors import Invalid

MAX_VARIANTS = 50

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
_BEHIND = re.compile(r"[.@].*", re.DOTALL)
_LONGEST = 40

T = TypeVar("T")


def check_locales(field: str, variants: Mapping[str, object]) -> None:
    """Raise Invalid unless these are locales, each once however it is written, and not too many."""
    if len(variants) > MAX_VARIANTS:
        raise Invalid(f"{field}: at most {MAX_VARIANTS} languages")
    seen: dict[str, str] = {}
    for locale in variants:
        if not _LOCALE.fullmatch(locale):
            raise Invalid(f"{field}: {locale[:_LONGEST]} is no locale such as de, de_AT or zh_Hant_TW")
        if (other := seen.setdefault(_plain(locale), locale)) != locale:
            raise Invalid(f"{field}: {other} and {locale} are the same locale")


def ways(locale: object) -> Iterator[str]:
    """The names under which a variant for this locale is looked for, best first: de_at, de."""
    if not isinstance(locale, str) or not locale or len(locale) > _LONGEST:
        return
    parts = _plain(_BEHIND.sub("", locale)).split("_")
    for size in range(len(parts), 0, -1):
        yield "_".join(parts[:size])


class Variants(dict[str, T]):
    """Values by locale; `of` finds the best one for a recipient. A lookup costs as much as the locale is long."""

    def __init__(self, values: Mapping[str, T]) -> None:
        super().__init__({_plain(locale): value for locale, value in values.items()})

    def of(self, locale: object) -> T | None:
        """The variant for a locale as a device writes it (`de-AT`, `de_AT.UTF-8`), None when there is none."""
        for name in ways(locale):
            if name in self:
                return self[name]
        return None


def _plain(locale: str) -> str:
    return locale.replace("-", "_").lower()
