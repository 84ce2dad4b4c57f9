"""For whom conditions hold: the queries against the slow, obvious reading, on generated people, events and conditions.

Every run tries the same; `CLARION_CONDITION_ROUNDS=1000` tries that many random audiences instead.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.events import columnar as event_tables
from clarion.domain.journeys.activities.port import Here, Made
from clarion.domain.journeys.conditions.judging import Judging
from clarion.domain.journeys.definition import encode, route
from clarion.domain.journeys.model import Walker
from clarion.domain.segments.service import Question
from clarion.shapes.pinpoint import (
    AttributeDimension,
    EventCondition,
    EventDimensions,
    MetricDimension,
    SegmentCondition,
    SegmentDimensions,
    SetDimension,
    SimpleCondition,
    WriteJourneyRequest,
)
from clarion.store.columnar import Columnar, open_columnar
from tests.domain.journeys.walking.test_walk import JOURNEY, NOBODY, NOW

ROUNDS = int(os.environ.get("CLARION_CONDITION_ROUNDS", "0"))
RECORDED = ("_email.open", "_email.send", "_journey.send", "_SMS.SUCCESS", "_clarion.skip")
OFFERED = {
    "mailA": ["_email.open", "_email.send", "_journey.send"],
    "callB": ["_journey.send"],
}
"""What an activity may be asked for, when its types are not named. Of `otherC` the journey knows nothing any more."""

OBSOLETE = {"_sms.success": "_SMS.SUCCESS"}

_apps = (f"app{number}" for number in itertools.count(1))


class Event(NamedTuple):
    """Something in the record."""

    key: str
    user: str
    kind: str
    at_ms: int
    system: bool
    journey: str
    activity: str
    status: str
    attributes: Mapping[str, str]
    metrics: Mapping[str, float]


class Endpoints:
    """What `Judging` asks of the audience."""

    def __init__(self, of_users: Mapping[str, list[str]]) -> None:
        self.of_users = of_users

    def keys_of_users(self, app_id: str, user_ids: Iterable[str]) -> dict[str, list[str]]:
        return {user: self.of_users[user] for user in user_ids if user in self.of_users}


class Segments:
    """What `Judging` asks of segments: who is in them is told by the test. "large" can no longer be selected."""

    def __init__(self, members: Mapping[str, set[str]], dimensions: set[str]) -> None:
        self._members = members
        self._dimensions = dimensions
        self.asked = 0

    def judged(
        self,
        scope: Scope,
        app_id: str,
        questions: Sequence[Question],
        endpoint_keys: Sequence[str],
        *,
        caught_up: bool = False,
    ) -> list[set[str] | None]:
        assert caught_up
        assert scope == Scope(JOURNEY.account, JOURNEY.region)
        self.asked += 1
        if ("large", None) in questions:
            raise Invalid("too large")
        return [self._of(question, set(endpoint_keys)) for question in questions]

    def _of(self, question: Question, keys: set[str]) -> set[str] | None:
        if isinstance(question, SegmentDimensions):
            return keys & self._dimensions
        members = self._members.get(question[0])
        return None if members is None else keys & members


# --- the slow reading


def holds(walker: Walker, of_users: Mapping[str, list[str]], events: Sequence[Event], asked: EventCondition) -> bool:
    own = of_users.get(walker.user_id, []) if walker.user_id else [walker.endpoint_key]
    return any(
        event.at_ms >= walker.entered_ms
        and (event.key in own or (walker.user_id != "" and event.user == walker.user_id))
        and _means(asked, event)
        for event in events
    )


def _means(asked: EventCondition, event: Event) -> bool:
    if event.kind == "_clarion.skip" or (event.kind in RECORDED and not event.system):
        return False
    if asked.message_activity and (event.journey, event.activity) != (JOURNEY.journey_id, asked.message_activity):
        return False
    if event.kind not in OFFERED.get(asked.message_activity or "", TYPES) and not _names(asked, event.kind):
        return False
    wanted = asked.dimensions
    assert wanted is not None
    types = wanted.event_type
    if types is not None:
        meant = event.kind in [OBSOLETE.get(name, name) for name in types.values]
        if meant == (types.dimension_type == "EXCLUSIVE"):
            return False
    told = "journey_send_status" in (wanted.attributes or {})
    if event.kind == "_journey.send" and event.status != "SUCCESS" and not told:
        return False
    return all(_has(event.attributes.get(name), one) for name, one in (wanted.attributes or {}).items()) and all(
        _measures(event.metrics.get(name), one) for name, one in (wanted.metrics or {}).items()
    )


def _names(asked: EventCondition, kind: str) -> bool:
    types = asked.dimensions.event_type if asked.dimensions else None
    return types is not None and types.dimension_type != "EXCLUSIVE" and kind in types.values


def _has(value: str | None, dimension: AttributeDimension) -> bool:
    if dimension.attribute_type == "EXCLUSIVE":
        return value not in dimension.values
    if dimension.attribute_type == "CONTAINS":
        return value is not None and any(part in value for part in dimension.values)
    return value in dimension.values


def _measures(value: float | None, dimension: MetricDimension) -> bool:
    if value is None:
        return False
    return value > dimension.value if dimension.comparison_operator == "GREATER_THAN" else value == dimension.value


# --- generated worlds

KEYS = ["a", "b", "c", "d", "ünder 'it"]
USERS = ["u1", "u2", "u\x1f'3", "nobody"]
TYPES = ["_email.open", "_email.send", "_journey.send", "_SMS.SUCCESS", "bought", "_clarion.skip"]
MOMENTS = [NOW - 1000, NOW, NOW + 1000]
NAMES, VALUES = ["rank", "journey_send_status"], ["gold", "old", "SUCCESS", "'"]

events_ = st.builds(
    Event,
    key=st.sampled_from(KEYS),
    user=st.sampled_from(["", *USERS]),
    kind=st.sampled_from(TYPES),
    at_ms=st.sampled_from(MOMENTS),
    system=st.sampled_from([True, True, False]),
    journey=st.sampled_from([JOURNEY.journey_id, JOURNEY.journey_id, "other", ""]),
    activity=st.sampled_from(["mailA", "mailA", "callB", "otherC"]),
    status=st.sampled_from(["SUCCESS", "SUCCESS", "DAILY_CAP"]),
    attributes=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=2),
    metrics=st.dictionaries(st.just("price"), st.sampled_from([1.0, 2.0]), max_size=1),
)
attribute = st.builds(
    AttributeDimension,
    attribute_type=st.sampled_from([None, "INCLUSIVE", "EXCLUSIVE", "CONTAINS"]),
    values=st.lists(st.sampled_from(VALUES), min_size=1, max_size=2),
)
metric = st.builds(
    MetricDimension, comparison_operator=st.sampled_from(["GREATER_THAN", "EQUAL"]), value=st.sampled_from([1.0, 2.0])
)
types_ = st.builds(
    SetDimension,
    dimension_type=st.sampled_from([None, "INCLUSIVE", "EXCLUSIVE"]),
    values=st.lists(st.sampled_from([*TYPES, "_sms.success"]), min_size=1, max_size=2),
)
asked_ = st.builds(
    EventCondition,
    message_activity=st.sampled_from([None, "", "mailA", "mailA", "callB", "otherC"]),
    dimensions=st.builds(
        EventDimensions,
        event_type=st.one_of(types_, types_, st.none()),
        attributes=st.one_of(st.none(), st.dictionaries(st.sampled_from(NAMES), attribute, max_size=2)),
        metrics=st.one_of(st.none(), st.dictionaries(st.just("price"), metric, max_size=1)),
    ),
)
walkers_ = st.lists(
    st.builds(
        Walker,
        participant=st.sampled_from([*(f"e{key}" for key in KEYS), *(f"u{user}" for user in USERS)]),
        version=st.just(1),
        run_id=st.just("run"),
        entry=st.just(1),
        activity=st.just("ask"),
        entered_ms=st.sampled_from(MOMENTS),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda walker: walker.participant,
)
of_users_ = st.dictionaries(st.sampled_from(USERS[:3]), st.lists(st.sampled_from(KEYS), min_size=1, max_size=3))


@pytest.fixture(scope="module", params=["chdb", "clickhouse"])
def record(request: pytest.FixtureRequest) -> Iterator[Columnar]:
    """A record of events, once per engine; tests keep apart by app id."""
    if request.param == "chdb":
        url = f"chdb://{request.getfixturevalue('chdb_directory')}?database=judging"
    else:
        url = f"{request.getfixturevalue('clickhouse_front')}/judging"
    store = open_columnar(url)
    for statement in event_tables.ddl(90):
        store.command(statement)
    yield store
    store.command("DROP DATABASE judging SYNC")
    store.close()


def write(store: Columnar, app_id: str, events: Sequence[Event]) -> None:
    lines = [
        msgspec.json.encode(
            {
                "app_id": app_id,
                "event_type": event.kind,
                "event_id": str(number),
                "endpoint_key": event.key,
                "user_id": event.user,
                "system": event.system,
                "ts": iso_ms(event.at_ms),
                "arrival": iso_ms(event.at_ms),
                "kv": [f"{name}\x1f{value}" for name, value in event.attributes.items()],
                "metric_names": list(event.metrics),
                "metric_values": list(event.metrics.values()),
                "journey_id": event.journey,
                "activity_id": event.activity,
                "status": event.status,
            }
        )
        for number, event in enumerate(events)
    ]
    store.insert_json("events", b"\n".join(lines), token=app_id)


def here(app_id: str) -> Here:
    activities: dict[str, Any] = {"ask": {"ConditionalSplit": {}}, "mailA": {"EMAIL": {}}, "callB": {"CUSTOM": {}}}
    way = route(encode(msgspec.convert({"Name": "j", "Activities": activities}, WriteJourneyRequest)))
    node = way.graph.nodes["ask"]
    return Here(
        journey=JOURNEY._replace(app_id=app_id),
        wanted=way.wanted,
        graph=way.graph,
        node=node,
        now_ms=NOW + 5000,
        tools=NOBODY,
        made=Made(),
    )


def judging(store: Any, of_users: Mapping[str, list[str]], segments: Any = NOBODY) -> tuple[Judging, list[str]]:
    """And how often it waited for what was acknowledged."""
    waited: list[str] = []
    audience: Any = Endpoints(of_users)
    return Judging(audience, segments, store, lambda: waited.append("x")), waited


@settings(
    max_examples=ROUNDS or 12,
    derandomize=not ROUNDS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(
    events=st.lists(events_, min_size=5, max_size=40),
    of_users=of_users_,
    questions=st.lists(st.tuples(walkers_, st.lists(asked_, min_size=1, max_size=4)), min_size=8, max_size=8),
)
def test_events_as_the_slow_reading_has_it(
    record: Columnar,
    events: list[Event],
    of_users: dict[str, list[str]],
    questions: list[tuple[list[Walker], list[EventCondition]]],
) -> None:
    app_id = next(_apps)
    write(record, app_id, events)
    judge, waited = judging(record, of_users)
    for group, asked in questions:
        found = judge.holds(here(app_id), [SimpleCondition(event_condition=one) for one in asked], group)
        expected = [
            frozenset(one.participant for one in group if holds(one, of_users, events, condition))
            for condition in asked
        ]
        assert found == expected
    assert len(waited) == len(questions), "once for each group"


def walker(participant: str) -> Walker:
    return Walker(participant=participant, version=1, run_id="run", entry=1, activity="ask", entered_ms=NOW)


def in_segment(name: str) -> SimpleCondition:
    return SimpleCondition(segment_condition=SegmentCondition(segment_id=name))


def test_segments_dimensions_and_events_together(record: Columnar) -> None:
    app_id = next(_apps)
    opened = Event("b", "", "_email.open", NOW, True, JOURNEY.journey_id, "mailA", "", {}, {})
    write(record, app_id, [opened])
    segments = Segments({"pro": {"a", "d"}, "empty": set()}, {"b"})
    judge, waited = judging(record, {"u1": ["b", "d"]}, segments)
    asked = EventCondition(
        message_activity="mailA", dimensions=EventDimensions(event_type=SetDimension(values=["_email.open"]))
    )
    conditions = [
        in_segment("pro"),
        SimpleCondition(event_condition=asked),
        in_segment("gone"),
        SimpleCondition(segment_dimensions=SegmentDimensions()),
        in_segment("empty"),
        SimpleCondition(),
    ]
    group = [walker("ea"), walker("eb"), walker("uu1"), walker("unobody")]
    assert judge.holds(here(app_id), conditions, group) == [
        frozenset({"ea", "uu1"}),
        frozenset({"eb", "uu1"}),
        None,
        frozenset({"eb", "uu1"}),
        frozenset(),
        frozenset(),
    ]
    assert (segments.asked, len(waited)) == (1, 1)


def test_a_segment_that_cannot_be_selected_any_more_is_as_good_as_gone(record: Columnar) -> None:
    judge, _ = judging(record, {}, Segments({"pro": {"a"}}, set()))
    found = judge.holds(here("none"), [in_segment("large"), in_segment("pro")], [walker("ea")])
    assert found == [None, frozenset({"ea"})]


def test_nobody_and_nothing_to_ask(record: Columnar) -> None:
    judge, waited = judging(NOBODY, {})
    assert judge.holds(here("none"), [in_segment("pro")], []) == [frozenset()]
    assert judge.holds(here("none"), [], [walker("ea")]) == []
    assert waited == []


def test_so_many_people_that_they_are_asked_for_in_parts(record: Columnar) -> None:
    app_id = next(_apps)
    keys = [f"{number:04}" + "k" * 40 for number in range(4_000)]
    users = [f"{number:03}" + "ü" * 100 for number in range(900)]
    own: Any = (JOURNEY.journey_id, "mailA", "", {}, {})
    events = [Event(key, "", "_email.open", NOW, True, *own) for key in keys[::2]]
    events += [Event(f"of {user}", user, "_email.open", NOW, True, *own) for user in users[::3]]
    write(record, app_id, events)
    judge, _ = judging(record, {user: [f"other {user}"] for user in users})
    asked = EventCondition(dimensions=EventDimensions(event_type=SetDimension(values=["_email.open"])))
    group = [walker(f"e{key}") for key in keys] + [walker(f"u{user}") for user in users]
    [found] = judge.holds(here(app_id), [SimpleCondition(event_condition=asked)], group)
    assert found == frozenset([f"e{key}" for key in keys[::2]] + [f"u{user}" for user in users[::3]])
