"""A server that dies while a webhook is being told: nobody is lost, and what comes twice can be known by its id."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from tests.acceptance.outside import outside_world
from tests.acceptance.project import Project
from tests.acceptance.stacks import START, embedded


def test_calls_that_were_under_way_come_again_with_their_ids(tmp_path: Path) -> None:
    with (
        outside_world(tmp_path) as world,
        embedded(tmp_path / "data", "--clock", f"virtual:{START}", environ=world.settings) as server,
    ):
        killed, once = threading.Event(), threading.Lock()

        def answer(body: Any) -> Any:
            """The second call to come is taken, and nobody hears of it."""
            with once:
                if len(world.told("/deliver")) >= 2 and not killed.is_set():
                    server.kill()
                    killed.set()
            return {}

        page = world.page("/deliver", answer)
        project = Project(server)
        project.people(f"e{number}" for number in range(230))
        delivery = {"DeliveryUri": page, "EndpointTypes": ["EMAIL"]}
        campaign = project.campaign(
            project.segment(),
            MessageConfiguration={"CustomMessage": {"Data": "x"}},
            CustomDeliveryConfiguration=delivery,
        )["Id"]
        assert killed.wait(30)
        server.restart()
        project.reconnect()
        server.settle()
        assert project.status(campaign) == "COMPLETED"
        [activity] = project.activities(campaign)
        assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (230, 230)
        asked = [one for one in world.web.asked if one.path == "/deliver" and one.method == "POST"]
        times = Counter(one.headers["webhook-id"] for one in asked)
        assert max(times.values()) == 2
        told = {one.headers["webhook-id"]: one.body for one in asked}
        assert all(told[one.headers["webhook-id"]] == one.body for one in asked)
        # Whoever keeps to the ids has told of everybody once.
        people = Counter(name for one in told.values() for name in _names(one))
        assert people == Counter({f"e{number}": 1 for number in range(230)})


def _names(body: bytes) -> list[str]:
    return list(json.loads(body)["Endpoints"])
