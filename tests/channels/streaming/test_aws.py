"""Kinesis and Firehose over a server that answers as they do, and otherwise."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from clarion.channels.streaming import aws, port
from clarion.channels.streaming.port import Destination, Failed, StreamFailed
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, Site, script, site
from tests.channels.streaming.places import KEYS, ROLE, aws_settings, opened, record

KINESIS = "arn:aws:kinesis:eu-west-1:123456789012:stream/events"
FIREHOSE = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/events"
BOTH = pytest.mark.parametrize("arn", [KINESIS, FIREHOSE])
COUNTS = {KINESIS: ("FailedRecordCount", "Records"), FIREHOSE: ("FailedPutCount", "RequestResponses")}
THROTTLED = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded for shard 1"}
RECORDS = [record(f"ep-{number % 5}", number) for number in range(20)]


def answered(arn: str, asked: Asked, *failing: int, error: dict[str, str] | None = None) -> Said:
    """What the service says of a request of which the records at these places fail."""
    count, results = COUNTS[arn]
    found: list[dict[str, str]] = [{"SequenceNumber": "1", "ShardId": "1"} for _ in asked.json["Records"]]
    for place in failing:
        found[place] = error or THROTTLED
    return Said(body={count: len(failing), results: found})


@contextmanager
def connected(arn: str, answer: Callable[[Asked], Said], **more: Any) -> Iterator[tuple[Site, Destination]]:
    with site(answer) as peer:
        destination = opened(arn, aws_settings(peer.url("")), **more)
        yield peer, destination
        destination.close()


def failure(destination: Destination) -> StreamFailed:
    with pytest.raises(StreamFailed) as raised:
        destination.send(RECORDS)
    return raised.value


@pytest.mark.parametrize("operation", ["put_records", "put_record_batch"])
def test_a_request_is_the_one_that_boto3_would_have_made(operation: str) -> None:
    arn = KINESIS if operation == "put_records" else FIREHOSE
    with connected(arn, lambda asked: answered(arn, asked)) as (peer, destination):
        assert not destination.send(RECORDS)
        if arn == KINESIS:
            client = boto3.client("kinesis", endpoint_url=peer.url(""), **KEYS)
            entries = [{"Data": one.data, "PartitionKey": one.key} for one in RECORDS]
            client.put_records(StreamARN=arn, Records=entries)
        else:
            client = boto3.client("firehose", endpoint_url=peer.url(""), **KEYS | {"region_name": "eu-central-1"})
            client.put_record_batch(DeliveryStreamName="events", Records=[{"Data": one.data} for one in RECORDS])
    ours, theirs = peer.asked
    assert ours.json == theirs.json
    for name in ("X-Amz-Target", "Content-Type", "Host"):
        assert ours.headers[name] == theirs.headers[name]
    scopes = [asked.headers["Authorization"].partition(",")[0] for asked in peer.asked]
    assert scopes[0] == scopes[1]


@BOTH
def test_records_that_fail_are_told_by_their_place(arn: str) -> None:
    with connected(arn, lambda asked: answered(arn, asked, 3, 17)) as (_, destination):
        code = "ProvisionedThroughputExceededException"
        said = f"{arn}: {code}: Rate exceeded for shard 1"
        assert destination.send(RECORDS) == [Failed(3, code, said), Failed(17, code, said)]


def test_lanes_tell_places_of_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that travel side by side, as to AWS itself; the record of one person fails, and those that would come
    after it in the same lane are not sent."""
    monkeypatch.setattr(aws, "_is_aws", lambda endpoint: True)
    records = [record(f"ep-{number % 90}", number) for number in range(1_600)]
    places = {json.loads(one.data)["attributes"]["number"]: at for at, one in enumerate(records)}

    def numbers(asked: Asked) -> list[str]:
        datas = [base64.b64decode(one["Data"]) for one in asked.json["Records"]]
        return [json.loads(data)["attributes"]["number"] for data in datas]

    def answer(asked: Asked) -> Said:
        failing = [at for at, number in enumerate(numbers(asked)) if number in ("44", "1500")]
        return answered(KINESIS, asked, *failing)

    with connected(KINESIS, answer) as (peer, destination):
        failed = {one.index for one in destination.send(records)}
        again = [numbers(asked) for asked in peer.asked]
    sent = {places[number] for request in again for number in request}
    assert {44, 1500} <= failed
    # Lanes are others in each process: the second may itself come after the first.
    assert failed - {44, 1500} == set(range(1_600)) - sent - {1500}
    assert len(peer.asked) > 2
    lanes_of = [{records[places[number]].key for number in request} for request in again]
    assert all(one == other or not one & other for one in lanes_of for other in lanes_of)


@BOTH
@pytest.mark.parametrize(
    ("status", "code", "final"),
    [
        (400, "ProvisionedThroughputExceededException", False),
        (400, "KMSThrottlingException", False),
        (429, "TooManyRequestsException", False),
        (503, "ServiceUnavailableException", False),
        (500, "InternalFailure", False),
        (400, "ResourceNotFoundException", True),
        (400, "AccessDeniedException", True),
        (403, "UnrecognizedClientException", True),
        (400, "KMSDisabledException", True),
    ],
)
def test_a_refusal_keeps_its_name(arn: str, status: int, code: str, final: bool) -> None:
    refusal = Said(status, {"__type": f"com.amazonaws#{code}", "message": "because"})
    with connected(arn, lambda asked: refusal) as (peer, destination):
        failed = failure(destination)
        assert (failed.code, failed.final) == (code, final)
        assert failed.message == f"{arn}: {code}: because"
        with pytest.raises(Invalid if final else Unavailable, match=code):
            destination.check()
    assert len(peer.asked) == 2


