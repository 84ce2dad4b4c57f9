"""What each push service gets: source, spec of push and direct messages, section 4."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clarion.channels.push import forms
from clarion.channels.push.notification import Notification, Sender
from clarion.core.errors import Invalid

SENT = 1_800_000_000_000
DIRECT = Sender()
CAMPAIGN = Sender(endpoint_id="lea", campaign_id="c" * 32, activity_id="a" * 32, treatment_id="1")
JOURNEY = Sender(endpoint_id="lea", journey_id="j", journey_run_id="r", activity_id="a")


def built(service: Any, said: Notification, sender: Sender = DIRECT) -> tuple[Any, dict[str, str]]:
    found = forms.build(service, said, sender, token="token", sent_at_ms=SENT)
    return json.loads(found.payload), dict(found.headers)


def test_fcm_gets_data_that_are_strings_only() -> None:
    said = Notification(
        title="T",
        body="B",
        image_url="https://i.test/a.png",
        image_icon_url="https://i.test/b.png",
        small_image_icon_url="https://i.test/c.png",
        icon="bell",
        sound="ding",
        priority="high",
        time_to_live=30,
        collapse="sale",
        package="test.app",
    )
    payload, headers = built("GCM", said, CAMPAIGN)
    assert headers == {}
    assert payload == {
        "message": {
            "token": "token",
            "data": {
                "pinpoint.notification.title": "T",
                "pinpoint.notification.body": "B",
                "pinpoint.notification.imageUrl": "https://i.test/a.png",
                "pinpoint.notification.imageIconUrl": "https://i.test/b.png",
                "pinpoint.notification.imageSmallIconUrl": "https://i.test/c.png",
                "pinpoint.notification.icon": "bell",
                "pinpoint.notification.sound": "ding",
                "pinpoint.notification.silentPush": "0",
                "pinpoint.openApp": "true",
                "pinpoint.campaign.campaign_id": "c" * 32,
                "pinpoint.campaign.campaign_activity_id": "a" * 32,
                "pinpoint.campaign.treatment_id": "1",
                "data": '{"pinpoint":{"endpointId":"lea"}}',
            },
            "android": {
                "priority": "HIGH",
                "ttl": "30s",
                "collapse_key": "sale",
                "restricted_package_name": "test.app",
            },
        }
    }


@pytest.mark.parametrize(
    ("action", "key", "value"),
    [("URL", "pinpoint.url", "app://x"), ("DEEP_LINK", "pinpoint.deeplink", "app://x")],
)
def test_only_the_action_that_applies_is_sent(action: Any, key: str, value: str) -> None:
    payload, _ = built("GCM", Notification(body="B", action=action, url="app://x"))
    data = payload["message"]["data"]
    assert {name: data[name] for name in data if name in ("pinpoint.url", "pinpoint.deeplink", "pinpoint.openApp")} == {
        key: value
    }


def test_a_direct_message_says_so_and_brings_its_context_and_trace() -> None:
    sender = Sender(endpoint_id="lea", trace_id="t1", context={"order": "7", "endpointId": "somebody else"})
    data = built("GCM", Notification(body="B"), sender)[0]["message"]["data"]
    assert data["pinpoint.campaign.campaign_id"] == "_DIRECT"
    assert data["pinpoint.campaign.trace_id"] == "t1"
    assert "pinpoint.campaign.campaign_activity_id" not in data
    assert json.loads(data["data"]) == {"pinpoint": {"order": "7", "endpointId": "lea"}}
    apple = built("APNS", Notification(body="B"), sender)[0]["data"]["pinpoint"]
    assert apple == {
        "order": "7",
        "endpointId": "lea",
        "campaign": {"campaign_id": "_DIRECT", "treatment_id": "0", "trace_id": "t1"},
    }


def test_a_journey_is_told_in_maps_of_strings() -> None:
    block = {"journey_id": "j", "journey_run_id": "r", "journey_activity_id": "a"}
    data = built("GCM", Notification(body="B"), JOURNEY)[0]["message"]["data"]
    assert json.loads(data["pinpoint"]) == {"journey": block}
    assert not [name for name in data if name.startswith("pinpoint.campaign")]
    assert built("APNS", Notification(body="B"), JOURNEY)[0]["data"]["pinpoint"] == {
        "endpointId": "lea",
        "journey": block,
    }


def test_a_silent_notification_shows_nothing() -> None:
    said = Notification(title="T", body="B", sound="ding", badge=3, silent=True, data='{"sync":"orders"}')
    data = built("GCM", said)[0]["message"]["data"]
    assert data["pinpoint.notification.silentPush"] == "1"
    assert json.loads(data["pinpoint.jsonBody"]) == {"sync": "orders"}
    assert not [name for name in data if name.endswith(("title", "body", "sound", "openApp"))]
    payload, headers = built("APNS", said)
    assert payload["aps"] == {"content-available": 1}
    assert payload["data"]["pinpoint"]["jsonBody"] == {"sync": "orders"}
    assert (headers["apns-push-type"], headers["apns-priority"]) == ("background", "5")
    assert set(built("BAIDU", said)[0]) == {"custom_content"}


def test_apple_gets_an_alert_and_headers() -> None:
    said = Notification(
        title="T",
        body="B",
        action="URL",
        url="https://shop.test",
        badge=0,
        sound="default",
        category="SALE",
        thread_id="d",
        media_url="https://i.test/a.png",
        collapse="sale",
        time_to_live=60,
    )
    payload, headers = built("APNS_SANDBOX", said, CAMPAIGN)
    assert payload == {
        "aps": {
            "alert": {"title": "T", "body": "B"},
            "content-available": 1,
            "mutable-content": 1,
            "badge": 0,
            "sound": "default",
            "category": "SALE",
            "thread-id": "d",
        },
        "data": {
            "pinpoint": {
                "endpointId": "lea",
                "deeplink": "https://shop.test",
                "campaign": {
                    "campaign_id": "c" * 32,
                    "campaign_activity_id": "a" * 32,
                    "treatment_id": "1",
                },
            },
            "media-url": "https://i.test/a.png",
        },
    }
    assert headers == {
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-expiration": str(SENT // 1000 + 60),
        "apns-collapse-id": "sale",
    }
    payload, headers = built("APNS_VOIP", Notification(body="B", time_to_live=0, priority="normal"))
    assert payload["aps"] == {"alert": {"body": "B"}, "content-available": 1, "mutable-content": 0}
    assert headers == {"apns-push-type": "voip", "apns-priority": "5", "apns-expiration": "0"}
    assert built("APNS", Notification(body="B", push_type="mdm"))[1]["apns-push-type"] == "mdm"


def test_adm_and_baidu() -> None:
    said = Notification(title="T", body="B", collapse="sale", time_to_live=90, md5="xyz")
    payload, headers = built("ADM", said)
    assert (payload["consolidationKey"], payload["expiresAfter"], payload["md5"]) == ("sale", 90, "xyz")
    assert payload["data"]["pinpoint.notification.title"] == "T"
    assert headers == {}
    payload, headers = built("BAIDU", said)
    assert (payload["title"], payload["description"]) == ("T", "B")
    assert payload["custom_content"]["pinpoint.notification.body"] == "B"
    assert headers == {"msg_type": "1", "msg_expires": "90"}
    for life in (None, 999_999_999):
        headers = built("BAIDU", Notification(body="B", time_to_live=life))[1]
        assert headers == {"msg_type": "1", "msg_expires": "604800"}


def test_baidu_shows_what_has_a_description_and_gives_the_rest_to_the_app() -> None:
    for said, description, kind in (
        (Notification(title="T"), "T", "1"),
        (Notification(title="T", body=""), "T", "1"),
        (Notification(body="B", silent=True), None, "0"),
        (Notification(raw='{"description":"D"}'), "D", "1"),
        (Notification(raw='{"custom":"D"}'), None, "0"),
    ):
        payload, headers = built("BAIDU", said)
        assert (payload.get("description"), headers["msg_type"]) == (description, kind)


def test_a_silent_notification_never_has_apples_high_priority() -> None:
    for priority in ("", "normal", "high"):
        said = Notification(silent=True, priority=priority)  # type: ignore[arg-type]
        assert built("APNS", said)[1]["apns-priority"] == "5"


def test_google_keeps_a_message_no_longer_than_it_can() -> None:
    payload, _ = built("GCM", Notification(body="B", time_to_live=9_999_999))
    assert payload["message"]["android"]["ttl"] == "2419200s"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {
                "notification": {"title": "T", "body": "B", "icon": "bell"},
                "data": {"a": "x", "n": 1, "o": {"p": True}},
                "priority": "high",
                "time_to_live": 60,
                "collapse_key": "k",
            },
            {
                "notification": {"title": "T", "body": "B"},
                "data": {"a": "x", "n": "1", "o": '{"p":true}'},
                "android": {"collapse_key": "k", "notification": {"icon": "bell"}, "priority": "HIGH", "ttl": "60s"},
            },
        ),
        (
            {"fcmV1Message": {"message": {"token": "mine", "notification": {"title": "T"}, "webpush": {"x": 1}}}},
            {"notification": {"title": "T"}, "webpush": {"x": 1}},
        ),
        ({"message": {"data": {"a": "b"}, "topic": "all"}}, {"data": {"a": "b"}}),
    ],
)
def test_raw_content_for_fcm_of_either_form(raw: Any, message: Any) -> None:
    payload, _ = built("GCM", Notification(title="not this", raw=json.dumps(raw)))
    assert payload == {"message": {"token": "token", **message}}


def test_raw_content_for_the_others_goes_as_it_is() -> None:
    raw = {"aps": {"content-available": 0, "alert": "B"}, "x": 1}
    payload, headers = built("APNS", Notification(raw=json.dumps(raw)))
    assert (payload, headers["apns-push-type"]) == (raw, "alert")
    safari = {"aps": {"alert": {"title": "T"}, "url-args": [""]}}
    assert built("APNS", Notification(raw=json.dumps(safari)))[0] == safari
    silent = {"aps": {"content-available": 1}}
    assert built("APNS", Notification(raw=json.dumps(silent)))[1]["apns-push-type"] == "background"
    assert built("ADM", Notification(raw='{"data":{"a":"b"}}'))[0] == {"data": {"a": "b"}}
    assert built("BAIDU", Notification(raw='{"title":"x"}'))[0] == {"title": "x"}


@pytest.mark.parametrize(
    ("service", "said", "problem"),
    [
        ("GCM", {"raw": "{}"}, "RawContent: a GCM message has notification or data"),
        ("GCM", {"raw": '{"fcmV1Message": {}}'}, "RawContent: fcmV1Message must hold a message"),
        ("GCM", {"raw": '{"fcmV1Message": 1}'}, "RawContent: fcmV1Message must hold a message"),
        ("GCM", {"raw": '{"message": []}'}, "RawContent: message must be a JSON object"),
        ("GCM", {"raw": '{"message": {"android": 1}}'}, "RawContent: message must be a JSON object"),
        ("GCM", {"raw": "[1]"}, "RawContent: must be a JSON object"),
        ("APNS", {"raw": "{"}, "RawContent: not JSON"),
        ("APNS", {"raw": '{"aps": 1}'}, "RawContent: an APNS payload has an object aps"),
        ("APNS", {"raw": '{"aps": {"alert": "x"}}'}, "RawContent: aps.content-available must be the number 0 or 1"),
        ("APNS", {"raw": '{"aps": {"content-available": true}}'}, "RawContent: aps.content-available"),
        ("APNS", {"raw": '{"aps": {"content-available": 1, "badge": 1}}'}, "RawContent: aps.badge must not be"),
        ("APNS", {"body": "b", "data": "[]"}, "JsonBody: must be a JSON object"),
        ("APNS", {"body": "b", "collapse": "é" * 33}, "CollapseId: must not be longer than 64 bytes"),
        ("APNS", {"body": "b" * 4096}, "The APNS payload is larger than 4096 bytes"),
        ("GCM", {"body": "b" * 4096}, "The GCM message is larger than 4096 bytes"),
        ("BAIDU", {"body": "b" * 4096}, "The BAIDU message is larger than 4096 bytes"),
        ("ADM", {"body": "b" * 6144}, "The ADM message is larger than 6144 bytes"),
    ],
)
def test_what_no_service_would_take(service: Any, said: Any, problem: str) -> None:
    with pytest.raises(Invalid) as raised:
        forms.build(service, Notification(**said), CAMPAIGN, token="token", sent_at_ms=SENT)
    assert raised.value.message.startswith(problem)


def test_the_token_does_not_count() -> None:
    found = forms.build("GCM", Notification(body="b" * 3_500), DIRECT, token="t" * 4_000, sent_at_ms=SENT)
    assert len(found.payload) > 4_096
    assert built("ADM", Notification(body="b" * 5_500))
