"""The control API's calls about messages, signed and over HTTP: members, paging, and who sees whose."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from clarion.core.clock import iso
from clarion.core.scope import Scope
from clarion.wire.keys import AccessKey
from tests.domain.messaging.conftest import Processes
from tests.domain.messaging.house import ACCOUNT, OTHER, House
from tests.wire.inprocess import ADMIN, HOST, REGION, ask_prepared

BODY: dict[str, Any] = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "HtmlPart": {"Data": "<p>x</p>"}}}}


def call(
    house: House,
    method: str,
    path: str,
    body: object = None,
    *,
    key: AccessKey = ADMIN,
    region: str = REGION,
    **query: str | int,
) -> tuple[int, Any]:
    """Status and parsed answer of a signed call."""
    url = f"http://{HOST}/clarion/v1/{path}" + (f"?{urlencode(query)}" if query else "")
    data = None if body is None else json.dumps(body).encode()
    request = AWSRequest(method=method, url=url, data=data, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(key.access_key_id, key.secret), "mobiletargeting", region).add_auth(request)
    answer = ask_prepared(house.wire, request.prepare())
    return answer.status, json.loads(answer.body) if answer.body else None


def ok(house: House, method: str, path: str, body: object = None, **options: Any) -> Any:
    status, answer = call(house, method, path, body, **options)
    assert status == 200, answer
    return answer


def sent(house: House, app: str, *endpoint_ids: str) -> list[str]:
    """Direct mail to endpoints of these ids, handed over; answers the message ids."""
    for name in endpoint_ids:
        house.endpoint(app, name)
    answer = house.send(app, MessageConfiguration=BODY, TraceId="t", Endpoints={name: {} for name in endpoint_ids})
    house.settle()
    return [answer["EndpointResult"][name]["MessageId"] for name in endpoint_ids]


def test_the_inbox_lists_what_arrived(house: House) -> None:
    app = house.app()
    (first,) = sent(house, app, "Lea")
    (second,) = sent(house, app, "max")
    answer = ok(house, "GET", "inbox", ApplicationId=app)
    assert set(answer) == {"Messages"}
    newest, oldest = answer["Messages"]
    assert (newest["MessageId"], oldest["MessageId"]) == (second, first)
    html, headers = oldest.pop("Html"), oldest.pop("Headers")
    assert oldest == {
        "MessageId": first,
        "ApplicationId": app,
        "Channel": "EMAIL",
        "Address": "Lea@example.com",
        "EndpointId": "Lea",
        "TraceId": "t",
        "Subject": "s",
        "SentAt": iso(house.clock.now()),
    }
    assert html.startswith("<p>x</p>")
    assert headers["From"] == "shop@acme.test"


def test_paging_and_filters(house: House) -> None:
    app = house.app()
    ids = sent(house, app, "a", "b", "c", "d", "e")
    found, token = [], ""
    while True:
        page = ok(house, "GET", "inbox", ApplicationId=app, Limit=2, **({"NextToken": token} if token else {}))
        found += [message["MessageId"] for message in page["Messages"]]
        token = page.get("NextToken", "")
        sent(house, app, f"later{len(found)}")  # arrives in between and moves nothing
        if not token:
            break
    assert sorted(found) == sorted(ids)
    (one,) = ok(house, "GET", "inbox", ApplicationId=app, Address="C@Example.com")["Messages"]
    assert one["EndpointId"] == "c"
    assert ok(house, "GET", "inbox", ApplicationId=app, Channel="SMS")["Messages"] == []
    for query in ({"Limit": 0}, {"Limit": 1001}, {"Limit": "x"}, {"NextToken": "x"}):
        status, answer = call(house, "GET", "inbox", ApplicationId=app, **query)
        assert (status, next(iter(query)) in answer["Message"] or "token" in answer["Message"]) == (400, True)


def test_deleting(house: House) -> None:
    app, other = house.app(), house.app()
    sent(house, app, "a", "b")
    sent(house, other, "a")
    assert ok(house, "DELETE", "inbox", ApplicationId=app, Address="b@example.com") == {"Deleted": 1}
    assert ok(house, "DELETE", "inbox", ApplicationId=app) == {"Deleted": 1}
    assert len(ok(house, "GET", "inbox", ApplicationId=other)["Messages"]) == 1


def test_nobody_sees_another_account_s_or_region_s_messages(house: House) -> None:
    app = house.app()
    (message_id,) = sent(house, app, "lea")
    foreign = house.app(scope=Scope(OTHER.account, REGION))
    assert ok(house, "GET", "inbox", key=OTHER)["Messages"] == []
    assert ok(house, "DELETE", "inbox", key=OTHER) == {"Deleted": 0}
    for key, region in ((OTHER, REGION), (ADMIN, "us-east-1")):
        for method, path, body, query in (
            ("GET", "inbox", None, {"ApplicationId": app}),
            ("DELETE", "inbox", None, {"ApplicationId": app}),
            ("GET", "why", None, {"ApplicationId": app, "EndpointId": "lea"}),
            ("POST", "feedback", {"MessageId": message_id, "Type": "Open"}, {}),
            ("POST", "feedback", {"MessageId": message_id, "Type": "Open", "ApplicationId": app}, {}),
        ):
            assert call(house, method, path, body, key=key, region=region, **query)[0] == 404, (method, path)
    assert call(house, "GET", "inbox", ApplicationId=foreign)[0] == 404
    assert len(ok(house, "GET", "inbox", ApplicationId=app)["Messages"]) == 1
    assert house.recorded(app, "_email.open") == []


def test_why_tells_decisions_newest_first(house: House) -> None:
    app = house.app()
    (message_id,) = sent(house, app, "Lea")
    house.advance(60)
    house.endpoint(app, "Lea", opt_out="ALL")
    house.send(app, MessageConfiguration=BODY, Endpoints={"Lea": {}})
    decisions = ok(house, "GET", "why", ApplicationId=app, EndpointId="LEA")["Decisions"]
    assert [decision["Gate"] for decision in decisions] == ["opt_out", "send", "delivery"]
    newest = decisions[0]
    assert newest["Reason"] == "the endpoint's OptOut is ALL"
    assert newest["At"] == iso(house.clock.now()) > decisions[1]["At"]
    assert {decision["MessageId"] for decision in decisions[1:]} == {message_id}
    assert ok(house, "GET", "why", ApplicationId=app, EndpointId="lea", CampaignId="c1") == {"Decisions": []}
    assert ok(house, "GET", "why", ApplicationId=app, EndpointId="nobody") == {"Decisions": []}
    assert call(house, "GET", "why", ApplicationId=app)[0] == 400


@pytest.mark.parametrize(
    ("said", "event_type", "event"),
    [
        ({"Type": "Delivered"}, "_email.delivered", {"recipients": ["lea@example.com"]}),
        (
            {"Type": "HardBounce", "BounceSubType": "NoEmail"},
            "_email.hardbounce",
            {"bounce_type": "Permanent", "bounce_sub_type": "NoEmail"},
        ),
        ({"Type": "SoftBounce", "Status": "4.7.0"}, "_email.softbounce", {"bounce_type": "Transient"}),
        ({"Type": "Complaint"}, "_email.complaint", {"complaint_feedback_type": "abuse"}),
        ({"Type": "Reject"}, "_email.rejected", {"reason": "Bad content"}),
        ({"Type": "Open", "IpAddress": "192.0.2.1"}, "_email.open", {"ip_address": "192.0.2.1"}),
        ({"Type": "Click", "Link": "https://acme.test/"}, "_email.click", {"link": "https://acme.test/"}),
    ],
)
def test_feedback(house: House, said: dict[str, str], event_type: str, event: dict[str, Any]) -> None:
    app = house.app()
    (message_id,) = sent(house, app, "lea")
    assert ok(house, "POST", "feedback", {"MessageId": message_id, **said}) == {"EventType": event_type}
    rows = [row for row in house.recorded(app, event_type) if row.message_id == message_id]
    record = msgspec.json.decode(rows[-1].record)["facets"]["email_channel"]["mail_event"]
    (found,) = [value for name, value in record.items() if name != "mail"]
    assert event.items() <= found.items()
    assert (rows[-1].endpoint_id, rows[-1].trace_id, rows[-1].account) == ("lea", "t", ACCOUNT)


def test_feedback_twice(house: House) -> None:
    """Two clicks are two, a bounce told twice is one."""
    app = house.app()
    (message_id,) = sent(house, app, "lea")
    for kind in ("Click", "HardBounce"):
        for _ in range(2):
            ok(house, "POST", "feedback", {"MessageId": message_id, "Type": kind})
    assert len({row.event_id for row in house.recorded(app, "_email.click")}) == 2
    assert len({row.event_id for row in house.recorded(app, "_email.hardbounce")}) == 1


def test_feedback_on_a_message_that_did_not_reach_the_inbox(house: House) -> None:
    app = house.app()
    house.endpoint(app, "lea", address="bounce@simulator.amazonses.com")
    answer = house.send(app, MessageConfiguration=BODY, Endpoints={"lea": {}})
    message_id = answer["EndpointResult"]["lea"]["MessageId"]
    house.settle()
    body = {"MessageId": message_id, "Type": "Complaint"}
    assert call(house, "POST", "feedback", body)[0] == 404
    assert ok(house, "POST", "feedback", {**body, "ApplicationId": app}) == {"EventType": "_email.complaint"}
    assert call(house, "POST", "feedback", {**body, "ApplicationId": app, "MessageId": "nope"})[0] == 404
    assert call(house, "POST", "feedback", {**body, "Type": "Applause"})[0] == 400


def test_with_a_real_relay_nobody_plays_feedback(processes: Processes) -> None:
    house = processes(email_transport="smtp")
    status, answer = call(house, "POST", "feedback", {"MessageId": "x", "Type": "Open"})
    assert status == 409
    assert "local inbox" in answer["Message"]
