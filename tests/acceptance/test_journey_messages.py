"""Messages of journeys: what goes out on each channel, what holds it back, what is recorded. Source: spec of journeys,
3.1 to 3.5, 6, 8, 14."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.letters import HELLO, go, journey, mail, name_of, reached, sends, state, template, two, why
from tests.acceptance.project import Project
from tests.acceptance.test_messages import fetch


@pytest.fixture
def letters(project: Project) -> Project:
    """A project with an e-mail template of its own."""
    template(project)
    return project


def test_an_email_from_the_template(letters: Project) -> None:
    letters.person("lea", Attributes={"Name": ["Lea"]}, User={"UserId": "u1"})
    made = journey(letters, {"mailA": mail(letters)})
    go(letters)
    [found] = letters.mail()
    assert (found["Subject"], found["EndpointId"], found["UserId"]) == ("Hello Lea", "lea", "u1")
    assert (found["JourneyId"], found["JourneyActivityId"]) == (made, "mailA")
    assert found["Headers"]["From"] == "shop@shop.example"
    sent = [one for one in why(letters, "lea", made) if one["EventType"] == "_journey.send"]
    assert [(one["Status"], one["ActivityId"], one["MessageId"]) for one in sent] == [
        ("SUCCESS", "mailA", found["MessageId"])
    ]
    assert state(letters, made) == "COMPLETED"


def test_the_activitys_own_address(letters: Project) -> None:
    letters.person("lea")
    journey(letters, {"mailA": mail(letters, MessageConfig={"FromAddress": "news@shop.example"})})
    go(letters)
    [found] = letters.mail()
    assert found["Headers"]["From"] == "news@shop.example"


def test_every_event_of_a_message_names_the_journey(letters: Project) -> None:
    letters.person("lea")
    made = journey(letters, {"mailA": mail(letters)})
    go(letters)
    [found] = letters.mail()
    for kind in ("Open", "SoftBounce", "Complaint"):
        letters.server.control("POST", "feedback", {"MessageId": found["MessageId"], "Type": kind})
    letters.server.settle()
    told = {one["EventType"]: one["ActivityId"] for one in why(letters, "lea", made)}
    assert told.keys() >= {"_journey.send", "_email.send", "_email.open", "_email.softbounce", "_email.complaint"}
    assert set(told.values()) == {"mailA"}


def test_opens_and_clicks_of_tracked_mail_name_the_journey(project: Project) -> None:
    html = '<body><a href="https://shop.example/sale">Sale</a></body>'
    template(project, Subject="s", HtmlPart=html)
    project.person("lea")
    made = journey(project, {"mailA": mail(project)})
    go(project)
    [found] = project.mail()
    [click] = re.findall(r'href="(http://[^"]+/track/c/[^"]+)"', found["Html"])
    [pixel] = re.findall(r'src="(http://[^"]+/track/o/[^"]+)"', found["Html"])
    assert fetch(pixel)[0] == 200
    assert fetch(click.replace("&amp;", "&"))[0] == 302
    project.server.settle()
    told = {one["EventType"]: (one["JourneyId"], one["ActivityId"]) for one in why(project, "lea", made)}
    assert (told["_email.open"], told["_email.click"]) == ((made, "mailA"), (made, "mailA"))


def test_a_user_gets_it_at_every_address_but_at_none_twice(letters: Project) -> None:
    for name, address in (("a", "one@example.com"), ("b", "two@example.com"), ("c", "ONE@example.com")):
        letters.person(name, Address=address, User={"UserId": "u1"})
    letters.put("phone", ChannelType="SMS", Address="+4915550001", User={"UserId": "u1"})
    made = journey(letters, {"mailA": mail(letters)})
    go(letters)
    assert len(letters.mail()) == 2
    assert {one["Address"].lower() for one in letters.mail()} == {"one@example.com", "two@example.com"}
    results = sorted(result for name in ("a", "b", "c") for _, result in sends(letters, name, made))
    assert results == ["SUCCESS", "SUCCESS", "duplicate_address"]
    assert sends(letters, "phone", made) == []


def test_who_has_no_endpoint_of_the_channel_goes_on(letters: Project) -> None:
    letters.put("phone", ChannelType="SMS", Address="+4915550001")
    letters.person("lea")
    made = journey(letters, {"mailA": mail(letters, "mailB"), "mailB": mail(letters)})
    go(letters)
    expected = [("mailA", "UNSUPPORTED_CHANNEL"), ("mailB", "UNSUPPORTED_CHANNEL")]
    assert sorted(sends(letters, "phone", made)) == expected
    assert reached(letters) == [("lea", "mailA"), ("lea", "mailB")]
    assert state(letters, made) == "COMPLETED"


def test_who_turned_inactive_on_the_way_still_gets_mail_and_who_opted_out_does_not(letters: Project) -> None:
    letters.people(["lea", "jon", "tom"])
    made = two(letters)
    go(letters)
    letters.put("jon", EndpointStatus="INACTIVE")
    letters.put("tom", OptOut="ALL")
    go(letters, "PT2H")
    assert reached(letters) == [
        ("jon", "mailA"),
        ("jon", "mailB"),
        ("lea", "mailA"),
        ("lea", "mailB"),
        ("tom", "mailA"),
    ]
    assert sends(letters, "tom", made) == [("mailA", "SUCCESS"), ("mailB", "opt_out")]


def test_the_version_that_is_active_when_it_is_sent(letters: Project) -> None:
    letters.person("lea")
    two(letters)
    go(letters)
    letters.pinpoint.update_email_template(
        TemplateName=name_of(letters), CreateNewVersion=True, EmailTemplateRequest={**HELLO, "Subject": "Second"}
    )
    active = {"TemplateActiveVersionRequest": {"Version": "2"}}
    letters.pinpoint.update_template_active_version(TemplateName=name_of(letters), TemplateType="EMAIL", **active)
    go(letters, "PT2H")
    assert [one["Subject"] for one in letters.mail()] == ["Second", "Hello"]


def test_a_version_that_is_named_stays(letters: Project) -> None:
    letters.person("lea")
    activities = {"mailA": mail(letters, TemplateVersion="1")}
    letters.pinpoint.update_email_template(
        TemplateName=name_of(letters), CreateNewVersion=True, EmailTemplateRequest={**HELLO, "Subject": "Second"}
    )
    active = {"TemplateActiveVersionRequest": {"Version": "2"}}
    letters.pinpoint.update_template_active_version(TemplateName=name_of(letters), TemplateType="EMAIL", **active)
    journey(letters, activities)
    go(letters)
    assert [one["Subject"] for one in letters.mail()] == ["Hello"]


def test_a_template_that_is_gone_is_told_and_everybody_goes_on(letters: Project) -> None:
    letters.person("lea")
    made = two(letters)
    go(letters)
    letters.pinpoint.delete_email_template(TemplateName=name_of(letters))
    go(letters, "PT2H")
    assert sends(letters, "lea", made) == [("mailA", "SUCCESS"), ("mailB", "FAILURE_PERMANENT")]
    assert "not found" in why(letters, "lea", made)[-1]["Reason"].lower()
    assert state(letters, made) == "COMPLETED"


def test_a_channel_that_is_switched_off_is_told_and_everybody_goes_on(letters: Project) -> None:
    letters.person("lea")
    made = two(letters)
    go(letters)
    letters.pinpoint.delete_email_channel(ApplicationId=letters.id)
    go(letters, "PT2H")
    assert sends(letters, "lea", made) == [("mailA", "SUCCESS"), ("mailB", "FAILURE_PERMANENT")]
    assert why(letters, "lea", made)[-1]["Reason"] == "no channel of type EMAIL is enabled"
    assert state(letters, made) == "COMPLETED"
