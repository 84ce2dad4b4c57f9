"""Who may do what: the table of roles, keys of one project, and how a denial looks."""

from __future__ import annotations

import typing
from collections.abc import Callable

import pytest

from clarion.wire.app import App
from clarion.wire.keys import ADMINS, DEVELOPERS, MARKETERS, READERS, AccessKey, Role, may
from clarion.wire.registry import SERVICES
from tests.wire.inprocess import ACCOUNT, Recorder, client
from tests.wire.sending import send

ROLES: tuple[Role, ...] = typing.get_args(Role)


def key(role: Role, app_id: str | None = None) -> AccessKey:
    return AccessKey(access_key_id=f"AKIA{role}", secret="s", account=ACCOUNT, role=role, app_id=app_id)


def allowed(role: Role, service: str = "pinpoint") -> set[str]:
    subject = key(role, "app1" if role == "client" else None)
    return {o.name for o in SERVICES[service].operations if may(subject, service, o.name, "app1")}


@pytest.mark.parametrize("service", SERVICES)
def test_admins_and_developers_may_do_everything(service: str) -> None:
    everything = {operation.name for operation in SERVICES[service].operations}
    assert allowed("admin", service) == allowed("developer", service) == everything


def test_marketers_may_not_set_up() -> None:
    denied = allowed("admin") - allowed("marketer")
    assert denied == {
        "CreateApp",
        "DeleteApp",
        "PutEventStream",
        "DeleteEventStream",
        "CreateRecommenderConfiguration",
        "UpdateRecommenderConfiguration",
        "DeleteRecommenderConfiguration",
        *(
            f"{verb}{channel}Channel"
            for verb in ("Update", "Delete")
            for channel in (
                "Adm",
                "Apns",
                "ApnsSandbox",
                "ApnsVoip",
                "ApnsVoipSandbox",
                "Baidu",
                "Email",
                "Gcm",
                "Sms",
                "Voice",
            )
        ),
    }
    assert {"SendTextMessage", "DescribePools"} <= allowed("marketer", "pinpoint-sms-voice-v2")
    assert {"ReleasePhoneNumber", "CreatePool"}.isdisjoint(allowed("marketer", "pinpoint-sms-voice-v2"))


@pytest.mark.parametrize("service", SERVICES)
def test_readers_change_nothing(service: str) -> None:
    for name in allowed("reader", service):
        assert name.startswith(("Get", "List", "Describe"))
    assert allowed("reader", service)


def test_clients_do_what_apps_do() -> None:
    assert allowed("client") == {"PutEvents", "UpdateEndpoint", "GetInAppMessages"}
    for service in set(SERVICES) - {"pinpoint"}:
        assert allowed("client", service) == set()


def test_a_client_key_without_project_does_nothing() -> None:
    assert not may(key("client"), "pinpoint", "PutEvents", "app1")


def test_the_groups_of_control_routes() -> None:
    assert ADMINS < DEVELOPERS < MARKETERS < READERS
    assert "client" not in READERS


@pytest.mark.parametrize("role", ROLES)
def test_a_key_of_one_project_reaches_no_other(role: Role) -> None:
    subject = key(role, "app1")
    assert may(subject, "pinpoint", "GetInAppMessages", "app1")
    assert not may(subject, "pinpoint", "GetInAppMessages", "app2")
    assert not may(subject, "pinpoint", "GetApps", None)
    assert not may(subject, "pinpoint-email", "GetAccount", None)


@pytest.mark.parametrize(
    ("subject", "app_id"),
    [(key("reader"), "app1"), (key("client", "app1"), "app2"), (key("developer", "app1"), "app2")],
)
def test_a_denial_is_the_modelled_exception(
    make_app: Callable[..., App], recorders: dict[str, Recorder], subject: AccessKey, app_id: str
) -> None:
    pinpoint = client(make_app(keys=[subject]), "pinpoint", subject)
    with pytest.raises(pinpoint.exceptions.ForbiddenException) as caught:
        pinpoint.put_events(ApplicationId=app_id, EventsRequest={"BatchItem": {}})
    assert caught.value.response["Error"]["Message"] == (
        f"User: arn:aws:iam::{ACCOUNT}:user/{subject.access_key_id} is not authorized to perform: "
        f"mobiletargeting:PutEvents on resource: arn:aws:mobiletargeting:eu-central-1:{ACCOUNT}:apps/{app_id}/events"
    )
    assert recorders["pinpoint"].given is None


def test_a_denial_in_sms_voice_v2(make_app: Callable[..., App]) -> None:
    subject = key("reader")
    caller = client(make_app(keys=[subject]), "pinpoint-sms-voice-v2", subject)
    with pytest.raises(caller.exceptions.AccessDeniedException, match="sms-voice:DeletePool on resource"):
        caller.delete_pool(PoolId="p")


def test_an_encoded_project_is_the_same_project(make_app: Callable[..., App]) -> None:
    subject = key("client", "app1")
    app = make_app(keys=[subject])
    body = b'{"BatchItem":{}}'
    assert send(app, "POST", "/v1/apps/%61pp1/events", body, key=subject).status == 202
    assert send(app, "POST", "/v1/apps/%2561pp1/events", body, key=subject).status == 403
    assert send(app, "POST", "/v1/apps/app1/events/legacy", body, key=subject).status == 202
    assert send(app, "POST", "/v1/apps/app2/events/legacy", body, key=subject).status == 403


def test_denial_comes_before_the_body_is_read_as_json(make_app: Callable[..., App]) -> None:
    subject = key("reader")
    assert send(make_app(keys=[subject]), "POST", "/v1/apps", b"<", key=subject).status == 403
