"""Numbers that texts come from and go to, keywords, and what a text from a person asks for. Pure.

    text ─→ words ─→ keyword (of the number, else of the project, else one of everybody's) ─→ Asked

Two texts have the same words when they differ only in case, white space and punctuation: "Stop!" is STOP, and so is
"opt-out" OPTOUT. A text asks for a keyword when it begins with its words; of several the longest counts.
Source: spec of SMS, 7.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from clarion.channels.phones import country_of, e164
from clarion.channels.sms.size import check_length
from clarion.core.errors import Invalid

Kind = Literal["SHORT_CODE", "LONG_CODE", "TEN_DLC", "TOLL_FREE", "SENDER_ID"]
MessageType = Literal["TRANSACTIONAL", "PROMOTIONAL"]
Action = Literal["AUTOMATIC_RESPONSE", "OPT_OUT", "OPT_IN"]

ANY: Final = ""
"""In the place of a number: all numbers of the project."""

STOP: Final = "STOP"
HELP: Final = "HELP"
START: Final = "START"

OPT_OUT_WORDS: Final = (
    "ARRET",
    "CANCEL",
    "END",
    "OPT-OUT",
    "OPTOUT",
    "OPT OUT",
    "QUIT",
    "REMOVE",
    "STOP",
    "TD",
    "UNSUBSCRIBE",
)
OPT_IN_WORDS: Final = ("START", "UNSTOP")

ANSWERS: Final = {
    STOP: "You have been unsubscribed and will receive no more messages.",
    HELP: "Reply STOP to stop receiving messages.",
    START: "You have been re-subscribed. Reply STOP to unsubscribe.",
}
"""What is answered unless the project says something else."""

MOST_KEYWORDS: Final = 30
LONGEST_KEYWORD: Final = 30

_SHORT_CODE = re.compile(r"\d{3,8}")
_SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]{1,11}")
_TOLL_FREE = re.compile(r"\+1(800|888|877|866|855|844|833)\d{7}")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A number or sender ID that a project sends from. `number` ANY is no number: what holds for all others.

    `keyword` is the programme a short code is registered for. With `self_managed` nobody is opted out or answered by
    itself. `destination` is where texts from people go (as shown, without its secret).
    """

    app_id: str
    account: str
    region: str
    number: str
    kind: Kind = "LONG_CODE"
    country: str = ""
    message_type: MessageType = "TRANSACTIONAL"
    keyword: str = ""
    opt_out_list: str = ""
    self_managed: bool = False
    destination: str = ""
    role: str = ""


class Keyword(msgspec.Struct, frozen=True, kw_only=True):
    """What a project answers to a word, at one number or at all of them. "" as `message` answers nothing."""

    app_id: str
    number: str
    word: str
    message: str
    action: Action = "AUTOMATIC_RESPONSE"


class Asked(NamedTuple):
    """What a text asks for: `word` is the keyword that it begins with, "" for none. `answer` "": nothing is said.

    `forwarded`: it goes to whoever takes the project's texts.
    """

    action: Action
    word: str
    answer: str
    forwarded: bool


def words(text: str) -> list[str]:
    """A text's words: compatible forms, case and punctuation make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = ("".join(char for char in word if char.isalnum()) for word in folded.split())
    return [word for word in found if word]


def asked(text: str, line: Line | None, keywords: Sequence[Keyword]) -> Asked:
    """What a text to a number asks for. `keywords` are the project's, `line` the number or what holds for all."""
    said = words(text)
    number = line.number if line is not None else ANY
    own = _longest(said, [one for one in keywords if one.number == number and one.number != ANY])
    own = own or _longest(said, [one for one in keywords if one.number == ANY])
    usual, word = _usual(said)
    if line is not None and line.self_managed:
        # The project deals with it; only what it configured itself is answered.
        return Asked("AUTOMATIC_RESPONSE", own.word if own else word, own.message if own else "", True)
    if usual is not None:
        said_own = next((one.message for one in _by_place(keywords, number) if one.word == usual), None)
        answer = ANSWERS[usual] if said_own is None else said_own
        action: Action = "OPT_OUT" if usual == STOP else "OPT_IN" if usual == START else "AUTOMATIC_RESPONSE"
        return Asked(action, word, answer, False)
    if own is not None:
        return Asked(own.action, own.word, own.message, own.action != "OPT_OUT")
    return Asked("AUTOMATIC_RESPONSE", "", "", True)


def _by_place(keywords: Sequence[Keyword], number: str) -> list[Keyword]:
    """Those of the number before those of all numbers."""
    return [one for one in keywords if one.number == number != ANY] + [one for one in keywords if one.number == ANY]


def _longest(said: Sequence[str], keywords: Sequence[Keyword]) -> Keyword | None:
    fitting = [one for one in keywords if _begins(said, one.word)]
    return max(fitting, key=lambda one: len(words(one.word)), default=None)


def _begins(said: Sequence[str], word: str) -> bool:
    wanted = words(word)
    return bool(wanted) and list(said[: len(wanted)]) == wanted


def _usual(said: Sequence[str]) -> tuple[str | None, str]:
    """Which of STOP, START and HELP it is, if any, and the very word."""
    for name, several in ((STOP, OPT_OUT_WORDS), (START, OPT_IN_WORDS), (HELP, (HELP,))):
        for word in several:
            if _begins(said, word):
                return name, word
    return None, ""


def number_of(text: str) -> str:
    """What texts come from, as it is kept: E.164, the digits of a short code, or a sender ID. Raises Invalid."""
    text = text.strip()
    if _SHORT_CODE.fullmatch(text):
        return text
    if (number := e164(text)) is not None and not _SENDER_ID.fullmatch(text):
        return number
    if _SENDER_ID.fullmatch(text):
        return text
    raise Invalid(
        "Number: must be a phone number in E.164 format, a short code, or a sender ID of at most 11 characters"
    )


def origin_of(text: str) -> str:
    """A number as a provider writes it, in the form it is kept in; what is none stays."""
    text = text.strip()
    return text if _SHORT_CODE.fullmatch(text) else e164(text) or text


def kind_of(number: str) -> Kind:
    """What kind of number it is, as far as it shows."""
    if _SHORT_CODE.fullmatch(number):
        return "SHORT_CODE"
    if not number.startswith("+"):
        return "SENDER_ID"
    if _TOLL_FREE.fullmatch(number):
        return "TOLL_FREE"
    return "TEN_DLC" if country_of(number) == "US" else "LONG_CODE"


def keyword_of(keyword: Keyword) -> Keyword:
    """A keyword, checked and in capitals; raises Invalid naming the member.

    Of STOP, HELP and START only the answer can be chosen.
    """
    word = " ".join(keyword.word.split()).upper()
    if not 0 < len(word) <= LONGEST_KEYWORD or not words(word):
        raise Invalid(f"Keyword: must be 1 to {LONGEST_KEYWORD} characters with a letter or digit among them")
    if keyword.action not in get_args(Action):
        raise Invalid(f"KeywordAction: must be one of {', '.join(get_args(Action))}")
    usual, _ = _usual(words(word))
    action = keyword.action
    if usual is not None:
        if word != usual:
            raise Invalid(f"Keyword: {word} counts as {usual}; give {usual} its answer")
        action = "OPT_OUT" if usual == STOP else "OPT_IN" if usual == START else "AUTOMATIC_RESPONSE"
    if keyword.message:
        try:
            check_length(keyword.message)
        except Invalid as error:
            raise Invalid(f"KeywordMessage: {error.message}") from error
    return msgspec.structs.replace(keyword, word=word, action=action)
