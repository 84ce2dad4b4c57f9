"""Frequency caps: what a project's rules are, and whom a tally lets have another message."""

from __future__ import annotations

from clarion.domain.messaging.guardrails.frequency import Person, Rule, Tally, before, rules_of
from clarion.shapes.pinpoint import FrequencyCap

LEA = Person("lea-mail", "lea")
LEA_TOO = Person("lea-phone", "lea")
NOBODY = Person("browser")


def test_rules_are_what_the_settings_say() -> None:
    caps = [
        FrequencyCap(messages=3, days=7),
        FrequencyCap(messages=1, hours=4, channel_types=["PUSH", "SMS"], per_user=True),
    ]
    one, other = rules_of(caps)
    assert one == Rule(3, 168)
    assert (other.messages, other.hours, other.per_user) == (1, 4, True)
    assert other.holds_for("SMS")
    assert other.holds_for("APNS_VOIP")
    assert not other.holds_for("EMAIL")
    assert rules_of(None) == ()


def test_the_words_of_a_rule() -> None:
    assert Rule(3, 168).words == "at most 3 in 7 days"
    assert Rule(1, 5, frozenset({"SMS", "EMAIL"})).words == "at most 1 in 5 hours on EMAIL, SMS"


def test_an_endpoint_s_messages_are_its_own() -> None:
    tally = Tally([Rule(1, 24)], {})
    tally.add(LEA, "EMAIL")
    assert tally.over(LEA, "EMAIL") == "the endpoint has 1 messages of the project, at most 1 in 1 days"
    assert tally.over(LEA_TOO, "SMS") is None


def test_a_user_s_messages_are_those_of_all_endpoints() -> None:
    tally = Tally([Rule(1, 24, per_user=True)], {})
    tally.add(LEA, "EMAIL")
    assert (tally.over(LEA_TOO, "SMS") or "").startswith("the user has 1 messages")
    assert tally.over(NOBODY, "SMS") is None
    tally.add(LEA, "EMAIL", -1)
    assert tally.over(LEA_TOO, "SMS") is None


def test_only_messages_on_the_rule_s_channels_count() -> None:
    tally = Tally([Rule(1, 24, frozenset({"SMS"}))], {})
    tally.add(LEA, "EMAIL")
    assert tally.over(LEA, "SMS") is None
    tally.add(LEA, "SMS")
    assert tally.over(LEA, "SMS")
    assert tally.over(LEA, "EMAIL") is None


def test_every_rule_must_let_pass() -> None:
    tally = Tally([Rule(5, 24), Rule(1, 1)], {(0, "endpoint/lea-mail"): 2, (1, "endpoint/lea-mail"): 1})
    assert "at most 1 in 1 hours" in (tally.over(LEA, "EMAIL") or "")


def test_what_a_tally_begins_with() -> None:
    rules = [Rule(9, 24), Rule(9, 48, per_user=True)]
    counts = {"lea-mail": [1, 2], "lea-phone": [3, 4], "browser": [5, 6]}
    found = before(rules, [LEA, LEA_TOO, NOBODY], counts, {"lea": ["lea-mail", "lea-phone", "lea-old"]})
    assert found == {
        (0, "endpoint/lea-mail"): 1,
        (1, "user/lea"): 6,
        (0, "endpoint/lea-phone"): 3,
        (0, "endpoint/browser"): 5,
        (1, "endpoint/browser"): 6,
    }


def test_only_users_with_other_endpoints_are_carried_on() -> None:
    first = Tally([Rule(1, 24, per_user=True)], {}, {"lea"})
    for person in (LEA, NOBODY, Person("ben-mail", "ben")):
        first.add(person, "EMAIL")
    assert first.carried == {(0, "user/lea"): 1}
    second = Tally([Rule(1, 24, per_user=True)], {}, {"lea"})
    second.carry(first.carried)
    assert second.over(LEA_TOO, "SMS") is not None
