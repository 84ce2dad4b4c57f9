"""Access keys: made, found without waiting, dead after revocation everywhere."""

from __future__ import annotations

import threading

import pytest

from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import SystemIds
from clarion.domain.apps.keys import AccessKeys
from clarion.wire.keys import AccessKey
from tests.domain.apps.conftest import House

ACCOUNT = "000000000001"


def test_a_key_is_found_as_it_was_made(house: House) -> None:
    key = house.keys.create(ACCOUNT, "developer", label="ci")
    assert house.keys.find(key.access_key_id) == key
    assert key.access_key_id.startswith("AKIA")
    assert len(key.access_key_id) == 20
    assert len(key.secret) == 40
    assert house.keys.find("AKIANOBODY") is None
    [listed] = house.keys.listed()
    assert (listed.access_key_id, listed.role, listed.label) == (key.access_key_id, "developer", "ci")
    assert key.secret not in repr(listed)


def test_a_client_key_is_for_one_project(house: House) -> None:
    with pytest.raises(Invalid):
        house.keys.create(ACCOUNT, "client")
    key = house.keys.create(ACCOUNT, "client", app_id="a" * 32)
    found = house.keys.find(key.access_key_id)
    assert found is not None
    assert found.app_id == "a" * 32


def test_keys_are_listed_and_revoked_by_account(house: House) -> None:
    mine, other = house.keys.create(ACCOUNT, "admin"), house.keys.create("000000000002", "admin")
    assert [key.access_key_id for key in house.keys.listed(ACCOUNT)] == [mine.access_key_id]
    with pytest.raises(NotFound):
        house.keys.revoke(other.access_key_id, ACCOUNT)
    house.keys.revoke(mine.access_key_id, ACCOUNT)
    assert house.keys.find(mine.access_key_id) is None
    assert house.keys.find(other.access_key_id) == other
    with pytest.raises(NotFound):
        house.keys.revoke(mine.access_key_id)


def test_a_root_key_follows_its_settings(house: House) -> None:
    root = AccessKey(access_key_id="AKIDROOT", secret="one", account=ACCOUNT, role="admin")
    house.keys.ensure(root)
    changed = AccessKey(access_key_id="AKIDROOT", secret="two", account=ACCOUNT, role="admin", session_token="t")
    house.keys.ensure(changed)
    assert house.keys.find("AKIDROOT") == changed
    assert len(house.keys.listed()) == 1


def test_another_process_s_revocation_arrives_within_two_seconds(house: House) -> None:
    key = house.keys.create(ACCOUNT, "admin")
    other = AccessKeys(house.database, clock=house.clock, ids=SystemIds())
    other.start()
    try:
        assert other.find(key.access_key_id) == key
        house.keys.revoke(key.access_key_id)
        revoked = perf_seconds()
        pause = threading.Event()
        while other.find(key.access_key_id) is not None:
            assert perf_seconds() - revoked < 5
            pause.wait(0.02)
        assert perf_seconds() - revoked < 2
    finally:
        other.stop()
