"""The process that parses: says what parsing here says, may be killed, and does not outlive its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from clarion.core.errors import Unavailable
from clarion.domain.transfers.source.content import Line
from clarion.domain.transfers.source.parsing import Parsing, check

HEADER = Line(1, 40, b"Id,ChannelType,Address,Attributes.a,Metrics.m,Location.Latitude")
LINES = [
    Line(2, 80, b"one,EMAIL,one@example.com,x,1.5,47.61"),
    Line(3, 120, b"two,EMAIL,two@example.com,,many,"),
    Line(4, 160, None),
    Line(5, 200, "drei,SMS,+4930123456,ä,,".encode()),
]

PARENT = """
import sys, time
from clarion.domain.transfers.source.content import Line
from clarion.domain.transfers.source.parsing import Parsing
if __name__ == "__main__":
    parsing = Parsing()
    parsing.result(parsing.begin("JSON", None, "job", [Line(1, 3, b"{}")]))
    print(*parsing._pool._processes, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def parsing() -> Iterator[Parsing]:
    made = Parsing()
    yield made
    made.close()


def test_it_says_what_parsing_here_says(parsing: Parsing) -> None:
    told = parsing.result(parsing.begin("CSV", HEADER, "job", LINES))
    assert told == check("CSV", HEADER, "job", LINES)
    assert [row.line for row in told.rows() if row.error] == [3, 4]
    assert [row.item.endpoint_id for row in told.rows() if row.item] == ["one", "drei"]
    assert told.drafts is not None
    assert told.drafts.places == [0, 3]
    assert [row.line for _, row in told.others(told.drafts.places)] == [3, 4]


def test_after_it_was_killed_there_is_another(parsing: Parsing) -> None:
    parsing.result(parsing.begin("CSV", HEADER, "job", LINES))
    assert parsing._pool is not None
    (process,) = parsing._pool._processes
    os.kill(process, signal.SIGSTOP)
    lost = parsing.begin("CSV", HEADER, "job", LINES)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(Unavailable, match="was ended"):
        parsing.result(lost)
    assert len(parsing.result(parsing.begin("CSV", HEADER, "job", LINES)).encoded) == 4


def test_it_ends_with_a_parent_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(200):
        if not _is_there(child):
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("it is still there")


def _is_there(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
