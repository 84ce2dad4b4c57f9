"""What messages get of a template: its content, its variants, its partials; and copies of all that."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.domain.apps.tags import Tags
from clarion.domain.templates import service as templates_service
from clarion.domain.templates.handlebars import Template, TemplateCache
from clarion.domain.templates.kinds import EMAIL, IN_APP, PUSH, SMS, VOICE, Kind
from clarion.domain.templates.model import encode
from clarion.domain.templates.partials.service import KIND, decode
from clarion.domain.templates.service import Templates
from clarion.shapes import pinpoint as shapes
from clarion.store.database import Database


def create(templates: Templates, scope: Scope, kind: Kind, name: str, request: Any) -> None:
    templates.create(scope, kind.name, name, templates.read(scope, kind, request), None)


def update(templates: Templates, scope: Scope, kind: Kind, name: str, request: Any, *, new: bool = False) -> None:
    content = templates.read(scope, kind, request)
    templates.update(scope, kind.name, name, content, version=None, new_version=new)


def text(template: Template | None, clock: VirtualClock) -> str:
    assert template is not None
    return template.render({"Name": "Lea"}, clock=clock, ids=SeededIds(1))


def test_content_of_every_kind(templates: Templates, scope: Scope) -> None:
    defaults = '{"Attributes": {"x": "y"}, "User.UserId": ["u"]}'
    push = shapes.PushNotificationTemplateRequest(
        default=shapes.DefaultPushNotificationTemplate(body="b"), default_substitutions=defaults, recommender_id="r"
    )
    create(templates, scope, PUSH, "t", push)
    create(templates, scope, SMS, "t", shapes.SMSTemplateRequest(body="sms", recommender_id="r"))
    create(templates, scope, VOICE, "t", shapes.VoiceTemplateRequest(body="voice", voice_id="Joanna"))
    create(templates, scope, IN_APP, "t", shapes.InAppTemplateRequest(layout="OVERLAYS"))
    create(templates, scope, EMAIL, "t", shapes.EmailTemplateRequest(subject="s", html_part="<p>h</p>"))
    found = templates.content(scope, "PUSH", "t", None)
    assert found.parts.default is not None
    assert (found.version, found.parts.default.body, found.recommender_id) == (1, "b", "r")
    assert found.defaults == {"Attributes": {"x": "y"}, "User.UserId": ["u"]}
    assert templates.content(scope, "SMS", "t", "1").parts.body == "sms"
    voice = templates.content(scope, "VOICE", "t", "latest")
    assert (voice.parts.body, voice.parts.voice_id, voice.recommender_id, voice.defaults) == (
        "voice",
        "Joanna",
        None,
        {},
    )
    assert templates.content(scope, "INAPP", "t", None).parts.layout == "OVERLAYS"
    email = templates.content(scope, "EMAIL", "t", None)
    assert (email.parts.subject, email.parts.html, email.parts.text) == ("s", "<p>h</p>", None)
    with pytest.raises(NotFound):
        templates.content(scope, "SMS", "t", "2")


def test_variants_say_all_bodies_or_none(templates: Templates, scope: Scope) -> None:
    request = shapes.EmailTemplateRequest(
        subject="Hello",
        html_part="<p>Hello</p>",
        text_part="Hello",
        variants={
            "de": shapes.EmailTemplateVariant(subject="Hallo", html_part="<p>Hallo</p>"),
            "de_AT": shapes.EmailTemplateVariant(subject="Servus"),
        },
    )
    create(templates, scope, EMAIL, "t", request)
    content = templates.content(scope, "EMAIL", "t", None)
    german = content.for_locale("de_DE")
    assert (german.parts.subject, german.parts.html, german.parts.text) == ("Hallo", "<p>Hallo</p>", None)
    austrian = content.for_locale("de-AT")
    assert (austrian.parts.subject, austrian.parts.html, austrian.parts.text) == ("Servus", "<p>Hello</p>", "Hello")
    assert content.for_locale("fr") is content
    assert content.for_locale("de_DE") is german
    assert not german.variants


def test_a_variant_of_a_push_template_brings_its_services(templates: Templates, scope: Scope) -> None:
    request = shapes.PushNotificationTemplateRequest(
        default=shapes.DefaultPushNotificationTemplate(body="Hello"),
        apns=shapes.APNSPushNotificationTemplate(body="Hello Apple"),
        variants={"de": shapes.PushTemplateVariant(default=shapes.DefaultPushNotificationTemplate(body="Hallo"))},
    )
    create(templates, scope, PUSH, "t", request)
    german = templates.content(scope, "PUSH", "t", None).for_locale("de")
    assert german.parts.apns is None
    assert german.parts.default is not None
    assert german.parts.default.body == "Hallo"


@pytest.mark.parametrize(
    ("kind", "request_", "problem"),
    [
        (
            EMAIL,
            shapes.EmailTemplateRequest(variants={"x!": shapes.EmailTemplateVariant()}),
            "Variants: x! is no locale",
        ),
        (
            EMAIL,
            shapes.EmailTemplateRequest(variants={"de": shapes.EmailTemplateVariant(subject="{{#if}}")}),
            "Variants.de.Subject: line 1",
        ),
        (
            SMS,
            shapes.SMSTemplateRequest(variants={"de": shapes.SMSTemplateVariant(body="x" * 1601)}),
            "Variants.de.Body: must have at most 1600",
        ),
        (EMAIL, shapes.EmailTemplateRequest(mjml="<p>"), "Mjml: line 1: an MJML source begins"),
        (
            EMAIL,
            shapes.EmailTemplateRequest(mjml="<mjml><mj-body></mj-body></mjml>", html_part="<p>"),
            "HtmlPart: is made of Mjml",
        ),
        (SMS, shapes.SMSTemplateRequest(body="{{> none}}"), "Body: line 1, column 1: the partial none"),
    ],
)
def test_what_is_refused(templates: Templates, scope: Scope, kind: Kind, request_: Any, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        templates.read(scope, kind, request_)


def test_mjml_is_kept_beside_its_html(templates: Templates, scope: Scope) -> None:
    mjml = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{Name}}</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    create(templates, scope, EMAIL, "t", shapes.EmailTemplateRequest(mjml=mjml))
    parts = templates.content(scope, "EMAIL", "t", None).parts
    assert parts.mjml == mjml
    assert parts.html is not None
    assert "Hi {{Name}}</div>" in parts.html
    update(templates, scope, EMAIL, "t", shapes.EmailTemplateRequest(mjml=mjml, html_part=parts.html))
    assert templates.content(scope, "EMAIL", "t", None).parts == parts


def test_partials(templates: Templates, scope: Scope, clock: VirtualClock) -> None:
    partials = templates.partials
    partials.put(scope, "name", "{{Name}}", "")
    assert partials.put(scope, "footer", "<p>Bye {{> name}}</p>", "the end").version == 1
    create(templates, scope, EMAIL, "t", shapes.EmailTemplateRequest(html_part="Hi {{> footer}}"))
    content = templates.content(scope, "EMAIL", "t", None)
    assert text(content.sources.get("{{> footer}}"), clock) == "<p>Bye Lea</p>"
    assert text(content.sources.text_of(content.parts.html or ""), clock) == "Hi \nBye Lea\n"
    copy = content.copy()

    changed = partials.put(scope, "footer", "<p>Ciao {{> name}}</p>", "the end")
    assert changed.version == 2
    assert partials.put(scope, "footer", "<p>Ciao {{> name}}</p>", "the end") == changed
    later = templates.content(scope, "EMAIL", "t", None)
    assert text(later.sources.get("{{> footer}}"), clock) == "<p>Ciao Lea</p>"
    assert text(content.sources.get("{{> footer}}"), clock) == "<p>Bye Lea</p>"
    assert decode(partials.get(scope, "footer", 1)).source == "<p>Bye {{> name}}</p>"

    for name, user in (("footer", "t"), ("name", "footer")):
        assert [use.name for use in partials.uses(scope, name)] == [user]
        with pytest.raises(Conflict, match=f"is called by {user}"):
            partials.delete(scope, name)
    assert partials.uses(scope, "name")[0].kind == KIND
    update(templates, scope, EMAIL, "t", shapes.EmailTemplateRequest(html_part="{{> footer}}"), new=True)
    assert [use.version for use in partials.uses(scope, "footer")] == [1, 2]
    templates.delete(scope, "EMAIL", "t", None)
    partials.delete(scope, "footer")
    partials.delete(scope, "name")
    with pytest.raises(NotFound):
        partials.get(scope, "footer")
    assert text(templates.copied("EMAIL", copy).sources.get("{{> footer}}"), clock) == "<p>Bye Lea</p>"


def test_copies_without_partials(templates: Templates, scope: Scope) -> None:
    create(templates, scope, SMS, "t", shapes.SMSTemplateRequest(body="b"))
    content = templates.content(scope, "SMS", "t", None)
    assert content.copy() == encode(content.parts)
    copy = templates.copied("SMS", content.copy())
    assert (copy.version, copy.parts) == (0, content.parts)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{> a}}", "a comes to call itself"),
        ("{{> b}}", "a comes to call itself|b comes to call itself"),
        ("{{#if}}", "Source: line 1, column 1"),
        ("{{> none}}", "the partial none is not defined"),
        ("x" * 100_001, "Source: must have at most 100000"),
    ],
)
def test_partials_that_are_refused(templates: Templates, scope: Scope, source: str, problem: str) -> None:
    templates.partials.put(scope, "a", "a", "")
    templates.partials.put(scope, "b", "{{> a}}", "")
    with pytest.raises(Invalid, match=problem):
        templates.partials.put(scope, "a", source, "")
    with pytest.raises(Invalid, match="Description"):
        templates.partials.put(scope, "a", "x", "x" * 501)
    assert decode(templates.partials.get(scope, "a")).source == "a"


def test_a_process_sees_what_another_one_wrote(
    templates: Templates, scope: Scope, database: Database, clock: VirtualClock
) -> None:
    other = templates_service.Templates(database, Tags(database), clock, TemplateCache())
    templates.partials.put(scope, "p", "one", "")
    create(templates, scope, SMS, "t", shapes.SMSTemplateRequest(body="{{> p}}"))
    assert text(other.content(scope, "SMS", "t", None).sources.get("{{> p}}"), clock) == "one"
    templates.partials.put(scope, "p", "two", "")
    assert text(other.content(scope, "SMS", "t", None).sources.get("{{> p}}"), clock) == "two"


def test_listing_partials(templates: Templates, scope: Scope) -> None:
    for name in ("b", "a", "ab", "c"):
        templates.partials.put(scope, name, "1", "")
    templates.partials.put(scope, "a", "2", "")
    rows, token = templates.partials.list(scope, "a", 1, None)
    assert [(row.name, row.version) for row in rows] == [("a", 2)]
    rows, token = templates.partials.list(scope, "a", 1, token)
    assert ([row.name for row in rows], token) == (["ab"], None)
    rows, _ = templates.partials.list(Scope("000000000002", scope.region), "", 10, None)
    assert not rows


def test_no_texts_are_made_when_nobody_wants_them(
    database: Database, templates: Templates, clock: VirtualClock
) -> None:
    scope = Scope("000000000001", "eu-central-1")
    create(templates, scope, EMAIL, "t", shapes.EmailTemplateRequest(html_part="<p>x</p>"))
    assert templates.content(scope, "EMAIL", "t", None).sources.text_of("<p>x</p>") is not None
    plain = Templates(database, Tags(database), clock, TemplateCache(), make_texts=False)
    assert plain.content(scope, "EMAIL", "t", None).sources.text_of("<p>x</p>") is None


def test_the_limit_of_templates(templates: Templates, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates_service, "MAX_TEMPLATES", 1)
    create(templates, scope, SMS, "one", shapes.SMSTemplateRequest())
    with pytest.raises(templates_service.TooMany, match="at most 1 templates"):
        create(templates, scope, SMS, "two", shapes.SMSTemplateRequest())
