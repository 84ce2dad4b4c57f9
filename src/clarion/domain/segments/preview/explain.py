"""How many endpoints each step of a segment lets through, and which step keeps one endpoint out."""

from __future__ import annotations

from typing import NamedTuple

from clarion.core.clock import perf_seconds
from clarion.domain.segments.build import Condition, Conditions, build_each
from clarion.domain.segments.columnar import counting
from clarion.domain.segments.preview.outline import LEVELS, Outline
from clarion.store.columnar import Columnar


class Counts(NamedTuple):
    """Endpoints of the app, and of each step (alone, left), in the order of the steps."""

    endpoints: int
    steps: list[tuple[int, int]]


class Cost(NamedTuple):
    """What counting the members took. `rows`: of `endpoints`, as the engine estimates it; None when it does not."""

    milliseconds: float
    rows: int | None


class Looked(NamedTuple):
    """One endpoint: whether it satisfies each step alone, and what it has for each condition."""

    passes: list[bool]
    had: list[int]


def counts(columnar: Columnar, outline: Outline, app_id: str, now_ms: int) -> Counts:
    """All counts in one scan."""
    built = build_each(outline.conditions, app_id=app_id, now_ms=now_ms)
    wanted = [(step.alone, step.left) for _, step in outline.whole.walk()]
    formulas = list(dict.fromkeys(formula for pair in wanted for formula in pair))
    counted = ", ".join(f"countIf({formula})" for formula in formulas)
    sql = f"SELECT count(), {counted} FROM {_columns(outline, built)}"  # noqa: S608 - constants and column names only
    ((total, *numbers),) = columnar.query(sql, built.parameters)
    found = dict(zip(formulas, (int(str(number)) for number in numbers), strict=True))
    return Counts(int(str(total)), [(found[alone], found[left]) for alone, left in wanted])


def look(columnar: Columnar, outline: Outline, app_id: str, now_ms: int, key: str) -> Looked | None:
    """The same of one endpoint; None when there is none of that key."""
    built = build_each(outline.conditions, app_id=app_id, now_ms=now_ms, among=True)
    steps = [step for _, step in outline.whole.walk()]
    wanted = ", ".join([*(f"toUInt8({step.alone})" for step in steps), *(f"toInt64({one})" for one in built.had)])
    columns = _columns(outline, built, "effective, ", "AND endpoint_key IN {keys:Array(String)}")
    rows = columnar.query(f"SELECT {wanted} FROM {columns}", {**built.parameters, "keys": [key]})  # noqa: S608
    if not rows:
        return None
    values = [int(str(value)) for value in rows[0]]
    return Looked([bool(value) for value in values[: len(steps)]], values[len(steps) :])


def cost(columnar: Columnar, condition: Condition) -> Cost:
    """Count the members once more to see what it takes."""
    begun = perf_seconds()
    columnar.query(counting(condition), condition.parameters)
    took = perf_seconds() - begun
    read = columnar.query(f"EXPLAIN ESTIMATE {counting(condition)}", condition.parameters)
    return Cost(round(1000 * took, 3), sum(int(str(row[3])) for row in read) if read else None)


def _columns(outline: Outline, built: Conditions, more: str = "", which: str = "") -> str:
    """A subquery with a row for each endpoint and a column for each condition and position.

    What refers to a column is in a further subquery: the engine would write it out at every place otherwise.
    """
    names = ", ".join(f"{sql} AS c{number}" for number, sql in enumerate(built.sqls))
    text = f"(SELECT {more}{names or '1'} FROM endpoints FINAL WHERE app_id = {{app:String}} {which})"  # noqa: S608
    for level in range(LEVELS):
        positions = [f"{one.formula} AS {one.name}" for one in outline.positions if one.formula and one.level == level]
        if positions:
            text = f"(SELECT *, {', '.join(positions)} FROM {text})"  # noqa: S608 - column names and numbers
    return text
