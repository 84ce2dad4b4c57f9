"""Streams of servers that are killed, to files and to Kinesis: every event arrives, in order for each endpoint."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.acceptance.project import Project
from tests.acceptance.running import Server, Worker, eventually
from tests.acceptance.stacks import databases, embedded
from tests.acceptance.test_event_streams import item, put

KILLS = 3
ENDPOINTS = 4
ACCOUNT = "123456789012"
"""moto's own."""
ARN = f"arn:aws:kinesis:eu-central-1:{ACCOUNT}:stream/"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/streams"


class Reporter:
    """An app per endpoint, each reporting one event after the other, again until it is accepted."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.accepted = [0] * ENDPOINTS
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(place,), daemon=True) for place in range(ENDPOINTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> list[int]:
        """How many events of each endpoint were accepted."""
        self._ending.set()
        for thread in self._threads:
            thread.join(60)
        return self.accepted

    def _run(self, place: int) -> None:
        number = 0
        while not self._ending.is_set():
            try:
                self.project.events({f"ep-{place}": item(number)})
            except Exception:
                time.sleep(0.05)  # the server is gone for a moment
                continue
            number += 1
            self.accepted[place] = number


def all_in_order(arrived: list[tuple[str, int]], accepted: list[int]) -> bool:
    """Whether all is there, and nothing ever came before what was before it."""
    newest = dict.fromkeys([f"ep-{place}" for place in range(ENDPOINTS)], -1)
    for endpoint, number in arrived:
        assert number <= newest[endpoint] + 1, f"{endpoint}: {number} after {newest[endpoint]}"
        newest[endpoint] = max(newest[endpoint], number)
    return all(newest[f"ep-{place}"] >= number - 1 for place, number in enumerate(accepted))


def in_files(folder: Path) -> list[tuple[str, int]]:
    lines = [line for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    return [_told(json.loads(line)) for line in lines]


def _told(record: dict[str, Any]) -> tuple[str, int]:
    return record["client"]["client_id"], int(record["attributes"]["n"])


@pytest.fixture(scope="module")
def kinesis() -> Iterator[Any]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}
    yield boto3.client("kinesis", endpoint_url=f"http://{host}:{port}", **keys)
    moto.stop()


def in_kinesis(client: Any, name: str) -> list[tuple[str, int]]:
    shards = client.list_shards(StreamName=name)["Shards"]
    found: list[tuple[str, int]] = []
    for shard in shards:
        given = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        following = client.get_shard_iterator(**given)["ShardIterator"]
        while records := (page := client.get_records(ShardIterator=following))["Records"]:
            assert all(one["PartitionKey"] == json.loads(one["Data"])["client"]["client_id"] for one in records)
            found += [_told(json.loads(one["Data"])) for one in records]
            following = page["NextShardIterator"]
    return found


def test_a_killed_server_leaves_no_gap(tmp_path: Path, kinesis: Any) -> None:
    moments = random.Random(4)
    kinesis.create_stream(StreamName="events", ShardCount=2)
    environ = {
        "CLARION_ACCOUNT": ACCOUNT,
        "CLARION_KINESIS_ENDPOINT_URL": kinesis.meta.endpoint_url,
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    with embedded(tmp_path, environ=environ) as server:
        to_kinesis, to_files = Project(server, channel=False), Project(server, channel=False)
        with pytest.raises(to_kinesis.pinpoint.exceptions.BadRequestException, match="DestinationStreamArn"):
            put(to_kinesis, f"{ARN}nowhere", ROLE)
        put(to_kinesis, f"{ARN}events", ROLE)
        folder = server.data.absolute() / "streams" / "crash"
        put(to_files, f"file://{folder}?interval=0")
        reporters = [Reporter(to_kinesis), Reporter(to_files)]
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.5, 1.5))
            server.kill()
            server.restart()
            to_kinesis.reconnect()
            to_files.reconnect()
        time.sleep(1)
        of_kinesis, of_files = [one.end() for one in reporters]
        _idle(server, to_kinesis, to_files)
        assert min(of_kinesis + of_files) > 0
        assert all_in_order(in_files(folder), of_files)
        assert all_in_order(in_kinesis(kinesis, "events"), of_kinesis)


def _idle(server: Server, *projects: Project) -> None:
    def probe() -> bool:
        server.settle()
        ids = [project.id for project in projects]
        told = [server.control("GET", f"streams/status?ApplicationId={one}") for one in ids]
        return all(one["Lag"] == 0 for one in told)

    assert eventually(probe, 60)


def test_of_two_workers_one_delivers_and_the_other_takes_over(tmp_path: Path) -> None:
    environ = {"CLARION_LOG_LEVEL": "warning", "CLARION_OBJECT_FOLDERS": str(tmp_path)}
    folder = tmp_path / "out"
    with ExitStack() as stack:
        options = stack.enter_context(databases(tmp_path))
        server = stack.enter_context(embedded(tmp_path / "api", *options, "--no-workers", environ=environ))
        project = Project(server, channel=False)
        put(project, f"file://{folder}?interval=0")
        workers = [Worker(tmp_path / "worker", *options, environ=environ) for _ in range(2)]
        reporter = Reporter(project)
        assert eventually(lambda: len(in_files(folder)) > 20, 60)
        workers.pop(0).kill()
        workers.append(Worker(tmp_path / "worker", *options, environ=environ))
        time.sleep(1)
        accepted = reporter.end()
        assert eventually(lambda: len(set(in_files(folder))) >= sum(accepted), 60)
        arrived = in_files(folder)
        assert all_in_order(arrived, accepted)
        # Nothing was sent twice but what was in the hands of the killed one.
        assert len(arrived) - len(set(arrived)) < len(arrived) / 2
        for worker in workers:
            assert worker.stop()[0] == 0
