"""kill -9, at moments nobody chose: what was acknowledged is there afterwards, and nobody gets anything twice."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.acceptance.project import Project
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded

PEOPLE = 3_000
KILLS = {1: ((0.0, 0.5), (0.5, 3.0)), 2: ((0.5, 1.5), (9.0, 13.0)), 3: ((0.2, 1.2), (1.0, 5.0))}
"""Seed → when its server is killed, in seconds after the campaign or the restart began; a lease lasts ten."""

IDLE = 400
AT = "2027-01-04T09:00:00Z"


def test_a_campaign_survives_being_killed(tmp_path: Path) -> None:
    """Several servers at a time, since they spend most of it waiting for the leases of the dead."""
    with ThreadPoolExecutor(len(KILLS)) as pool:
        runs = [pool.submit(_kill_while_sending, tmp_path / str(seed), seed) for seed in KILLS]
        assert sum(run.result() for run in runs) >= len(KILLS), "the kills came too late to hurt"


def _kill_while_sending(folder: Path, seed: int) -> int:
    """One server and campaign; answers how many kills came before the campaign was over."""
    moments, hits = random.Random(seed), 0
    with embedded(folder) as server:
        project = Project(server)
        names = sorted(f"e{number:04d}" for number in range(PEOPLE))
        project.people(names)
        project.people({"out": {"OptOut": "ALL"}, "gone": {"EndpointStatus": "INACTIVE"}})
        campaign = project.campaign(project.segment())["Id"]
        for span in KILLS[seed]:
            after = moments.uniform(*span)
            time.sleep(after)
            hits += project.status(campaign) != "COMPLETED"
            server.kill()
            server.restart()
            project.reconnect()
        eventually(lambda: project.status(campaign) == "COMPLETED", 90)
        found = project.mail(campaign)
        assert sorted(one["EndpointId"] for one in found) == names
        assert len({one["MessageId"] for one in found}) == PEOPLE
        [activity] = project.activities(campaign)
        assert (activity["State"], activity["Result"]) == ("COMPLETED", "SUCCESS")
        assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (PEOPLE, PEOPLE)
        assert activity["ExecutionMetrics"] == {
            "ENDPOINT_PRODUCED": str(PEOPLE + 2),
            "ENDPOINT_INACTIVE": "1",
            "ENDPOINT_OPT_OUT": "1",
        }
        for name in moments.sample(names, 25):
            path = f"why?ApplicationId={project.id}&EndpointId={name}"
            kinds = sorted(one["EventType"] for one in server.control("GET", path)["Decisions"])
            assert kinds == ["_campaign.send", "_email.delivered", "_email.send"], name
    return hits


class Storm:
    """Threads that write without pause, and remember what was acknowledged."""

    def __init__(self, server: Server, project: Project) -> None:
        self._server = server
        self._project = project
        self._over = threading.Event()
        self._numbers = itertools.count()
        self.updated: dict[str, str] = {}
        self.batched: set[str] = set()
        self.reported: set[str] = set()

    def rage(self, seconds: float) -> None:
        """Until the server is killed, `seconds` from now."""
        self._over.clear()
        workers = [self._update, self._update, self._batch, self._report, self._report]
        clients = [self._server.client(connect_timeout=2, read_timeout=5) for _ in workers]
        with ThreadPoolExecutor(len(workers)) as pool:
            running = [
                pool.submit(self._loop, work, client, number)
                for number, (work, client) in enumerate(zip(workers, clients, strict=True))
            ]
            time.sleep(seconds)
            self._server.kill()
            self._over.set()
            for one in running:
                one.result()

    def _loop(self, work: Callable[[Any, str], None], client: Any, number: int) -> None:
        while not self._over.is_set():
            try:
                work(client, f"{number}-{next(self._numbers)}")
            except (BotoCoreError, ClientError):
                return  # killed in the middle: not acknowledged

    def _update(self, client: Any, name: str) -> None:
        # The second time the endpoint is changed, with an answer in between.
        for value in ("first", "last"):
            address = {"ChannelType": "EMAIL", "Address": f"u{name}@example.com", "Attributes": {"value": [value]}}
            client.update_endpoint(ApplicationId=self._project.id, EndpointId=f"u{name}", EndpointRequest=address)
            self.updated[f"u{name}"] = value

    def _batch(self, client: Any, name: str) -> None:
        names = [f"b{name}-{number}" for number in range(20)]
        items = [{"Id": one, "ChannelType": "EMAIL", "Address": f"{one}@example.com"} for one in names]
        client.update_endpoints_batch(ApplicationId=self._project.id, EndpointBatchRequest={"Item": items})
        self.batched.update(names)

    def _report(self, client: Any, name: str) -> None:
        endpoint = f"idle{int(name.rpartition('-')[2]) % IDLE}"
        events = {name: {"EventType": "storm", "Timestamp": AT}}
        answer = client.put_events(
            ApplicationId=self._project.id,
            EventsRequest={"BatchItem": {endpoint: {"Endpoint": {}, "Events": events}}},
        )
        [accepted] = answer["EventsResponse"]["Results"][endpoint]["EventsItemResponse"].values()
        assert accepted["StatusCode"] == 202
        self.reported.add(endpoint)


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    moments = random.Random(7)
    with embedded(tmp_path, fresh=True) as server:
        project = Project(server)
        old = {"EffectiveDate": "2020-01-01T00:00:00Z", "Attributes": {"kind": ["idle"]}}
        project.people({f"idle{number}": old for number in range(IDLE)})
        storm = Storm(server, project)
        for kills in itertools.count(1):
            storm.rage(moments.uniform(0.5, 1.5))
            server.restart()
            project.reconnect()
            acknowledged = len(storm.updated), len(storm.batched), len(storm.reported)
            if kills >= 2 and all(number > 50 for number in acknowledged):
                break
            assert kills < 20, acknowledged
        for name, value in storm.updated.items():
            assert project.get(name)["Attributes"]["value"] in ([value], ["last"])
        for name in moments.sample(sorted(storm.batched), 50):
            assert project.get(name)["Address"] == f"{name}@example.com"
        # The columnar store follows: selections see the same endpoints, and the events made the idle active.
        server.settle()
        everybody = project.campaign(project.segment())["Id"]
        active = {"Behavior": {"Recency": {"Duration": "HR_24", "RecencyType": "ACTIVE"}}}
        woken = project.campaign(project.segment({**active, "Attributes": {"kind": {"Values": ["idle"]}}}))["Id"]
        eventually(lambda: {project.status(one) for one in (everybody, woken)} == {"COMPLETED"}, 60)
        reached = project.reached(everybody)
        assert len(reached) == len(set(reached))
        assert set(reached) >= storm.updated.keys() | storm.batched
        assert set(project.reached(woken)) >= storm.reported
