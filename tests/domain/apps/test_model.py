"""What settings, sender addresses and identities may look like."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.apps.channels.configs import EmailConfig
from clarion.domain.apps.channels.credentials import check_email
from clarion.domain.apps.model import check_settings
from clarion.shapes.pinpoint import WriteApplicationSettingsRequest


def check(body: dict[str, Any]) -> None:
    check_settings(msgspec.convert(body, WriteApplicationSettingsRequest))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Limits": {"Daily": 100, "Total": 0, "MaximumDuration": 60, "MessagesPerSecond": 20_000, "Session": 3}},
        {"Limits": {"MaximumDuration": 0, "MessagesPerSecond": 0}},
        {"QuietTime": {"Start": "00:00", "End": "23:59"}},
        {"QuietTime": {}},
        {"QuietTime": {"Start": "", "End": ""}},
        {"JourneyLimits": {"DailyCap": 100, "TotalCap": 0, "TimeframeCap": {"Cap": 100, "Days": 30}}},
        {"CampaignHook": {"LambdaFunctionName": "f", "Mode": "FILTER"}},
        {"FrequencyCaps": [{"Messages": 3, "Days": 7}, {"Messages": 1, "Hours": 4, "ChannelTypes": ["PUSH"]}]},
        {"FrequencyCaps": [], "ControlGroup": {}, "ApprovalRequired": True},
    ],
)
def test_settings_in_range(body: dict[str, Any]) -> None:
    check(body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"FrequencyCaps": [{"Messages": 3, "Days": 7}, {"Messages": 1}]}, "FrequencyCaps[1]"),
        ({"FrequencyCaps": [{"Messages": 3, "Days": 7, "Hours": 1}]}, "FrequencyCaps[0]"),
        ({"FrequencyCaps": [{"Messages": 3, "Days": 7, "ChannelTypes": []}]}, "FrequencyCaps[0].ChannelTypes"),
        ({"Limits": {"Daily": 101}}, "Limits.Daily"),
        ({"Limits": {"Daily": -1}}, "Limits.Daily"),
        ({"Limits": {"Total": 101}}, "Limits.Total"),
        ({"Limits": {"MaximumDuration": 59}}, "Limits.MaximumDuration"),
        ({"Limits": {"MaximumDuration": -1}}, "Limits.MaximumDuration"),
        ({"Limits": {"MessagesPerSecond": 20_001}}, "Limits.MessagesPerSecond"),
        ({"Limits": {"Session": -1}}, "Limits.Session"),
        ({"QuietTime": {"Start": "22:00"}}, "QuietTime.End"),
        ({"QuietTime": {"End": "22:00"}}, "QuietTime.Start"),
        ({"QuietTime": {"Start": "24:00", "End": "07:00"}}, "QuietTime.Start"),
        ({"QuietTime": {"Start": "22:00", "End": "7:00"}}, "QuietTime.End"),
        ({"JourneyLimits": {"DailyCap": 101}}, "JourneyLimits.DailyCap"),
        ({"JourneyLimits": {"TotalCap": 101}}, "JourneyLimits.TotalCap"),
        ({"JourneyLimits": {"TimeframeCap": {"Cap": 101, "Days": 3}}}, "JourneyLimits.TimeframeCap.Cap"),
        ({"JourneyLimits": {"TimeframeCap": {"Cap": 1, "Days": 31}}}, "JourneyLimits.TimeframeCap.Days"),
        ({"JourneyLimits": {"TimeframeCap": {"Cap": 1}}}, "JourneyLimits.TimeframeCap"),
    ],
)
def test_settings_out_of_range(body: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(field)}:"):
        check(body)


IDENTITY = "arn:aws:ses:eu-central-1:000000000001:identity/acme.test"


@pytest.mark.parametrize(
    ("address", "identity", "fine"),
    [
        ("lea@acme.test", IDENTITY, True),
        ("Lea Bär <lea+news@acme.test>", IDENTITY, True),
        ('"Bär, Lea" <lea@acme.test>', IDENTITY, True),
        ("lea@acme.test", "arn:aws-us-gov:ses:us-gov-west-1:AIDACKCEVSQ6C2EXAMPLE:identity/lea@acme.test", True),
        ("", IDENTITY, False),
        ("lea", IDENTITY, False),
        ("lea@", IDENTITY, False),
        ("a@b@c", IDENTITY, False),
        ("lea@acme.test, bob@acme.test", IDENTITY, False),
        ("Lea\r\nBcc: x <lea@acme.test>", IDENTITY, False),
        ("l" * 320 + "@acme.test", IDENTITY, False),
        ("lea@acme.test", "acme.test", False),
        ("lea@acme.test", "arn:aws:sns:eu-central-1:1:identity/acme.test", False),
        ("lea@acme.test", "arn:aws:ses:eu-central-1:1:identity/", False),
    ],
)
def test_the_form_of_sender_and_identity(address: str, identity: str, fine: bool) -> None:
    request = EmailConfig(from_address=address, identity=identity)
    if fine:
        check_email(request)
    else:
        with pytest.raises(Invalid):
            check_email(request)
