"""The rules for what a treatment says: some content it can send, in bounds, that compiles. Spec of campaigns, 3."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.core.errors import Invalid
from clarion.domain.messaging.content.raw import RawJson, check_json
from clarion.domain.templates.handlebars import TemplateSyntaxError
from clarion.domain.templates.in_app import check_in_app
from clarion.domain.templates.model import check_headers, check_source
from clarion.domain.templates.service import Templates
from clarion.shapes.pinpoint import CampaignInAppMessage, Message, MessageConfiguration, Template, TemplateConfiguration

MOST_BODY = 200
MOST_CUSTOM = 10

_PUSH = (
    ("APNSMessage", "apns_message"),
    ("GCMMessage", "gcm_message"),
    ("ADMMessage", "adm_message"),
    ("BaiduMessage", "baidu_message"),
)
_TEXTS = (("Title", "title"), ("Body", "body"))
_JSON = (("RawContent", "raw_content"), ("JsonBody", "json_body"))
_LINKS = (
    ("Url", "url"),
    ("ImageUrl", "image_url"),
    ("ImageIconUrl", "image_icon_url"),
    ("ImageSmallIconUrl", "image_small_icon_url"),
    ("MediaUrl", "media_url"),
)


def check_message(
    at: str, message: MessageConfiguration | None, templates: TemplateConfiguration | None, *, in_app: bool
) -> None:
    """Raise Invalid unless there is something to send; `at` begins the members' paths."""
    for member, template in named_templates(templates):
        if not template.name:
            raise Invalid(f"{at}TemplateConfiguration.{member}.Name: is required")
    if templates is not None and templates.voice_template is not None:
        raise Invalid(f"{at}TemplateConfiguration.VoiceTemplate: campaigns do not send voice messages")
    for member, push in push_messages(message):
        _check_push(f"{at}MessageConfiguration.{member}", push)
    shown = message.in_app_message if message else None
    if shown is not None:
        _check_in_app(f"{at}MessageConfiguration.InAppMessage", shown)
    if in_app:
        if not (shown and shown.content) and not (templates and templates.in_app_template):
            raise Invalid(f"{at}MessageConfiguration: an in-app message or an in-app template is required")
    elif not _written(message) and not any(member != "InAppTemplate" for member, _ in named_templates(templates)):
        raise Invalid(f"{at}MessageConfiguration: content for a channel, a default message or a template is required")


def check_sources(at: str, message: MessageConfiguration | None, templates: Templates) -> None:
    """Raise Invalid naming member, line and column when a part of a written message does not compile."""
    if message is None:
        return
    cache = templates.cache
    field = f"{at}MessageConfiguration"
    email, sms = message.email_message, message.sms_message
    if email is not None:
        for member, source in (("Title", email.title), ("Body", email.body), ("HtmlBody", email.html_body)):
            check_source(f"{field}.EmailMessage.{member}", source, cache)
        check_headers(f"{field}.EmailMessage.Headers", email.headers, cache)
    if sms is not None:
        check_source(f"{field}.SMSMessage.Body", sms.body, cache)
    for name, push in push_messages(message):
        for member, attribute in (*_TEXTS, *_LINKS):
            check_source(f"{field}.{name}.{member}", getattr(push, attribute), cache)
        for member, attribute in _JSON:
            _check_json(f"{field}.{name}.{member}", getattr(push, attribute), templates)


def push_messages(message: MessageConfiguration | None) -> Iterator[tuple[str, Message]]:
    """The messages of the shape `Message` that are there, by their names; the default one among them."""
    for member, attribute in (("DefaultMessage", "default_message"), *_PUSH):
        if message is not None and (found := getattr(message, attribute)) is not None:
            yield member, found


def named_templates(templates: TemplateConfiguration | None) -> Iterator[tuple[str, Template]]:
    """The templates that are there, by their members; voice, which campaigns cannot send, left out."""
    for member, attribute in (
        ("EmailTemplate", "email_template"),
        ("PushTemplate", "push_template"),
        ("SMSTemplate", "sms_template"),
        ("InAppTemplate", "in_app_template"),
    ):
        if templates is not None and (found := getattr(templates, attribute)) is not None:
            yield member, found


def _check_json(member: str, source: str | None, templates: Templates) -> None:
    """Raise Invalid unless the source is JSON, or can become it, and its strings compile."""
    check_json(member, source)
    try:
        RawJson(templates, member, source or "")
    except TemplateSyntaxError as error:
        raise Invalid(f"{member}: {error.message}") from error


def _check_push(at: str, push: Message) -> None:
    if len(push.body or "") > MOST_BODY:
        raise Invalid(f"{at}.Body: must have at most {MOST_BODY} characters")
    if (push.time_to_live or 0) < 0:
        raise Invalid(f"{at}.TimeToLive: must not be negative")


def _check_in_app(at: str, shown: CampaignInAppMessage) -> None:
    check_in_app(at, shown.content, shown.custom_config, shown.layout)
    if len(shown.custom_config or {}) > MOST_CUSTOM:
        raise Invalid(f"{at}.CustomConfig: at most {MOST_CUSTOM} pairs")


def _written(message: MessageConfiguration | None) -> bool:
    """Whether a message says anything by itself, in-app left out."""
    if message is None:
        return False
    email, sms, custom = message.email_message, message.sms_message, message.custom_message
    return bool(
        (email and (email.title or email.body or email.html_body))
        or (sms and sms.body)
        or (custom and custom.data)
        or any(push.body or push.raw_content or push.json_body for _, push in push_messages(message))
    )
