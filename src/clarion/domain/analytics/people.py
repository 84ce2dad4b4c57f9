"""What figures keep about people: that messages went to their endpoints, and what became of these.

A message to a bare address is kept without it: its row is nobody's, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.analytics.kept import TABLE
from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.audience.people.rows import PeopleRows
from clarion.store.columnar import Columnar

# `@` is where the number of the person goes. Nothing is sent to an endpoint before it was created.
_TOLD = "app_id = {app@:String} AND endpoint_key IN {keys@:Array(String)}"
_GONE = (
    "app_id = {app@:String} AND (endpoint_key IN {left@:Array(String)} OR (endpoint_key IN {keys@:Array(String)}"
    " AND least(ts, arrival) < fromUnixTimestamp64Milli({bound@:Int64}, 'UTC'))%s)"
)
_OVERTAKEN = " OR (endpoint_key = {key@:String} AND ts < fromUnixTimestamp64Milli({created@:Int64}, 'UTC'))"


class MessagesHolder(Holder):
    """Rows of messages. A person is told of them by the events that they are made of."""

    tables = (f"columnar.{TABLE}",)

    def __init__(self, columnar: Columnar) -> None:
        self._rows = PeopleRows(columnar, TABLE, _told, _erased)

    def count(self, person: Person) -> Mapping[str, int]:
        return {"Messages": self._rows.count(person)}

    def erase(self, people: Sequence[Person]) -> bool:
        return self._rows.delete(people)

    def purge(self) -> None:
        self._rows.purge()


def _told(person: Person, n: str) -> tuple[str, dict[str, object]]:
    return _TOLD.replace("@", n), {f"app{n}": person.app_id, f"keys{n}": person.keys}


def _erased(person: Person, n: str) -> tuple[str, dict[str, object]]:
    left = [key for key in person.keys if key not in person.newer]
    given = {**_told(person, n)[1], f"left{n}": left, f"bound{n}": person.bound_ms}
    overtaken = ""
    for number, (key, created_ms) in enumerate(person.newer.items()):
        own = f"{n}_{number}"
        overtaken += _OVERTAKEN.replace("@", own)
        given |= {f"key{own}": key, f"created{own}": created_ms}
    return _GONE.replace("@", n) % overtaken, given
