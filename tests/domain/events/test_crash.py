"""Whatever stops between two steps: what was acknowledged is in the record, exactly once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from clarion.core.clock import SystemClock
from clarion.core.errors import NotFound
from clarion.domain.events import pipeline, produced
from clarion.domain.events.produced import Subject
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogConsumer, LogRow, Sink
from tests.domain.events.bodies import body, event
from tests.domain.events.conftest import House

_ROOT = Path(__file__).parents[3]


class Stumbling:
    """A sink that fails once: before it has stored anything, or after everything is stored."""

    def __init__(self, sink: Sink, *, after: bool) -> None:
        self._sink, self._after, self.stumbled = sink, after, False

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        if not self._after and not self.stumbled:
            self.stumbled = True
            raise RuntimeError("stumbled before")
        self._sink.consume(rows, token)
        if not self.stumbled:
            self.stumbled = True
            raise RuntimeError("stumbled after")


def fill(house: House) -> list[str]:
    for number in range(3):
        house.put(body({f"e{number}-{n}": event() for n in range(5)}, endpoint_id=f"ep{number}"))
    subject = Subject(account="1", app_id=house.app, endpoint_id="ep", message_id="m")
    rows = [produced.skip(subject, at_ms=5, gate="g", reason="r")]
    house.database.write(lambda connection: house.events.record(connection, rows))
    return sorted([f"e{number}-{n}" for number in range(3) for n in range(5)] + [rows[0].event_id])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("restart", [False, True], ids=["same-process", "next-process"])
def test_a_sink_that_fails_is_called_again(any_house: House, after: bool, restart: bool) -> None:
    wanted = fill(any_house)
    stumbling = {kind: Stumbling(sink, after=after) for kind, sink in sinks(any_house.columnar).items()}
    consumer = LogConsumer(
        any_house.database,
        {"endpoints": Stumbling(any_house.elsewhere, after=after)} | stumbling,
        real=SystemClock(),
        ids=any_house.ids,
    )
    failures = 0
    for _ in range(10):
        try:
            consumer.step()
        except RuntimeError:
            failures += 1
            if restart:
                break
    consumer.stop()
    assert failures == 1  # of all three kinds together: none waits for another one
    assert sorted(row.event_id for row in any_house.stored()) == wanted


@pytest.mark.parametrize("step", [step.__name__ for step in pipeline.IN_TRANSACTION])
def test_a_failing_step_undoes_the_ones_before(house: House, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is done, or nothing: no endpoint without its events, no name that was never used."""

    def broken(original: Any) -> Any:
        def run(*arguments: Any) -> None:
            original(*arguments)
            raise RuntimeError("broken")

        run.__name__ = original.__name__
        return run

    steps = [broken(original) if original.__name__ == step else original for original in pipeline.IN_TRANSACTION]
    sent = body({"e": event(EventType="new")}, {"ChannelType": "EMAIL", "Address": "lea@acme.test"})
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "IN_TRANSACTION", steps)
        with pytest.raises(RuntimeError, match="broken"):
            house.put(sent)
    with pytest.raises(NotFound):
        house.audience.get(house.scope, house.app, "ep-7781")
    assert house.stored() == []
    assert house.put(sent)["Results"]["ep-7781"]["EventsItemResponse"]["e"]["StatusCode"] == 202
    assert [row.event_id for row in house.stored()] == ["e"]


def test_kill_9(tmp_path: Path) -> None:
    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.domain.events.crashing", *arguments]
        return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)

    acknowledged: set[str] = set()
    for round_ in "ab":
        with start("run", str(tmp_path), round_) as process:
            assert process.stdout
            for line in process.stdout:
                if line.endswith("\n"):
                    acknowledged.update(line.split())
                if len(acknowledged) > (500 if round_ == "a" else 1_000):
                    break
            process.kill()
            for line in process.stdout:
                if line.endswith("\n"):
                    acknowledged.update(line.split())
    with start("check", str(tmp_path)) as process:
        output, _ = process.communicate(timeout=60)
    stored: dict[str, int] = json.loads(output)
    assert acknowledged <= stored.keys()
    assert set(stored.values()) == {1}
