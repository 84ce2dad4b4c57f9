"""Entries that meet trouble: crashes, pauses and ends in their midst, things that are gone, crowds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.core.errors import NotFound, Unavailable
from clarion.domain.journeys.entry import hearing, matches, parts, runs, store
from clarion.domain.journeys.entry.runs import EntryRuns
from clarion.domain.journeys.entry.watch import Watch
from clarion.domain.journeys.store import journey_runs
from tests.domain.journeys.entry.shop import Shop, started_by
from tests.server.house import SCOPE, House

ALL = [f"e{name}" for name in "abcdef"]


@pytest.fixture
def crowd(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Six people, and pages of two."""
    monkeypatch.setattr(runs, "TOGETHER", 2)
    shop.house.people(shop.app, *"abcdef")
    return shop


def at_page(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], object]) -> None:
    """Something happens while a page is in hand."""
    look, pages = EntryRuns._look, []

    def looks(self: EntryRuns, *given: Any) -> Any:
        pages.append(1)
        if len(pages) == number:
            act()
        return look(self, *given)

    monkeypatch.setattr(EntryRuns, "_look", looks)


def rows(house: House, table: sa.Table | sa.Select[Any]) -> int:
    among = table.subquery() if isinstance(table, sa.Select) else table
    return house.database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(among)) or 0)


