"""Who may do what: signatures, roles, keys of one project, accounts. Source: spec of the API conventions, 2."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.auth
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.acceptance import calls
from tests.acceptance.project import Project
from tests.acceptance.running import REGION, UNKNOWN_KEY, Server, eventually

# Databases have no part in this: once is enough.
pytestmark = pytest.mark.parametrize("server", ["embedded"], indirect=True)

ROOT = ("AKIDROOT", "root-secret")


def error_of(server: Server, **client: Any) -> tuple[int, str, str]:
    """Status, code and message that GetApps is refused with."""
    with pytest.raises(ClientError) as caught:
        server.client(**client).get_apps()
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_without_a_signature(server: Server) -> None:
    status, answer = server.raw("GET", "/v1/apps", key=None)
    assert (status, answer["Message"]) == (403, "Missing Authentication Token")


def test_an_unknown_key(server: Server) -> None:
    assert error_of(server, key=("AKIANOBODY", "s")) == (403, "UnrecognizedClientException", UNKNOWN_KEY)


def test_a_wrong_secret(server: Server) -> None:
    status, code, message = error_of(server, key=("AKIDROOT", "guess"))
    assert (status, code) == (403, "InvalidSignatureException")
    assert message.startswith("The request signature we calculated does not match")


def test_a_session_token_that_was_not_given(server: Server) -> None:
    assert error_of(server, token="made-up") == (403, "UnrecognizedClientException", UNKNOWN_KEY)


@pytest.mark.parametrize(("hours", "words"), [(-1, "Signature expired"), (1, "Signature not yet current")])
def test_a_clock_that_is_wrong(server: Server, monkeypatch: pytest.MonkeyPatch, hours: int, words: str) -> None:
    def wrong(remove_tzinfo: bool = True) -> datetime:
        moment = datetime.now(UTC) + timedelta(hours=hours)
        return moment.replace(tzinfo=None) if remove_tzinfo else moment

    monkeypatch.setattr(botocore.auth, "get_current_datetime", wrong)
    status, code, message = error_of(server)
    assert (status, code) == (403, "InvalidSignatureException")
    assert message.startswith(words)


def test_a_request_for_another_service(server: Server) -> None:
    request = AWSRequest(method="GET", url=server.url + "/v1/apps")
    SigV4Auth(Credentials(*ROOT), "ses", REGION).add_auth(request)
    status, answer = server.raw("GET", "/v1/apps", key=None, headers=dict(request.headers))
    assert (status, "mobiletargeting" in answer["Message"]) == (403, True)


@pytest.mark.parametrize("what", ["method", "path", "query", "body", "header"])
def test_nothing_that_is_signed_can_be_changed(server: Server, what: str) -> None:
    path, body = "/v1/apps?page-size=5", b'{"Name":"a"}'
    request = AWSRequest(method="POST", url=server.url + path, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(*ROOT), "mobiletargeting", REGION).add_auth(request)
    headers = dict(request.headers)
    sent = {
        "method": ("PUT", "/v1/apps?page-size=5", body),
        "path": ("POST", "/v1/templates?page-size=5", body),
        "query": ("POST", "/v1/apps?page-size=6", body),
        "body": ("POST", path, b'{"Name":"b"}'),
        "header": ("POST", path, body),
    }[what]
    if what == "header":
        headers["X-Amz-Date"] = f"{datetime.now(UTC) + timedelta(seconds=2):%Y%m%dT%H%M%SZ}"
    status, _ = server.raw(sent[0], sent[1], sent[2], key=None, headers=headers)
    assert status in (403, 405)


class _WithBody(SigV4QueryAuth):
    """botocore would put a body into the query; browsers sign it."""

    body = b""

    def payload(self, request: Any) -> str:
        return hashlib.sha256(self.body).hexdigest()


def presigned(server: Server, method: str, path: str, body: bytes = b"", key: tuple[str, str] = ROOT) -> str:
    """A path that carries its own signature in the query, good for a minute."""
    request = AWSRequest(method=method, url=server.url + path)
    auth = _WithBody(Credentials(*key), "mobiletargeting", REGION, expires=60)
    auth.body = body
    auth.add_auth(request)
    return str(request.url).removeprefix(server.url)


def test_presigned_urls(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    path = presigned(server, "GET", "/v1/apps?page-size=1")
    status, answer = server.raw("GET", path, key=None, headers={"Content-Type": ""})
    assert status == 200
    assert "Item" in answer
    assert server.raw("GET", path.replace("page-size=1", "page-size=2"), key=None)[0] == 403
    assert server.raw("GET", presigned(server, "GET", "/v1/apps", key=("AKIDROOT", "x")), key=None)[0] == 403
    moment = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=120)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: moment)
    status, answer = server.raw("GET", presigned(server, "GET", "/v1/apps"), key=None)
    assert (status, answer["Message"].startswith("Signature expired")) == (403, True)


def test_the_beacon_of_browsers_is_presigned_and_posts(project: Project) -> None:
    server, body = project.server, b'{"BatchItem":{"lea":{"Endpoint":{},"Events":{}}}}'
    path = presigned(server, "POST", f"/v1/apps/{project.id}/events/legacy", body)
    status, answer = server.raw("POST", path, body, key=None)
    assert (status, answer["Results"]["lea"]["EndpointItemResponse"]["Message"]) == (202, "Accepted")
    assert server.raw("POST", path, body.replace(b"lea", b"jon"), key=None)[0] == 403


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Project]:
    """A project with something in it."""
    project = Project(server)
    project.person("lea", User={"UserId": "u1"})
    yield project
    project.leave()


def outcomes(project: Project, key: tuple[str, str]) -> dict[str, str]:
    """What every operation answers to a key: `ok`, or the error's code."""
    client = project.server.client(key=key)
    segment = project.segment()
    campaign = project.campaign(segment, Schedule={"StartTime": "2036-01-01T00:00:00Z"})["Id"]
    found = {}
    for name, arguments in calls.of_project(project.id, segment=segment, campaign=campaign).items():
        if name == "delete_app":
            continue
        try:
            getattr(client, name)(**arguments)
            found[name] = "ok"
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
        if found[name] == "ok" and name in ("delete_endpoint", "delete_user_endpoints"):
            project.person("lea", User={"UserId": "u1"})
        if found[name] == "ok" and name == "delete_campaign":
            campaign = project.campaign(segment, Schedule={"StartTime": "2036-01-01T00:00:00Z"})["Id"]
    return found


