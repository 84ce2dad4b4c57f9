"""Direct messages with a token, by an unmodified boto3: the header, two at once, and after a restart."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project

HEADER = "X-Clarion-Idempotency-Token"
HELLO = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "TextPart": {"Data": "Hi"}}}}


def request(address: str = "lea@example.com") -> dict[str, Any]:
    return {"Addresses": {address: {"ChannelType": "EMAIL"}}, "MessageConfiguration": HELLO}


@pytest.fixture
def pinpoint(project: Project) -> Any:
    """A client that was taught `IdempotencyToken`, the way the documentation shows."""
    client = project.server.client(user_agent_extra="once")
    events = client.meta.events
    events.register("before-parameter-build.pinpoint", _take, unique_id="take")
    events.register("before-call.pinpoint", _give, unique_id="give")
    return client


def _take(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context.update(token=params.pop("IdempotencyToken", ""))


def _give(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["headers"].update({HEADER: context["token"]} if context.get("token") else {})


def test_the_first_answer_is_given_again(project: Project, pinpoint: Any) -> None:
    first, again = (
        pinpoint.send_messages(ApplicationId=project.id, MessageRequest=request(), IdempotencyToken="order-4711")
        for _ in range(2)
    )
    assert again["MessageResponse"] == first["MessageResponse"]
    assert again["ResponseMetadata"]["RequestId"] != first["ResponseMetadata"]["RequestId"]
    with pytest.raises(ClientError) as error:
        pinpoint.send_messages(
            ApplicationId=project.id, MessageRequest=request("jon@example.com"), IdempotencyToken="order-4711"
        )
    assert error.value.response["Error"]["Code"] == "BadRequestException"
    assert error.value.response["Message"].startswith("IdempotencyToken: was used before")
    project.server.settle()
    assert len(project.mail()) == 1


def test_users_and_the_member_in_the_body(project: Project, pinpoint: Any) -> None:
    project.person("lea", User={"UserId": "lea"})
    sent = {"Users": {"lea": {}}, "MessageConfiguration": HELLO}
    first = pinpoint.send_users_messages(
        ApplicationId=project.id, SendUsersMessageRequest=sent, IdempotencyToken="order-1"
    )
    body = {**sent, "IdempotencyToken": "order-1"}
    status, again = project.server.raw("POST", f"/v1/apps/{project.id}/users-messages", body)
    assert (status, again) == (200, first["SendUsersMessageResponse"])
    status, _ = project.server.raw("POST", f"/v1/apps/{project.id}/users-messages", body, headers={HEADER: "other"})
    assert status == 400
    project.server.settle()
    assert len(project.mail()) == 1


def test_two_at_once(project: Project) -> None:
    path = f"/v1/apps/{project.id}/messages"
    for number in range(5):
        with ThreadPoolExecutor(2) as pool:
            calls = [
                pool.submit(project.server.raw, "POST", path, request(), headers={HEADER: f"order-{number}"})
                for _ in range(2)
            ]
            (status, first), (other, second) = (call.result() for call in calls)
        assert (status, other, json.dumps(first)) == (200, 200, json.dumps(second))
    project.server.settle()
    assert len(project.mail()) == 5
