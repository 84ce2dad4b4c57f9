"""Every destination behind a running server: set up by boto3, fed by PutEvents, read by somebody else."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.stacks import START, embedded
from tests.channels.calls.peers import Asked, Said, Site, site
from tests.channels.streaming import places
from tests.channels.streaming.places import KEYS, SECRET, Place

ACCOUNT = "123456789012"
"""Whose streams moto has; here the server's, too, as streams belong to the account of the project."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/streams"


@dataclass
class World:
    """A server, far ends of every kind, and `throttled`, that speaks as Firehose and does as it is told."""

    server: Server
    places: dict[str, Callable[[], Place]]
    throttled: Site
    taken: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("streams")
    with ExitStack() as stack:
        moto, brokers = stack.enter_context(places.moto()), stack.enter_context(places.kafka_cluster())
        hook = stack.enter_context(places.webhook())
        throttled = stack.enter_context(site())
        settings = {
            "ACCOUNT": ACCOUNT,
            "KINESIS_ENDPOINT_URL": moto,
            "FIREHOSE_ENDPOINT_URL": throttled.url(""),
            "CALLOUT_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
            "CALLOUT_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
            "S3_ENDPOINT_URL": moto,
            "S3_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
            "S3_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
            "KAFKA_BROKERS": brokers,
            "CALLOUT_NETWORKS": "127.0.0.0/8",
            "CALLOUT_HTTP": "true",
            "OBJECT_FOLDERS": str(folder),
        }
        environ = {f"CLARION_{name}": value for name, value in settings.items()}
        clock = ("--clock", f"virtual:{START}")
        server = stack.enter_context(embedded(tmp_path_factory.mktemp("data"), *clock, environ=environ))
        found: dict[str, Callable[[], Place]] = {
            "kinesis": lambda: places.kinesis(moto),
            "kafka": lambda: places.kafka(brokers),
            "webhook": lambda: hook,
            "s3": lambda: places.bucket(moto),
            "file": lambda: places.folder(folder / "lines"),
            "parquet": lambda: places.folder(folder / "columns", "parquet"),
        }
        yield World(server, found, throttled)


def put(project: Project, uri: str) -> dict[str, Any]:
    write = {"DestinationStreamArn": uri, "RoleArn": ROLE}
    return dict(project.pinpoint.put_event_stream(ApplicationId=project.id, WriteEventStream=write)["EventStream"])


def report(project: Project, start: int, people: int = 3, each: int = 4) -> None:
    """So many events of so many people, in order."""
    at = "2027-01-04T09:00:00Z"
    project.events(
        {
            f"ep-{person}": {
                "Endpoint": {},
                "Events": {
                    f"e-{number}": {"EventType": "cart.left", "Timestamp": at, "Attributes": {"n": str(number)}}
                    for number in range(start, start + each)
                },
            }
            for person in range(people)
        }
    )


def numbers(lines: list[bytes], app_id: str) -> dict[str, list[int]]:
    """By client, the numbers of the events that arrived of a project, in order."""
    found = defaultdict(list)
    for record in map(json.loads, lines):
        if record["application"]["app_id"] == app_id:
            found[record["client"]["client_id"]].append(int(record["attributes"]["n"]))
    return found


@pytest.mark.parametrize("kind", ["kinesis", "kafka", "webhook", "s3", "file", "parquet"])
def test_events_arrive(world: World, kind: str) -> None:
    place, project = world.places[kind](), Project(world.server, channel=False)
    stream = put(project, place.uri)
    assert (SECRET in json.dumps(stream), stream["DestinationStreamArn"] == place.uri) == (False, kind != "webhook")
    report(project, 0)
    project.server.settle()
    report(project, 4)
    project.server.settle()
    if kind in ("s3", "file", "parquet"):
        assert not place.arrived(0)
        project.server.advance("PT1M")
        project.server.settle()
    assert numbers(place.arrived(24), project.id) == {f"ep-{person}": list(range(8)) for person in range(3)}
    project.leave()


def test_what_is_refused_in_part_comes_again_in_order(world: World) -> None:
    """Firehose takes every third record only, then throttles altogether, then takes all."""
    taken: list[bytes] = []
    moods = iter(["some", "none", "some", "some"])

    def answer(asked: Asked) -> Said:
        if asked.headers["X-Amz-Target"].endswith("DescribeDeliveryStream"):
            return Said(body={"DeliveryStreamDescription": {"DeliveryStreamStatus": "ACTIVE"}})
        mood, results = next(moods, "all"), []
        if mood == "none":
            return Said(400, {"__type": "ThrottlingException", "message": "slow down"})
        for at, entry in enumerate(asked.json["Records"]):
            if mood == "some" and at % 3:
                results.append({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."})
            else:
                taken.append(base64.b64decode(entry["Data"]))
                results.append({"RecordId": "1"})
        failed = sum("ErrorCode" in result for result in results)
        return Said(body={"FailedPutCount": failed, "RequestResponses": results})

    world.throttled.answer = answer
    project = Project(world.server, channel=False)
    put(project, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/slow")
    for start in (0, 4, 8):
        report(project, start, people=5)
    for _ in range(8):
        project.server.settle()
        project.server.advance("PT2M")
    project.server.settle()
    found = numbers(taken, project.id)
    assert len(found) == 5
    for arrived in found.values():
        last = {number: at for at, number in enumerate(arrived)}
        assert sorted(last) == list(range(12))
        assert sorted(last, key=last.__getitem__) == list(range(12))
    project.leave()


def test_a_destination_that_is_not_to_be_had(world: World, tmp_path: Path) -> None:
    project = Project(world.server, channel=False)
    world.throttled.answer = lambda asked: Said(400, {"__type": "AccessDeniedException", "message": "not you"})
    nowhere = [
        ("arn:aws:kinesis:eu-west-1:123456789012:stream/nowhere", "ResourceNotFoundException"),
        ("arn:aws:firehose:eu-west-1:123456789012:deliverystream/forbidden", "AccessDeniedException: not you"),
        ("sqs://queue", "must look like one of"),
        ("s3://no-such-bucket-anywhere/x", "does not exist"),
        (f"file://{tmp_path}", f"DestinationStreamArn: file://{tmp_path}: outside the folders that may be used"),
        ("kafka://kafka.test:9092/events", "is not one of the brokers"),
        ("https://10.0.0.1/in", "must end with #whsec_"),
        (f"https://10.0.0.1/in#{SECRET}", "an address that may not be called"),
        (world.places["webhook"]().missing, "answered 404"),
    ]
    for uri, said in nowhere:
        with pytest.raises(project.pinpoint.exceptions.BadRequestException) as raised:
            put(project, uri)
        message = raised.value.response["Error"]["Message"]
        assert message.startswith("DestinationStreamArn: ")
        assert said in message
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.pinpoint.get_event_stream(ApplicationId=project.id)
    project.leave()