FORBIDDEN = "ForbiddenException"
SET_UP = tuple(name for name in calls.WRITING if name.endswith("_channel"))
CLIENT = ("get_in_app_messages", "put_events", "update_endpoint")


def test_developers_may_do_everything(shop: Project) -> None:
    for role in ("admin", "developer"):
        fresh = Project(shop.server)
        assert FORBIDDEN not in outcomes(fresh, shop.server.key(role)).values()
        fresh.leave()


def test_marketers_may_not_set_up_channels_or_projects(shop: Project) -> None:
    key = shop.server.key("marketer")
    found = outcomes(shop, key)
    assert {name for name, outcome in found.items() if outcome == FORBIDDEN} == set(SET_UP)
    client = shop.server.client(key=key)
    for call, arguments in (
        (client.create_app, {"CreateApplicationRequest": {"Name": "n"}}),
        (client.delete_app, {"ApplicationId": shop.id}),
    ):
        with pytest.raises(client.exceptions.ForbiddenException, match="not authorized to perform: mobiletargeting:"):
            call(**arguments)


def test_readers_only_read(shop: Project) -> None:
    found = outcomes(shop, shop.server.key("reader"))
    assert {name for name, outcome in found.items() if outcome == FORBIDDEN} == set(calls.WRITING) - {"delete_app"}


def test_a_clients_key_only_reports(shop: Project) -> None:
    key = shop.server.key("client", app=shop.id)
    found = outcomes(shop, key)
    assert {name for name, outcome in found.items() if outcome != FORBIDDEN} == set(CLIENT)
    assert {found[name] for name in CLIENT} == {"ok"}


