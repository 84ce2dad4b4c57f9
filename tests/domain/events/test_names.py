"""The names quota: counted in the table, checked in memory, on each state database."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.domain.events.ingest import names as names_module
from clarion.domain.events.ingest.names import KnownNames
from clarion.domain.events.model import DropReason, NameKind
from clarion.store.database import Database

TYPE, ATTRIBUTE, METRIC = NameKind.TYPE, NameKind.ATTRIBUTE, NameKind.METRIC


@pytest.fixture
def names(database: Database, monkeypatch: pytest.MonkeyPatch) -> KnownNames:
    monkeypatch.setattr(names_module, "NAME_QUOTAS", {TYPE: 2, ATTRIBUTE: 3, METRIC: 1})
    return KnownNames(database)


def admit(names: KnownNames, database: Database, app: str = "app", **wanted: set[str]) -> Any:
    return database.write(lambda c: names.admit(c, app, {NameKind(kind): used for kind, used in wanted.items()}))


def test_new_names_enter_once(names: KnownNames, database: Database) -> None:
    used = {TYPE: {"a"}, ATTRIBUTE: {"x", "y"}, METRIC: set()}
    assert names.new_to("app", used) == {TYPE: {"a"}, ATTRIBUTE: {"x", "y"}}
    assert admit(names, database, type={"a"}, attribute={"x", "y"}) == {}
    assert names.new_to("app", used) == {}
    assert names.new_to("other", used) != {}
    assert names.new_to("app", {TYPE: {"a", "b"}}) == {TYPE: {"b"}}
    assert admit(names, database, type={"a"}, attribute={"x", "y"}) == {}


def test_the_quota_refuses_new_names_only(names: KnownNames, database: Database) -> None:
    assert admit(names, database, type={"a"}) == {}
    assert admit(names, database, type={"a", "b", "c", "d"}, metric={"m", "n"}) == {
        TYPE: {"c": DropReason.TYPE_QUOTA, "d": DropReason.TYPE_QUOTA},
        METRIC: {"n": DropReason.METRIC_QUOTA},
    }
    assert admit(names, database, type={"a", "b"}, metric={"m"}) == {}
    assert admit(names, database, app="other", type={"c"}) == {}
    assert admit(names, database, attribute={"1", "2", "3", "4"}) == {ATTRIBUTE: {"4": DropReason.ATTRIBUTE_QUOTA}}


def test_standard_names_are_free(names: KnownNames, database: Database) -> None:
    standard = {TYPE: {"_session.start", "_email.open"}, ATTRIBUTE: {"campaign_id"}, METRIC: {"_quantity"}}
    assert names.new_to("app", standard) == {}
    assert admit(names, database, type={"a", "b", "_session.start"}) == {}
    assert names.new_to("app", standard | {TYPE: {"_session.stop", "a"}}) == {}


def test_control_characters_are_refused_for_ever(names: KnownNames, database: Database) -> None:
    for _ in range(2):
        assert admit(names, database, attribute={"a\x1fb", "\0"}) == {
            ATTRIBUTE: {"a\x1fb": DropReason.NAME, "\0": DropReason.NAME}
        }
        assert names.new_to("app", {ATTRIBUTE: {"\0"}}) == {ATTRIBUTE: {"\0"}}


def test_a_rolled_back_name_is_new_again(names: KnownNames, database: Database) -> None:
    def work(connection: Any) -> None:
        names.admit(connection, "app", {TYPE: {"a"}})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(work)
    assert names.new_to("app", {TYPE: {"a"}}) == {TYPE: {"a"}}


def test_another_process_counts_the_same_names(names: KnownNames, database: Database) -> None:
    admit(names, database, type={"a", "b"})
    elsewhere = KnownNames(database)
    assert elsewhere.new_to("app", {TYPE: {"a"}}) == {TYPE: {"a"}}
    assert admit(elsewhere, database, type={"a", "c"}) == {TYPE: {"c": DropReason.TYPE_QUOTA}}
    assert elsewhere.new_to("app", {TYPE: {"a", "b"}}) == {}


def test_a_deleted_projects_names_go(names: KnownNames, database: Database) -> None:
    admit(names, database, type={"a", "b"})
    admit(names, database, app="other", type={"a"})
    database.write(lambda c: names.forget(c, "app"))
    assert names.new_to("app", {TYPE: {"a"}}) == {TYPE: {"a"}}
    assert admit(names, database, type={"x", "y"}) == {}
    assert admit(names, database, app="other", type={"b", "c"}) == {TYPE: {"c": DropReason.TYPE_QUOTA}}
