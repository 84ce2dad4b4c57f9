"""kill -9 while events come in: every event that was acknowledged is answered once, reported again or not."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tests.acceptance.project import Project
from tests.acceptance.running import eventually
from tests.acceptance.stacks import embedded
from tests.acceptance.test_event_campaigns import schedule, waiting

PEOPLE = 40
ROUNDS = 3
TOGETHER = 5


class Reporter:
    """Reports events without pause, each again until it is acknowledged, as the SDKs do."""

    def __init__(self, project: Project, seed: int) -> None:
        self._random = random.Random(seed)
        self._project = project
        self._name = f"r{seed}"
        self._over = threading.Event()
        self._kept: tuple[str, list[str]] | None = None
        self._number = 0
        self.acknowledged: Counter[str] = Counter()

    def run(self) -> None:
        """Until `stop`, or until the server is gone."""
        client = self._project.server.client(connect_timeout=2, read_timeout=10)
        while not self._over.is_set() or self._kept:
            endpoint, ids = self._kept = self._kept or self._next()
            events = {one: {"EventType": "bought", "Timestamp": "2027-01-04T09:00:00Z"} for one in ids}
            batch = {endpoint: {"Endpoint": {}, "Events": events}}
            try:
                client.put_events(ApplicationId=self._project.id, EventsRequest={"BatchItem": batch})
            except (BotoCoreError, ClientError):
                return
            self.acknowledged[endpoint] += len(ids)
            self._kept = None

    def stop(self) -> None:
        """End `run` once what was begun is acknowledged."""
        self._over.set()

    def _next(self) -> tuple[str, list[str]]:
        self._number += 1
        return f"p{self._random.randrange(PEOPLE)}", [f"{self._name}-{self._number}-{n}" for n in range(TOGETHER)]


def test_every_event_is_answered_once(tmp_path: Path) -> None:
    with embedded(tmp_path) as server:
        project = Project(server)
        project.people([f"p{number}" for number in range(PEOPLE)])
        campaign = project.campaign(project.segment(), Schedule=schedule(waiting("bought")))["Id"]
        reporters = [Reporter(project, seed) for seed in (1, 2)]
        moments = random.Random(7)
        for number in range(ROUNDS):
            threads = [threading.Thread(target=reporter.run) for reporter in reporters]
            for thread in threads:
                thread.start()
            time.sleep(moments.uniform(0.5, 2.0))
            if number == ROUNDS - 1:
                for reporter in reporters:
                    reporter.stop()
            else:
                server.kill()
            for thread in threads:
                thread.join()
            if number < ROUNDS - 1:
                server.restart()
                project.reconnect()
        wanted = sum((reporter.acknowledged for reporter in reporters), Counter())
        assert wanted.total() > 50
        eventually(lambda: len(project.mail(campaign)) >= wanted.total(), 120)
        server.settle()
        mail = project.mail(campaign)
        assert Counter(one["EndpointId"] for one in mail) == wanted
        assert len({one["MessageId"] for one in mail}) == wanted.total()
        [activity] = project.activities(campaign)
        assert activity["SuccessfulEndpointCount"] == len(wanted)
