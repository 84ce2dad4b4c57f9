"""`Objects`: one suite over files and S3."""

from __future__ import annotations

import gzip
import random
import threading
from contextlib import closing

import pytest

from clarion.core.settings import Settings
from clarion.store.objects import Changed, Missing, Unreadable, Writing, open_objects
from tests.store.objects.places import LIMITS, Place

NAMES = ["a b.csv", "ü/漢字 😀.csv", "100%.csv", "%2e%2e/x.csv", "a+b&c=d;e?f#g.csv", "'\"<>.csv", "..a/b..csv"]
LARGE = random.Random(1).randbytes(700_000)


def test_finds_the_object_of_exactly_this_url_alone(place: Place) -> None:
    for name in ("in/a.csv", "in/a.csv.old", "in/b.csv"):
        place.put(name, b"123")
    assert place.find("in/a.csv") == ["in/a.csv"]
    assert place.one("in/b.csv").size == 3


def test_finds_what_is_below_a_folder_and_its_subfolders_in_order(place: Place) -> None:
    for name in ("in/c.csv", "in/b/2.csv", "in/b/1/x.csv", "in/b.csv", "out/a.csv"):
        place.put(name, b"1")
    assert place.find("in/") == ["in/b.csv", "in/b/1/x.csv", "in/b/2.csv", "in/c.csv"]
    assert place.find() == ["in/b.csv", "in/b/1/x.csv", "in/b/2.csv", "in/c.csv", "out/a.csv"]


def test_finds_by_the_beginning_of_names(place: Place) -> None:
    for name in ("in/2026-01.csv", "in/2026-02/x.csv", "in/2025.csv", "2026.csv"):
        place.put(name, b"1")
    assert place.find("in/2026") == ["in/2026-01.csv", "in/2026-02/x.csv"]
    assert place.find("in/2027") == []
    assert place.find("nothing/at/all") == []
    assert place.find("in/2025.csv/") == []


def test_folder_markers_are_left_out_and_empty_objects_are_not(place: Place, boto3_s3: object) -> None:
    place.put("in/empty.csv", b"")
    if place.kind == "s3":
        place.put("in/", b"")
        place.put("in/sub/", b"")
    assert place.find("in/") == ["in/empty.csv"]
    assert place.content("in/empty.csv") == b""


@pytest.mark.parametrize("name", NAMES)
def test_names_are_literal(place: Place, name: str) -> None:
    with place.objects.write(place.base + name) as writing:
        writing.write(b"written")
    assert place.names() == [name]
    assert place.find(name) == place.find() == [name]
    assert place.content(name) == b"written"
    place.objects.delete(place.base + name)
    assert place.names() == []


def test_reads_in_chunks_over_many_requests(place: Place) -> None:
    place.put("a", LARGE)
    chunks = list(place.objects.read(place.one("a")))
    assert b"".join(chunks) == LARGE
    assert max(map(len, chunks)) <= LIMITS.chunk_bytes


@pytest.mark.parametrize("start", [1, 65_536, 262_144, 699_999, 700_000])
def test_reads_from_an_offset(place: Place, start: int) -> None:
    place.put("a", LARGE)
    assert place.content("a", start) == LARGE[start:]


@pytest.mark.parametrize("start", [0, 3])
def test_changed_before_it_is_read(place: Place, start: int) -> None:
    place.put("a", b"one")
    found = place.one("a")
    place.put("a", b"two")
    assert place.one("a").tag != found.tag
    with pytest.raises(Changed, match="a: changed since it was found"):
        list(place.objects.read(found, start))
    assert place.content("a") == b"two"


@pytest.mark.parametrize("new", [LARGE[::-1], LARGE[:300_000], LARGE + b"more"])
def test_changed_while_it_is_read(place: Place, new: bytes) -> None:
    place.put("a", LARGE)
    reading = place.objects.read(place.one("a"))
    read = next(reading)
    place.put("a", new)
    rest: list[bytes] = []
    with pytest.raises(Changed):
        rest.extend(reading)
    read += b"".join(rest)
    assert read == LARGE[: len(read)]
    assert 0 < len(read) < len(LARGE)


@pytest.mark.parametrize("start", [0, 3])
def test_gone_before_it_is_read(place: Place, start: int) -> None:
    place.put("a", b"one")
    found = place.one("a")
    place.remove("a")
    with pytest.raises(Missing, match="a: does not exist"):
        list(place.objects.read(found, start))


