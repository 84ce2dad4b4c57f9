"""Files in folders (`file:///folder`) and objects in S3 (`s3://bucket/prefix`), one a send, by the hour.

`…/YYYY/MM/DD/HH/<project>-YYYY-MM-DD-HH-MM-SS-mmm-<chance>.jsonl`, in UTC: names in order are sends in order. A file
is there whole or not at all (`store.objects`), so nobody reads half a line; it is on disk when the send returns. Files
are made at most every `interval` seconds, unless there is more than fits into one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from clarion.channels.streaming import port
from clarion.channels.streaming.address import Stream, kind_of, one_of, split_options, whole_number
from clarion.channels.streaming.catalog import Surroundings
from clarion.channels.streaming.formats import FORMATS, Format
from clarion.channels.streaming.port import MEMBER, Failed, Record, StreamFailed
from clarion.core.clock import Clock, from_ms
from clarion.core.errors import Invalid, Unavailable
from clarion.core.ids import Ids
from clarion.store.objects import Denied, Limits, Missing, Objects, Unreadable, open_objects

_RECORDS = 25_000
_BYTES = 16 << 20
_RECORD_BYTES = 8 << 20
_SECONDS = {"file": 10, "s3": 60}
"""Unless `interval` says otherwise."""
_MOST_SECONDS = 900
_PROBE = ".clarion-check"


def open_stream(stream: Stream, given: Surroundings) -> ObjectStream:
    """See `catalog.open_destination`."""
    base, options = split_options(stream.uri, ("format", "interval"))
    scheme = kind_of(base)
    written = FORMATS[one_of(options, "format", *FORMATS)]
    seconds = whole_number(options, "interval", _SECONDS[scheme], 0, _MOST_SECONDS)
    top = base.rstrip("/")
    if len(top) <= len(f"{scheme}://"):
        raise Invalid(f"{MEMBER}: must name a {'folder' if scheme == 'file' else 'bucket'}")
    objects = open_objects(given.settings, folders=given.folders, limits=Limits(read_seconds=given.seconds, tries=2))
    return ObjectStream(top, stream.app_id, written, seconds, objects, given.clock, given.ids)


class ObjectStream:
    """See `port.Destination`."""

    def __init__(
        self, top: str, app_id: str, written: Format, seconds: int, objects: Objects, clock: Clock, ids: Ids
    ) -> None:
        self.limits = port.Limits(_RECORDS, _BYTES, _RECORD_BYTES, float(seconds))
        self._top = top
        self._app_id = app_id
        self._written = written
        self._objects = objects
        self._clock = clock
        self._ids = ids
        self._last_ms = 0
        self._closed = False

    def check(self) -> None:
        """Writes an empty file and takes it away again, where that is allowed."""
        probe = f"{self._top}/{_PROBE}"
        with _told(probe, self._top):
            with self._objects.write(probe):
                pass
            with suppress(Unreadable):
                self._objects.delete(probe)

    def send(self, records: Sequence[Record]) -> Sequence[Failed]:
        if self._closed:
            raise StreamFailed(port.CLOSING, f"{self._top}: closed")
        content = self._written.encode(records)
        try:
            with self._objects.write(self._name()) as file:
                file.write(content)
        except Missing as error:
            raise StreamFailed(port.MISSING, error.message, final=True) from error
        except Denied as error:
            raise StreamFailed(port.DENIED, error.message, final=True) from error
        except Unreadable as error:
            raise StreamFailed(port.REFUSED, error.message, final=True) from error
        except Unavailable as error:
            raise StreamFailed(port.UNAVAILABLE, error.message) from error
        return ()

    def close(self) -> None:
        self._closed = True
        self._objects.close()

    def _name(self) -> str:
        """A new one, after all before it in order, wherever the clock stands."""
        self._last_ms = max(self._clock.now_ms(), self._last_ms + 1)
        moment = from_ms(self._last_ms)
        when = f"{moment:%Y-%m-%d-%H-%M-%S}-{self._last_ms % 1000:03d}"
        return f"{self._top}/{moment:%Y/%m/%d/%H}/{self._app_id}-{when}-{self._ids.hex32()[:8]}.{self._written.suffix}"


@contextmanager
def _told(probe: str, top: str) -> Iterator[None]:
    """Name the member at fault, and the place that was given instead of the file that was tried."""
    try:
        yield
    except Unreadable as error:
        raise Invalid(f"{MEMBER}: {error.message.replace(probe, top)}") from error
