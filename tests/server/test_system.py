"""A process that cannot start, or not end in order, still lets go of what it holds."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from clarion.core.errors import Invalid
from tests.server.house import House


def writers() -> int:
    """How many state databases are open in this process."""
    return [thread.name for thread in threading.enumerate()].count("sqlite-writer")


def test_what_was_opened_is_closed_when_the_rest_cannot_be_built(tmp_path: Path, chdb_url: str) -> None:
    before, url = writers(), f"sqlite:///{tmp_path}/state.db"
    with pytest.raises(Invalid, match="email_transport"):
        House(url, chdb_url, email_transport="pigeon")
    assert writers() == before
    house = House(url, chdb_url)
    assert house.ready() == ""
    house.close()


def test_a_part_that_fails_to_end_does_not_keep_the_others(
    tmp_path: Path, chdb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = writers()
    house = House(f"sqlite:///{tmp_path}/state.db", chdb_url)

    def fail() -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(house.ways.ways["EMAIL"], "close", fail)
    with pytest.raises(RuntimeError, match="no"):
        house.close()
    assert writers() == before
    assert house.ready() != ""
