"""A campaign's message in the form of SendMessages."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.domain.campaigns.hooks.telling import direct_form
from clarion.domain.messaging.content.composing import written
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.model import Content, Email, Push, Sms
from clarion.domain.templates.sources import Sources
from clarion.shapes.pinpoint import (
    AndroidPushNotificationTemplate,
    CampaignCustomMessage,
    CampaignEmailMessage,
    CampaignSmsMessage,
    DefaultPushNotificationTemplate,
    Message,
    MessageConfiguration,
    MessageHeader,
)


def told(message: MessageConfiguration, **templates: Any) -> Any:
    kinds = {kind: Content(1, parts, {}, Sources(TemplateCache())) for kind, parts in templates.items()}
    return msgspec.to_builtins(direct_form(message, kinds, written(message)))


def test_a_default_message_is_one_for_all_and_one_for_push() -> None:
    said = told(MessageConfiguration(default_message=Message(title="T", body="B {{Id}}", url="https://x.example")))
    assert said == {
        "DefaultMessage": {"Body": "B {{Id}}"},
        "DefaultPushNotificationMessage": {"Title": "T", "Body": "B {{Id}}", "Url": "https://x.example"},
    }


def test_push_messages_have_the_direct_names() -> None:
    message = Message(
        title="T",
        body="B",
        action="DEEP_LINK",
        image_small_icon_url="https://i.example",
        json_body='{"a": 1, "b": "c"}',
        silent_push=True,
        time_to_live=60,
        raw_content="{}",
    )
    said = told(MessageConfiguration(gcm_message=message, apns_message=Message(media_url="https://m.example")))
    assert said == {
        "GCMMessage": {
            "Action": "DEEP_LINK",
            "Body": "B",
            "Data": {"a": "1", "b": "c"},
            "RawContent": "{}",
            "SilentPush": True,
            "SmallImageIconUrl": "https://i.example",
            "TimeToLive": 60,
            "Title": "T",
        },
        "APNSMessage": {"MediaUrl": "https://m.example"},
    }


def test_json_that_is_no_object_has_no_place() -> None:
    for text in ("rubbish", "[1]"):
        assert told(MessageConfiguration(adm_message=Message(json_body=text))) == {"ADMMessage": {}}


def test_an_email_is_a_simple_one() -> None:
    message = CampaignEmailMessage(
        title="T", html_body="<p>", body="B", from_address="a@b.example", headers=[MessageHeader(name="X", value="1")]
    )
    assert told(MessageConfiguration(email_message=message)) == {
        "EmailMessage": {
            "FromAddress": "a@b.example",
            "SimpleEmail": {
                "Subject": {"Charset": "UTF-8", "Data": "T"},
                "HtmlPart": {"Charset": "UTF-8", "Data": "<p>"},
                "TextPart": {"Charset": "UTF-8", "Data": "B"},
                "Headers": [{"Name": "X", "Value": "1"}],
            },
        }
    }


def test_templates_win_and_the_message_s_settings_stay() -> None:
    said = told(
        MessageConfiguration(
            sms_message=CampaignSmsMessage(body="no", sender_id="ACME", message_type="PROMOTIONAL"),
            email_message=CampaignEmailMessage(title="no", from_address="a@b.example"),
        ),
        SMS=Sms(body="yes"),
        EMAIL=Email(subject="S", html="<p>"),
        PUSH=Push(
            default=DefaultPushNotificationTemplate(body="D", title="T"), adm=AndroidPushNotificationTemplate(body="A")
        ),
    )
    assert said == {
        "SMSMessage": {"Body": "yes", "SenderId": "ACME", "MessageType": "PROMOTIONAL"},
        "EmailMessage": {
            "FromAddress": "a@b.example",
            "SimpleEmail": {
                "Subject": {"Charset": "UTF-8", "Data": "S"},
                "HtmlPart": {"Charset": "UTF-8", "Data": "<p>"},
            },
        },
        "APNSMessage": {"Body": "D", "Title": "T"},
        "GCMMessage": {"Body": "D", "Title": "T"},
        "ADMMessage": {"Body": "A", "Title": "T"},
        "BaiduMessage": {"Body": "D", "Title": "T"},
    }


def test_the_custom_channel_s_data_has_no_place() -> None:
    assert told(MessageConfiguration(custom_message=CampaignCustomMessage(data="x"))) == {}
