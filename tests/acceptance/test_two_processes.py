"""Two API processes and two workers on one PostgreSQL and one ClickHouse HTTP front: one product."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server, Worker, eventually
from tests.acceptance.stacks import databases, embedded

PEOPLE = 2_000
_QUIET = {"CLARION_LOG_LEVEL": "warning"}


class Cluster(NamedTuple):
    """The processes, and how to start another worker."""

    first: Server
    second: Server
    folder: Path
    options: list[str]

    def worker(self) -> Worker:
        return Worker(self.folder / "worker", *self.options, environ=_QUIET)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two API processes that do no background work."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        options = stack.enter_context(databases(folder))
        first, second = (
            stack.enter_context(embedded(folder / name, *options, "--no-workers")) for name in ("first", "second")
        )
        yield Cluster(first, second, folder, options)


@pytest.fixture(scope="module")
def workers(cluster: Cluster) -> Iterator[list[Worker]]:
    """Two workers; they must end well and without errors in their log."""
    running = [cluster.worker() for _ in range(2)]
    yield running
    for worker in running:
        code, said = worker.stop()
        assert (code, '"level": "error"' in said) == (0, False), said


def _sent_once(project: Project, campaign: str, names: list[str]) -> None:
    eventually(lambda: project.status(campaign) == "COMPLETED", 60)
    found = project.mail(campaign)
    assert sorted(one["EndpointId"] for one in found) == names
    assert len({one["MessageId"] for one in found}) == len(names)
    [activity] = project.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (len(names), len(names))
    assert activity["ExecutionMetrics"] == {"ENDPOINT_PRODUCED": str(len(names))}


def test_what_one_writes_the_other_reads(cluster: Cluster) -> None:
    project = Project(cluster.first)
    other = cluster.second.client()
    for number in range(10):
        project.person("lea", Attributes={"n": [str(number)]})
        found = other.get_endpoint(ApplicationId=project.id, EndpointId="lea")["EndpointResponse"]
        assert found["Attributes"] == {"n": [str(number)]}
    segment = project.segment()
    assert other.get_segment(ApplicationId=project.id, SegmentId=segment)["SegmentResponse"]["Id"] == segment
    key = cluster.first.key("reader", account="000000000321")
    eventually(lambda: cluster.second.raw("GET", "/v1/apps", key=key)[0] == 200, 5)
    project.delete()

    def refused() -> bool:
        try:
            other.update_endpoint(
                ApplicationId=project.id,
                EndpointId="late",
                EndpointRequest={"ChannelType": "EMAIL", "Address": "late@example.com"},
            )
        except other.exceptions.NotFoundException:
            return True
        return False

    assert eventually(refused, 10)


def test_events_of_one_are_followed_at_the_other(cluster: Cluster) -> None:
    """What was taken and what was not, with one cursor for both; a cursor of one is good at the other."""
    project = Project(cluster.first)
    path = f"events/tail?ApplicationId={project.id}&Cursor="
    cursor = cluster.second.control("GET", path)["Cursor"]
    good = {"EventType": "look", "Timestamp": "2027-03-04T09:15:02.120Z"}
    project.events_raw({"lea": {"Endpoint": {}, "Events": {"good": good, "bad": {"EventType": "look"}}}})
    seen: dict[str, str] = {}

    def both() -> bool:
        nonlocal cursor
        answer = cluster.second.control("GET", path + cursor)
        cursor = answer["Cursor"]
        seen.update({one["EventId"]: one["Outcome"] for one in answer["Entries"]})
        return len(seen) == 2

    eventually(both)
    assert seen == {"good": "ACCEPTED", "bad": "REJECTED"}
    assert cluster.first.control("GET", path + cursor)["Entries"] == []
    project.delete()


def test_a_campaign_is_sent_by_two_workers(cluster: Cluster, workers: list[Worker]) -> None:
    project = Project(cluster.first)
    names = sorted(f"e{number:04d}" for number in range(PEOPLE))
    project.people(names)
    campaigns = [project.campaign(project.segment())["Id"] for _ in range(2)]
    for campaign in campaigns:
        _sent_once(project.seen_from(cluster.second), campaign, names)


def test_a_worker_dies_while_a_campaign_is_sent(cluster: Cluster, workers: list[Worker]) -> None:
    project = Project(cluster.first)
    names = sorted(f"e{number:04d}" for number in range(PEOPLE))
    project.people(names)
    campaign = project.campaign(project.segment())["Id"]
    eventually(lambda: project.status(campaign) == "EXECUTING", 30)
    time.sleep(0.3)
    workers.pop(0).kill()
    _sent_once(project, campaign, names)
    workers.append(cluster.worker())


def test_events_of_both_reach_selections(cluster: Cluster, workers: list[Worker]) -> None:
    project = Project(cluster.first)
    old = {"EffectiveDate": "2020-01-01T00:00:00Z"}
    project.people({f"e{number}": old for number in range(40)})
    clients: list[Any] = [cluster.first.client(), cluster.second.client()]
    for number in range(0, 40, 2):
        event = {"EventType": "t", "Timestamp": "2026-01-01T00:00:00Z"}
        answer = clients[number // 2 % 2].put_events(
            ApplicationId=project.id,
            EventsRequest={"BatchItem": {f"e{number}": {"Endpoint": {}, "Events": {"e": event}}}},
        )
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    active = {"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}}}
    campaign = project.campaign(project.segment(active))["Id"]
    _sent_once(project, campaign, sorted(f"e{number}" for number in range(0, 40, 2)))
