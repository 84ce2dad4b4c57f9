"""Files and objects of event streams: their names, what is in them, and what is never seen of them."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.streaming import formats, port
from clarion.channels.streaming.objects import ObjectStream
from clarion.channels.streaming.port import Record, StreamFailed
from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.errors import Invalid, Unavailable
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.store.objects import Writing, open_objects
from tests.channels.calls.peers import Said, script, site
from tests.channels.streaming.places import APP, aws_settings, folder, opened, record


def seen(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_are_told_apart_by_the_hour_and_named_in_the_order_of_sends(tmp_path: Path) -> None:
    clock = VirtualClock(parse_iso("2027-03-04T09:59:59.999Z"))
    destination = opened(f"file://{tmp_path}/a b/", Settings(object_folders=str(tmp_path)), clock=clock)
    destination.check()
    sent = [record("ep", number) for number in range(4)]
    for one in sent[:3]:
        destination.send([one])
    clock.move_to(parse_iso("2027-03-04T10:00:00Z"))
    destination.send(sent[3:])
    destination.close()
    names = seen(tmp_path)
    hours = ["a b/2027/03/04/09", *["a b/2027/03/04/10"] * 3]
    assert [os.path.dirname(name) for name in names] == hours
    pattern = rf"{APP}-2027-03-04-(09-59-59-999|10-00-00-00[012])-[0-9a-f]{{8}}\.jsonl"
    assert all(re.fullmatch(pattern, os.path.basename(name)) for name in names)
    assert [(tmp_path / name).read_bytes() for name in names] == [one.data for one in sent]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """Somebody lists and reads the folder all the time while large batches are written."""
    destination = opened(f"file://{tmp_path}/in", Settings(object_folders=str(tmp_path)))
    batch = [record("ep", number, 20_000) for number in range(100)]
    whole = b"".join(one.data for one in batch)
    torn, over = [], threading.Event()

    def read() -> None:
        while not over.is_set():
            torn.extend(path for path in tmp_path.rglob("*.jsonl") if path.read_bytes() != whole)

    reading = threading.Thread(target=read)
    reading.start()
    for _ in range(10):
        destination.send(batch)
    over.set()
    reading.join()
    destination.close()
    assert not torn
    assert len(list(tmp_path.rglob("*.jsonl"))) == 10


def test_a_writer_that_dies_leaves_nothing_that_counts(tmp_path: Path) -> None:
    objects = open_objects(Settings(object_folders=str(tmp_path)))

    class Dying:
        """Objects of which the process ends in the middle of a write, its file left as it is."""

        @contextmanager
        def write(self, url: str) -> Iterator[Writing]:
            path = Path(url.removeprefix("file://"))
            path.parent.mkdir(parents=True)
            (path.parent / ".0123.clarion-part").write_bytes(record("ep", 1).data[:40])
            raise KeyboardInterrupt
            yield

    def stream(through: object) -> ObjectStream:
        written = formats.FORMATS["jsonl"]
        return ObjectStream(f"file://{tmp_path}", APP, written, 0, through, SystemClock(), SystemIds())  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        stream(Dying()).send([record("ep", 1)])
    assert not objects.find(f"file://{tmp_path}/")
    stream(objects).send([record("ep", 1)])
    (found,) = objects.find(f"file://{tmp_path}/")
    assert b"".join(objects.read(found)) == record("ep", 1).data


_WRITER = """
import sys
from clarion.core.settings import Settings
from tests.channels.streaming.places import opened, record
destination = opened(f"file://{sys.argv[1]}?format={sys.argv[2]}", Settings(object_folders=sys.argv[1]))
for start in range(0, 1_000_000, 20):
    destination.send([record("ep", number, 2_000) for number in range(start, start + 20)])
    print(start + 20, flush=True)
