"""From state to state, with people inside: what a stop, a deletion, a crash in their midst and quotas do."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.settings import Settings
from clarion.domain.journeys import definition, jobs, participants, store
from clarion.domain.journeys.jobs import JourneysJobs
from clarion.domain.journeys.model import Told, encode_told
from clarion.domain.journeys.service import Journeys, Quotas
from clarion.shapes.pinpoint import WriteApplicationSettingsRequest
from clarion.store.schema import metadata
from tests.domain.journeys.entry.shop import Shop, started_by
from tests.server.house import SCOPE, House

ALL = [f"e{name}" for name in "abcde"]
DAILY = {"RefreshFrequency": "P1D"}


@pytest.fixture
def crowd(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Five people, and transactions of two."""
    monkeypatch.setattr(jobs, "TOGETHER", 2)
    shop.house.people(shop.app, *"abcde")
    return shop


def walked(shop: Shop) -> str:
    """A journey in which everybody waits for a day."""
    journey = shop.journey(shop.segment(), **DAILY)
    shop.house.advance(minutes=6)
    assert shop.inside(journey) == ALL
    return journey


def lifecycle(shop: Shop, verb: str, journey: str, *more: Any) -> None:
    """A verb of the lifecycle, with the journey held."""

    def work(connection: sa.Connection) -> None:
        row = store.get(connection, shop.app, journey, lock=True)
        assert row is not None
        getattr(shop.house.journeys.lifecycle, verb)(connection, row, *more)

    shop.house.database.write(work)


def left(shop: Shop, journey: str) -> dict[str, int]:
    """Why people left, by the record."""
    shop.house.consumer.catch_up(60)
    return dict(shop.house.journeys.moves.left(shop.app, journey))


def rows_of(house: House, journey: str) -> dict[str, int]:
    """Tables with something of a journey."""

    def work(connection: sa.Connection) -> dict[str, int]:
        tables = [table for table in metadata.sorted_tables if "journey_id" in table.c]
        count = sa.select(sa.func.count())
        found = {t.name: connection.scalar(count.select_from(t).where(t.c.journey_id == journey)) for t in tables}
        return {name: number for name, number in found.items() if number}

    return house.database.read(work)


def test_everybody_is_let_out_batch_by_batch(crowd: Shop) -> None:
    journey = walked(crowd)
    crowd.set(journey, "CANCELLED")
    assert crowd.row(journey).state == "CANCELLED"
    assert crowd.inside(journey) == ALL, "the job lets them out"
    crowd.house.settle()
    assert crowd.inside(journey) == []
    assert crowd.row(journey).inside == 0
    assert left(crowd, journey) == {"cancelled": 5}
    assert [(run.state, run.inside) for run in crowd.runs(journey)] == [("CANCELLED", 0), ("CANCELLED", 0)]
    standing = crowd.standings(journey)["ea"]
    assert (standing.inside, standing.reason, standing.left_ms) == (False, "cancelled", crowd.house.clock.now_ms())


