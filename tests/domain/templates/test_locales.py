"""Which variant a locale gets."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid
from clarion.domain.templates.locales import MAX_VARIANTS, Variants, check_locales, ways


@pytest.mark.parametrize(
    ("locale", "found"),
    [
        ("de_AT", "austria"),
        ("de-at", "austria"),
        ("de_AT.UTF-8", "austria"),
        ("de_AT@euro", "austria"),
        ("de_CH", "german"),
        ("de", "german"),
        ("zh_Hant_TW", "traditional"),
        ("zh_Hans_CN", None),
        ("fr_FR", None),
        ("", None),
        (None, None),
        (7, None),
        ("de" * 1000, None),
    ],
)
def test_the_best_variant(locale: object, found: str | None) -> None:
    variants = Variants({"de": "german", "de-AT": "austria", "zh_Hant": "traditional"})
    assert variants.of(locale) == found


def test_ways() -> None:
    assert list(ways("zh-Hant-TW")) == ["zh_hant_tw", "zh_hant", "zh"]


@pytest.mark.parametrize(
    ("locales", "problem"),
    [
        (["de", "german!"], "german! is no locale"),
        (["d"], "d is no locale"),
        (["de_AT", "de-at"], "de_AT and de-at are the same locale"),
        ([f"de_{number:04}" for number in range(MAX_VARIANTS + 1)], "at most 50"),
    ],
)
def test_what_is_refused(locales: list[str], problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        check_locales("Variants", dict.fromkeys(locales))
    check_locales("Variants", {"de": 1, "pt_BR": 2, "zh_Hant_TW": 3})