"""


@pytest.mark.parametrize("written", ["jsonl", "parquet"])
def test_what_was_sent_is_there_after_a_kill(tmp_path: Path, written: str) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "in"), written]
    (tmp_path / "in").mkdir()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            sent = int(writer.stdout.readline())
        writer.kill()
    lines = folder(tmp_path / "in", written).arrived(sent)
    numbers = [int(json.loads(line)["attributes"]["number"]) for line in lines]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= sent


def test_trouble_with_the_disk_is_told_and_passes(tmp_path: Path) -> None:
    settings = Settings(object_folders=f"{tmp_path}/in")
    destination = opened(f"file://{tmp_path}/in", settings)
    (tmp_path / "in").write_text("a file where the folder should be")
    with pytest.raises(StreamFailed) as raised:
        destination.send([record("ep", 1)])
    assert raised.value.final
    (tmp_path / "in").unlink()
    assert not destination.send([record("ep", 1)])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "in").rename(tmp_path / "was")
    (tmp_path / "in").symlink_to(tmp_path / "elsewhere")
    assert not destination.send([record("ep", 2)])
    (tmp_path / "elsewhere" / "out").symlink_to("/tmp")
    with pytest.raises(StreamFailed) as raised:
        opened(f"file://{tmp_path}/in/out", settings).send([record("ep", 3)])
    assert (raised.value.code, raised.value.final) == (port.DENIED, True)


@pytest.mark.parametrize(
    "uri",
    [
        "file://",
        "file:///",
        "s3://",
        "file:///in?format=csv",
        "file:///in?interval=-1",
        "file:///in?interval=901",
        "file:///in?interval=1&interval=2",
        "file:///in?size=3",
    ],
)
def test_a_uri_that_cannot_be_meant(uri: str) -> None:
    with pytest.raises(Invalid, match=f"^{port.MEMBER}: "):
        opened(uri, Settings())


@pytest.mark.parametrize("uri", ["file://host/in", "file:///in/../../etc", "file:///etc"])
def test_a_folder_that_may_not_be_used(uri: str, tmp_path: Path) -> None:
    destination = opened(uri, Settings(object_folders=str(tmp_path)))
    with pytest.raises(Invalid, match=f"^{port.MEMBER}: ") as raised:
        destination.check()
    assert ".clarion-check" not in raised.value.message


def test_how_often_files_are_made() -> None:
    settings = Settings(object_folders="/srv")
    seconds = {uri: opened(uri, settings).limits.linger_seconds for uri in ("file:///srv/a", "s3://b/c")}
    assert seconds == {"file:///srv/a": 10.0, "s3://b/c": 60.0}
    assert opened("file:///srv/a?interval=0&format=parquet", settings).limits.linger_seconds == 0.0


def _refusal(status: int, code: str) -> Said:
    return Said(status, f"<Error><Code>{code}</Code><Message>because</Message></Error>".encode())


@pytest.mark.parametrize(
    ("answer", "code", "final"),
    [
        (_refusal(403, "AccessDenied"), port.DENIED, True),
        (_refusal(403, "InvalidAccessKeyId"), port.DENIED, True),
        (_refusal(404, "NoSuchBucket"), port.MISSING, True),
        (_refusal(400, "InvalidRequest"), port.REFUSED, True),
        (_refusal(503, "SlowDown"), port.UNAVAILABLE, False),
        (Said(500, b"<html>"), port.UNAVAILABLE, False),
    ],
)
def test_a_bucket_that_refuses(answer: Said, code: str, final: bool) -> None:
    with site(lambda asked: answer) as peer:
        destination = opened("s3://events/in", aws_settings(peer.url("")), seconds=5.0)
        with pytest.raises(StreamFailed) as raised:
            destination.send([record("ep", 1)])
        with pytest.raises(Invalid if final else Unavailable):
            destination.check()
        destination.close()
    assert (raised.value.code, raised.value.final) == (code, final)


def test_a_bucket_that_hangs_or_is_away() -> None:
    with script(then_hang=True) as url:
        for endpoint in (url.removesuffix("/hook"), "http://127.0.0.1:1"):
            destination = opened("s3://events/in", aws_settings(endpoint), seconds=0.3)
            with pytest.raises(StreamFailed) as raised:
                destination.send([record("ep", 1)])
            destination.close()
            assert (raised.value.code, raised.value.final) == (port.UNAVAILABLE, False)


def test_parquet_has_columns_that_are_what_they_say(tmp_path: Path) -> None:
    event = json.loads(record("ep-1", 1).data)
    event |= {"session": {"session_id": "s-1", "start_timestamp": 5}, "attributes": {"a": "ä", "b": None}}
    event["metrics"] = {"n": 3, "x": 0.5}
    mail = {"event_type": "_email.send", "client": {}, "facets": {"email_channel": {"mail_event": {}}}}
    odd = [b"[]\n", b"{}\n", b'{"event_timestamp": 99999999999999999999}\n']
    lines = [json.dumps(event).encode() + b"\n", json.dumps(mail).encode() + b"\n", *odd]
    (tmp_path / "x.parquet").write_bytes(formats.parquet([Record("k", line) for line in lines]))
    table = pyarrow.parquet.read_table(tmp_path / "x.parquet")
    assert str(table.schema.field("event_timestamp").type) == "timestamp[ms, tz=UTC]"
    first, second, *rest = table.to_pylist()
    assert first.pop("record") == json.dumps(event)
    assert first == {
        "event_type": "cart.left",
        "event_timestamp": datetime.datetime.fromtimestamp(1_804_151_402.001, datetime.UTC),
        "arrival_timestamp": datetime.datetime.fromtimestamp(1_804_151_402.641, datetime.UTC),
        "event_version": "3.1",
        "app_id": APP,
        "client_id": "ep-1",
        "session_id": "s-1",
        "attributes": [("a", "ä"), ("b", None)],
        "metrics": [("n", 3.0), ("x", 0.5)],
        "aws_account_id": "000000000001",
    }
    assert (second["event_type"], second["client_id"], second["attributes"]) == ("_email.send", None, [])
    assert [row["record"] for row in rest] == ["[]", "{}", odd[2].decode().strip()]
    assert all(row["event_type"] is None for row in rest)


_texts = st.text(st.characters(codec="utf-8"), max_size=8)
_events = st.fixed_dictionaries(
    {},
    optional={
        "event_type": _texts,
        "event_timestamp": st.integers(0, 253_402_300_799_999),
        "client": st.fixed_dictionaries({"client_id": _texts}),
        "attributes": st.dictionaries(_texts, _texts, max_size=3),
        "metrics": st.dictionaries(_texts, st.floats(allow_nan=False, allow_infinity=False), max_size=3),
        "facets": st.dictionaries(_texts, st.lists(_texts, max_size=2), max_size=2),
    },
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_events, min_size=1, max_size=8))
def test_every_format_holds_every_record(events: list[dict[str, object]]) -> None:
    lines = [msgspec.json.encode(event) + b"\n" for event in events]
    records = [Record("k", line) for line in lines]
    assert formats.json_lines(records).split(b"\n") == [*(line[:-1] for line in lines), b""]
    assert gzip.decompress(formats.zipped_json_lines(records)) == b"".join(lines)
    assert formats.zipped_json_lines(records) == formats.zipped_json_lines(records)
    table = pyarrow.parquet.read_table(pyarrow.BufferReader(formats.parquet(records)))
    for row, event, line in zip(table.to_pylist(), events, lines, strict=True):
        assert row["record"].encode() + b"\n" == line
        assert row["event_type"] == event.get("event_type")
        assert dict(row["attributes"]) == event.get("attributes", {})
        assert dict(row["metrics"]) == event.get("metrics", {})