@BOTH
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>no</html>", b"[]", b"{}", b"null", b'{"FailedRecordCount": 0, "Records": [{}]}', b"\xff{"],
)
def test_a_success_that_is_none(arn: str, body: bytes) -> None:
    with connected(arn, lambda asked: Said(200, body)) as (_, destination):
        assert failure(destination).code == port.MALFORMED_ANSWER


@BOTH
@pytest.mark.parametrize(("count", "codes"), [(1, 0), (0, 1), (2, 1)])
def test_an_answer_that_does_not_add_up(arn: str, count: int, codes: int) -> None:
    def answer(asked: Asked) -> Said:
        said = answered(arn, asked, *range(codes))
        return Said(body={**said.body, COUNTS[arn][0]: count})

    with connected(arn, answer) as (_, destination):
        assert failure(destination).code == port.MALFORMED_ANSWER


def test_a_garbage_refusal() -> None:
    with connected(KINESIS, lambda asked: Said(502, b"<html>")) as (_, destination):
        failed = failure(destination)
    assert (failed.code, failed.final) == ("502", False)


_BROKEN = (port.NOT_CONNECTED, port.MALFORMED_ANSWER)
"""Which of them depends on whether the request was through when the connection ended."""


@pytest.mark.parametrize(
    ("pieces", "hang", "codes"),
    [
        ((), True, (port.TIMED_OUT,)),
        ((), False, (port.NOT_CONNECTED,)),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",), False, _BROKEN),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",), True, (port.TIMED_OUT,)),
        ((b"\x16\x03\x01 what?\r\n\r\n",), False, _BROKEN),
    ],
)
def test_an_end_that_breaks_off(pieces: tuple[bytes, ...], hang: bool, codes: tuple[str, ...]) -> None:
    with script(*pieces, then_hang=hang) as url:
        destination = opened(KINESIS, aws_settings(url.removesuffix("/hook")), seconds=0.3)
        failed = failure(destination)
        with pytest.raises(Unavailable):
            destination.check()
        destination.close()
    assert failed.code in codes
    assert not failed.final


def test_an_answer_that_never_ends() -> None:
    """A byte now and then, so that no pause is too long."""
    with script(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", *[b" "] * 500) as url:
        destination = opened(KINESIS, aws_settings(url.removesuffix("/hook")), seconds=0.5)
        failed = failure(destination)
        with pytest.raises(Unavailable, match="does not come to its end"):
            destination.check()
        destination.close()
    assert (failed.code, failed.final) == (port.TIMED_OUT, False)


def test_nobody_listens() -> None:
    failed = failure(opened(KINESIS, aws_settings("http://127.0.0.1:1")))
    assert (failed.code, failed.final) == (port.NOT_CONNECTED, False)


@pytest.mark.parametrize(
    ("arn", "about", "said"),
    [
        (KINESIS, {"StreamDescription": {"StreamStatus": "CREATING"}}, "is CREATING"),
        (FIREHOSE, {"DeliveryStreamDescription": {"DeliveryStreamStatus": "DELETING"}}, "is DELETING"),
        (
            FIREHOSE,
            {"DeliveryStreamDescription": {"DeliveryStreamStatus": "ACTIVE", "DeliveryStreamType": "MSKAsSource"}},
            "takes records from its source only",
        ),
    ],
)
def test_a_stream_that_takes_nothing(arn: str, about: dict[str, Any], said: str) -> None:
    with (
        connected(arn, lambda asked: Said(body=about)) as (_, destination),
        pytest.raises(Invalid, match=f"^{port.MEMBER}: {arn} {said}"),
    ):
        destination.check()


def test_the_role_is_assumed_where_roles_are_known() -> None:
    """STS answers in XML; its keys sign what is sent to Kinesis."""
    lent = (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIALENT</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>tok</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    with site(lambda asked: Said(body=lent.encode())) as sts, site(lambda asked: answered(KINESIS, asked)) as peer:
        settings = aws_settings(peer.url(""), sts_endpoint_url=sts.url(""))
        destination = opened(KINESIS, settings)
        assert not destination.send(RECORDS)
        assert not destination.send(RECORDS)
        destination.close()
    (asked,) = sts.asked
    assert ROLE.replace(":", "%3A").replace("/", "%2F").encode() in asked.body
    assert all("ASIALENT" in asked.headers["Authorization"] for asked in peer.asked)
    assert peer.asked[0].headers["X-Amz-Security-Token"] == "tok"


def test_a_role_that_may_not_be_assumed() -> None:
    denied = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"
    with site(lambda asked: Said(403, denied)) as sts:
        destination = opened(KINESIS, aws_settings("http://127.0.0.1:1", sts_endpoint_url=sts.url("")))
        failed = failure(destination)
        with pytest.raises(Invalid, match="AccessDenied"):
            destination.check()
    assert (failed.code, failed.final) == ("AccessDenied", True)


def test_there_is_no_access_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    failed = failure(opened(KINESIS, Settings(kinesis_endpoint_url="http://127.0.0.1:1")))
    assert (failed.code, failed.final) == (port.DENIED, True)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kinesis:eu-west-1:123456789012:deliverystream/x",
        "arn:aws:kinesis:eu-west-1:12345:stream/x",
        "arn:aws:kinesis:eu-west-1.evil.test/:123456789012:stream/x",
        "arn:aws:firehose:eu-west-1:123456789012:stream/x",
        "arn:aws:firehose:eu-west-1:123456789012:deliverystream/",
        "arn:aws:sqs:eu-west-1:123456789012:queue",
        "arn:aws",
        "",
    ],
)
def test_an_arn_that_cannot_be_meant(arn: str) -> None:
    with pytest.raises(Invalid, match=f"^{port.MEMBER}: "):
        opened(arn, aws_settings("http://127.0.0.1:1"))
