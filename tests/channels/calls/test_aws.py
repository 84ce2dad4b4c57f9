"""Functions and models, over a server that speaks as Lambda and Personalize do, and over moto's Lambda."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import moto.core.config
import pytest
from moto.server import ThreadedMotoServer

from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.channels.calls.service import Callouts
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, Site, script, site

PATIENT = Limits(seconds=30, tries=2, pause_seconds=0.01, payload=10_000)
FAST = Limits(seconds=0.5, tries=2, pause_seconds=0.01)
"""For peers that hang."""
ARN = "arn:aws:lambda:eu-west-1:000000000001:function:hook"
MODEL = "arn:aws:personalize:eu-west-1:000000000001:campaign/shop"


def calling(url: str, limits: Limits = PATIENT) -> Callouts:
    settings = Settings(
        lambda_endpoint_url=url,
        personalize_endpoint_url=url,
        callout_region="eu-central-1",
        callout_access_key_id="AKID",
        callout_secret_access_key="secret",
    )
    return Callouts(settings, limits)


@contextmanager
def aws(answer: Callable[[Asked], Said]) -> Iterator[tuple[Site, Callouts]]:
    with site(answer) as peer:
        callouts = calling(peer.url(""))
        yield peer, callouts
        callouts.close()


def failure(call: Callable[[], Any]) -> CalloutFailed:
    with pytest.raises(CalloutFailed) as raised:
        call()
    return raised.value


@pytest.mark.parametrize(("function", "region"), [("hook", "eu-central-1"), (ARN, "eu-west-1")])
def test_a_function_is_invoked_in_its_region(function: str, region: str) -> None:
    with aws(lambda asked: Said(body={"a": 1})) as (peer, callouts):
        assert callouts.call(function, b'{"x": 1}') == b'{"a": 1}'
    (asked,) = peer.asked
    assert asked.path.startswith("/2015-03-31/functions/")
    assert asked.json == {"x": 1}
    assert asked.headers["X-Amz-Invocation-Type"] == "RequestResponse"
    assert f"/{region}/lambda/" in asked.headers["Authorization"]


def test_a_function_that_fails_is_asked_again_and_its_error_told() -> None:
    error = Said(200, {"errorMessage": "no\nway", "errorType": "KeyError"}, {"X-Amz-Function-Error": "Unhandled"})
    with aws(lambda asked: error) as (peer, callouts):
        failed = failure(lambda: callouts.call("hook", b"{}"))
    assert failed.reason == (
        'hook: the function failed: {"errorMessage": "no\\nway", "errorType": "KeyError"} (2 tries)'
    )
    assert len(peer.asked) == 2


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [(404, "ResourceNotFoundException", 1), (403, "AccessDeniedException", 1), (500, "ServiceException", 2)],
)
def test_what_lambda_refuses_is_told(status: int, code: str, tries: int) -> None:
    refusal = Said(status, {"Message": "because"}, {"x-amzn-ErrorType": code})
    with aws(lambda asked: refusal) as (peer, callouts):
        assert failure(lambda: callouts.call("hook", b"{}")).reason.startswith(f"hook: {code}: because")
    assert len(peer.asked) == tries


def test_lambda_throttles_once() -> None:
    answers = iter([Said(429, {"Message": "slow"}, {"x-amzn-ErrorType": "TooManyRequestsException"}), Said(body={})])
    with aws(lambda asked: next(answers)) as (_, callouts):
        assert callouts.call("hook", b"{}") == b"{}"


def test_an_answer_over_the_limit_is_refused() -> None:
    with aws(lambda asked: Said(body=b"x" * 10_001)) as (peer, callouts):
        assert "larger than" in failure(lambda: callouts.call("hook", b"{}")).reason
    assert len(peer.asked) == 1


@pytest.mark.parametrize("call", ["call", "recommend"])
def test_aws_hangs(call: str) -> None:
    with script(then_hang=True) as url:
        callouts = calling(url.removesuffix("/hook"), FAST)
        what = {"call": ("hook", b"{}"), "recommend": (MODEL, "lea", 2)}[call]
        assert "no answer within 0.5 seconds (2 tries)" in failure(lambda: getattr(callouts, call)(*what)).reason
        callouts.close()


def test_a_model_is_asked_for_somebody() -> None:
    items = {"itemList": [{"itemId": "4711", "score": 0.4}, {"itemId": "1302"}, {"itemId": "9"}]}
    with aws(lambda asked: Said(body=items)) as (peer, callouts):
        assert callouts.recommend(MODEL, "lea", 2) == ["4711", "1302"]
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/recommendations")
    assert asked.json == {"campaignArn": MODEL, "userId": "lea", "numResults": 2}
    assert "/eu-west-1/personalize/" in asked.headers["Authorization"]


def test_a_model_that_is_not_there() -> None:
    refusal = Said(404, {"message": "gone"}, {"x-amzn-ErrorType": "ResourceNotFoundException"})
    with aws(lambda asked: refusal) as (peer, callouts):
        assert failure(lambda: callouts.recommend(MODEL, "lea", 2)).reason.startswith(f"{MODEL}: ResourceNotFound")
    assert len(peer.asked) == 1


def test_endpoints_of_the_environment_are_for_other_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as wrong, site(lambda asked: Said(body={})) as right:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wrong.url(""))
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", wrong.url(""))
        callouts = calling(right.url(""))
        callouts.call("hook", b"{}")
        callouts.close()
    assert (len(right.asked), wrong.asked) == (1, [])


def test_moto_s_lambda_takes_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(moto.core.config.default_user_config["lambda"], "use_docker", False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        url = "http://{}:{}".format(*server.get_host_and_port())
        keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}
        trust = '{"Version": "2012-10-17", "Statement": []}'
        role = boto3.client("iam", endpoint_url=url, **keys).create_role(RoleName="r", AssumeRolePolicyDocument=trust)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as packed:
            packed.writestr("hook.py", "def handler(event, context):\n    return event\n")
        made = boto3.client("lambda", endpoint_url=url, **keys).create_function(
            FunctionName="hook",
            Runtime="python3.12",
            Handler="hook.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": code.getvalue()},
        )
        callouts = calling(url)
        for name in ("hook", made["FunctionArn"]):
            assert callouts.call(name, b'{"x": 1}') == b'{"x": 1}'
        callouts.close()
    finally:
        server.stop()
