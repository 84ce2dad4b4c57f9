"""Identifiers have the form their readers expect."""

from __future__ import annotations

import uuid

import pytest

from clarion.core.ids import Ids, SeededIds, SystemIds


@pytest.mark.parametrize("ids", [SystemIds(), SeededIds(7)])
def test_request_ids_are_version_4_uuids_and_differ(ids: Ids) -> None:
    found = [ids.uuid() for _ in range(500)]
    assert len(set(found)) == 500
    assert {(uuid.UUID(text).version, uuid.UUID(text).variant) for text in found} == {(4, uuid.RFC_4122)}
    assert all(str(uuid.UUID(text)) == text for text in found)


def test_the_same_seed_gives_the_same_ids() -> None:
    first, second = SeededIds(7), SeededIds(7)
    assert [first.uuid(), first.hex32(), first.cohort()] == [second.uuid(), second.hex32(), second.cohort()]