def test_a_key_of_one_project(shop: Project) -> None:
    other = Project(shop.server)
    key = shop.server.key("admin", app=shop.id)
    client = shop.server.client(key=key)
    assert client.get_app(ApplicationId=shop.id)
    for name, arguments in calls.of_project(other.id).items():
        with pytest.raises(client.exceptions.ForbiddenException):
            getattr(client, name)(**arguments)
    for call, arguments in (
        (client.get_apps, {}),
        (client.create_app, {"CreateApplicationRequest": {"Name": "n"}}),
        (client.list_templates, {}),
        (client.create_email_template, {"TemplateName": "n", "EmailTemplateRequest": {}}),
    ):
        with pytest.raises(client.exceptions.ForbiddenException):
            call(**arguments)
    assert shop.server.raw("GET", f"/clarion/v1/inbox?ApplicationId={shop.id}", key=key)[0] == 200
    for path in ("inbox", f"inbox?ApplicationId={other.id}", f"inbox?ApplicationId={shop.id}&ApplicationId={other.id}"):
        assert shop.server.raw("GET", f"/clarion/v1/{path}", key=key)[0] == 403


def test_another_account_sees_nothing(shop: Project) -> None:
    key = shop.server.key("admin", account="000000000777")
    client = shop.server.client(key=key)
    segment = shop.segment()
    campaign = shop.campaign(segment, Schedule={"StartTime": "2036-01-01T00:00:00Z"})["Id"]
    for name, arguments in calls.of_project(shop.id, segment=segment, campaign=campaign).items():
        with pytest.raises(client.exceptions.NotFoundException):
            getattr(client, name)(**arguments)
    assert shop.id not in {app["Id"] for app in client.get_apps()["ApplicationsResponse"]["Item"]}
    for path in (f"inbox?ApplicationId={shop.id}", f"why?ApplicationId={shop.id}&EndpointId=lea"):
        assert shop.server.raw("GET", f"/clarion/v1/{path}", key=key)[0] == 404
    assert shop.server.control("GET", "inbox", key=key)["Messages"] == []
    assert shop.get("lea")["EndpointStatus"] == "ACTIVE"


def test_another_region_is_another_place(shop: Project) -> None:
    client = shop.server.client(region="us-east-1")
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_app(ApplicationId=shop.id)
    assert client.get_apps()["ApplicationsResponse"]["Item"] == []


def test_what_roles_may_do_in_the_control_api(shop: Project) -> None:
    server = shop.server
    allowed = {}
    for role in ("admin", "developer", "marketer", "reader", "client"):
        key = server.key(role, app=shop.id if role == "client" else None)
        query = f"?ApplicationId={shop.id}"
        statuses = {
            "clock": server.raw("GET", "/clarion/v1/clock", key=key)[0],
            "move": server.raw("POST", "/clarion/v1/clock", {"Advance": "PT0S"}, key=key)[0],
            "inbox": server.raw("GET", f"/clarion/v1/inbox{query}", key=key)[0],
            "why": server.raw("GET", f"/clarion/v1/why{query}&EndpointId=lea", key=key)[0],
        }
        allowed[role] = {name for name, status in statuses.items() if status == 200}
        assert set(statuses.values()) <= {200, 403}, statuses
    everything = {"clock", "move", "inbox", "why"}
    assert allowed == {
        "admin": everything,
        "developer": everything,
        "marketer": {"clock", "why"},
        "reader": {"clock", "why"},
        "client": set(),
    }


def test_a_revoked_key_is_dead_within_two_seconds(server: Server) -> None:
    key = server.key("developer", account="000000000555")
    assert server.raw("GET", "/v1/apps", key=key)[0] == 200
    server.clarion("keys", "revoke", key[0], "--data", str(server.data))
    eventually(lambda: server.raw("GET", "/v1/apps", key=key)[1].get("Message") == UNKNOWN_KEY, 5.0)


def test_a_key_goes_with_its_project(server: Server) -> None:
    project = Project(server)
    key = server.key("client", app=project.id)
    project.delete()
    body = {"BatchItem": {}}
    path = f"/v1/apps/{project.id}/events"
    eventually(lambda: server.raw("POST", path, body, key=key)[1].get("Message") == UNKNOWN_KEY, 5.0)
