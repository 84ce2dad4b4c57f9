"""The pace of imports: as fast as can be alone, in small batches and with pauses beside others who write."""

from __future__ import annotations

from clarion.domain.transfers.pace import ALONE, BESIDE, Pace
from clarion.store.database import Database


def batch(pace: Pace, database: Database, others: int) -> None:
    """One batch, while others write so often."""
    with pace.batch():
        for _ in range(others + 1):
            database.write(lambda connection: None)


def test_alone_batches_are_large(database: Database) -> None:
    pace = Pace(database)
    for _ in range(3):
        batch(pace, database, others=0)
        assert pace.lines == ALONE


def test_beside_others_batches_are_small_until_they_have_gone(database: Database) -> None:
    pace = Pace(database)
    batch(pace, database, others=0)
    batch(pace, database, others=200)
    assert pace.lines == BESIDE
    batch(pace, database, others=0)
    assert pace.lines == ALONE