def test_a_pause_between_pages(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was about to enter does when the journey goes on."""
    journey = crowd.journey(crowd.segment(), RefreshFrequency="P1D")
    at_page(monkeypatch, 2, lambda: crowd.set(journey, "PAUSED"))
    crowd.house.advance(minutes=5)
    assert crowd.inside(journey) == ALL[:2]
    assert crowd.counts(journey)["PAUSED"] == 4
    crowd.house.advance(hours=1)
    assert crowd.inside(journey) == ALL[:2]
    crowd.set(journey, "ACTIVE")
    crowd.house.settle()
    assert crowd.entries(journey) == dict.fromkeys(ALL, 1)
    assert [run.state for run in crowd.runs(journey)] == ["RUNNING", "SCHEDULED"]
    assert rows(crowd.house, parts.parts) == 0
    crowd.house.people(crowd.app, "new")
    crowd.house.advance(days=1)
    assert crowd.entries(journey) == dict.fromkeys([*ALL, "enew"], 1)


def test_a_pause_over_several_refreshes(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    journey = shop.journey(shop.segment(), RefreshFrequency="PT1H")
    shop.set(journey, "PAUSED")
    shop.house.advance(hours=10)
    assert shop.inside(journey) == []
    shop.set(journey, "ACTIVE")
    shop.house.settle()
    assert shop.inside(journey) == ["elea"]
    shop.set(journey, "PAUSED")
    shop.house.people(shop.app, "jon")
    shop.house.advance(hours=10)
    shop.set(journey, "ACTIVE")
    shop.house.settle()
    assert shop.inside(journey) == ["elea"]
    shop.house.advance(hours=1)
    assert shop.inside(journey) == ["ejon", "elea"]


@pytest.mark.parametrize("end", ["CANCELLED", "segment", "journey", "app"])
def test_an_end_between_pages(crowd: Shop, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    segment = crowd.segment()
    journey = crowd.journey(segment, RefreshFrequency="P1D")
    acts: dict[str, Callable[[], object]] = {
        "CANCELLED": lambda: crowd.set(journey, "CANCELLED"),
        "segment": lambda: crowd.house.segments.delete(SCOPE, crowd.app, segment),
        "journey": lambda: crowd.house.journeys.journeys.delete(SCOPE, crowd.app, journey),
        "app": lambda: crowd.house.apps.delete(SCOPE, crowd.app),
    }
    at_page(monkeypatch, 2, acts[end])
    crowd.house.advance(minutes=5)
    if end in ("CANCELLED", "segment"):
        assert crowd.counts(journey)["ENDED"] == 4
        assert crowd.inside(journey) == ([] if end == "CANCELLED" else ALL[:2])
        assert crowd.row(journey).state == ("CANCELLED" if end == "CANCELLED" else "CLOSED")
    crowd.house.advance(days=3)
    assert rows(crowd.house, journey_runs.select().where(journey_runs.c.state.in_(("SCHEDULED", "RUNNING")))) == 0
    assert rows(crowd.house, parts.parts) == 0


@pytest.mark.parametrize("step", ["move", "enqueue"])
def test_pages_that_die_in_their_transaction(crowd: Shop, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    journey = crowd.journey(crowd.segment())
    died: list[int] = []
    owner: Any = parts if step == "move" else crowd.house.journeys.planner
    name = "move" if step == "move" else "enqueue_page"
    done = getattr(owner, name)

    def dies(*given: Any) -> Any:
        answer = done(*given)
        if len(died) < 3:
            died.append(1)
            raise RuntimeError("killed")
        return answer

    monkeypatch.setattr(owner, name, dies)
    crowd.house.advance(minutes=30)
    assert len(died) == 3
    assert crowd.entries(journey) == dict.fromkeys(ALL, 1)
    assert crowd.row(journey).inside == crowd.row(journey).entered == 6
    assert crowd.counts(journey) == {"ENDPOINT_ENTERED": 6, "ENDPOINT_PRODUCED": 6}


def test_a_store_that_is_away_for_hours(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left out for good."""
    journey = crowd.journey(crowd.segment())
    with monkeypatch.context() as patch:

        def away(*given: Any) -> int:
            raise RuntimeError("away")

        patch.setattr(crowd.house.segments, "snapshot", away)
        crowd.house.advance(hours=5)
    assert crowd.inside(journey) == []
    crowd.house.advance(hours=1)
    assert crowd.inside(journey) == ALL


def test_events_that_die_on_their_way(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sinks have them, and the process dies before the batch is finished; then while they are answered."""
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(**started_by("joined"), Limits={"EndpointReentryCap": 0})
    shop.house.advance(minutes=5)
    shop.tell("lea", "joined", "1")
    shop.tell("jon", "joined", "2")
    write = store.add_matches
    with monkeypatch.context() as patch:

        def dies(*given: Any) -> None:
            write(*given)
            raise Unavailable("killed")

        patch.setattr(store, "add_matches", dies)
        with pytest.raises(Unavailable):
            shop.house.consumer.step()
    remove, died = store.remove_matches, []

    def removes(*given: Any) -> int:
        if not died:
            died.append(1)
            raise RuntimeError("killed")
        return remove(*given)

    monkeypatch.setattr(store, "remove_matches", removes)
    shop.house.settle()
    shop.house.advance(minutes=1)
    assert died
    assert shop.counts(journey) == {"ENDPOINT_ENTERED": 2, "ENDPOINT_PRODUCED": 2}
    assert rows(shop.house, store.matches) == 0


def test_an_event_that_is_reported_again_is_answered_once(shop: Shop, state_url: str, chdb_url: str) -> None:
    """A client that got no answer reports its event again, to a process that knows nothing of it."""
    shop.house.people(shop.app, "lea")
    quick = {"hold": {"Holdout": {"Percentage": 100}}}
    again = {"EndpointReentryCap": 0}
    journey = shop.journey(**started_by("joined"), StartActivity="hold", Activities=quick, Limits=again)
    shop.house.advance(minutes=5)
    shop.tell("lea", "joined", "1")
    shop.house.settle()
    other = House(state_url, chdb_url)
    other.clock.move_to(shop.house.clock.now())  # type: ignore[attr-defined]
    Shop.tell(shop.at(other), "lea", "joined", "1")
    other.close()
    shop.house.settle()
    assert shop.entries(journey) == {"elea": 1}
    shop.tell("lea", "joined", "2")
    shop.house.settle()
    assert shop.entries(journey) == {"elea": 2}
    shop.house.journeys.journeys.delete(SCOPE, shop.app, journey)
    assert rows(shop.house, store.answered) == 0


def test_thousands_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.domain.journeys.entry.dividing.MANY", 1_000)
    names = [f"p{number:04d}" for number in range(2_500)]
    shop.crowd(names)
    journey = shop.journey(shop.segment(), RefreshFrequency="P1D")
    shop.house.advance(minutes=5)
    assert shop.row(journey).inside == 2_500
    assert len(shop.inside(journey)) == 2_500
    assert shop.counts(journey) == {"ENDPOINT_ENTERED": 2_500, "ENDPOINT_PRODUCED": 2_500}
    shop.house.advance(days=1)
    assert shop.counts(journey)["REENTRY_CAP_EXCEEDED"] == 2_500


def test_more_matches_than_are_answered_together(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.house.people(shop.app, "lea")
    journey = shop.journey(**started_by("joined"))
    shop.house.advance(minutes=5)
    monkeypatch.setattr(hearing, "ROWS", 1)
    monkeypatch.setattr("clarion.domain.events.listening.remembered.MOST_TOGETHER", 1)
    shop.tell("lea", "joined", *(str(number) for number in range(5)))
    shop.house.settle()
    assert shop.counts(journey) == {"ACTIVE_ENDPOINT_REJECTED": 4, "ENDPOINT_ENTERED": 1, "ENDPOINT_PRODUCED": 5}


def test_journeys_that_changed_are_seen_by_every_process(shop: Shop) -> None:
    watch = Watch(shop.house.database, shop.house.jobs, shop.house.clock)
    first = watch._listening.of({shop.app})
    journey = shop.journey(**started_by("joined"))
    second = watch._listening.of({shop.app})
    shop.set(journey, "CANCELLED")
    assert (first, [one.meaning for one in second[shop.app].all], watch._listening.of({shop.app})) == (
        {},
        [matches.START],
        {},
    )


def test_another_process_goes_on(crowd: Shop, monkeypatch: pytest.MonkeyPatch, state_url: str, chdb_url: str) -> None:
    journey = crowd.journey(crowd.segment())
    with monkeypatch.context() as patch:

        def dies() -> None:
            patch.setattr(EntryRuns, "_members", lambda *given: 1 / 0)

        at_page(patch, 2, dies)
        crowd.house.advance(minutes=5)
    entered = crowd.inside(journey)
    other = House(state_url, chdb_url)
    other.clock.move_to(crowd.house.clock.now())  # type: ignore[attr-defined]
    other.advance(minutes=10)
    assert (entered, crowd.inside(journey)) == (ALL[:4], ALL)
    assert crowd.entries(journey) == dict.fromkeys(ALL, 1)
    other.close()


def test_a_segment_that_is_gone_when_a_run_begins(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    journey = crowd.journey(crowd.segment(), RefreshFrequency="P1D")
    crowd.house.advance(minutes=5)

    def gone(*given: Any) -> int:
        raise NotFound()

    monkeypatch.setattr(crowd.house.segments, "snapshot", gone)
    crowd.house.advance(hours=23, minutes=59)
    assert crowd.row(journey).state == "ACTIVE"
    crowd.house.advance(minutes=1)
    assert crowd.row(journey).state in ("CLOSED", "COMPLETED")


def test_a_segment_that_changes_while_its_members_enter(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a refresh changes count until everybody has been looked at."""
    crowd.house.people(crowd.app, "late", Location={"Country": "AT"})
    segment = crowd.segment(Location={"Country": {"Values": ["DE"]}})
    crowd.house.people(crowd.app, *"abcdef", Location={"Country": "DE"})
    journey = crowd.journey(segment, RefreshOnSegmentUpdate=True)
    at_page(monkeypatch, 2, lambda: crowd.change(segment, Location={"Country": {"Values": ["AT"]}}))
    crowd.house.advance(minutes=5)
    assert crowd.inside(journey) == [*ALL, "elate"]
    assert crowd.row(journey).state == "CLOSED"
    crowd.change(segment, Location={"Country": {"Values": ["CH"]}})
    crowd.house.settle()
    assert len(crowd.runs(journey)) == 2
