"""A columnar table's rows about people: counted, read, deleted, for several people with one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clarion.domain.audience.people.holder import Person
from clarion.store.columnar import Columnar

Condition = Callable[[Person, str], tuple[str, Mapping[str, object]]]
"""Which rows are about a person: SQL and its parameters, whose names end in the suffix that it is given."""


class PeopleRows:
    """`told` is which rows are a person's, `erased` which go with the person (the same unless it is given)."""

    def __init__(self, columnar: Columnar, table: str, told: Condition, erased: Condition | None = None) -> None:
        self._columnar = columnar
        self._table = table
        self._told = told
        self._erased = erased or told

    def count(self, person: Person) -> int:
        """How many there are; of a person who is being erased, how many go."""
        condition = self._erased if person.before_ms else self._told
        return self._number(*_together([person], condition))

    def read(
        self, what: str, person: Person, more: str = "", given: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Columns or aggregates `what`; `more` goes on after the condition, with the parameters `given`."""
        condition = self._erased if person.before_ms else self._told
        which, parameters = _together([person], condition)
        sql = f"SELECT {what} FROM {self._table} WHERE {which}{more}"  # noqa: S608 - constants of the slices only
        return self._columnar.query(sql, parameters | dict(given or {}))

    def delete(self, people: Sequence[Person]) -> bool:
        """Delete those that go with these people; whether there were any. Nothing is deleted without looking first:
        that takes a tenth of the time."""
        which, parameters = _together(people, self._erased)
        if not people or not self._number(which, parameters):
            return False
        self._columnar.command(f"DELETE FROM {self._table} WHERE {which}", parameters)  # noqa: S608 - as above
        return True

    def purge(self) -> None:
        """Take deleted rows out of the table's files."""
        self._columnar.command(f"ALTER TABLE {self._table} APPLY DELETED MASK")

    def _number(self, which: str, parameters: Mapping[str, object]) -> int:
        sql = f"SELECT count() FROM {self._table} WHERE {which}"  # noqa: S608 - as above
        ((number,),) = self._columnar.query(sql, parameters)
        return int(str(number))


def _together(people: Sequence[Person], condition: Condition) -> tuple[str, dict[str, object]]:
    parts = []
    parameters: dict[str, object] = {}
    for number, person in enumerate(people):
        sql, given = condition(person, f"_{number}")
        parts.append(f"({sql})")
        parameters |= given
    return f"({' OR '.join(parts) or 'false'})", parameters
