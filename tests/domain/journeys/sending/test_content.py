"""Whom a message activity speaks to, and what it says beside its template."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.domain.journeys.sending.content import beside, channels_of
from clarion.shapes.pinpoint import (
    CustomMessageActivity,
    EmailMessageActivity,
    MessageConfiguration,
    PushMessageActivity,
    SMSMessageActivity,
)

DEVICES = {"APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "GCM", "ADM", "BAIDU", "WEB_PUSH"}


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("EMAIL", EmailMessageActivity(), {"EMAIL"}),
        ("SMS", SMSMessageActivity(), {"SMS"}),
        ("PUSH", PushMessageActivity(), DEVICES),
        ("CUSTOM", CustomMessageActivity(), {"CUSTOM"}),
        ("CUSTOM", CustomMessageActivity(endpoint_types=["EMAIL", "IN_APP"]), {"EMAIL", "IN_APP"}),
        ("CUSTOM", CustomMessageActivity(endpoint_types=["PUSH", "VOICE"]), DEVICES | {"VOICE"}),
        ("CUSTOM", CustomMessageActivity(endpoint_types=["GCM"]), {"GCM"}),
    ],
)
def test_the_endpoints_that_are_spoken_to(kind: str, spec: Any, expected: set[str]) -> None:
    assert channels_of(spec, kind) == expected


SENDER = {"SenderId": "S", "OriginationNumber": "+1", "EntityId": "e", "TemplateId": "t", "MessageType": "PROMOTIONAL"}


@pytest.mark.parametrize(
    ("form", "config", "said"),
    [
        (EmailMessageActivity, None, {}),
        (EmailMessageActivity, {"FromAddress": "a@b.test"}, {"EmailMessage": {"FromAddress": "a@b.test"}}),
        (SMSMessageActivity, SENDER, {"SMSMessage": SENDER}),
        (PushMessageActivity, {"TimeToLive": "0"}, {"DefaultMessage": {"TimeToLive": 0}}),
        (PushMessageActivity, {"TimeToLive": "3600"}, {"DefaultMessage": {"TimeToLive": 3600}}),
        (PushMessageActivity, {}, {}),
        (PushMessageActivity, {"TimeToLive": "soon"}, {}),
    ],
)
def test_what_is_said_beside_the_template(form: Any, config: dict[str, Any] | None, said: dict[str, Any]) -> None:
    spec = msgspec.convert({"MessageConfig": config} if config is not None else {}, form)
    assert beside(spec) == msgspec.convert(said, MessageConfiguration)
