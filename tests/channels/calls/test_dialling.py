"""Contact centers: over a server that speaks as Amazon Connect (and STS) do, and over web hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from clarion.channels.calls.port import CalloutFailed, Dial, Limits, Refused
from clarion.channels.calls.service import Callouts, is_contact_center
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, Site, script, site

PATIENT = Limits(seconds=30, tries=2, pause_seconds=0.01)
FAST = Limits(seconds=0.5, tries=2, pause_seconds=0.01)
CAMPAIGN = "arn:aws:connect-campaigns:eu-west-1:000000000001:campaign/c-4711"
ROLE = "arn:aws:iam::000000000001:role/dialler"
EXPIRES_MS = 1_800_000_000_000
DIALS = [
    Dial(token=f"t{number}", number=f"+1202555010{number}", expires_ms=EXPIRES_MS, attributes={"journey_id": "j"})
    for number in range(2)
]


@contextmanager
def center(answer: Callable[[Asked], Said], **settings: Any) -> Iterator[tuple[Site, Callouts]]:
    with site(answer) as peer:
        given: dict[str, Any] = {"callout_networks": "127.0.0.0/8", "callout_http": True}
        given |= {"callout_access_key_id": "AKID", "callout_secret_access_key": "secret"}
        given |= {name: peer.url("") if value == "PEER" else value for name, value in settings.items()}
        callouts = Callouts(Settings(**given), PATIENT)
        yield peer, callouts
        callouts.close()


def failure(call: Callable[[], Any]) -> CalloutFailed:
    with pytest.raises(CalloutFailed) as raised:
        call()
    return raised.value


def test_a_campaign_of_connect_is_asked_in_its_region() -> None:
    with center(lambda asked: Said(body={}), connect_endpoint_url="PEER") as (peer, callouts):
        assert callouts.dial(CAMPAIGN, ROLE, DIALS) == {}
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("PUT", "/campaigns/c-4711/dial-requests")
    assert "AKID/" in asked.headers["Authorization"]
    assert "/eu-west-1/connect-campaigns/" in asked.headers["Authorization"]
    first, second = asked.json["dialRequests"]
    assert (first["clientToken"], second["clientToken"]) == ("t0", "t1")
    assert first["phoneNumber"] == "+12025550100"
    assert first["expirationTime"] == "2027-01-15T08:00:00Z"
    assert first["attributes"] == {"journey_id": "j"}


def test_whom_connect_refuses_is_told_by_token() -> None:
    failed = [
        {"clientToken": "t0", "failureCode": "InvalidInput"},
        {"clientToken": "t1", "failureCode": "RequestThrottled"},
    ]
    answer = Said(body={"successfulRequests": [], "failedRequests": failed})
    with center(lambda asked: answer, connect_endpoint_url="PEER") as (_, callouts):
        found = callouts.dial(CAMPAIGN, ROLE, DIALS)
    assert {token: refused.final for token, refused in found.items()} == {"t0": True, "t1": False}
    assert found["t0"].reason.startswith("InvalidInput")


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [
        (403, "AccessDeniedException", 1),
        (404, "ResourceNotFoundException", 1),
        (409, "InvalidCampaignStateException", 2),
        (409, "ConflictException", 2),
        (429, "ThrottlingException", 2),
        (500, "InternalServerException", 2),
    ],
)
def test_what_connect_does_not_take_fails_for_good_or_for_now(status: int, code: str, tries: int) -> None:
    refusal = Said(status, {"message": "because"}, {"x-amzn-ErrorType": code})
    with center(lambda asked: refusal, connect_endpoint_url="PEER") as (peer, callouts):
        failed = failure(lambda: callouts.dial(CAMPAIGN, ROLE, DIALS))
    assert failed.reason.startswith(f"{CAMPAIGN}: {code}: because")
    assert len(peer.asked) == tries
    assert failed.final == (tries == 1)


def test_the_role_is_assumed_once() -> None:
    credentials = (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASSUMED</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2999-01-01T00:00:00Z"
        "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )

    def answer(asked: Asked) -> Said:
        return Said(body=credentials.encode()) if asked.path == "/" else Said(body={})

    with center(answer, connect_endpoint_url="PEER", sts_endpoint_url="PEER") as (peer, callouts):
        callouts.dial(CAMPAIGN, ROLE, DIALS)
        callouts.dial(CAMPAIGN, ROLE, DIALS)
    assumed, *dialled = peer.asked
    assert b"Action=AssumeRole" in assumed.body
    assert b"role%2Fdialler" in assumed.body
    assert "AKID/" in assumed.headers["Authorization"]
    assert [one.path for one in dialled] == ["/campaigns/c-4711/dial-requests"] * 2
    assert all("ASSUMED/" in one.headers["Authorization"] for one in dialled)
    assert all(one.headers["X-Amz-Security-Token"] == "token" for one in dialled)


def test_a_role_that_may_not_be_assumed_is_told() -> None:
    denied = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"
    with center(lambda asked: Said(403, denied), connect_endpoint_url="PEER", sts_endpoint_url="PEER") as (_, callouts):
        failed = failure(lambda: callouts.dial(CAMPAIGN, ROLE, DIALS))
    assert (failed.reason, failed.final) == (f"{CAMPAIGN}: AccessDenied: not you", True)


def test_a_center_that_hangs() -> None:
    with script(then_hang=True) as url:
        keys = {"callout_access_key_id": "AKID", "callout_secret_access_key": "secret"}
        callouts = Callouts(Settings(connect_endpoint_url=url.removesuffix("/hook"), **keys), FAST)
        assert "no answer within 0.5 seconds" in failure(lambda: callouts.dial(CAMPAIGN, ROLE, DIALS)).reason
        callouts.close()


@pytest.mark.parametrize("body", [b"", b" ", {}, {"FailedRequests": []}, [], b"null", {"other": 1}])
def test_a_web_hook_takes_the_calls(body: Any) -> None:
    with center(lambda asked: Said(body=body)) as (peer, callouts):
        assert callouts.dial(peer.url("/dial?key=1"), "", DIALS) == {}
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/dial?key=1")
    assert asked.json["DialRequests"][1] == {
        "ClientToken": "t1",
        "PhoneNumber": "+12025550101",
        "ExpirationTime": "2027-01-15T08:00:00.000Z",
        "Attributes": {"journey_id": "j"},
    }


def test_a_web_hook_refuses_some() -> None:
    failed = [
        {"ClientToken": "t0", "FailureCode": "InvalidInput", "Message": "no\nline"},
        {"ClientToken": "t1"},
        {"ClientToken": "somebody else"},
    ]
    with center(lambda asked: Said(body={"FailedRequests": failed})) as (peer, callouts):
        assert callouts.dial(peer.url(), "", DIALS) == {
            "t0": Refused("InvalidInput: no line", True),
            "t1": Refused("UnknownError", False),
        }


@pytest.mark.parametrize("body", [b"ok", {"FailedRequests": 7}, {"FailedRequests": [{}]}, {"FailedRequests": ["t0"]}])
def test_an_answer_that_is_not_understood_is_a_failure(body: Any) -> None:
    with center(lambda asked: Said(body=body)) as (peer, callouts):
        failed = failure(lambda: callouts.dial(peer.url("/dial?key=1"), "", DIALS))
        assert (failed.reason, failed.final) == (f"{peer.url('/dial')}: the answer is not understood", True)


def test_a_web_hook_is_tried_again() -> None:
    answers = iter([Said(503), Said()])
    with center(lambda asked: next(answers)) as (peer, callouts):
        assert callouts.dial(peer.url(), "", DIALS) == {}


@pytest.mark.parametrize(
    ("arn", "known"),
    [
        (CAMPAIGN, True),
        ("arn:aws-us-gov:connect-campaigns:us-gov-west-1:000000000001:campaign/1", True),
        ("arn:aws:connect:eu-west-1:000000000001:instance/1", False),
        (f"{CAMPAIGN}/more", False),
        ("c-4711", False),
    ],
)
def test_what_is_a_campaign(arn: str, known: bool) -> None:
    assert is_contact_center(arn) == known
