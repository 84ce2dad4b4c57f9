"""What a text comes from. Source: spec of SMS, 2.4, 2.5, 4, 10 and 11."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.channels.phones import SIMULATED_FAILURE, SIMULATED_SUCCESS, country_of
from clarion.channels.port import SmsOutgoing
from clarion.core.errors import Invalid
from clarion.domain.sms.countries import country
from clarion.domain.sms.model import Line
from clarion.domain.sms.originating import originated

US, DE, CA, IN, CN, FR = (
    "+14255550100",
    "+4915550001",
    "+16045550100",
    "+919812345678",
    "+8613912345678",
    "+33612345678",
)


def line(number: str, kind: str, of: str, **members: Any) -> Line:
    return Line(app_id="a", account="1", region="r", number=number, kind=kind, country=of, **members)  # type: ignore[arg-type]


SHORT_US = line("12345", "SHORT_CODE", "US", keyword="SHOP")
TEN = line("+14255550111", "TEN_DLC", "US")
FREE = line("+18005550111", "TOLL_FREE", "US")
LONG_DE = line("+4915550111", "LONG_CODE", "DE")
PROMO_DE = line("+4915550222", "LONG_CODE", "DE", message_type="PROMOTIONAL")
LONG_IN = line("+919800000000", "LONG_CODE", "IN")
ACME = line("ACME", "SENDER_ID", "")


def sent(number: str, *lines: Line, **members: Any) -> tuple[str, str, str]:
    message = SmsOutgoing(message_id="m", account="1", app_id="a", to_address=number, body="x", **members)
    made = originated(message, lines)
    return made.origination_number, made.sender_id, made.message_type


def test_a_project_without_numbers_leaves_it_to_the_provider() -> None:
    assert sent(US, origination_number="777", message_type="PROMOTIONAL") == ("777", "", "PROMOTIONAL")
    assert sent(DE, sender_id="ACME") == ("", "ACME", "")
    assert sent("nobody", sender_id="ACME") == ("", "ACME", "")


def test_a_country_without_sender_ids_gets_none() -> None:
    for number in (US, CN, "+5511999999999"):
        assert sent(number, sender_id="ACME") == ("", "", "")


def test_the_order_of_numbers() -> None:
    everything = [FREE, LONG_DE, TEN, SHORT_US]
    assert sent(US, *everything) == ("12345", "", "TRANSACTIONAL")
    assert sent(US, FREE, LONG_DE, TEN)[0] == TEN.number
    assert sent(US, FREE, LONG_DE)[0] == FREE.number
    assert sent(US, FREE, LONG_DE, message_type="PROMOTIONAL")[0] == LONG_DE.number
    assert sent(DE, *everything)[0] == LONG_DE.number
    assert sent(DE, PROMO_DE, LONG_DE)[0] == LONG_DE.number
    assert sent(DE, PROMO_DE) == (PROMO_DE.number, "", "PROMOTIONAL")


def test_short_codes_never_leave_their_country() -> None:
    assert sent(FR, SHORT_US, ACME) == ("", "ACME", "")
    assert sent(FR, SHORT_US) == ("", "", "")
    with pytest.raises(Invalid, match="None of the project's numbers sends text messages to US"):
        sent(US, line("54321", "SHORT_CODE", "CA"), ACME)
    with pytest.raises(Invalid, match="CN"):
        sent(CN, ACME)


def test_a_number_that_is_named() -> None:
    assert sent(DE, LONG_DE, PROMO_DE, origination_number="+49 1555 0222")[0] == PROMO_DE.number
    assert sent(DE, LONG_DE, SHORT_US, origination_number="12345")[0] == LONG_DE.number
    assert sent(DE, LONG_DE, ACME, origination_number="ACME") == ("", "ACME", "")
    with pytest.raises(Invalid, match="is not a number of the project"):
        sent(DE, LONG_DE, origination_number="+4915550333")


def test_inbound_only_numbers_send_nothing() -> None:
    assert sent(IN, LONG_IN, LONG_DE)[0] == LONG_DE.number
    assert sent(IN, LONG_IN) == ("", "", "")


def test_the_registered_keyword_chooses_the_number() -> None:
    assert sent(US, TEN, SHORT_US, keyword="shop")[0] == "12345"
    other = line("99999", "SHORT_CODE", "US", keyword="NEWS")
    assert sent(US, SHORT_US, other, keyword="NEWS")[0] == "99999"


def test_sender_ids_that_must_be_registered() -> None:
    assert sent("+639171234567", LONG_DE, sender_id="ACME")[1] == ""
    assert sent("+639171234567", LONG_DE, ACME, sender_id="ACME") == ("", "ACME", "")


@pytest.mark.parametrize(
    ("sender", "kind", "fits"),
    [
        ("123456", "PROMOTIONAL", True),
        ("ACMEIN", "TRANSACTIONAL", True),
        ("ACMEIN", "PROMOTIONAL", False),
        ("A1", "TRANSACTIONAL", False),
    ],
)
def test_indias_forms_of_sender_ids(sender: str, kind: str, fits: bool) -> None:
    members = {"sender_id": sender, "message_type": kind, "entity_id": "E"}
    if fits:
        assert sent(IN, **members)[1] == sender
    else:
        with pytest.raises(Invalid, match="SenderId: in India"):
            sent(IN, **members)


@pytest.mark.parametrize("number", ["+5351234567", "+989121234567", "+850191234567", "+963944567890", "+249912345678"])
def test_countries_that_no_text_reaches(number: str) -> None:
    with pytest.raises(Invalid, match="do not reach"):
        sent(number)


def test_the_simulators_numbers_come_in_pairs() -> None:
    assert len(SIMULATED_SUCCESS) == len(SIMULATED_FAILURE) == 25
    assert not SIMULATED_SUCCESS & SIMULATED_FAILURE
    assert {country_of(one) for one in SIMULATED_SUCCESS} == {country_of(one) for one in SIMULATED_FAILURE}


def test_every_country_that_can_be_dialled_is_known() -> None:
    known = country("DE")
    assert known == (True, True, "Y", True)
    assert country("IN") == (True, False, "R", True)
    assert country("ZZ") is None