def test_a_crash_between_the_batches(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is out is out, the others leave when the job is tried again; everybody leaves once."""
    journey, leave, calls = walked(crowd), JourneysJobs._leave, []

    def crashing(self: JourneysJobs, *given: Any) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power is gone")
        return leave(self, *given)

    monkeypatch.setattr(JourneysJobs, "_leave", crashing)
    crowd.set(journey, "CANCELLED")
    crowd.house.settle()
    assert len(crowd.inside(journey)) == 3
    crowd.house.advance(minutes=10)
    assert crowd.inside(journey) == []
    assert left(crowd, journey) == {"cancelled": 5}


def test_nobody_moves_in_a_journey_that_is_cancelled(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    journey = walked(crowd)
    monkeypatch.setattr(JourneysJobs, "_leave", lambda *_: False)
    crowd.set(journey, "CANCELLED")
    crowd.house.advance(days=2)
    assert crowd.inside(journey) == ALL
    assert set(crowd.entries(journey).values()) == {1}


def test_a_journey_that_fails_tells_why(crowd: Shop) -> None:
    journey = walked(crowd)
    lifecycle(crowd, "failed", journey, "the sky fell")
    crowd.house.settle()
    assert (crowd.row(journey).state, left(crowd, journey)) == ("CANCELLED", {"cancelled: the sky fell": 5})
    lifecycle(crowd, "failed", journey, "again")
    assert left(crowd, journey) == {"cancelled: the sky fell": 5}


def test_a_pause_makes_waits_longer_and_nothing_else(crowd: Shop) -> None:
    journey = walked(crowd)
    due = crowd.standings(journey)["ea"].due_ms
    crowd.set(journey, "PAUSED")
    crowd.house.advance(hours=7)
    assert crowd.standings(journey)["ea"].due_ms == due
    crowd.set(journey, "ACTIVE")
    assert crowd.standings(journey)["ea"].due_ms == due + 7 * 3_600_000
    assert crowd.row(journey).paused_ms is None


def test_who_came_due_in_a_pause_goes_on_when_it_ends(crowd: Shop) -> None:
    """A date that passes while the journey stands still has passed."""
    activities = {"u": {"Wait": {"WaitTime": {"WaitUntil": crowd.house.in_time(hours=1)}}}}
    journey = crowd.journey(crowd.segment(), **DAILY, StartActivity="u", Activities=activities)
    crowd.house.advance(minutes=6)
    crowd.set(journey, "PAUSED")
    crowd.house.advance(hours=2)
    assert crowd.inside(journey) == ALL
    crowd.set(journey, "ACTIVE")
    crowd.house.settle()
    assert crowd.inside(journey) == []


def test_deleting_forgets_everybody_batch_by_batch(crowd: Shop) -> None:
    journey, other = walked(crowd), walked(crowd)
    house = crowd.house
    told = encode_told(Told("", "bought")).decode()
    house.database.write(lambda c: participants.tell(c, journey, [(0, "ea", told)]))
    house.journeys.journeys.delete(SCOPE, crowd.app, journey)
    assert set(rows_of(house, journey)) == {"journey_participants", "journey_signals"}
    house.settle()
    assert rows_of(house, journey) == {}
    assert crowd.counts(journey) == {}
    assert (crowd.inside(other), crowd.counts(other)["ENDPOINT_ENTERED"]) == (ALL, 5)
    house.advance(days=2)
    assert rows_of(house, journey) == {}


def test_a_deletion_that_crashes_is_finished_later(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    journey, erase, calls = walked(crowd), participants.erase, []

    def crashing(*given: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power is gone")
        return erase(*given)

    monkeypatch.setattr(participants, "erase", crashing)
    crowd.house.journeys.journeys.delete(SCOPE, crowd.app, journey)
    crowd.house.settle()
    assert rows_of(crowd.house, journey) == {"journey_participants": 3}
    crowd.house.advance(minutes=10)
    assert rows_of(crowd.house, journey) == {}
    assert crowd.counts(journey) == {}


def test_deleted_while_it_is_published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was reviewed is not what is there any more."""
    service = shop.house.journeys.journeys
    request = shop.written(shop.segment())
    made = service.create(SCOPE, shop.app, shop.written(shop.segment(), State="DRAFT")).row.journey_id

    def reviewed(*_: Any) -> list[Any]:
        service.delete(SCOPE, shop.app, made)
        return []

    monkeypatch.setattr(service, "_reviewer", type("Late", (), {"review": reviewed})())
    with pytest.raises(NotFound):
        service.update(SCOPE, shop.app, made, request)


def test_published_twice_at_the_same_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    service = shop.house.journeys.journeys
    segment = shop.segment()
    made = service.create(SCOPE, shop.app, shop.written(segment, State="DRAFT")).row.journey_id
    reviewer = service._reviewer

    def meanwhile(*_: Any) -> list[Any]:
        monkeypatch.setattr(service, "_reviewer", reviewer)
        service.update(SCOPE, shop.app, made, shop.written(segment))
        return []

    monkeypatch.setattr(service, "_reviewer", type("Late", (), {"review": meanwhile})())
    with pytest.raises(Conflict):
        service.update(SCOPE, shop.app, made, shop.written(segment, Name="other"))
    assert service.get(SCOPE, shop.app, made).wanted.name == "way"


def with_quotas(shop: Shop, active: int, event_started: int) -> Journeys:
    shop.house.journeys.journeys._quotas = Quotas(active, event_started)
    return shop.house.journeys.journeys


def test_quotas_of_active_journeys(shop: Shop) -> None:
    service = with_quotas(shop, 2, 1)
    segment = shop.segment()
    first = shop.journey(segment, **DAILY)
    shop.journey(**started_by("bought"))
    draft = service.create(SCOPE, shop.app, shop.written(segment, State="DRAFT")).row.journey_id
    for refused in (
        lambda: shop.journey(segment),
        lambda: service.update(SCOPE, shop.app, draft, shop.written(segment)),
    ):
        with pytest.raises(Invalid, match=r"E27: an account has at most 2 active journeys$"):
            refused()
    shop.set(first, "PAUSED")
    with pytest.raises(Invalid, match="E27"):
        shop.journey(segment)
    request = shop.written(segment)
    assert service.create(SCOPE, shop.app, request, test_of=first).row.state == "ACTIVE", "tests do not count"
    shop.set(first, "CANCELLED")
    with pytest.raises(Invalid, match="E27: an account has at most 1 active journeys that events start"):
        shop.journey(**started_by("bought"))
    assert shop.row(shop.journey(segment)).state == "ACTIVE"


def test_without_quotas(shop: Shop) -> None:
    with_quotas(shop, 0, 0)
    for _ in range(3):
        shop.journey(**started_by("bought"))


def test_the_defaults_are_pinpoints() -> None:
    settings = Settings()
    assert (settings.active_journey_quota, settings.event_journey_quota) == (50, 20)
    assert (settings.journey_days, settings.journey_start_delay_seconds) == (540, 300)


def test_a_journey_keeps_the_settings_of_its_creation(shop: Shop) -> None:
    def says(daily: int) -> None:
        limits = {"JourneyLimits": {"DailyCap": daily}}
        shop.house.apps.update_settings(SCOPE, shop.app, _settings(limits))

    says(3)
    journey = shop.journey(shop.segment())
    says(5)
    assert definition.defaults_of(shop.row(journey).defaults).journey_limits.daily_cap == 3


def test_an_edit_pins_another_segment_anew(crowd: Shop) -> None:
    """The version of a segment is that of the first run, and another segment has versions of its own."""
    first, second = crowd.segment(), crowd.segment()
    crowd.change(second, Attributes={"plan": {"Values": ["gold"]}})
    journey = crowd.journey(first, **DAILY)
    crowd.house.advance(minutes=6)
    assert crowd.row(journey).segment_version == 1
    crowd.house.journeys.versions.edit(SCOPE, crowd.app, journey, crowd.written(second, **DAILY))
    assert (crowd.row(journey).segment_id, crowd.row(journey).segment_version) == (second, None)
    crowd.house.advance(days=1)
    assert (crowd.row(journey).version, crowd.row(journey).segment_version) == (2, 2)


def _settings(said: dict[str, Any]) -> WriteApplicationSettingsRequest:
    return msgspec.convert(said, WriteApplicationSettingsRequest)


def test_what_events_start_cannot_be_paused(shop: Shop) -> None:
    for more in ({}, DAILY):
        journey = shop.journey(**started_by("bought"), **more)
        with pytest.raises(Invalid, match="RefreshFrequency"):
            shop.set(journey, "PAUSED")
        assert shop.row(journey).state == "ACTIVE"


def test_a_deleted_segment_closes_what_events_start_as_well(shop: Shop) -> None:
    """Nobody is in a segment that is not there; without one everybody may enter."""
    segment = shop.segment()
    bound, free = shop.journey(**started_by("bought", segment=segment)), shop.journey(**started_by("bought"))
    shop.house.advance(minutes=6)
    shop.house.segments.delete(SCOPE, shop.app, segment)
    assert (shop.row(bound).state, shop.row(free).state) == ("COMPLETED", "ACTIVE")
