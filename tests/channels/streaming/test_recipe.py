"""The example of the recipe "add a destination" is what it says: it works."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from clarion.channels.streaming import port
from clarion.channels.streaming.address import Stream
from clarion.channels.streaming.catalog import Surroundings
from clarion.channels.streaming.port import StreamFailed
from clarion.core.clock import SystemClock
from clarion.core.errors import Unavailable
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from tests.channels.streaming.places import record

RECIPE = Path(__file__).parents[3] / "docs" / "recipes" / "add-a-destination.md"


def test_the_example_hands_over_and_tells_when_it_cannot(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", RECIPE.read_text(), re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(code, str(RECIPE), "exec"), made)
    surroundings = Surroundings(settings=Settings(), clock=SystemClock(), ids=SystemIds(), seconds=5.0)
    path = tmp_path / "events.sock"
    destination = made["open_stream"](Stream(f"unix://{path}", "", "000000000001", "app"), surroundings)
    records = [record("ep", number) for number in range(3)]
    with pytest.raises(Unavailable):
        destination.check()
    with pytest.raises(StreamFailed) as raised:
        destination.send(records)
    assert raised.value.code == port.NOT_CONNECTED
    taken: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            reader, _ = listening.accept()
            with reader:
                while data := reader.recv(1000):
                    taken.append(data)
                reader.sendall(b"ok")

        serving = threading.Thread(target=serve)
        serving.start()
        assert not destination.send(records)
        serving.join(5)
    destination.close()
    assert b"".join(taken) == b"".join(one.data for one in records)
