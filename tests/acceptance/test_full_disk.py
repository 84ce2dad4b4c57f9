"""A disk that is full: writes are refused with an error that clients repeat, what was acknowledged stays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded
from tests.disk import fill, small_disk

MEGABYTES = 300
PADDING = {f"padding{number}": "x" * 200 for number in range(5)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    with small_disk(tmp_path / "disk", MEGABYTES) as folder:
        yield folder


class Reporter:
    """Reports events one request after the other, and remembers which were acknowledged."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.acknowledged: set[str] = set()
        self.refused: list[ClientError] = []
        self._number = 0

    def report(self) -> bool:
        """One request with twenty events; whether all of it was accepted."""
        self._number += 1
        names = [f"event-{self._number}-{one}" for one in range(20)]
        event = {"EventType": "e", "Timestamp": "2027-01-04T09:00:00Z", "Attributes": PADDING}
        item = {
            "Endpoint": {"ChannelType": "EMAIL", "Address": f"a{self._number}@example.com"},
            "Events": dict.fromkeys(names, event),
        }
        try:
            answer = self.project.pinpoint.put_events(
                ApplicationId=self.project.id, EventsRequest={"BatchItem": {f"e{self._number}": item}}
            )
        except ClientError as error:
            self.refused.append(error)
            return False
        result = answer["EventsResponse"]["Results"][f"e{self._number}"]
        taken = {name for name, one in result["EventsItemResponse"].items() if one["StatusCode"] == 202}
        self.acknowledged |= taken
        return len(taken) == 20


def stored(server: Server) -> set[str]:
    """The ids of all events, read when the server is stopped."""
    program = (
        "import sys; from clarion.store.columnar import open_columnar; store = open_columnar(sys.argv[1]);"
        "ids = [row[0] for row in store.query('SELECT event_id FROM events')]; assert len(ids) == len(set(ids));"
        "print(*ids, sep='\\n'); store.close()"
    )
    command = [sys.executable, "-c", program, f"chdb://{server.data}/events"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.split())


@pytest.mark.breaks_things
def test_a_full_disk_loses_nothing_that_was_acknowledged(disk: Path) -> None:
    with embedded(disk) as server:
        reporter = Reporter(Project(server))
        assert all(reporter.report() for _ in range(5))
        ballast = fill(disk)
        eventually(lambda: not reporter.report())
        for _ in range(5):
            reporter.report()
        for error in reporter.refused:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (500, 503), error
            assert error.response["Error"]["Code"] in ("InternalServerErrorException", "ServiceUnavailableException")
        assert server.raw("GET", "/healthz", key=None)[0] == 200
        ballast.unlink()
        eventually(reporter.report, 60)  # the same process goes on
        ballast = fill(disk)
        eventually(lambda: not reporter.report())
        server.kill()
        ballast.unlink()
        server.restart()
        reporter.project.reconnect()
        assert reporter.report()
        server.settle()
        dead = server.control("GET", "ingest/dead")["Rows"]
        assert dead == []
        assert server.control("POST", "doctor/mirror", {})["Differences"] == []
        server.stop()
        assert stored(server) == reporter.acknowledged
