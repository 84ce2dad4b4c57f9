"""Amazon Polly's voices: what templates and messages call them, and which language each speaks.

Source: spec of voice, 6. Names are compared without accents and case: SMS-Voice v2 writes MATTHEW and CELINE.
"""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

_SPOKEN = """
arb Zeina-f-S
cmn-CN Zhiyu-f-S
da-DK Naja-f-S Mads-m-S
nl-NL Lotte-f-S Ruben-m-S
en-AU Nicole-f-S Olivia-f-N Russell-m-S
en-GB Amy-f-NS Emma-f-NS Brian-m-NS
en-IN Aditi-f-S Raveena-f-S
en-NZ Aria-f-N
en-ZA Ayanda-f-N
en-US Matthew-m-NS Ivy-f-NS Joanna-f-NS Kendra-f-NS Kimberly-f-NS Salli-f-NS Joey-m-NS Justin-m-NS Kevin-m-N
en-GB-WLS Geraint-m-S
fr-FR Céline-f-S Léa-f-NS Mathieu-m-S
fr-CA Chantal-f-S Gabrielle-f-N
de-DE Marlene-f-S Vicki-f-NS Hans-m-S
hi-IN Aditi-f-S
is-IS Dóra-f-S Karl-m-S
it-IT Carla-f-S Bianca-f-NS Giorgio-m-S
ja-JP Mizuki-f-S Takumi-m-NS
ko-KR Seoyeon-f-NS
nb-NO Liv-f-S
pl-PL Ewa-f-S Maja-f-S Jacek-m-S Jan-m-S
pt-BR Camila-f-NS Vitória-f-S Ricardo-m-S
pt-PT Inês-f-S Cristiano-m-S
ro-RO Carmen-f-S
ru-RU Tatyana-f-S Maxim-m-S
es-ES Conchita-f-S Lucia-f-NS Enrique-m-S
es-MX Mia-f-S
es-US Lupe-f-NS Penélope-f-S Miguel-m-S
sv-SE Astrid-f-S
tr-TR Filiz-f-S
cy-GB Gwyneth-f-S
"""
DEFAULT_LANGUAGE = "en-US"
"""Spoken, by Matthew, where nothing was said. Source: spec of voice, 4."""


class Voice(NamedTuple):
    """A voice: `number` tells those of one language and sex apart, `neural` is one that Polly has in no other way."""

    name: str
    language: str
    sex: Literal["f", "m"]
    number: int
    neural: bool


def plain(name: str) -> str:
    """A voice's name without accents, in lower case."""
    return "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one)).lower()


def _read() -> tuple[dict[str, list[Voice]], dict[str, list[Voice]]]:
    by_language: dict[str, list[Voice]] = {}
    by_name: dict[str, list[Voice]] = {}
    for line in _SPOKEN.split("\n"):
        language, *named = line.split() or [""]
        for told in named:
            name, sex, engines = told.split("-")
            before = by_language.setdefault(language.lower(), [])
            number = sum(1 for one in before if one.sex == sex)
            voice = Voice(name, language, "f" if sex == "f" else "m", number, engines == "N")
            before.append(voice)
            by_name.setdefault(plain(name), []).append(voice)
    return by_language, by_name


_BY_LANGUAGE, _BY_NAME = _read()


def voice_for(voice_id: str, language_code: str) -> Voice | None:
    """Who speaks: the named voice, else the language's first. None for what is not in the table."""
    if voice_id:
        named = _BY_NAME.get(plain(voice_id), [])
        speaking = [one for one in named if one.language.lower() == language_code.lower()]
        return next(iter(speaking or named), None)
    return next(iter(_BY_LANGUAGE.get((language_code or DEFAULT_LANGUAGE).lower(), [])), None)


def bilingual(voice: Voice) -> bool:
    """Whether the voice speaks more than one language, so that a request has to say which."""
    return len(_BY_NAME[plain(voice.name)]) > 1
