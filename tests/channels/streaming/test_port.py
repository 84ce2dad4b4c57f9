"""What every destination has to keep, over all of them and real far ends."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from clarion.channels.streaming import port
from clarion.channels.streaming.port import StreamFailed
from clarion.core.errors import Invalid
from tests.channels.streaming.places import Place, record


def by_key(lines: list[bytes]) -> dict[str, list[str]]:
    """The numbers of the events of each client, in order."""
    found = defaultdict(list)
    for line in lines:
        event = json.loads(line)
        found[event["client"]["client_id"]].append(event["attributes"]["number"])
    return found


def test_everything_arrives_once_and_in_the_order_of_its_key(place: Place) -> None:
    destination = place.open()
    destination.check()
    sent = [record(f"ep-{number % 7}", number) for number in range(1_300)]
    for start in (0, 700, 701, 900):
        end = {0: 700, 700: 701, 701: 900, 900: 1_300}[start]
        assert not destination.send(sent[start:end])
    destination.close()
    arrived = place.arrived(len(sent))
    expected = by_key([one.data for one in sent])
    if place.ordered:
        assert by_key(arrived) == expected
    assert sorted(arrived) == sorted(one.data for one in sent)


def test_what_a_key_or_a_record_may_be(place: Place) -> None:
    destination = place.open()
    largest = destination.limits.record_bytes
    sent = [
        record("", 1),
        record("a" * 300, 2),
        record("\U0001f600\u20ac" * 100, 3),
        record('quo"te\\', 4),
        record("big", 5, min(largest, 1 << 20)),
        record("after", 6),
    ]
    assert not destination.send(sent)
    assert sorted(place.arrived(len(sent))) == sorted(one.data for one in sent)
    destination.close()


def test_a_full_batch_is_taken(place: Place) -> None:
    destination = place.open()
    limits = destination.limits
    count = min(limits.records, 2_000)
    size = min(limits.bytes // count, 2_000)
    sent = [record(f"ep-{number % 97}", number, size) for number in range(count)]
    assert not destination.send(sent)
    assert len(place.arrived(count)) == count
    destination.close()


def test_what_is_not_there_is_told(place: Place) -> None:
    if not place.missing:
        pytest.skip("makes topics on demand")
    destination = place.open(place.missing)
    with pytest.raises(Invalid, match=port.MEMBER):
        destination.check()
    with pytest.raises(StreamFailed) as raised:
        destination.send([record("a", 1)])
    assert raised.value.final
    assert raised.value.code in (port.MISSING, port.DENIED)
    destination.close()


def test_nothing_is_sent_after_closing(place: Place) -> None:
    destination = place.open()
    assert not destination.send([record("a", 1)])
    destination.close()
    destination.close()
    with pytest.raises(StreamFailed) as raised:
        destination.send([record("a", 2)])
    assert raised.value.code == port.CLOSING
    assert len(place.arrived(1)) == 1


def test_limits_make_sense(place: Place) -> None:
    limits = place.open().limits
    assert 0 < limits.record_bytes <= limits.bytes
    assert limits.record_bytes >= 950_000
    assert limits.records >= 500
    assert limits.linger_seconds >= 0
