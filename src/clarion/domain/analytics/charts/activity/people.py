"""The days on which a person was active, and their sessions: erased with the events that they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.analytics.charts.activity.kept import AGAIN, TABLE
from clarion.domain.analytics.charts.activity.sessions import SEALED
from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.audience.people.rows import PeopleRows
from clarion.store.columnar import Columnar

# `@` is where the number of the person goes.
_ROWS = (
    "app_id = {app@:String} AND (has(arrayMap(key -> sipHash64(key), {keys@:Array(String)}), endpoint)"
    " OR ({user@:String} != '' AND user = sipHash64({user@:String})))"
)
_EVENTS = (
    "app_id = {app@:String} AND (endpoint_key IN {keys@:Array(String)}"
    " OR ({user@:String} != '' AND user_id = {user@:String}))"
)


class ActivityHolder(Holder):
    """Rows of days and of sessions. To be registered before the holder of the events, for the last erases first: what
    these have left of somebody, under ids that belong to somebody new, is gathered anew; where sessions are missing,
    the seal of their day is broken by the missing events."""

    tables = (f"columnar.{TABLE}", f"columnar.{SEALED}")

    def __init__(self, columnar: Columnar) -> None:
        self._columnar = columnar
        self._rows = PeopleRows(columnar, TABLE, _of_rows)
        self._sessions = PeopleRows(columnar, SEALED, _of_rows)

    def count(self, person: Person) -> Mapping[str, int]:
        # Rows of a month are taken together sooner or later.
        ((months,),) = self._rows.read("uniqExact(period, endpoint, user)", person)
        return {"ActivityMonths": int(months), "SealedSessions": self._sessions.count(person)}

    def erase(self, people: Sequence[Person]) -> bool:
        erased = self._rows.delete(people)
        erased = self._sessions.delete(people) or erased
        if people:
            given = {name: value for n, person in enumerate(people) for name, value in _named(person, f"_{n}").items()}
            left = " OR ".join(f"({_EVENTS.replace('@', f'_{n}')})" for n in range(len(people)))
            self._columnar.command(AGAIN % f"({left})", given)
        return erased

    def purge(self) -> None:
        self._rows.purge()
        self._sessions.purge()


def _of_rows(person: Person, n: str) -> tuple[str, dict[str, object]]:
    return _ROWS.replace("@", n), _named(person, n)


def _named(person: Person, n: str) -> dict[str, object]:
    return {f"app{n}": person.app_id, f"keys{n}": person.keys, f"user{n}": person.user_id}
