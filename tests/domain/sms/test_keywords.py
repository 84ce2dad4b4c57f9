"""What a text from a person asks for, and which numbers and keywords can be meant. Source: spec of SMS, 7."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid
from clarion.domain.sms.model import (
    ANSWERS,
    ANY,
    OPT_OUT_WORDS,
    Keyword,
    Line,
    asked,
    keyword_of,
    kind_of,
    number_of,
    words,
)

OURS = "+4915550100"


def line(**members: bool) -> Line:
    return Line(app_id="a", account="1", region="r", number=OURS, **members)


def keyword(word: str, message: str = "answer", number: str = ANY, **members: str) -> Keyword:
    return Keyword(app_id="a", number=number, word=word, message=message, **members)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", OPT_OUT_WORDS)
def test_every_opt_out_word_in_every_writing(word: str) -> None:
    for text in (word, word.lower(), f"  {word.title()}.", f"{word} please!", f"\n{word}\t🛑", f"“{word}”"):
        found = asked(text, None, [])
        assert (found.action, found.answer, found.forwarded) == ("OPT_OUT", ANSWERS["STOP"], False)


@pytest.mark.parametrize(
    "text", ["stopp", "please stop", "un-stop-pable", "endless", "TDs", "quitting", "", "🛑", "...", "OPT"]
)
def test_what_only_looks_like_one(text: str) -> None:
    assert asked(text, None, []) == ("AUTOMATIC_RESPONSE", "", "", True)


def test_compatible_letters_count_as_their_plain_ones() -> None:
    assert words("ＳＴＯＰ, ﬁne  Straße!") == ["stop", "fine", "strasse"]


def test_the_numbers_own_words_come_before_the_projects_and_longer_before_shorter() -> None:
    known = [
        keyword("JOIN", "project"),
        keyword("JOIN", "number", OURS),
        keyword("JOIN NOW", "longer", OURS),
        keyword("HELP", "our help"),
    ]
    assert asked("join", line(), known).answer == "number"
    assert asked("Join now", line(), known).answer == "longer"
    assert asked("join", None, known).answer == "project"
    assert asked("help?", line(), known).answer == "our help"
    assert asked("stop", line(), [*known, keyword("STOP", "")]).answer == ""


def test_own_keywords_opt_out_and_in() -> None:
    known = [keyword("LEAVE", "bye", action="OPT_OUT"), keyword("BACK", "hi", action="OPT_IN")]
    assert asked("leave", None, known) == ("OPT_OUT", "LEAVE", "bye", False)
    assert asked("back", None, known) == ("OPT_IN", "BACK", "hi", True)


def test_self_managed_numbers_only_say_what_was_configured() -> None:
    managed = line(self_managed=True)
    assert asked("STOP", managed, []) == ("AUTOMATIC_RESPONSE", "STOP", "", True)
    assert asked("HELP", managed, [keyword("HELP", "call us")]) == ("AUTOMATIC_RESPONSE", "HELP", "call us", True)


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("12345", "12345", "SHORT_CODE"),
        ("+1 (425) 555-0100", "+14255550100", "TEN_DLC"),
        ("0049 1555 0100", "+4915550100", "LONG_CODE"),
        ("+18005550100", "+18005550100", "TOLL_FREE"),
        ("ACME-1", "ACME-1", "SENDER_ID"),
    ],
)
def test_kinds_of_numbers(text: str, number: str, kind: str) -> None:
    assert number_of(text) == number
    assert kind_of(number) == kind


@pytest.mark.parametrize("text", ["", "12", "ACME STORES INC", "A B", "+1", "ÄCME", "+49155501001234567", "*"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Invalid):
        number_of(text)


@pytest.mark.parametrize(
    ("word", "message", "action"),
    [
        ("", "x", "OPT_IN"),
        ("x" * 31, "x", "OPT_IN"),
        ("?!", "x", "OPT_IN"),
        ("END", "x", "OPT_OUT"),
        ("A", "x" * 1601, "OPT_IN"),
        ("STOP now", "x", "OPT_IN"),
        ("A", "ж" * 631, "OPT_IN"),
        ("A", "x", "SHOUT"),
    ],
)
def test_keywords_that_cannot_be_meant(word: str, message: str, action: str) -> None:
    with pytest.raises(Invalid):
        keyword_of(keyword(word, message, action=action))


def test_of_the_usual_words_only_the_answer_can_be_chosen() -> None:
    assert keyword_of(keyword("stop", "bye", action="AUTOMATIC_RESPONSE")).action == "OPT_OUT"
    assert keyword_of(keyword("Start", "hi", action="OPT_OUT")).action == "OPT_IN"
    assert keyword_of(keyword("  join   NOW ")).word == "JOIN NOW"
