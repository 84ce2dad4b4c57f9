"""The secrets that sign a project's calls: made once, changed without a gap, sealed and gone with the project."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clarion.channels import signatures
from clarion.core.clock import VirtualClock
from clarion.core.errors import NotFound, Unavailable
from clarion.core.ids import SystemIds
from clarion.core.scope import Scope
from clarion.domain.apps.channels import Channels, sealing, store
from clarion.domain.apps.channels.signing import KIND, Signing
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.engine.jobs import Jobs
from clarion.store.database import Database
from clarion.store.vault import Vault

SCOPE = Scope("000000000001", "us-east-1")
OTHER = Scope("000000000002", "us-east-1")
KEYS = [b"a" * 32, b"b" * 32]


class House:
    """What secrets stand on."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = VirtualClock()
        self.ids = SystemIds()
        self.apps = Apps(database, Tags(database), Jobs(database, self.clock), clock=self.clock, ids=self.ids)
        self.vault = Vault([KEYS[0]], self.ids)
        self.channels = Channels(database, self.apps, self.vault, clock=self.clock)
        self.app_id = self.apps.create(SCOPE, "shop", None).app.id

    def signing(self, vault: Vault | None = None) -> Signing:
        """As another process has it."""
        return Signing(self.database, self.apps, vault or self.vault, self.clock, self.ids)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def secret(text: str) -> bytes:
    return signatures.secrets_of(text)[0]


def test_a_project_has_one_secret_which_all_processes_find(house: House) -> None:
    signing = house.signing()
    shown = signing.show(SCOPE, house.app_id)
    assert shown.secret.startswith("whsec_")
    assert signing.show(SCOPE, house.app_id) == shown
    assert list(house.signing().of(house.app_id)) == [secret(shown.secret)]
    other = house.apps.create(SCOPE, "bank", None).app.id
    assert signing.show(SCOPE, other).secret != shown.secret


def test_it_is_made_once_however_many_want_it_first(house: House) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.extend(house.signing().of(house.app_id))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 6
    assert len(set(found)) == 1


def test_while_it_is_changed_both_sign_for_a_day(house: House) -> None:
    signing = house.signing()
    first = signing.show(SCOPE, house.app_id).secret
    shown = signing.rotate(SCOPE, house.app_id, "lea")
    assert (shown.previous, shown.until_ms - house.clock.now_ms()) == (first, 86_400_000)
    assert list(signing.of(house.app_id)) == [secret(shown.secret), secret(first)]
    house.clock.move_to(house.clock.now() + timedelta(days=1))
    assert list(signing.of(house.app_id)) == [secret(shown.secret)]
    assert signing.show(SCOPE, house.app_id) == (shown.secret, "", 0)


def test_one_that_is_known_to_others_ends_at_once(house: House) -> None:
    signing = house.signing()
    first = signing.show(SCOPE, house.app_id).secret
    shown = signing.rotate(SCOPE, house.app_id, "lea", at_once=True)
    assert list(signing.of(house.app_id)) == [secret(shown.secret)] != [secret(first)]


def test_it_is_sealed_and_sealed_anew_with_the_others(house: House) -> None:
    shown = house.signing().rotate(SCOPE, house.app_id, "lea")
    row = house.database.read(lambda connection: store.get(connection, house.app_id, KIND))
    assert row is not None
    assert row.sealed is not None
    assert shown.secret.encode() not in row.sealed + row.config
    with pytest.raises(Unavailable, match="secrets_key"):
        house.signing(Vault([KEYS[1]], house.ids)).of(house.app_id)
    both = Vault([KEYS[1], KEYS[0]], house.ids)
    assert sealing.reseal(house.database, both).older == 1
    assert house.signing(Vault([KEYS[1]], house.ids)).show(SCOPE, house.app_id) == shown


def test_it_is_no_channel(house: House) -> None:
    house.signing().show(SCOPE, house.app_id)
    assert list(house.channels.overview(SCOPE, house.app_id)) == ["IN_APP"]
    assert house.channels.enabled_kinds(house.app_id) == frozenset()


def test_it_goes_with_its_project(house: House) -> None:
    signing = house.signing()
    signing.show(SCOPE, house.app_id)
    house.apps.delete(SCOPE, house.app_id)
    count = sa.select(sa.func.count()).select_from(store.channels)
    assert house.database.read(lambda connection: connection.scalar(count)) == 0
    with pytest.raises(NotFound):
        signing.show(SCOPE, house.app_id)
    with pytest.raises(NotFound):
        house.signing().of(house.app_id)
    assert house.database.read(lambda connection: connection.scalar(count)) == 0


def test_other_accounts_do_not_see_it(house: House) -> None:
    for attempt in (
        lambda: house.signing().show(OTHER, house.app_id),
        lambda: house.signing().rotate(OTHER, house.app_id, "eve"),
    ):
        with pytest.raises(NotFound):
            attempt()
