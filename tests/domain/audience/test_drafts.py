"""Drafts: what they write is what carrying out the same changes one after the other writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.domain.audience.drafts import Drafts
from clarion.domain.audience.model import decode
from clarion.domain.audience.policies import Own
from clarion.domain.audience.service import Item, Restored, draft, item_of
from clarion.domain.audience.store import endpoints
from clarion.shapes.pinpoint import EndpointBatchItem
from tests.domain.audience.conftest import SCOPE, House, mail
from tests.domain.audience.test_roster import NAMES, VALUES

NAMED = {"Attributes": {"x": ["1"], "y": ["1"]}, "User": {"UserAttributes": {"x": ["1"], "y": ["1"]}}}


def item(endpoint_id: str, body: dict[str, Any], restored: Restored | None = None) -> Item:
    return item_of(endpoint_id, msgspec.convert(body, EndpointBatchItem), "request", restored)


def import_batch(house: House, app: str, items: Sequence[Item], drafts: Drafts | None) -> list[int]:
    """Write as imports do; answers which changes were written from drafts."""

    def work(connection: sa.Connection) -> list[int]:
        numbers = house.audience.add(connection, app, drafts) if drafts else []
        places = [drafts.places[number] for number in numbers] if drafts else []
        rest = [one for place, one in enumerate(items) if place not in places]
        house.audience.register(connection, app, rest)
        return places

    return house.database.write(work)


def stored(house: House, app: str, *, cohorts: bool = False) -> dict[str, tuple[Any, ...]]:
    """The rows of an app; of the documents all but the cohorts, which are drawn."""
    columns = (endpoints.c.endpoint_key, endpoints.c.user_id, endpoints.c.contact_id, endpoints.c.document)
    rows = house.database.read(lambda c: c.execute(sa.select(*columns).where(endpoints.c.app_id == app)).all())
    found = {}
    for key, *indexed, document in rows:
        one = msgspec.to_builtins(decode(document))
        if not cohorts:
            one.pop("cohort", None)
        found[key] = (*indexed, one)
    return found


PEOPLE = st.fixed_dictionaries(
    {"ChannelType": st.sampled_from(["EMAIL", "GCM"]), "Address": st.sampled_from(list("abcdefgh"))},
    optional={
        "Attributes": st.dictionaries(NAMES, VALUES, max_size=2),
        "Metrics": st.just({"m": 1.5}),
        "OptOut": st.sampled_from(["ALL", "NONE"]),
        "EndpointStatus": st.sampled_from(["ACTIVE", "INACTIVE"]),
        "EffectiveDate": st.just("2026-01-01T00:00:00Z"),
        "RequestId": st.just("mine"),
        "Location": st.just({"City": "Bern"}),
        "User": st.fixed_dictionaries(
            {},
            optional={
                "UserId": st.sampled_from(["", "u1", "u2", "u3", "u4"]),
                "UserAttributes": st.dictionaries(NAMES, VALUES, max_size=2),
            },
        ),
    },
)
LOOSE = st.one_of(PEOPLE, PEOPLE, PEOPLE, st.fixed_dictionaries({}, optional={"Address": st.sampled_from(list("abc"))}))
IDS = st.sampled_from(["e1", "E1", *(f"e{number}" for number in range(2, 12))])
RESTORED = st.none() | st.none() | st.just(Restored(42, 1_700_000_000_000))
BATCHES = st.lists(
    st.one_of(
        st.lists(st.tuples(IDS, PEOPLE, RESTORED), min_size=1, max_size=7),
        st.lists(st.tuples(IDS, LOOSE, RESTORED), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=4,
)


def project(house: House, own: Own = Own()) -> str:  # noqa: B008 - unchangeable
    """A project that knows the names above."""
    app = house.apps.create(SCOPE, "one more", None).app.id
    house.audience.policies.write(SCOPE, app, own)
    house.put("first", app=app, ChannelType="SMS", Address="first", Metrics={"m": 1}, **NAMED)
    return app


@given(batches=BATCHES, limit=st.sampled_from([0, 1, 2]), strict=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_drafts_end_as_if_done_one_by_one(
    house: House, batches: list[list[tuple[str, dict[str, Any], Restored | None]]], limit: int, strict: bool
) -> None:
    own = Own(limit, "strict" if strict else "retire")
    app, reference = project(house, own), project(house, own)
    for batch in batches:
        items = [item(*one) for one in batch]
        import_batch(house, app, items, draft(items))
        for one in items:
            house.database.write(lambda c, one=one: house.audience.register(c, reference, [one]))
        assert stored(house, app) == stored(house, reference)


def test_new_people_are_written_from_drafts_with_all_that_is_stamped_on_them(house: House) -> None:
    app = project(house)
    items = [
        item("Lea", mail("lea@example.com", "u1", x=["1"]) | {"Attributes": {"y": ["é", "2"]}}),
        item("Jon", mail("jon@example.com") | {"EffectiveDate": "2026-01-01T00:00:00Z", "RequestId": "his"}),
        item("Old", mail("old@example.com"), Restored(42, 1_600_000_000_000)),
        item("Off", mail("off@example.com") | {"EndpointStatus": "INACTIVE"}),
    ]
    assert import_batch(house, app, items, draft(items)) == [0, 1, 2, 3]
    written = {key: row[2] for key, row in stored(house, app, cohorts=True).items()}
    lea = {name: written["lea"].get(name) for name in ("id", "effective", "request_id", "created_ms")}
    assert lea == {
        "id": "Lea",
        "effective": "2027-03-04T09:15:02.120Z",
        "request_id": "request",
        "created_ms": 1_804_151_702_120,
    }
    assert (written["jon"]["effective"], written["jon"]["request_id"]) == ("2026-01-01T00:00:00Z", "his")
    assert (written["old"]["cohort"], written["old"]["created_ms"]) == (42, 1_600_000_000_000)
    assert stored(house, app)["off"][1] is None
    again = project(house)
    house.database.write(lambda c: house.audience.register(c, again, items))
    assert stored(house, app) == stored(house, again)


@pytest.mark.parametrize(
    ("between", "kept"),
    [
        ({"id": "lea", "ChannelType": "SMS", "Address": "+1"}, {"lea": ("lea@example.com", "ACTIVE")}),
        ({"id": "her", **mail("her@example.com", "u1", x=["hers"])}, {"her": ("her@example.com", "ACTIVE")}),
        ({"id": "her", **mail("lea@example.com")}, {"her": ("lea@example.com", "INACTIVE")}),
    ],
    ids=["her endpoint", "her user", "her address"],
)
def test_what_is_written_between_drafting_and_writing_counts(
    house: House, between: dict[str, Any], kept: dict[str, tuple[str, str]]
) -> None:
    app = project(house)
    items = [
        item("lea", mail("lea@example.com", "u1") | {"Attributes": {"y": ["1"]}}),
        item("jon", mail("jon@example.com", "u2")),
    ]
    drafts = draft(items)
    body = {name: value for name, value in between.items() if name != "id"}
    house.put(between["id"], app=app, Metrics={"m": 5}, **body)
    assert import_batch(house, app, items, drafts) == [1]
    reference = project(house)
    house.put(between["id"], app=reference, Metrics={"m": 5}, **body)
    house.database.write(lambda c: house.audience.register(c, reference, items))
    assert stored(house, app) == stored(house, reference)
    one = stored(house, app)
    for key, told in kept.items():
        assert (one[key][2]["address"], one[key][2].get("status", "ACTIVE")) == told
        assert one[key][2]["metrics"] == {"m": 5.0}
    if between.get("User"):
        assert one["lea"][2]["user_attributes"] == {"x": ["hers"]}


def test_what_is_not_alone_in_its_batch_is_not_drafted() -> None:
    items = [
        item("a", mail("a@example.com", "u1")),
        item("A", mail("b@example.com")),
        None,
        item("c", mail("c@example.com", "u2")),
        item("d", mail("d@example.com", "u2")),
        item("e", mail("e@example.com")),
        item("f", mail("e@example.com")),
        item("g", mail("g@example.com") | {"Attributes": {"x": ["1" * 100] * 50, "y": ["1" * 100] * 50}}),
        *(item(f"h{n}", mail(f"h{n}@example.com") | _large(n)) for n in (50, 100, 150)),
    ]
    drafts = draft(items)
    assert drafts is not None
    assert drafts.places == [7, 8, 9]
    assert draft([*items, item("i", {"Address": "i"})]) is None
    assert draft([*items, item("j", {"Attributes": {"x": ["1"]}})]) is None
    assert draft([*items, item("$", mail("j@example.com"))]) is None
    assert draft([None]) is None


def _large(kilobytes: int) -> dict[str, Any]:
    return {"Attributes": {f"a{number}": ["1" * 100] for number in range(kilobytes)}}


def test_new_names_and_removed_names_are_for_the_rules(house: House) -> None:
    app = project(house)
    new = [item("n", mail("n@example.com") | {"Attributes": {"new": ["1"], "x": ["1"]}})]
    assert import_batch(house, app, new, draft(new)) == []
    more = [item("m", mail("m@example.com") | {"Attributes": {"new": ["1"]}})]
    assert import_batch(house, app, more, draft(more)) == [0]
    house.audience.remove_attributes(SCOPE, app, "endpoint-custom-attributes", ["ne*"])
    last = [item("l", mail("l@example.com") | {"Attributes": {"new": ["1"], "x": ["1"]}})]
    assert import_batch(house, app, last, draft(last)) == []
    assert stored(house, app)["l"][2]["attributes"] == {"x": ["1"]}


def test_whoever_was_erased_comes_back_as_somebody_new(house: House) -> None:
    app = project(house)
    erased = house.audience._adding
    items = [item("Old", mail("old@example.com"), Restored(100, 1_600_000_000_000))]
    erased._erased = lambda connection, app_id, ids: set(ids)
    assert import_batch(house, app, items, draft(items)) == [0]
    one = stored(house, app, cohorts=True)["old"][2]
    assert one["created_ms"] == 1_804_151_702_120
    assert one.get("cohort", 0) < 100
