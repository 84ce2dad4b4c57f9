"""When the rest of a batch is not tried."""

from __future__ import annotations

import pytest

from clarion.channels.halting import SILENT, Halt
from clarion.channels.port import Outcome

SENT = Outcome("sent")
LOST = Outcome("temporary", "no answer", uncertain=True)


@pytest.mark.parametrize("blame", ["provider", "credentials"])
def test_nobody_there_or_not_let_in_ends_the_batch_at_once(blame: str) -> None:
    halt, first = Halt(5), Outcome("temporary", "first", blame=blame)  # type: ignore[arg-type]
    halt.see(first)
    halt.see(Outcome("temporary", "second", blame="provider"))
    assert halt.outcome is first


def test_what_is_about_one_message_ends_nothing() -> None:
    halt = Halt(2)
    for outcome in (Outcome("permanent", "nobody"), Outcome("permanent", "not there", blame="provider"), SENT):
        halt.see(outcome)
    assert halt.outcome is None


def test_silence_ends_it_once_it_has_lasted() -> None:
    halt = Halt(3)
    for outcome in (LOST, LOST, SENT, LOST, LOST):
        halt.see(outcome)
        assert halt.outcome is None
    halt.see(LOST)
    assert halt.outcome is SILENT
    assert not SILENT.uncertain
