"""Phone numbers: the country behind one, and those that Pinpoint's SMS simulator reaches and fails to reach.

Source: spec of SMS, 8.3 and 11.
"""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_PUNCTUATION = re.compile(r"[\s().-]")

_DIALLED = """
1US 1242BS 1246BB 1264AI 1268AG 1284VG 1340VI 1345KY 1441BM 1473GD 1649TC 1664MS 1671GU 1758LC 1767DM 1787PR
1809DO 1829DO 1849DO 1868TT 1869KN 1876JM 1939PR 20EG 211SS 212MA 213DZ 216TN 218LY 220GM 221SN 222MR 223ML
224GN 225CI 226BF 227NE 228TG 230MU 231LR 232SL 233GH 234NG 235TD 236CF 237CM 238CV 239ST 240GQ 241GA 242CG
243CD 245GW 248SC 250RW 251ET 252SO 253DJ 254KE 255TZ 256UG 257BI 258MZ 260ZM 261MG 262RE 263ZW 264NA 265MW
266LS 267BW 268SZ 269KM 27ZA 291ER 297AW 298FO 299GL 30GR 31NL 32BE 33FR 34ES 350GI 351PT 352LU 353IE 354IS
355AL 356MT 357CY 358FI 359BG 36HU 370LT 371LV 372EE 373MD 374AM 375BY 376AD 377MC 378SM 380UA 381RS 382ME
383XK 385HR 386SI 387BA 389MK 39IT 40RO 41CH 420CZ 421SK 423LI 43AT 44GB 441481GG 441534JE 441624IM 45DK
46SE 47NO 48PL 49DE 501BZ 502GT 503SV 504HN 505NI 506CR 507PA 509HT 51PE 52MX 54AR 55BR 56CL 57CO 58VE 590GP
591BO 592GY 593EC 594GF 595PY 596MQ 597SR 598UY 60MY 61AU 62ID 63PH 64NZ 65SG 66TH 670TL 673BN 675PG 676TO
677SB 678VU 679FJ 682CK 683NU 685WS 687NC 688TV 689PF 691FM 692MH 7RU 81JP 82KR 84VN 852HK 853MO 855KH 856LA
86CN 880BD 886TW 90TR 91IN 92PK 93AF 94LK 95MM 960MV 961LB 962JO 964IQ 965KW 966SA 967YE 968OM 970PS 971AE
972IL 973BH 974QA 975BT 976MN 977NP 992TJ 993TM 994AZ 995GE 996KG 998UZ
"""
_COUNTRIES = {word[:-2]: word[-2:] for word in _DIALLED.split()}
_LONGEST = max(map(len, _COUNTRIES))

SIMULATED_SUCCESS: frozenset[str] = frozenset(
    (
        "+43676800442031",
        "+61455944038",
        "+32460213922",
        "+41798075872",
        "+56229140630",
        "+420790542286",
        "+4525919410",
        "+37282720792",
        "+34683783440",
        "+3584573979110",
        "+33755512501",
        "+447860019066",
        "+85257048426",
        "+36707178770",
        "+394390009172",
        "+447937404990",
        "+352691385880",
        "+3197008100148",
        "+4759449384",
        "+48732141440",
        "+351927946948",
        "+40783900330",
        "+46790645100",
        "+886903444630",
        "+14254147755",
    )
)

SIMULATED_FAILURE: frozenset[str] = frozenset(
    (
        "+43676800442032",
        "+61455944039",
        "+32460213923",
        "+41798075874",
        "+56229140631",
        "+420790542287",
        "+4525919215",
        "+37282720793",
        "+34683783442",
        "+3584573979111",
        "+33755512502",
        "+447860019067",
        "+85257048854",
        "+36707178772",
        "+394390009174",
        "+447937404992",
        "+352691385882",
        "+3197008100150",
        "+4759449387",
        "+48732141442",
        "+351927946950",
        "+40783900332",
        "+46790645102",
        "+886903444632",
        "+14254147167",
    )
)


def e164(address: str) -> str | None:
    """A phone number in the form +49301234567, without what people write between digits; None when it is none."""
    number = _PUNCTUATION.sub("", address)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    elif number[:1].isdigit() and not number.startswith("0"):
        number = f"+{number}"
    return number if _E164.fullmatch(number) else None


def country_of(number: str) -> str:
    """The ISO code of the country that a number in E.164 belongs to, "" when it is not known.

    Of countries that share a dialling code without being told apart by it, it is the largest (US, RU).
    """
    digits = number.removeprefix("+")
    for length in range(_LONGEST, 0, -1):
        if (found := _COUNTRIES.get(digits[:length])) is not None:
            return found
    return ""
