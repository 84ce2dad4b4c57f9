"""One-time passwords: rules that need no server."""

from __future__ import annotations

from collections import Counter

import pytest

from clarion.channels.sms.size import size_of
from clarion.core.errors import Invalid
from clarion.core.ids import SeededIds
from clarion.domain.messaging.otp.model import Digests, code_of, wanted
from clarion.domain.messaging.otp.texts import TEXTS
from clarion.shapes.pinpoint import SendOTPMessageRequestParameters


def asked(**members: object) -> SendOTPMessageRequestParameters:
    given = {
        "channel": "SMS",
        "brand_name": "Acme",
        "destination_identity": "+4930123456",
        "origination_identity": "ACME",
        "reference_id": "login",
        **members,
    }
    return SendOTPMessageRequestParameters(**given)  # type: ignore[arg-type]


def test_defaults() -> None:
    found = wanted(asked())
    assert (found.code_length, found.validity_minutes, found.allowed_attempts, found.language) == (6, 15, 3, "en-US")


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"channel": "EMAIL"}, "Channel"),
        ({"brand_name": ""}, "BrandName"),
        ({"brand_name": "x" * 21}, "BrandName"),
        ({"brand_name": "a\nb"}, "BrandName"),
        ({"destination_identity": "0301234"}, "DestinationIdentity"),
        ({"destination_identity": "4930123456"}, "DestinationIdentity"),
        ({"origination_identity": ""}, "OriginationIdentity"),
        ({"reference_id": ""}, "ReferenceId"),
        ({"reference_id": "x" * 49}, "ReferenceId"),
        ({"code_length": 4}, "CodeLength"),
        ({"code_length": 9}, "CodeLength"),
        ({"validity_period": 4}, "ValidityPeriod"),
        ({"validity_period": 61}, "ValidityPeriod"),
        ({"allowed_attempts": 0}, "AllowedAttempts"),
        ({"allowed_attempts": 6}, "AllowedAttempts"),
        ({"language": "tlh"}, "Language"),
    ],
)
def test_what_cannot_be_meant(members: dict[str, object], word: str) -> None:
    with pytest.raises(Invalid, match=f"^{word}"):
        wanted(asked(**members))


def test_codes_are_digits_of_every_kind() -> None:
    ids = SeededIds(1)
    codes = [code_of(ids.secret(16), 5) for _ in range(2_000)]
    assert {len(code) for code in codes} == {5}
    assert all(code.isdigit() for code in codes)
    first = Counter(code[0] for code in codes)
    assert set(first) == set("0123456789")
    assert max(first.values()) < 2 * min(first.values())


def test_digests_need_the_key_and_keep_parts_apart() -> None:
    digests = Digests(b"k")
    assert digests.place("app", "+491", "ref") != Digests(b"other").place("app", "+491", "ref")
    assert digests.place("app", "+49", "1ref") != digests.place("app", "+491", "ref")
    assert digests.code("place", "12345") != digests.code("elsewhere", "12345")


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_text_is_one_part(language: str) -> None:
    text = TEXTS[language].replace("{{code}}", "12345678").replace("{{brand}}", "B" * 20)
    assert "{{" not in text
    assert "12345678" in text
    assert size_of(text).parts == 1
