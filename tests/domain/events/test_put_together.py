"""PutEvents in time: retries, requests in flight together, failures of one among many, quotas, overload."""

from __future__ import annotations

import json
import threading
from concurrent.futures import wait
from typing import Any

import pytest

from clarion.core.errors import Unavailable
from clarion.domain.events import pipeline, service
from clarion.domain.events.ingest import names
from clarion.domain.events.model import NameKind
from clarion.domain.events.operations import EventsOperations
from clarion.wire.codec import write_json
from clarion.wire.registry import SERVICES, RawRequest, Registry
from tests.domain.events.answers import ACCEPTED, answer, item, refused
from tests.domain.events.bodies import batch, body, event
from tests.domain.events.conftest import House


def test_a_retry_is_answered_again_and_stored_once(house: House) -> None:
    first = body({"a": event(), "b": event()})
    again = batch({"EP-7781": {"Endpoint": {}, "Events": {"b": event(EventType="other"), "c": event()}}})
    house.put(first)
    assert house.put(first) == answer({"a": ACCEPTED, "b": ACCEPTED})
    assert house.put(again) == {"Results": {"EP-7781": item({"b": ACCEPTED, "c": ACCEPTED})}}
    assert house.put(body({"a": event()}, endpoint_id="other"))["Results"]["other"]
    assert [(row.endpoint_key, row.event_id) for row in house.stored()] == [
        ("ep-7781", "a"),
        ("ep-7781", "b"),
        ("ep-7781", "c"),
        ("other", "a"),
    ]
    assert house.metrics.repeated._value.get() == 3


def test_a_failed_request_may_be_repeated(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(house.audience, "merge", broken)
        with pytest.raises(RuntimeError):
            house.put(body({"a": event()}))
    assert house.stored() == []
    assert house.put(body({"a": event()})) == answer({"a": ACCEPTED})
    assert len(house.stored()) == 1


def test_a_poisoned_request_fails_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    merge = house.audience.merge

    def sometimes(connection: Any, app_id: str, sent: Any, **more: Any) -> Any:
        if any(endpoint_id == "poison" for endpoint_id, *_ in sent):
            raise RuntimeError("broken")
        return merge(connection, app_id, sent, **more)

    monkeypatch.setattr(house.audience, "merge", sometimes)
    hold = threading.Event()
    holding = house.database.submit(lambda _: hold.wait(10))
    who = ["x1", "poison", "x2", "x3"]
    futures = [house.events.put(house.context(), house.app, body({"e": event()}, endpoint_id=n)) for n in who]
    hold.set()
    holding.result(10)
    with pytest.raises(RuntimeError):
        futures[1].result(10)
    for future in (futures[0], *futures[2:]):
        assert future.result(10).results
    assert [row.endpoint_key for row in house.stored()] == ["x1", "x2", "x3"]


def test_requests_at_once(house: House) -> None:
    """Many projects and endpoints in flight together: each gets its own answer, every event is stored once, and
    every endpoint names the request that made it."""
    apps = [house.app, house.apps.create(house.scope, "second", None).app.id]
    sent = [(apps[n % 2], f"ep{n % 7}", f"e{n}") for n in range(300)]
    futures = [
        house.events.put(house.context(), app, body({name: event(EventType=f"t{len(name)}")}, endpoint_id=endpoint))
        for app, endpoint, name in sent
    ]
    wait(futures, 20)
    assert len({house.audience.get(house.scope, house.app, f"ep{n}").request_id for n in range(7)}) == 7
    for (_, endpoint, name), future in zip(sent, futures, strict=True):
        results = future.result(20).results or {}
        assert list(results) == [endpoint]
        assert list(results[endpoint].events_item_response or {}) == [name]
    assert sorted((row.app_id, row.endpoint_key, row.event_id) for row in house.stored()) == sorted(sent)


def test_a_client_that_goes_away_cancels_nothing(house: House) -> None:
    hold = threading.Event()
    holding = house.database.submit(lambda _: hold.wait(10))
    futures = [house.events.put(house.context(), house.app, body({name: event()})) for name in "abc"]
    assert not futures[1].cancel()
    hold.set()
    assert all(future.result(10).results for future in futures)
    assert holding.result(10)
    assert [row.event_id for row in house.stored()] == ["a", "b", "c"]


def test_a_failure_after_the_commit_reaches_one_caller_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    count = pipeline.count

    def sometimes(tools: Any, put: Any) -> None:
        if put.items[0].accepted == ["b"]:
            raise RuntimeError("broken")
        count(tools, put)

    monkeypatch.setattr(pipeline, "count", sometimes)
    hold = threading.Event()
    house.database.submit(lambda _: hold.wait(10))
    futures = [house.events.put(house.context(), house.app, body({name: event()})) for name in "abc"]
    hold.set()
    assert futures[0].result(10).results
    with pytest.raises(RuntimeError):
        futures[1].result(10)
    assert futures[2].result(10).results


def test_too_many_waiting_are_told_to_come_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 3)
    monkeypatch.setattr(service, "MOST_TOGETHER", 2)
    hold = threading.Event()
    holding = house.database.submit(lambda _: hold.wait(10))
    futures = [house.events.put(house.context(), house.app, body({name: event()})) for name in "abc"]
    if house.database.dialect == "sqlite":  # PostgreSQL has other connections meanwhile
        with pytest.raises(Unavailable):
            house.events.put(house.context(), house.app, body({"d": event()}))
    hold.set()
    assert holding.result(10)
    wait(futures, 10)
    assert house.put(body({"d": event()})) == answer({"d": ACCEPTED})
    assert [row.event_id for row in house.stored()] == ["a", "b", "c", "d"]


def test_the_wire_hands_over_the_body_as_it_came(house: House) -> None:
    registry = Registry()
    registry.mount("pinpoint", EventsOperations(house.events))
    pinpoint = SERVICES["pinpoint"]
    operation = next(one for one in pinpoint.operations if one.name == "PutEvents")
    mounted = registry.find(pinpoint, operation)
    assert mounted is not None
    assert (mounted.inline, mounted.raw_body) == (True, True)
    future: Any = mounted.call(house.context(), RawRequest({"application_id": house.app}, body({"e": event()})))
    assert json.loads(write_json(future.result(10))) == answer({"e": ACCEPTED})


def test_new_names_over_the_quota_are_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "NAME_QUOTAS", {NameKind.TYPE: 1, NameKind.ATTRIBUTE: 1, NameKind.METRIC: 1})
    assert house.put(body({"e": event(Attributes={"a": ""}, Metrics={"m": 1})})) == answer({"e": ACCEPTED})
    raw = body(
        {
            "known": event(Attributes={"a": ""}, Metrics={"m": 1}),
            "type": event(EventType="new"),
            "attribute": event(Attributes={"b": "", "a": ""}),
            "metric": event(Metrics={"n": 1}),
            "standard": event(EventType="_session.stop", Attributes={"campaign_id": ""}),
        }
    )
    expected = answer(
        {
            "known": ACCEPTED,
            "type": refused("EventType: 'new' is one too many"),
            "attribute": refused("Attributes: 'b' is one too many"),
            "metric": refused("Metrics: 'n' is one too many"),
            "standard": ACCEPTED,
        }
    )
    assert house.put(raw) == expected
    assert house.put(raw) == expected  # what was refused is not remembered as accepted
    assert [row.event_id for row in house.stored()] == ["e", "known", "standard"]