def test_gone_while_it_is_read(place: Place) -> None:
    place.put("a", LARGE)
    reading = place.objects.read(place.one("a"))
    assert LARGE.startswith(next(reading))
    place.remove("a")
    with pytest.raises(Missing):
        list(reading)


def test_a_read_can_be_left_in_the_middle(place: Place) -> None:
    place.put("a", LARGE)
    with closing(place.objects.read(place.one("a"))) as reading:
        next(reading)
    assert place.content("a") == LARGE


def test_a_new_object_replaces_the_old_one_when_the_block_ends(place: Place) -> None:
    place.put("a", b"old")
    with place.objects.write(place.base + "a") as writing:
        assert writing.write(b"new ") == 4
        writing.write(b"content")
        assert place.content("a") == b"old"
    assert place.content("a") == b"new content"


def test_an_empty_object_is_written(place: Place) -> None:
    with place.objects.write(place.base + "sub/a"):
        pass
    assert place.content("sub/a") == b""


def fail_after(writing: Writing, size: int, kind: type[BaseException]) -> None:
    writing.write(b"x" * size)
    raise kind


@pytest.mark.parametrize("size", [10, 6 << 20])
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_of_a_write_that_raises(place: Place, size: int, kind: type[BaseException]) -> None:
    place.put("kept", b"old")
    for name in ("kept", "new"):
        with pytest.raises(kind), place.objects.write(place.base + name) as writing:
            fail_after(writing, size, kind)
    assert place.names() == ["kept"]
    assert place.content("kept") == b"old"


@pytest.mark.parametrize("size", [5 << 20, (11 << 20) + 1])
def test_large_objects_are_written_in_parts(place: Place, size: int) -> None:
    content = random.Random(2).randbytes(size)
    with place.objects.write(place.base + "a") as writing:
        for at in range(0, size, 3_000_001):
            writing.write(content[at : at + 3_000_001])
        assert place.find() == []
    assert place.content("a") == content
    assert place.names() == ["a"]
    if place.kind == "s3":
        assert place.one("a").tag.endswith(f'-{-(-size // LIMITS.part_bytes)}"')


def test_gzip_goes_through(place: Place) -> None:
    with place.objects.write(place.base + "a.gz") as writing, gzip.GzipFile(fileobj=writing, mode="wb") as zipped:
        zipped.write(LARGE)
    assert gzip.decompress(place.content("a.gz")) == LARGE


def test_deleting_twice_is_no_error(place: Place) -> None:
    place.put("in/a", b"")
    for _ in range(2):
        place.objects.delete(place.base + "in/a")
    place.objects.delete(place.base + "no/such")
    assert place.names() == []


def test_many_threads_at_once(place: Place) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(3):
                with place.objects.write(f"{place.base}{number}") as writing:
                    writing.write(b"%d %d" % (number, turn))
                assert place.content(str(number)) == b"%d %d" % (number, turn)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert place.find() == [str(number) for number in range(8)]


def test_works_on_after_it_was_closed(place: Place) -> None:
    place.put("a", b"1")
    place.objects.close()
    assert place.find() == ["a"]


@pytest.mark.parametrize(
    "url",
    ["", "a.csv", "/etc/passwd", "http://host/a", "ftp://a/b", "S3://bucket/a", "s3:bucket/a", "file:/etc/passwd"],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(Unreadable, match="must be s3://bucket/key or file:///path"):
        open_objects(Settings()).find(url)


@pytest.mark.parametrize("text", ["a\0b", "a\udcffb"])
def test_what_is_no_text_is_refused(place: Place, text: str) -> None:
    for attempt in (place.objects.find, place.objects.delete, place.objects.write):
        with pytest.raises(Unreadable, match="must be plain UTF-8"):
            attempt(place.base + text)


@pytest.mark.parametrize("name", ["", "in/"])
def test_a_folder_or_bucket_is_not_written_or_deleted(place: Place, name: str) -> None:
    if place.kind == "s3" and name:
        pytest.skip("a key of S3 may end with /")
    with pytest.raises(Unreadable), place.objects.write(place.base + name):
        pass
    with pytest.raises(Unreadable):
        place.objects.delete(place.base + name)
