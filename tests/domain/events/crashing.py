"""A process that takes in events until it is killed, and one that looks what is there.

python -m tests.domain.events.crashing run FOLDER    prints the id of every event it has acknowledged
python -m tests.domain.events.crashing check FOLDER  prints how often each stored event is stored, as JSON
"""

from __future__ import annotations

import json
import sys
import threading
from itertools import count
from pathlib import Path

from clarion.domain.events import produced
from clarion.domain.events.produced import Subject
from clarion.store.columnar import open_columnar
from clarion.store.database import open_database
from tests.domain.events.bodies import body, event
from tests.domain.events.conftest import House

THREADS = 4


def open_house(folder: Path) -> House:
    """The slice over the folder's databases; the project is made once."""
    database = open_database(f"sqlite:///{folder}/state.db")
    house = House(database, open_columnar(f"chdb://{folder}/events"), new=not (folder / "app").exists())
    if (folder / "app").exists():
        house.app = (folder / "app").read_text()
    else:
        (folder / "app").write_text(house.app)
    return house


def run(house: House, started: str) -> None:
    printing = threading.Lock()

    def tell(*ids: str) -> None:
        with printing:
            print(*ids, flush=True)

    def put(thread: int) -> None:
        for number in count():
            sent = {f"{started}-{thread}-{number}-{n}": event(Attributes={"n": str(n)}) for n in range(20)}
            house.put(body(sent, endpoint_id=f"ep-{number % 5}"))
            tell(*sent)

    def record() -> None:
        for number in count():
            subject = Subject(account="1", app_id=house.app, endpoint_id="ep", message_id=f"{started}-m-{number}")
            row = produced.skip(subject, at_ms=number, gate="g", reason="r")
            house.database.write(lambda connection, row=row: house.events.record(connection, [row]))
            tell(row.event_id)

    for target in (*[lambda t=t: put(t) for t in range(THREADS)], record):
        threading.Thread(target=target, daemon=True).start()
    while True:
        house.consumer.step()


def check(house: House) -> None:
    house.consumer.catch_up(60)
    found = house.columnar.query("SELECT event_id, count() FROM events GROUP BY event_id")
    print(json.dumps(dict(found)))
    house.close()
    house.columnar.close()
    house.database.close()


if __name__ == "__main__":
    opened = open_house(Path(sys.argv[2]))
    if sys.argv[1] == "run":
        run(opened, sys.argv[3])
    else:
        check(opened)
