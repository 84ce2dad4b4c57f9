"""A process to be killed: inserts numbered batches into a columnar store and prints each number once stored.

python -m tests.store.columnar_writer URL FIRST
"""

from __future__ import annotations

import itertools
import sys

import pyarrow as pa

from clarion.store.columnar import DURABLE, Columnar, open_columnar

ROWS = 600
PARTITIONS = 3
SELECT = (
    f"SELECT batch, number, number % {PARTITIONS} AS shelf FROM (SELECT batch, arrayJoin(numbers) AS number FROM input)"
)


def create(store: Columnar) -> None:
    store.command(
        "CREATE TABLE IF NOT EXISTS numbers (batch UInt32, number UInt32, shelf UInt8)"
        f" ENGINE = MergeTree PARTITION BY shelf ORDER BY (batch, number) SETTINGS {DURABLE}"
    )


def insert(store: Columnar, batch: int) -> None:
    """Batch by batch another way in: JSON lines, or a select over Arrow rows."""
    token = f"batch-{batch}"
    if batch % 2:
        lines = (f'{{"batch":{batch},"number":{n},"shelf":{n % PARTITIONS}}}\n' for n in range(ROWS))
        store.insert_json("numbers", "".join(lines).encode(), token=token)
    else:
        numbers = [list(range(start, start + ROWS // 10)) for start in range(0, ROWS, ROWS // 10)]
        data = pa.table({"batch": pa.array([batch] * 10, pa.uint32()), "numbers": numbers})
        store.insert_arrow("numbers", data, token=token, select=SELECT)


def missing_or_doubled(store: Columnar, batches: int) -> list[tuple[object, ...]]:
    """What is wrong with the first `batches` batches; an empty list when every row is there once."""
    return store.query(
        "SELECT batch, count(), uniqExact(number), sum(number) FROM numbers GROUP BY batch"
        " HAVING count() != {rows:UInt32} OR uniqExact(number) != {rows:UInt32}"
        " UNION ALL SELECT toUInt32(0), uniqExact(batch), max(batch), 0 FROM numbers"
        " HAVING uniqExact(batch) != {batches:UInt32} OR max(batch) != {batches:UInt32} - 1",
        {"rows": ROWS, "batches": batches},
    )


def main() -> None:
    store = open_columnar(sys.argv[1])
    create(store)
    print("open", flush=True)
    for batch in itertools.count(int(sys.argv[2])):
        insert(store, batch)
        print(batch, flush=True)


if __name__ == "__main__":
    main()
