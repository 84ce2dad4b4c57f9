"""What is reported of e-mails becomes events, once; what was never sent becomes nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.channels.email.inbound.intake import Intake, unsubscribe_address
from clarion.channels.email.verp import HOUR_MS
from clarion.channels.feedback import MailReport
from clarion.channels.port import Bounce, Complaint, Delivery, Outcome
from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid, NotFound
from clarion.domain.email.model import ALL, Topic
from clarion.domain.messaging.withholding import TOPIC_HEADER
from tests.channels.email.inbound.samples import arf, dsn
from tests.domain.messaging.conftest import Processes
from tests.domain.messaging.feedback.conftest import Post
from tests.domain.messaging.house import SCOPE, Recording

HARD = Bounce(bounce_type="Permanent", bounce_sub_type="NoEmail", status="5.1.1", diagnostic_code="smtp; 550 nobody")
SOFT = Bounce(bounce_type="Transient", bounce_sub_type="MailboxFull", status="4.2.2")


def mail(post: Post, app_id: str, address: str = "lea@example.com", **email: Any) -> str:
    """Send one; answers its id."""
    simple = {"Subject": {"Data": "Hello"}, "TextPart": {"Data": "Hi"}, **email}
    answer = post.house.send(
        app_id,
        Addresses={address: {"ChannelType": "EMAIL"}},
        MessageConfiguration={"EmailMessage": {"SimpleEmail": simple}},
    )
    result = answer["Result"][address]
    assert result["DeliveryStatus"] == "SUCCESSFUL", result
    post.house.settle()
    return str(result["MessageId"])


def report(post: Post, message_id: str, fact: Bounce | Complaint | Delivery, **more: Any) -> MailReport:
    now = post.clock.now_ms()
    known = {"app_id": "", "hour_ms": now - now % HOUR_MS, "recipient": "whoever@example.test", "at_ms": now, **more}
    return MailReport(message_id=message_id, fact=fact, **known)


def types(post: Post, app_id: str) -> list[str]:
    return sorted(row.event_type for row in post.house.recorded(app_id) if row.event_type != "_email.delivered")


def event(post: Post, app_id: str, event_type: str) -> dict[str, Any]:
    (row,) = post.house.recorded(app_id, event_type)
    found: dict[str, Any] = msgspec.json.decode(row.record)["facets"]["email_channel"]["mail_event"]
    return found


def test_a_bounce_becomes_an_event_about_whom_we_wrote_to(post: Post) -> None:
    app_id = post.house.app()
    message_id = mail(post, app_id)
    post.desk.mails([report(post, message_id, HARD)])
    post.house.settle()
    told = event(post, app_id, "_email.hardbounce")
    assert told["bounce"]["bounced_recipients"][0]["email_address"] == "lea@example.com"
    assert told["bounce"]["bounce_sub_type"] == "NoEmail"
    assert told["bounce"]["feedback_id"] == f"{message_id}-hardbounce"
    assert told["bounce"]["timestamp"] == iso_ms(post.clock.now_ms())
    assert told["mail"]["message_id"] == message_id


def test_however_often_it_is_told_it_is_recorded_once(post: Post) -> None:
    app_id, before = post.house.app(), post.counted("repeated")
    message_id = mail(post, app_id)
    one = report(post, message_id, HARD)
    post.desk.mails([one, one])
    post.desk.mails([report(post, message_id, HARD, app_id=app_id, hour_ms=0)])
    post.house.settle()
    post.desk.mails([one])
    post.house.settle()
    assert types(post, app_id) == ["_email.hardbounce", "_email.send"]
    assert post.counted("repeated") > before


def test_told_again_while_it_is_being_recorded_it_is_recorded_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    app_id = post.house.app()
    one = report(post, mail(post, app_id), HARD)
    catch_up, told_again = post.consumer.catch_up, []

    def interrupted() -> None:
        catch_up()
        if not told_again:
            told_again.append(one)
            post.desk.mails([one])

    monkeypatch.setattr(post.mail.mails, "_catch_up", interrupted)
    post.desk.mails([one])
    post.house.settle()
    post.house.advance(60)
    assert told_again
    assert types(post, app_id) == ["_email.hardbounce", "_email.send"]


def test_a_mail_may_bounce_softly_and_then_for_good(post: Post) -> None:
    app_id = post.house.app()
    message_id = mail(post, app_id)
    post.desk.mails([report(post, message_id, SOFT), report(post, message_id, HARD)])
    post.house.settle()
    assert types(post, app_id) == ["_email.hardbounce", "_email.send", "_email.softbounce"]


def test_bounces_for_mail_that_was_never_sent_are_counted_and_dropped(post: Post) -> None:
    app_id, before = post.house.app(), post.counted("unknown")
    message_id = mail(post, app_id)
    post.desk.mails([report(post, "f" * 32, HARD), report(post, message_id, HARD, hour_ms=0)])
    post.desk.mails([report(post, "e" * 32, HARD, app_id=app_id)])
    post.house.settle()
    assert types(post, app_id) == ["_email.send"]
    assert post.counted("unknown") == before + 3


def test_a_message_that_is_still_being_handed_over_is_waited_for(post: Post) -> None:
    app_id = post.house.app()
    answer = post.house.send(
        app_id,
        Addresses={"lea@example.com": {"ChannelType": "EMAIL"}},
        MessageConfiguration={"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "x"}, "TextPart": {"Data": "x"}}}},
    )
    message_id = answer["Result"]["lea@example.com"]["MessageId"]
    post.desk.mails([report(post, message_id, HARD)])
    post.house.settle()
    post.house.advance(60)
    assert types(post, app_id) == ["_email.hardbounce", "_email.send"]


def test_a_hard_bounce_puts_the_address_on_the_list_and_the_next_mail_bounces_at_once(post: Post) -> None:
    app_id = post.house.app()
    first = mail(post, app_id, "Lea@Example.com")
    post.desk.mails([report(post, first, HARD)])
    post.house.settle()
    (entry,), _ = post.mail.suppressions.page(SCOPE, app_id, None, 10, None)
    assert (entry.address, entry.reason, entry.message_id) == ("lea@example.com", "BOUNCE", first)
    assert entry.detail == "smtp; 550 nobody"
    arrived = len(post.house.arrived(app_id))
    second = mail(post, app_id, "lea@example.com")
    assert len(post.house.arrived(app_id)) == arrived
    told = [row for row in post.house.recorded(app_id, "_email.hardbounce") if row.message_id == second]
    assert [row.gate for row in told] == ["suppression"]
    assert b"OnAccountSuppressionList" in told[0].record.encode()
    assert post.mail.suppressions.page(SCOPE, app_id, None, 10, None)[0] == [entry]
    post.mail.suppressions.remove(SCOPE, app_id, "lea@example.com")
    mail(post, app_id, "lea@example.com")
    assert len(post.house.arrived(app_id)) == arrived + 1


def test_a_refusal_while_handing_over_puts_the_address_on_the_list_too(processes: Processes) -> None:
    relay = Recording(Outcome("permanent", "refused", events=(HARD,)))
    post = Post(processes(transport=relay))
    app_id = post.house.app()
    first, second = mail(post, app_id), mail(post, app_id)
    (entry,), _ = post.mail.suppressions.page(SCOPE, app_id, None, 10, None)
    assert (entry.address, entry.message_id) == ("lea@example.com", first)
    assert relay.handed == [first]
    assert [row.message_id for row in post.house.recorded(app_id, "_email.hardbounce") if row.gate] == [second]


def test_which_reasons_count_is_a_setting(processes: Processes) -> None:
    post = Post(processes(email_suppression="complaints"))
    app_id = post.house.app()
    message_id = mail(post, app_id)
    post.desk.mails([report(post, message_id, HARD)])
    post.house.settle()
    assert post.mail.suppressions.page(SCOPE, app_id, None, 10, None) == ([], None)
    post.desk.mails([report(post, message_id, Complaint())])
    post.house.settle()
    assert [one.reason for one in post.mail.suppressions.page(SCOPE, app_id, None, 10, None)[0]] == ["COMPLAINT"]
    with pytest.raises(Invalid, match="email_suppression"):
        Post(processes(email_suppression="everything"))


@pytest.mark.parametrize("fact", [SOFT, Complaint(feedback_type="not-spam"), Delivery("250 ok")])
def test_nothing_else_puts_an_address_on_the_list(post: Post, fact: Bounce | Complaint | Delivery) -> None:
    app_id = post.house.app()
    post.desk.mails([report(post, mail(post, app_id), fact)])
    post.house.settle()
    assert post.mail.suppressions.page(SCOPE, app_id, None, 10, None) == ([], None)


@pytest.mark.parametrize("address", ["bounce@simulator.amazonses.com", "suppressionlist@simulator.amazonses.com"])
def test_simulated_bounces_put_nobody_on_the_list(post: Post, address: str) -> None:
    app_id = post.house.app()
    mail(post, app_id, address)
    assert "_email.hardbounce" in types(post, app_id)
    assert post.mail.suppressions.page(SCOPE, app_id, None, 10, None) == ([], None)


def test_a_complaint_keeps_its_headers_and_suppresses(post: Post) -> None:
    app_id = post.house.app()
    message_id = mail(post, app_id)
    headers = [("Received", "from a"), ("Received", "from b"), ("Subject", "Hello")]
    complaint = Complaint(feedback_type="abuse", user_agent="Mailbox/1")
    post.desk.mails([report(post, message_id, complaint, headers=headers, source_ip="192.0.2.1")])
    post.house.settle()
    (kept,), _ = post.mail.complaints.page(SCOPE, app_id, 10, None)
    assert (kept.address, kept.headers, kept.source_ip) == ("lea@example.com", headers, "192.0.2.1")
    (entry,), _ = post.mail.suppressions.page(SCOPE, app_id, "COMPLAINT", 10, None)
    assert entry.address == "lea@example.com"
    assert event(post, app_id, "_email.complaint")["complaint"]["complaint_feedback_type"] == "abuse"


def test_one_project_does_not_suppress_for_another(post: Post) -> None:
    one, other = post.house.app(), post.house.app()
    post.mail.suppressions.add(SCOPE, one, "lea@example.com")
    mail(post, other)
    assert len(post.house.arrived(other)) == 1
    with pytest.raises(NotFound):
        post.mail.suppressions.remove(SCOPE, other, "lea@example.com")


def test_the_list_is_paged_newest_first(post: Post) -> None:
    app_id = post.house.app()
    for number in range(5):
        post.mail.suppressions.add(SCOPE, app_id, f"p{number}@example.com")
        post.house.advance(1)
    page, token = post.mail.suppressions.page(SCOPE, app_id, "MANUAL", 3, None)
    rest, end = post.mail.suppressions.page(SCOPE, app_id, "MANUAL", 3, token)
    assert [one.address for one in (*page, *rest)] == [f"p{number}@example.com" for number in reversed(range(5))]
    assert end is None


def test_who_wants_no_mail_about_a_topic_gets_none_about_it(post: Post) -> None:
    app_id = post.house.app()
    topics = post.mail.topics
    topics.put(SCOPE, app_id, Topic(name="news", title="News"))
    topics.put(SCOPE, app_id, Topic(name="offers", title="Offers", subscribed=False))
    news = {"Headers": [{"Name": TOPIC_HEADER, "Value": "news"}]}
    offers = {"Headers": [{"Name": TOPIC_HEADER, "Value": "offers"}]}
    mail(post, app_id, **news)
    mail(post, app_id, **offers)
    assert len(post.house.arrived(app_id)) == 1
    topics.prefer(SCOPE, app_id, "lea@example.com", {"news": False, "offers": True})
    mail(post, app_id, **news)
    mail(post, app_id, **offers)
    mail(post, app_id)
    assert len(post.house.arrived(app_id)) == 3
    refused = post.house.recorded(app_id, "_clarion.skip")
    assert [row.gate for row in refused] == ["topic", "topic"]


def test_leaving_everything_holds_for_topics_to_come_until_one_is_wanted_again(post: Post) -> None:
    app_id = post.house.app()
    topics = post.mail.topics
    topics.put(SCOPE, app_id, Topic(name="news", title="News"))
    topics.prefer(SCOPE, app_id, "lea@example.com", {ALL: False})
    topics.put(SCOPE, app_id, Topic(name="later", title="Later"))
    wishes = topics.preferences(SCOPE, app_id, "LEA@example.com")
    assert [(one.topic.name, one.subscribed) for one in wishes] == [("later", False), ("news", False)]
    again = topics.prefer(SCOPE, app_id, "lea@example.com", {"news": True})
    assert [(one.topic.name, one.subscribed) for one in again] == [("later", False), ("news", True)]
    everything = topics.prefer(SCOPE, app_id, "lea@example.com", {ALL: True})
    assert all(one.subscribed for one in everything)


def intake(post: Post) -> Intake:
    return Intake(
        post.verp,
        "fbl@acme.test",
        post.desk,
        linked=lambda url: None,
        unsubscribe=post.mail._unsubscribe,
        count=lambda kind: None,
        clock=post.clock,
    )


def test_a_notification_to_a_signed_address_comes_all_the_way(post: Post) -> None:
    app_id = post.house.app()
    address = post.verp.address(mail(post, app_id), post.clock.now_ms())
    intake(post).take([address], dsn(recipient="somebody-else@example.test"))
    intake(post).take(["fbl@acme.test"], arf(mail_from=address))
    post.house.settle()
    assert types(post, app_id) == ["_email.complaint", "_email.hardbounce", "_email.send"]
    (entry,), _ = post.mail.suppressions.page(SCOPE, app_id, None, 10, None)
    assert entry.address == "lea@example.com"


def test_writing_to_the_address_to_leave_leaves_the_topic(post: Post) -> None:
    app_id = post.house.app()
    post.mail.topics.put(SCOPE, app_id, Topic(name="news", title="News"))
    message_id = mail(post, app_id, Headers=[{"Name": TOPIC_HEADER, "Value": "news"}])
    intake(post).take([unsubscribe_address(post.verp.address(message_id, post.clock.now_ms()))], b"")
    post.house.settle()
    (wish,) = post.mail.topics.preferences(SCOPE, app_id, "lea@example.com")
    assert not wish.subscribed
    assert "_email.unsubscribe" in types(post, app_id)
