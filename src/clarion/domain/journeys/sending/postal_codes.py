"""Postal codes and time zones, as far as the first characters of a code tell.

Written for Clarion from how postal authorities assign prefixes to states, provinces and islands (USPS three-digit
ZIP prefixes, Canada Post forward sortation areas, Australia Post ranges, NZ Post, Correos, Deutsche Post) and from the
boundaries of the zones in the IANA time zone database. Where a prefix reaches over a boundary, both zones are named:
people there are quiet when either is. The longest prefix counts; `-` is a place outside the country's own zones
(forces' post, overseas territories, neighbours); `*` is everywhere else, where there is such a thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

FORMS: Mapping[str, re.Pattern[str]] = {
    country: re.compile(form, re.ASCII)
    for country, form in {
        "US": r"\d{5}(\d{4})?",
        "GB": r"[A-Z]{1,2}\d[A-Z\d]?(\d[A-Z]{2})?",
        "AU": r"\d{4}",
        "NZ": r"\d{4}",
        "CA": r"[A-Z]\d[A-Z](\d[A-Z]\d)?",
        "FR": r"\d{5}",
        "IT": r"\d{5}",
        "ES": r"\d{5}",
        "DE": r"\d{5}",
    }.items()
}
"""What a code looks like, without spaces and hyphens. These are the countries of Pinpoint; there are no others."""

_TABLES = {
    "US": """
        America/New_York             005 010-089 100-324 326-339 341-342 344 346-347 349 373-374 376-379 398-419
        America/New_York             425-427 430-459
        America/Detroit              480-497 498-499
        America/Indiana/Indianapolis 460-462 465-475 478-479
        America/Kentucky/Louisville  400-402 427
        America/Kentucky/Monticello  426
        America/Indiana/Vincennes    475
        America/Indiana/Petersburg   475
        America/Indiana/Winamac      469
        America/Indiana/Marengo      471
        America/Indiana/Vevay        470 472
        America/Indiana/Knox         465
        America/Indiana/Tell_City    475-476
        America/Menominee            498-499
        America/Chicago              324-325 350-373 375 380-397 401 420-424 426-427 463-464 475-477 479
        America/Chicago              498-528 530-567 570-576 580-588 600-693 700-798
        America/North_Dakota/Center  585
        America/North_Dakota/New_Salem 585
        America/North_Dakota/Beulah  585
        America/Denver               575-577 585-586 588 590-599 677-678 690-693 798-799 800-838 840-847 860 865
        America/Denver               870-884 885 898
        America/Boise                832-837 979
        America/Phoenix              850-865
        America/Los_Angeles          835 838 889-899 900-961 970-994
        America/Anchorage            995-997
        America/Nome                 995-997
        America/Adak                 99546 99547
        America/Juneau               998-999
        America/Sitka                998-999
        America/Yakutat              998-999
        America/Metlakatla           99926
        Pacific/Honolulu             967-968
        -                            000-004 006-009 090-099 340 962-966 969 96799
    """,
    "GB": """
        Europe/London                *
        -                            GY JE IM BF GX
    """,
    "AU": """
        Australia/Sydney             02 10-19 20-29
        Australia/Broken_Hill        2880
        Australia/Lord_Howe          2898
        Australia/Melbourne          3 8
        Australia/Brisbane           4 9
        Australia/Adelaide           5
        Australia/Perth              6 6443
        Australia/Eucla              6443
        Australia/Hobart             7 7151
        Antarctica/Macquarie         7151
        Australia/Darwin             08 09
        -                            2899 6798 6799
    """,
    "NZ": """
        Pacific/Auckland             *
        Pacific/Chatham              8942
    """,
    "CA": """
        America/St_Johns             A
        America/Goose_Bay            A0P A0R A2V
        America/Halifax              B C G4T
        America/Glace_Bay            B1
        America/Moncton              E
        America/Toronto              G H J K L M N P G0G P0T
        America/Blanc-Sablon         G0G
        America/Atikokan             P0T X0C
        America/Winnipeg             R P0T P0V P0W P0X P0Y P8N P8T P9A P9N S0P
        America/Regina               S S0P S0N
        America/Swift_Current        S0N S9H
        America/Edmonton             T S9V X1A X0E X0G V0A V0B V1C
        America/Creston              V0B
        America/Vancouver            V V0B V0C V0J
        America/Dawson_Creek         V1G V1J V0C
        America/Fort_Nelson          V0C
        America/Iqaluit              X0A
        America/Resolute             X0A
        America/Cambridge_Bay        X0B
        America/Rankin_Inlet         X0C
        America/Inuvik               X0E
        America/Whitehorse           Y
        America/Dawson               Y0B
    """,
    "FR": """
        Europe/Paris                 *
        -                            97 98 00
    """,
    "IT": """
        Europe/Rome                  *
        -                            00120 4789
    """,
    "ES": """
        Europe/Madrid                *
        Atlantic/Canary              35 38
        Africa/Ceuta                 51 52
        -                            00
    """,
    "DE": """
        Europe/Berlin                *
        Europe/Busingen              78266
        -                            00
    """,
}


def _prefixes(words: list[str]) -> Iterator[str]:
    for word in words:
        first, _, last = word.partition("-")
        if not last or not first:
            yield "" if word == "*" else word
        else:
            yield from (str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))


def _read(table: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {"": set()}
    for line in table.strip().splitlines():
        zone, *words = line.split()
        for prefix in _prefixes(words):
            found.setdefault(prefix, set()).update([] if zone == "-" else [zone])
    return {prefix: frozenset(zones) for prefix, zones in found.items()}


ZONES: Mapping[str, Mapping[str, frozenset[str]]] = {country: _read(table) for country, table in _TABLES.items()}
"""By country and prefix."""
